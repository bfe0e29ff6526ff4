"""Calls of a model through the model process: deadlines, limits, one retry, cancellation, restarts."""

import asyncio
import itertools
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from ml_architect.architect.model.access import Access
from ml_architect.architect.model.launch import command
from ml_architect.architect.model.link import Events, Link
from ml_architect.architect.model.provider import ErrorKind, ProviderError, Reply, Request
from ml_architect.architect.model.verdict import failure, judged

__all__ = ["Timing", "WorkerProvider"]

logger = logging.getLogger(__name__)

_IN_FLIGHT = 2
_BYTES_PER_TOKEN = 4
_EXCESS = 4
"""Times the bytes that `max_tokens` should come to, after which a model is stopped."""
_RETRIED = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.SERVER, ErrorKind.REFUSED_CONNECTION})
_MOST_CRASHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Waiting times in seconds that nobody needs to set."""

    idle: float = 600.0
    """An unused process is stopped after it; it holds some 200 MB."""
    pause: float = 1.0
    """Before the one retry. litellm does not show what the provider asks for (Retry-After)."""
    grace: float = 0.5
    """For the process to confirm that a call is cancelled; then it is killed."""
    crashes: float = 60.0
    """Within which three crashes are too many."""


@dataclass(slots=True)
class _Call:
    request: Request
    on_progress: Callable[[int], None]
    requests: int = 0
    received: int = 0
    size: int = 0
    parts: list[str] = field(default_factory=list)

    def take(self, event: Mapping[str, Any]) -> None:
        text, hidden = event["text"], event["hidden"]
        self.parts.append(text)
        self.received += len(text) + hidden
        self.size += len(text.encode("utf-8", "surrogatepass")) + hidden
        if self.size > _EXCESS * _BYTES_PER_TOKEN * self.request.max_tokens:
            raise ProviderError(ErrorKind.TOO_LONG)
        self.on_progress(self.received)


class WorkerProvider:
    """A provider behind a process that starts with the first call. Belongs to one event loop."""

    def __init__(
        self,
        access: Access,
        environ: Mapping[str, str] | None = None,
        timing: Timing | None = None,
        worker: tuple[str, ...] | None = None,
    ) -> None:
        """Nothing is started yet. `worker` is the command line of the process, ours unless a test has another."""
        self._access = access
        self._environ = dict(os.environ if environ is None else environ)
        self._timing = timing or Timing()
        self._worker = worker or command()
        self._slots = asyncio.Semaphore(_IN_FLIGHT)
        self._numbers = itertools.count(1)
        self._opening: asyncio.Task[Link] | None = None
        self._active = 0
        self._idle: asyncio.TimerHandle | None = None
        self._crashes: deque[float] = deque(maxlen=_MOST_CRASHES)
        self._disabled = False
        self._background: set[asyncio.Task[None]] = set()

    async def complete(self, request: Request, on_progress: Callable[[int], None]) -> Reply:
        """Return the reply to `request`; `on_progress` is told the characters received so far, thoughts included.

        Cancelling the call closes the connection to the provider.

        Raises:
            ProviderError: if there is no whole reply within the deadline.
        """
        call = _Call(request, on_progress)
        self._begin()
        try:
            return await asyncio.wait_for(self._answered(call), self._access.deadline * request.patience)
        except asyncio.TimeoutError:
            raise ProviderError(ErrorKind.TIMEOUT, requests=call.requests) from None
        finally:
            self._end()

    async def warm(self) -> None:
        """Start the process, if it is not there.

        Raises:
            ProviderError: if it cannot be started.
        """
        self._begin()
        try:
            await self._linked()
        finally:
            self._end()

    @property
    def pid(self) -> int | None:
        """The process id, None while no process runs."""
        link = self._link()
        return link.pid if link else None

    def kill(self) -> None:
        """End the process at once, without waiting for anything."""
        link = self._link()
        if link is not None:
            link.kill()

    async def close(self) -> None:
        """End the process and all calls. A later call starts it anew."""
        if self._idle is not None:
            self._idle.cancel()
        opening, self._opening = self._opening, None
        if opening is not None:
            if not opening.done():
                opening.cancel()
            for link in await asyncio.gather(opening, return_exceptions=True):
                if isinstance(link, Link):
                    link.kill()
                    await link.closed()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def _answered(self, call: _Call) -> Reply:
        async with self._slots:
            try:
                return await self._attempt(call)
            except ProviderError as error:
                if error.kind not in _RETRIED or call.received:
                    raise
            await asyncio.sleep(self._timing.pause)
            return await self._attempt(call)

    async def _attempt(self, call: _Call) -> Reply:
        link = await self._linked()
        number, before = next(self._numbers), call.requests
        call.requests += 1
        events = link.ask(number, self._message(call.request))
        call.on_progress(0)
        event: Mapping[str, Any] = {"kind": "delta"}
        try:
            event = await self._last(call, events)
        except ProviderError as error:
            error.requests = call.requests
            raise
        finally:
            if event["kind"] == "delta":
                self._abandon(link, number, events)
        if event["kind"] in {"died", "cancelled"}:
            raise ProviderError(ErrorKind.WORKER_DIED, requests=call.requests)
        call.requests = before + event["requests"]
        event = {**event, "requests": call.requests}
        if event["kind"] == "error":
            raise failure(event, begun=call.received > 0)
        return judged(event, "".join(call.parts), call.received)

    async def _last(self, call: _Call, events: Events) -> Mapping[str, Any]:
        """Return the event that ends a call."""
        try:
            event = await asyncio.wait_for(events.get(), self._access.first_token)
        except asyncio.TimeoutError:
            raise ProviderError(ErrorKind.SLOW_START) from None
        while event["kind"] == "delta":
            call.take(event)
            event = await events.get()
        return event

    def _message(self, request: Request) -> dict[str, object]:
        access = self._access
        extra: dict[str, object] = {}
        if request.temperature is not None:
            extra["temperature"] = request.temperature
        if access.is_ollama:
            extra["num_ctx"] = access.context_tokens + request.max_tokens
        return {
            "model": request.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "max_tokens": request.max_tokens,
            "api_base": access.api_base,
            "api_key": access.api_key,
            "timeout": access.deadline * request.patience,
            "extra": extra,
            "priced": access.priced,
        }

    def _link(self) -> Link | None:
        opening = self._opening
        if opening is None or not opening.done() or opening.cancelled() or opening.exception() is not None:
            return None
        link = opening.result()
        return link if link.is_open else None

    async def _linked(self) -> Link:
        if self._disabled:
            raise ProviderError(ErrorKind.WORKER_DISABLED)
        opening = self._opening
        if opening is None or (opening.done() and self._link() is None):
            opening = asyncio.create_task(Link.open(self._worker, self._access, self._environ, self._crashed))
            self._opening = opening
        return await asyncio.shield(opening)

    def _crashed(self) -> None:
        now = time.monotonic()
        self._crashes.append(now)
        if len(self._crashes) == _MOST_CRASHES and now - self._crashes[0] < self._timing.crashes:
            self._disabled = True

    def _abandon(self, link: Link, number: int, events: Events) -> None:
        """Have a call closed that nobody waits for."""
        link.send(cancel=number)
        self._later(self._confirmed(link, events))

    async def _confirmed(self, link: Link, events: Events) -> None:
        try:
            await asyncio.wait_for(_ended(events), self._timing.grace)
        except asyncio.TimeoutError:
            logger.warning("the model process did not confirm a cancellation, it is stopped")
            link.kill()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _begin(self) -> None:
        self._active += 1
        if self._idle is not None:
            self._idle.cancel()

    def _end(self) -> None:
        self._active -= 1
        if self._active == 0:
            self._idle = asyncio.get_running_loop().call_later(self._timing.idle, self._stop_idle)

    def _stop_idle(self) -> None:
        link = self._link()
        if link is not None and self._active == 0:
            link.kill()


async def _ended(events: Events) -> None:
    while (await events.get())["kind"] == "delta":
        pass
