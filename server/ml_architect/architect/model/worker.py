"""The model process: the only file that imports litellm. A script, started alone, that imports nothing of ours.

One JSON object a line. Comes in, first: ``{"hosts": [[name, port], ...], "local_only": bool}``; then requests
``{"id", "model", "messages", "max_tokens", "api_base", "api_key", "timeout", "extra", "priced"}``, ``{"cancel": id}``
and ``{"quit": true}``. Goes out: ``{"kind": "ready", "version"}`` or ``{"kind": "failed", "class", "why"}``; then for
each request any number of ``delta`` (``text``, ``hidden``: characters of reasoning) and one of ``done`` (``finish``,
``usage``, ``cost``), ``error`` (``class``, ``status``, ``cause``) and ``cancelled``, with the ``requests`` sent.

What a provider says about an error may hold the prompt or the key, so only the error's class and status go out.
"""

import asyncio
import contextlib
import gc
import ipaddress
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from importlib import metadata
from typing import Any, BinaryIO

BANNED = frozenset({"1.82.7", "1.82.8"})
"""Releases that stole credentials (BerriAI/litellm issues 24512 and 24518)."""

SWITCHES = {
    "LITELLM_MODE": "PRODUCTION",  # else it loads a .env, the workspace's where the environment lies in it
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it downloads its price list when it is imported
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOG": "ERROR",  # else prompts reach the log
    "LITELLM_RUST": "0",  # native sockets would pass by the guard
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
}
LONGEST = 16_384
"""Characters of one delta, so that a line stays well below what the other end takes."""
PAUSE = 0.05
"""Seconds between two deltas, at least, as long as the reply goes on."""

CAUSES = {
    "HostBlockedError": "blocked",
    "ConnectionRefusedError": "refused",
    "gaierror": "unknown_host",
    "JSONDecodeError": "malformed",
    "UnicodeDecodeError": "malformed",
    "ConnectError": "refused",
    "ClientConnectorError": "refused",
    "ClientPayloadError": "malformed",
    "RemoteProtocolError": "malformed",
    "ServerDisconnectedError": "malformed",
    "APIResponseValidationError": "malformed",
}
"""What lies behind an error, by the class of one in its chain; the first that fits counts."""


class HostBlockedError(PermissionError):
    """A connection to a host that is not on the list."""


class Guard:
    """Refuses every connection but those to the named hosts, whoever asks: a redirect, a helper, a price list."""

    def __init__(self, hosts: Iterable[tuple[str, int]], *, local_only: bool) -> None:
        self._local_only = local_only
        self._ports: dict[str, set[int]] = {}
        for name, port in hosts:
            self._ports.setdefault(name.lower(), set()).add(port)
        self._resolved: dict[str, set[int]] = {}
        self._resolve = socket.getaddrinfo

    def install(self) -> None:
        """Watch all sockets of this process from now on."""
        socket.getaddrinfo = self._resolving
        sys.addaudithook(self._audit)

    def _resolving(self, host: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - stands in for getaddrinfo
        found = self._resolve(host, *rest, **named)
        ports = self._ports.get(_text(host), set())
        for entry in found:
            self._resolved.setdefault(str(entry[4][0]), set()).update(ports)
        return found

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            allowed = self._may_connect(arguments[1])
        elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
            name = _text(arguments[0])
            allowed = name in self._ports or name in self._resolved
        else:
            allowed = event != "socket.sendto"
        if not allowed:
            raise HostBlockedError

    def _may_connect(self, address: object) -> bool:
        if not isinstance(address, tuple):
            return False  # a socket of this machine
        host, port = _text(address[0]), address[1]
        if port not in self._ports.get(host, set()) | self._resolved.get(host, set()):
            return False
        return not self._local_only or _is_loopback(host)


def _text(host: object) -> str:
    return (host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)).lower()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Pieces:
    """The pieces of a reply: passed on at once where they come slowly, together where they come fast.

    A quick model sends hundreds of them a second, and the editor's server wakes up for each that is passed on.
    """

    def __init__(self, pass_on: Callable[[str, int], None], clock: Callable[[], float]) -> None:
        self._pass_on = pass_on
        self._clock = clock
        self._parts: list[str] = []
        self._hidden = 0
        self._next = 0.0

    def take(self, delta: Any) -> None:  # noqa: ANN401
        """Take what the package calls a delta."""
        self._parts.append(getattr(delta, "content", None) or "")
        self._hidden += len(getattr(delta, "reasoning_content", None) or "")
        if self._clock() >= self._next:
            self.flush()

    def flush(self) -> None:
        """Pass on what is there."""
        text, hidden = "".join(self._parts), self._hidden
        if text or hidden:
            self._parts, self._hidden, self._next = [], 0, self._clock() + PAUSE
            self._pass_on(text, hidden)


