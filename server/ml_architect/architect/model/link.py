"""One model process and the lines that go to it and come from it."""

import asyncio
import json
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from ml_architect.architect.model.access import Access
from ml_architect.architect.model.launch import first_line, worker_environment
from ml_architect.architect.model.provider import ErrorKind, ProviderError
from ml_architect.architect.model.verdict import start_failure

__all__ = ["Link"]

logger = logging.getLogger(__name__)

_LONGEST_LINE = 4 * 1024 * 1024
_DIED: Mapping[str, Any] = {"kind": "died"}

Events = asyncio.Queue[Mapping[str, Any]]


class Link:
    """A running model process; open it with `Link.open`."""

    def __init__(self, process: asyncio.subprocess.Process, folder: str, on_crash: Callable[[], None]) -> None:
        self._process = process
        self._folder = folder
        self._on_crash = on_crash
        self._wanted = False
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._calls: dict[int, Events] = {}
        self.is_open = True
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls, command: tuple[str, ...], access: Access, environ: Mapping[str, str], on_crash: Callable[[], None]
    ) -> "Link":
        """Start a process and return when it is ready for requests.

        Raises:
            ProviderError: if it does not get ready.
        """
        folder = tempfile.mkdtemp(prefix="ml-architect-")
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # may quote prompts and keys
                cwd=folder,
                env=worker_environment(access, environ, folder),
                limit=_LONGEST_LINE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if os.name == "nt" else 0,
            )
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise ProviderError(ErrorKind.WORKER_DIED) from error
        link = cls(process, folder, on_crash)
        try:
            link.send(**first_line(access, environ))
            await link._ready
        except BaseException:
            link.kill()
            raise
        return link

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ask(self, number: int, request: Mapping[str, Any]) -> Events:
        """Send a request and return where its events will arrive; the last one is none of ``delta``."""
        events: Events = asyncio.Queue()
        if not self.is_open:
            events.put_nowait(_DIED)
            return events
        self._calls[number] = events
        self.send(id=number, **request)
        return events

    def send(self, **message: object) -> None:
        """Write one line; a process that is gone shows when it is read."""
        stdin = self._process.stdin
        if self.is_open and stdin is not None and not stdin.is_closing():
            stdin.write(json.dumps(message).encode() + b"\n")

    def kill(self) -> None:
        """End the process at once, and remove its folder: a loop that ends now would not read to the end."""
        self._wanted = True
        self.is_open = False
        if self._process.returncode is None:
            try:
                self._process.kill()
            except ProcessLookupError:
                logger.debug("the model process was gone already")
        shutil.rmtree(self._folder, ignore_errors=True)

    async def closed(self) -> None:
        """Return when the process has ended and its folder is gone."""
        await self._reading

    async def _read(self) -> None:
        stdout = self._process.stdout
        try:
            while stdout is not None and (line := await stdout.readline()):
                self._take(json.loads(line))
        except ValueError:  # no JSON, or a line beyond all measure
            logger.warning("the model process wrote what it should not, it is stopped")
            self._process.kill()
        self.is_open = False
        await self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
        if not self._ready.done():
            self._ready.set_exception(ProviderError(ErrorKind.WORKER_DIED))
        for events in self._calls.values():
            events.put_nowait(_DIED)
        self._calls.clear()
        if not self._wanted:
            logger.warning("the model process stopped with code %s", self._process.returncode)
            self._on_crash()

    def _take(self, event: Mapping[str, Any]) -> None:
        kind = event["kind"]
        if kind == "ready":
            logger.info("the model process is ready, litellm %s", event["version"])
            self._ready.set_result(None)
        elif kind == "failed":
            logger.warning("litellm cannot be used: %s", event["class"])
            self._wanted = True  # it leaves by itself, which is no crash
            self._ready.set_exception(start_failure(event))
        else:
            events = self._calls.get(event["id"])
            if events is not None:
                events.put_nowait(event)
            if kind != "delta":
                self._calls.pop(event["id"], None)
