"""What a provider may do, as data: used on the provider alone and through a whole session of an editor."""

import json
from dataclasses import dataclass

from endpoint import Behaviour, answers, fails, hangs, in_turn, says

from ml_architect.architect.model.provider import ErrorKind

ERROR_MIDWAY = b'data: {"error": {"message": "overloaded", "type": "server_error", "code": 500}}\n\n'
NO_CHOICES = b'data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}\n\n'


@dataclass(frozen=True)
class Fault:
    """What the provider does, and how a call ends: with the text, or with one kind of error after so many requests."""

    name: str
    behaviour: Behaviour
    expected: ErrorKind | str
    requests: int = 1
    deadline: float = 60.0
    first_token: float = 30.0

    @property
    def hangs(self) -> bool:
        """Whether nothing ends it but a limit of time."""
        return self.deadline < 60.0 or self.first_token < 30.0


def parts(*pieces, end=True):
    """Stream text and raw bytes as they come."""

    def behave(exchange):
        exchange.begin()
        for piece in pieces:
            exchange.part(piece if isinstance(piece, bytes) else exchange.wire.delta(piece))
        if end:
            exchange.end()

    return behave


def field(**delta):
    return lambda exchange: parts(exchange.wire.other(**delta))(exchange)


def stalls(exchange):
    exchange.begin()
    exchange.say("a beginning")
    exchange.wait()


def keeps_alive(exchange):
    exchange.begin()
    while True:
        exchange.part(b": still here\n\n")
        exchange.wait(0.05)


def drips(exchange):
    exchange.begin()
    for number in range(10_000):
        exchange.say(f"{number} ")
        exchange.wait(0.05)


def repeats(exchange):
    exchange.begin()
    while True:
        exchange.say("again ")


def floods(exchange):
    exchange.begin()
    for number in range(1_000_000):
        exchange.say(f"{number} " * 20)


def drops(exchange):
    exchange.begin()
    exchange.say("half of it")


def no_finish(exchange):
    exchange.begin()
    exchange.say("all of it")
    exchange.part(b"data: [DONE]\n\n")
    exchange.close()


def short_body(exchange):
    exchange.head(200, "text/event-stream", Content_Length="1000")
    exchange.raw(exchange.wire.delta("a part"))


def splits_utf8(text):
    def behave(exchange):
        exchange.begin()
        event = json.loads(exchange.wire.delta(text).removeprefix(b"data: "))
        for byte in f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode():
            exchange.part(bytes([byte]))
        exchange.end()

    return behave


def transport(text: str) -> list[Fault]:
    """Return what may happen to a request; where it goes well, the reply is `text`."""
    return [
        Fault("answers", says(text), text),
        Fault("bad request", fails(400), ErrorKind.BAD_REQUEST, 2),
        Fault("does not know the wish for usage", in_turn(fails(400), says(text, usage=None)), text, 2),
        Fault("unauthorised", fails(401), ErrorKind.UNAUTHORISED),
        Fault("forbidden", fails(403), ErrorKind.FORBIDDEN),
        Fault("not found", fails(404), ErrorKind.NOT_FOUND),
        Fault("request timeout", fails(408), ErrorKind.TIMEOUT),
        Fault("too large", fails(413), ErrorKind.PROMPT_TOO_LONG),
        Fault("rate limit, then well", in_turn(fails(429, Retry_After="0"), says(text)), text, 2),
        Fault("rate limit for an hour", fails(429, Retry_After="3600"), ErrorKind.RATE_LIMITED, 2),
        Fault("fails once", in_turn(fails(500), says(text)), text, 2),
        Fault("unavailable once", in_turn(fails(503), says(text)), text, 2),
        Fault("fails always", fails(500), ErrorKind.SERVER, 2),
        Fault("unavailable always", fails(503), ErrorKind.SERVER, 2),
        Fault("fails, then refuses", in_turn(fails(500), fails(401)), ErrorKind.UNAUTHORISED, 2),
        Fault(
            "context window",
            fails(
                400,
                {
                    "error": {
                        "message": "This model's maximum context length is 9 tokens.",
                        "code": "context_length_exceeded",
                    }
                },
            ),
            ErrorKind.PROMPT_TOO_LONG,
        ),
        Fault("hangs", hangs, ErrorKind.SLOW_START, first_token=0.4),
        Fault("hangs to the deadline", hangs, ErrorKind.TIMEOUT, deadline=0.5),
        Fault("slow headers", says(text, delay=0.3), text),
        Fault("page", answers(b"<html><body>hello</body></html>", "text/html"), ErrorKind.MALFORMED),
        Fault("nothing", answers(b""), ErrorKind.MALFORMED),
        Fault("truncated json", answers(b'{"id": "c1", "choi'), ErrorKind.MALFORMED),
        Fault("truncated event", answers(b'data: {"id": "c1", "ch', "text/event-stream"), ErrorKind.MALFORMED),
        Fault("short body", short_body, ErrorKind.BROKEN_OFF),
        Fault("closes at once", lambda _: None, ErrorKind.MALFORMED),
        Fault("no choices", answers(NO_CHOICES + b"data: [DONE]\n\n", "text/event-stream"), ErrorKind.SERVER, 2),
        Fault("null content", field(content=None), ErrorKind.EMPTY),
        Fault("refusal field", field(refusal="I cannot"), ErrorKind.EMPTY),
        Fault("blanks only", says("  \n "), ErrorKind.EMPTY),
        Fault("content filter", says("a part", finish="content_filter"), ErrorKind.FILTERED),
        Fault("cut at its length", says("a part", finish="length"), ErrorKind.CUT),
        Fault("no usage", says(text, usage=None), text),
    ]


def stream(text: str) -> list[Fault]:
    """Return what may happen to a stream; where it goes well, the reply is `text`."""
    return [
        Fault("stalls", stalls, ErrorKind.TIMEOUT, deadline=0.6),
        Fault("keep-alive only", keeps_alive, ErrorKind.SLOW_START, first_token=0.5),
        Fault("keep-alive to the deadline", keeps_alive, ErrorKind.TIMEOUT, deadline=0.6),
        Fault("drips", drips, ErrorKind.TIMEOUT, deadline=0.8),
        Fault("endless same", repeats, ErrorKind.BROKEN_OFF),
        Fault("endless distinct", floods, ErrorKind.TOO_LONG),
        Fault("one huge piece", says("x" * 100_000, size=100_000), ErrorKind.TOO_LONG),
        Fault("endless thoughts", field(reasoning_content="hm" * 9_000), ErrorKind.TOO_LONG),
        Fault("drops after half", drops, ErrorKind.BROKEN_OFF),
        Fault("no finish", no_finish, ErrorKind.BROKEN_OFF),
        Fault("error midway", parts("some ", ERROR_MIDWAY, end=False), ErrorKind.BROKEN_OFF),
        Fault("bad json midway", parts("some ", b'data: {"id": oops}\n\n'), ErrorKind.BROKEN_OFF),
        Fault("split characters", splits_utf8(text), text),
        Fault("thoughts in the text first", parts("<think>is it? ", "it is</think>\n", text), text),
        Fault("thoughts only", parts("<think>is it?</think>"), ErrorKind.EMPTY),
        Fault("thoughts in their own field", field(reasoning_content="hm"), ErrorKind.EMPTY),
        Fault("one character at a time", says(text, size=1), text),
        Fault("pauses", says(text, size=10, pause=0.1), text),
    ]