class Worker:
    """Runs requests on one event loop and writes what comes of them."""

    def __init__(self, litellm: Any, loop: asyncio.AbstractEventLoop, answers: BinaryIO) -> None:  # noqa: ANN401
        self._litellm = litellm
        self._loop = loop
        self._answers = answers
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._without_usage: set[str] = set()

    def read(self, commands: BinaryIO) -> None:
        """Hand each command to the loop and stop it at the end; runs in a thread of its own."""
        for line in commands:
            self._loop.call_soon_threadsafe(self._handle, json.loads(line))
        self._loop.call_soon_threadsafe(self._loop.stop)

    def send(self, **event: object) -> None:
        """Write one line."""
        self._answers.write(json.dumps(event).encode() + b"\n")

    def _handle(self, command: dict[str, Any]) -> None:
        if "quit" in command:
            self._loop.stop()
        elif "cancel" in command:
            task = self._tasks.get(command["cancel"])
            if task is not None:
                task.cancel()
        else:
            task = self._loop.create_task(self._run(command))
            self._tasks[command["id"]] = task
            task.add_done_callback(lambda _: self._tasks.pop(command["id"], None))

    async def _run(self, request: dict[str, Any]) -> None:
        sent = [0]
        try:
            end = await self._answered(request, sent)
        except asyncio.CancelledError:
            end = {"kind": "cancelled"}
        except Exception as error:  # noqa: BLE001 - whatever the package raises is the answer
            end = described(error)
        self.send(id=request["id"], requests=sent[0], **end)

    async def _answered(self, request: dict[str, Any], sent: list[int]) -> dict[str, Any]:
        stream = await self._opened(request, sent)
        finish, pieces = None, Pieces(lambda text, hidden: self._pass_on(request["id"], text, hidden), self._loop.time)
        try:
            async for chunk in stream:
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    pieces.take(choice.delta)
                if finish and getattr(chunk, "usage", None):
                    break  # the last chunk: after it the package only assembles the reply again, for its log
                await asyncio.sleep(0)  # a flood is never waited for, and would let no cancellation through
        finally:
            pieces.flush()
            with contextlib.suppress(AttributeError):  # a stream that ended by itself may have none
                await stream.aclose()
        tokens = _tokens(stream)
        return {"kind": "done", "finish": finish, "usage": tokens, "cost": self._cost(request, tokens)}

    async def _opened(self, request: dict[str, Any], sent: list[int]) -> Any:  # noqa: ANN401
        """Return the stream; a server that does not know the wish for usage is asked again without it."""
        options: dict[str, Any] = dict(request["extra"])
        if request["model"] not in self._without_usage:
            options["stream_options"] = {"include_usage": True}
        while True:
            sent[0] += 1
            try:
                stream = await self._litellm.acompletion(
                    model=request["model"],
                    messages=request["messages"],
                    max_tokens=request["max_tokens"],
                    api_base=request["api_base"],
                    api_key=request["api_key"],
                    timeout=request["timeout"],
                    stream=True,
                    max_retries=0,
                    **options,
                )
            except self._litellm.BadRequestError as error:
                if type(error) is not self._litellm.BadRequestError or options.pop("stream_options", None) is None:
                    raise
                continue
            if "stream_options" not in options:
                self._without_usage.add(request["model"])
            return stream

    def _pass_on(self, number: int, text: str, hidden: int) -> None:
        self.send(id=number, kind="delta", text=text[:LONGEST], hidden=hidden)
        for start in range(LONGEST, len(text), LONGEST):
            self.send(id=number, kind="delta", text=text[start : start + LONGEST], hidden=0)

    def _cost(self, request: dict[str, Any], tokens: dict[str, int] | None) -> float | None:
        """Return the price of a call in US dollars, None where the bundled list does not know it."""
        if tokens is None or not request["priced"]:
            return None
        try:
            parts = self._litellm.cost_per_token(
                model=request["model"], prompt_tokens=tokens["input"], completion_tokens=tokens["output"]
            )
        except Exception:  # noqa: BLE001 - raises a bare Exception for a model that is not listed
            return None
        return sum(parts) or None  # nothing is free, the list only says so of what it does not know


def _tokens(stream: Any) -> dict[str, int] | None:  # noqa: ANN401
    """Return the tokens that the provider itself counted; the package would count what it does not say."""
    told = [
        chunk.usage
        for chunk in getattr(stream, "chunks", ())
        if getattr(chunk, "usage", None) and chunk.usage.total_tokens
    ]
    if not told:
        return None
    return {"input": told[-1].prompt_tokens or 0, "output": told[-1].completion_tokens or 0}


def described(error: BaseException) -> dict[str, Any]:
    """Return what may be told about `error`: its class, its HTTP status, and one word for what lies behind it."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    names = [type(link).__name__ for link in chain]
    cause = next((word for name, word in CAUSES.items() if name in names), None)
    statuses = (getattr(link, "status_code", None) for link in chain)
    status = next((status for status in statuses if isinstance(status, int)), None)
    return {"kind": "error", "class": names[0], "status": status, "cause": cause}


def imported() -> Any:  # noqa: ANN401
    """Return litellm with everything switched off that writes, reads or connects by itself.

    Raises:
        ImportError: if it is missing, cannot be imported, or is a banned version.
    """
    try:
        version = metadata.version("litellm")
    except metadata.PackageNotFoundError as error:
        raise ImportError(name="missing") from error
    if version in BANNED:
        raise ImportError(name="banned")
    os.environ.update(SWITCHES)
    gc.disable()  # makes the import a fifth shorter
    import litellm  # noqa: PLC0415 - only behind the guard

    gc.enable()
    gc.freeze()
    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    litellm.turn_off_message_logging = True
    litellm.drop_params = True
    return litellm, version


def main() -> None:
    """Serve until the other end closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever prints from now on cannot disturb the answers
    commands = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    loop = asyncio.new_event_loop()  # before the guard: on Windows it connects to itself
    first = json.loads(commands.readline())
    guard = Guard(((name, port) for name, port in first["hosts"]), local_only=first["local_only"])
    guard.install()
    try:
        litellm, version = imported()
    except Exception as error:  # noqa: BLE001 - a broken package may raise anything
        why = error.name if isinstance(error, ImportError) and error.name in {"missing", "banned"} else "broken"
        answers.write(json.dumps({"kind": "failed", "class": type(error).__name__, "why": why}).encode() + b"\n")
        return
    worker = Worker(litellm, loop, answers)
    worker.send(kind="ready", version=version)
    threading.Thread(target=worker.read, args=(commands,), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        loop.run_forever()
    answers.close()
    os._exit(0)  # leave connections and threads of the package where they are


if __name__ == "__main__":
    main()
