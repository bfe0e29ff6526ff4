"""A cancelled call is over at the provider too, at once, and harms no other call."""

import asyncio
import os
import signal
import time

import pytest
from calling import access_to, request_for
from endpoint import hangs, says
from faults import floods

from ml_architect.architect.model.process import Timing
from ml_architect.architect.model.provider import ErrorKind, ProviderError

LONG = "".join(f"{number} " for number in range(200))
"""Some 800 characters; at 10 a piece and 10 ms between pieces it takes most of a second."""


@pytest.fixture(scope="module", autouse=True)
def process(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"))
    calls.run(calls.provider.warm())
    calls.endpoint.script("well", says("well"))
    calls.ask("openai/well")


async def cancelled_at(provider, model, share):
    """Start a call, cancel it once `share` of the reply is there; return when the cancellation was asked for."""
    reached = asyncio.Event()

    def progress(characters):
        if characters >= share * len(LONG):
            reached.set()

    task = asyncio.ensure_future(provider.complete(request_for(model, 2000), progress))
    await asyncio.wait_for(reached.wait(), 10) if share else await asyncio.sleep(0.2)
    asked = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - asked < 0.2
    await asyncio.sleep(0.4)
    return asked


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.9])
def test_the_connection_is_closed_within_200_ms(calls, share):
    name = f"cancelled-{share}"
    calls.endpoint.script(name, says(LONG, size=10, pause=0.01) if share else hangs)
    pid = calls.provider.pid
    asked = calls.run(cancelled_at(calls.provider, f"openai/{name}", share))
    (seen,) = calls.endpoint.of(name)
    assert seen.left is not None, "the provider still talks"
    assert seen.left - asked < 0.2
    assert seen.bytes_after(seen.left) == 0
    assert seen.bytes_after(asked + 0.2) == 0
    assert calls.provider.pid == pid, "a cancellation that is confirmed costs no process"


def test_a_flood_is_stopped_and_costs_no_process(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"), Timing())
    calls.run(calls.provider.warm())
    calls.endpoint.script("floods", floods)
    pid = calls.provider.pid
    for _ in range(8):
        with pytest.raises(ProviderError) as caught:
            calls.ask("openai/floods")
        assert caught.value.kind is ErrorKind.TOO_LONG
        assert calls.ask("openai/well").text == "well"
    assert calls.provider.pid == pid


def test_other_calls_go_on(calls):
    calls.endpoint.script("stays", says(LONG, size=20, pause=0.01))
    calls.endpoint.script("leaves", says(LONG, size=20, pause=0.01))

    async def both():
        stays = asyncio.ensure_future(calls.provider.complete(request_for("openai/stays", 2000), lambda _: None))
        await cancelled_at(calls.provider, "openai/leaves", 0.2)
        return await stays

    assert calls.run(both()).text == LONG


def test_at_most_two_calls_are_in_flight(calls):
    calls.endpoint.script("slow", says("slow", delay=0.2))

    async def six():
        asked = [calls.provider.complete(request_for("openai/slow"), lambda _: None) for _ in range(6)]
        return await asyncio.gather(*asked)

    assert [reply.text for reply in calls.run(six())] == ["slow"] * 6
    seen = calls.endpoint.of("slow")
    spans = [(each.arrived, each.writes[-1][0]) for each in seen]
    assert max(sum(start <= moment < end for start, end in spans) for moment, _ in spans) == 2


def test_a_killed_process_is_one_clear_error_and_starts_again(calls):
    calls.endpoint.script("interrupted", says(LONG, size=10, pause=0.01))

    async def kill_midway():
        begun = asyncio.Event()
        call = calls.provider.complete(request_for("openai/interrupted", 2000), lambda count: count and begun.set())
        task = asyncio.ensure_future(call)
        await asyncio.wait_for(begun.wait(), 10)
        os.kill(calls.provider.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        await task

    with pytest.raises(ProviderError) as caught:
        calls.run(kill_midway())
    assert (caught.value.kind, caught.value.requests) == (ErrorKind.WORKER_DIED, 1)
    assert calls.endpoint.of("interrupted")[0].done.wait(1.0)
    assert calls.ask("openai/well").text == "well"


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be stopped there")
def test_a_process_that_does_not_confirm_is_killed(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"), Timing(grace=0.3))
    calls.run(calls.provider.warm())
    pid = calls.provider.pid
    calls.endpoint.script("frozen", says(LONG, size=10, pause=0.01))

    async def freeze():
        begun = asyncio.Event()
        call = calls.provider.complete(request_for("openai/frozen", 2000), lambda count: count and begun.set())
        task = asyncio.ensure_future(call)
        await asyncio.wait_for(begun.wait(), 10)
        os.kill(pid, signal.SIGSTOP)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.8)

    calls.run(freeze())
    assert calls.endpoint.of("frozen")[0].done.wait(1.0)
    assert calls.ask("openai/well").text == "well"
    assert calls.provider.pid != pid


def test_a_call_can_be_cancelled_while_the_process_starts(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"))

    async def impatient():
        task = asyncio.ensure_future(calls.provider.complete(request_for("openai/well"), lambda _: None))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    calls.run(impatient())
    assert calls.ask("openai/well").text == "well"


def test_an_unused_process_is_stopped(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"), Timing(idle=0.2))
    assert calls.ask("openai/well").text == "well"
    assert calls.provider.pid is not None
    calls.run(asyncio.sleep(0.6))
    assert calls.provider.pid is None
    assert calls.ask("openai/well").text == "well"
