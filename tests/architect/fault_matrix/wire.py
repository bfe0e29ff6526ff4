"""Groups T and S: what the way to the provider and its stream do."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from answering import nonce_of
from endpoint import Behaviour, Exchange, hangs, redirects, says
from faults import Fault, stream, transport

from ml_architect.architect.model.provider import ErrorKind

from .row import GOOD, LOOP, Row, changed, edits, envelope, proven

REPLY = envelope(*edits(LOOP, GOOD))
THE_SAME = {"hangs to the deadline", "keep-alive to the deadline"}
"""Differ from another row in nothing but which of two limits is shorter."""


def spoken(behaviour_of: Callable[[str], Behaviour]) -> Behaviour:
    """Return a behaviour that is made for the reply with the nonce of the request."""

    def behave(exchange: Exchange) -> None:
        behaviour_of(REPLY.replace("NONCE", nonce_of(exchange)))(exchange)

    return behave


def _from(group: str, faults: Callable[[str], list[Fault]]) -> Iterator[Row]:
    for index, fault in enumerate(faults("")):
        if fault.name in THE_SAME:
            continue
        turn = spoken(lambda text, index=index: faults(text)[index].behaviour)
        row = proven(group, fault.name, GOOD)
        if isinstance(fault.expected, ErrorKind):
            row = Row(group=group, name=fault.name, turns=(), state="failed", words=fault.expected.value)
        yield replace(
            row,
            turns=(turn,),
            requests=fault.requests,
            hangs=fault.hangs,
            last=fault.name == "does not know the wish for usage",
        )


def stops_before_its_end(text: str) -> Behaviour:
    """Return a behaviour that says nearly all, and then nothing."""

    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.say(text[: int(len(text) * 0.99)])
        exchange.wait()

    return behave


def _ended(name: str, event: str, turn: Behaviour, at: float, **more) -> Row:
    state = more.pop("state", "cancelled")
    return Row(group="S", name=name, turns=(turn,), state=state, event=event, at=at, **more)


SLOWLY = spoken(lambda text: says(text, size=8, pause=0.02))


def points_elsewhere(exchange: Exchange) -> None:
    """Send the client to another host."""
    redirects(exchange.handler.server.endpoint.elsewhere)(exchange)


TRANSPORT = (
    *_from("T", transport),
    Row(
        group="T",
        name="redirect to another host",
        turns=(points_elsewhere,),
        state="failed",
        words=ErrorKind.BLOCKED_HOST.value,
    ),
)
STREAM = (
    *_from("S", stream),
    _ended("cancelled before the first word", "cancel", hangs, 0),
    _ended("cancelled in the middle", "cancel", SLOWLY, len(REPLY) / 2),
    _ended("cancelled before the last word", "cancel", spoken(stops_before_its_end), len(REPLY) * 0.98),
    _ended("document closed in the middle", "close", SLOWLY, len(REPLY) / 2, words="was closed"),
    _ended("document edited in the middle", "change", SLOWLY, len(REPLY) / 2, words="changed"),
    _ended(
        "model process killed in the middle",
        "kill",
        SLOWLY,
        len(REPLY) / 2,
        state="failed",
        words=ErrorKind.WORKER_DIED.value,
    ),
    proven("S", "the next call after a killed process", GOOD),
    replace(
        proven("S", "thoughts that hold an envelope", GOOD),
        turns=(f"<think>\n{envelope(*edits(LOOP, GOOD))}</think>\n{REPLY}",),
    ),
    replace(
        proven("S", "a good reply, then chatter", GOOD, after=changed(LOOP, GOOD)),
        turns=(f"Sure!\n\n{REPLY}\nI hope that this helps.\n",),
    ),
)
