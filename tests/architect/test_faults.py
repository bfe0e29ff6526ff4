"""What a provider may do, one row each, through the real process and the real litellm: one outcome, no surprise."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from calling import KEY, PROMPT, access_to
from endpoint import Endpoint, answers, fails, hangs, in_turn, redirects, says

from ml_architect.architect.model.provider import ErrorKind, ProviderError

TEXT = "the whole reply, naïve 漢 and 😀"
ERROR_MIDWAY = b'data: {"error": {"message": "overloaded", "type": "server_error", "code": 500}}\n\n'
NO_CHOICES = b'data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}\n\n'


@dataclass(frozen=True)
class Row:
    name: str
    behaviour: Callable
    expected: ErrorKind | str
    requests: int = 1
    deadline: float = 60.0
    first_token: float = 30.0


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


def splits_utf8(exchange):
    exchange.begin()
    event = json.loads(exchange.wire.delta(TEXT).removeprefix(b"data: "))
    for byte in f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode():
        exchange.part(bytes([byte]))
    exchange.end()


TRANSPORT = [
    Row("answers", says(TEXT), TEXT),
    Row("bad request", fails(400), ErrorKind.BAD_REQUEST, 2),
    Row("does not know the wish for usage", in_turn(fails(400), says(TEXT, usage=None)), TEXT, 2),
    Row("unauthorised", fails(401), ErrorKind.UNAUTHORISED),
    Row("forbidden", fails(403), ErrorKind.FORBIDDEN),
    Row("not found", fails(404), ErrorKind.NOT_FOUND),
    Row("request timeout", fails(408), ErrorKind.TIMEOUT),
    Row("too large", fails(413), ErrorKind.PROMPT_TOO_LONG),
    Row("rate limit, then well", in_turn(fails(429, Retry_After="0"), says(TEXT)), TEXT, 2),
    Row("rate limit for an hour", fails(429, Retry_After="3600"), ErrorKind.RATE_LIMITED, 2),
    Row("fails once", in_turn(fails(500), says(TEXT)), TEXT, 2),
    Row("unavailable once", in_turn(fails(503), says(TEXT)), TEXT, 2),
    Row("fails always", fails(500), ErrorKind.SERVER, 2),
    Row("unavailable always", fails(503), ErrorKind.SERVER, 2),
    Row("fails, then refuses", in_turn(fails(500), fails(401)), ErrorKind.UNAUTHORISED, 2),
    Row(
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
    Row("hangs", hangs, ErrorKind.SLOW_START, first_token=0.4),
    Row("hangs to the deadline", hangs, ErrorKind.TIMEOUT, deadline=0.5),
    Row("slow headers", says(TEXT, delay=0.3), TEXT),
    Row("page", answers(b"<html><body>hello</body></html>", "text/html"), ErrorKind.MALFORMED),
    Row("nothing", answers(b""), ErrorKind.MALFORMED),
    Row("truncated json", answers(b'{"id": "c1", "choi'), ErrorKind.MALFORMED),
    Row("truncated event", answers(b'data: {"id": "c1", "ch', "text/event-stream"), ErrorKind.MALFORMED),
    Row("short body", short_body, ErrorKind.BROKEN_OFF),
    Row("closes at once", lambda _: None, ErrorKind.MALFORMED),
    Row("no choices", answers(NO_CHOICES + b"data: [DONE]\n\n", "text/event-stream"), ErrorKind.SERVER, 2),
    Row("null content", field(content=None), ErrorKind.EMPTY),
    Row("refusal field", field(refusal="I cannot"), ErrorKind.EMPTY),
    Row("blanks only", says("  \n "), ErrorKind.EMPTY),
    Row("content filter", says("a part", finish="content_filter"), ErrorKind.FILTERED),
    Row("cut at its length", says("a part", finish="length"), ErrorKind.CUT),
    Row("no usage", says(TEXT, usage=None), TEXT),
]

STREAM = [
    Row("stalls", stalls, ErrorKind.TIMEOUT, deadline=0.6),
    Row("keep-alive only", keeps_alive, ErrorKind.SLOW_START, first_token=0.5),
    Row("keep-alive to the deadline", keeps_alive, ErrorKind.TIMEOUT, deadline=0.6),
    Row("drips", drips, ErrorKind.TIMEOUT, deadline=0.8),
    Row("endless same", repeats, ErrorKind.BROKEN_OFF),
    Row("endless distinct", floods, ErrorKind.TOO_LONG),
    Row("one huge piece", says("x" * 100_000, size=100_000), ErrorKind.TOO_LONG),
    Row("endless thoughts", field(reasoning_content="hm" * 9_000), ErrorKind.TOO_LONG),
    Row("drops after half", drops, ErrorKind.BROKEN_OFF),
    Row("no finish", no_finish, ErrorKind.BROKEN_OFF),
    Row("error midway", parts("some ", ERROR_MIDWAY, end=False), ErrorKind.BROKEN_OFF),
    Row("bad json midway", parts("some ", b'data: {"id": oops}\n\n'), ErrorKind.BROKEN_OFF),
    Row("split characters", splits_utf8, TEXT),
    Row("thoughts in the text first", parts("<think>is it? ", "it is</think>\n", TEXT), TEXT),
    Row("thoughts only", parts("<think>is it?</think>"), ErrorKind.EMPTY),
    Row("thoughts in their own field", field(reasoning_content="hm"), ErrorKind.EMPTY),
    Row("one character at a time", says(TEXT, size=1), TEXT),
    Row("pauses", says(TEXT, size=10, pause=0.1), TEXT),
]


@pytest.fixture(scope="module", autouse=True)
def process(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"))
    calls.run(calls.provider.warm())


@pytest.mark.parametrize("row", TRANSPORT + STREAM, ids=lambda row: row.name.replace(" ", "-"))
def test_each_fault_has_one_outcome(calls, caplog, capfd, row):
    name = row.name.replace(" ", "-").replace(",", "")
    calls.endpoint.script(name, row.behaviour)
    calls.at(access_to(calls.endpoint.url + "/v1", deadline=row.deadline, first_token=row.first_token))
    start = time.monotonic()
    if isinstance(row.expected, str):
        reply = calls.ask(f"openai/{name}")
        assert (reply.text, reply.requests) == (row.expected, row.requests)
        assert calls.progress == sorted(calls.progress) and calls.progress[-1] >= len(row.expected)
    else:
        with pytest.raises(ProviderError) as caught:
            calls.ask(f"openai/{name}")
        assert (caught.value.kind, caught.value.requests) == (row.expected, row.requests)
        told = f"{caught.value!r} {caught.value.advice} {caught.value.__cause__!r} {caplog.text}"
        assert KEY not in told and PROMPT not in told
    assert time.monotonic() - start < row.deadline + 0.5
    assert capfd.readouterr() == ("", "")
    seen = calls.endpoint.of(name)
    assert len(seen) == row.requests
    assert all(each.done.wait(1.0) for each in seen), "the connection is still open"
    assert all(each.headers["authorization"] == f"Bearer {KEY}" for each in seen)


def test_usage_is_what_the_provider_counted_or_unknown(calls):
    calls.at(access_to(calls.endpoint.url + "/v1"))
    calls.endpoint.script("counts", says(TEXT, usage=(123, 45)))
    usage = calls.ask("openai/counts").usage
    assert (usage.input_tokens, usage.output_tokens, usage.cost, usage.estimated) == (123, 45, None, False)
    calls.endpoint.script("is-silent", says(TEXT, usage=None))
    assert calls.ask("openai/is-silent").usage is None


def test_nobody_asks_for_usage_twice_where_it_was_refused(calls):
    calls.at(access_to(calls.endpoint.url + "/v1"))
    calls.endpoint.script("old-server", in_turn(fails(400), says(TEXT)))
    assert [calls.ask("openai/old-server").requests for _ in range(2)] == [2, 1]


def test_a_redirect_to_another_host_does_not_arrive(calls):
    with Endpoint() as other:
        calls.endpoint.script("redirects", redirects(other.url))
        with pytest.raises(ProviderError) as caught:
            calls.ask("openai/redirects")
        assert caught.value.kind is ErrorKind.BLOCKED_HOST
        assert (other.requests, other.others) == ([], [])


def test_every_kind_of_error_has_one_line_of_advice():
    for kind in ErrorKind:
        assert "\n" not in kind.value and kind.value[0].islower() and not kind.value.endswith(".")
    assert len({kind.value for kind in ErrorKind}) == len(ErrorKind)
