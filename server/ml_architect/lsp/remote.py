"""The server's side of the worker process: a queue of jobs, the most urgent first."""

import asyncio
import itertools
import logging
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import PriorityQueue
from typing import Any, BinaryIO, TypeVar, cast

from ml_architect.lsp.jobs import Job
from ml_architect.lsp.pipe import Answer, receive, send

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")

_BOOT = (
    "import gc, sys; gc.disable(); sys.path[:] = sys.argv[1].splitlines(); "
    "from ml_architect.lsp.worker import main; main(sys.argv[2])"
)
"""Gives the worker the server's own import path: nothing in the working directory can take a module's place.

Until that is done only built-in modules are imported.
"""

_STOP = -1
_URGENT = 0
_NORMAL = 1


class WorkerError(Exception):
    """A job has no answer: the worker died over it, or the job failed."""


@dataclass(order=True)
class _Call:
    urgency: int
    number: int
    job: Job[Any] = field(compare=False)
    future: "Future[Any]" = field(compare=False)


class Remote:
    """A worker process. It starts at once, and starts again if it dies."""

    def __init__(self, log_level: str = "warning", log_file: Path | None = None) -> None:
        self._log_level = log_level
        self._log_file = log_file
        self._numbers = itertools.count()
        self._queue: PriorityQueue[_Call] = PriorityQueue()
        self._closed = False
        self._process = self._spawn()
        self._thread = threading.Thread(target=self._work, name="worker-calls", daemon=True)
        self._thread.start()

    async def ask(self, job: Job[_Result], *, urgent: bool = False) -> _Result:
        """Return the answer to `job`. An urgent job goes before all others; cancelling takes it off the queue.

        Raises:
            WorkerError: if there is no answer.
        """
        call = _Call(_URGENT if urgent else _NORMAL, next(self._numbers), job, Future())
        self._queue.put(call)
        return cast("_Result", await asyncio.wrap_future(call.future))

    def close(self) -> None:
        """End the worker at once, whatever it is doing."""
        self._closed = True
        self._queue.put(_Call(_STOP, 0, cast("Job[Any]", None), Future()))
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        """The process id of the worker."""
        return self._process.pid

    def _spawn(self) -> "subprocess.Popen[bytes]":
        path = [entry for entry in sys.path if entry]  # an empty entry is the working directory
        command = [sys.executable, "-c", _BOOT, "\n".join(path), self._log_level]
        errors = self._log_file.open("ab") if self._log_file else None
        try:
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603
        finally:
            if errors:
                errors.close()

    def _end_of_process(self) -> int:
        """Return the exit code of a process that has closed its pipe; it has a moment to leave by itself."""
        try:
            return self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _work(self) -> None:
        """Hand one job after the other to the process; runs in a thread that only waits."""
        while True:
            call = self._queue.get()
            if self._closed:
                return
            if call.future.set_running_or_notify_cancel():
                self._answer(call)

    def _answer(self, call: _Call) -> None:
        try:
            if self._process.poll() is not None:
                self._process = self._spawn()
            send(cast("BinaryIO", self._process.stdin), call.job)
            answer = cast("Answer", receive(cast("BinaryIO", self._process.stdout)))
        except (OSError, EOFError) as error:
            reason = f"the analysis process stopped with code {self._end_of_process()}"
            logger.warning("%s (%r), it starts again with the next job", reason, error)
            call.future.set_exception(WorkerError(reason))
            return
        if answer.error is None:
            call.future.set_result(answer.result)
        else:
            call.future.set_exception(WorkerError(answer.error))
