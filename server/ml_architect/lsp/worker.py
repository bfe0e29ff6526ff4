"""The process that analyses: reads jobs from its standard input, writes answers to its standard output.

LibCST holds the interpreter's lock while it parses, 20 to 80 ms for one large function, and a server
with a worker thread would answer nothing in that time. In its own process the parser disturbs
nobody, starts while the server starts, can be stopped, and may even crash.
"""

import faulthandler
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import BinaryIO, cast

from ml_architect.lsp.ahead import REST_SECONDS
from ml_architect.lsp.backend import Backend
from ml_architect.lsp.jobs import Job
from ml_architect.lsp.pipe import Answer, receive, send

logger = logging.getLogger(__name__)

JOB_SECONDS = 30
"""A job, or a task that nobody waits for, that takes longer ends the process; the server starts another one."""


def main(log_level: str) -> None:
    """Answer jobs until the server closes the pipe."""
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when it is over
    jobs, answers = _own_pipes()
    inbox = _Inbox(jobs)
    backend = Backend()
    backend.warm_up()
    gc.enable()
    gc.freeze()  # modules and rules live for ever, and need not be searched for garbage
    with suppress(EOFError):
        while True:
            job = inbox.take(None if backend.ahead.is_done else REST_SECONDS)
            if job is None:
                _use_the_rest(backend, inbox)
                continue
            with _watched():
                answer = _answer(job, backend)
            send(answers, answer)


class _Inbox:
    """The jobs that have come and are not begun. A thread reads them, so that waiting work is seen at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._jobs: SimpleQueue[Job[object] | None] = SimpleQueue()
        threading.Thread(target=self._read, args=(stream,), name="jobs", daemon=True).start()

    def take(self, seconds: float | None) -> Job[object] | None:
        """Return the next job, None if there is none for `seconds`; without a number wait for one.

        Raises:
            EOFError: if the server is gone.
        """
        try:
            job = self._jobs.get(timeout=seconds)
        except Empty:
            return None
        if job is None:
            raise EOFError
        return job

    def has_work(self) -> bool:
        """Return whether there is a job, or the server is gone."""
        return not self._jobs.empty()

    def _read(self, stream: BinaryIO) -> None:
        with suppress(EOFError):
            while True:
                self._jobs.put(cast("Job[object]", receive(stream)))
        self._jobs.put(None)


@contextmanager
def _watched() -> Iterator[None]:
    """End the process if what is done here takes too long."""
    faulthandler.dump_traceback_later(JOB_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _answer(job: Job[object], backend: Backend) -> Answer:
    try:
        return Answer(job.run(backend))
    except Exception as error:
        logger.exception("%s failed", type(job).__name__)
        return Answer(error=f"{type(error).__name__}: {error}")


def _use_the_rest(backend: Backend, inbox: _Inbox) -> None:
    """Work ahead until there is a job, or nothing more to do."""
    try:
        while not backend.ahead.is_done and not inbox.has_work():
            with _watched():
                backend.ahead.work(inbox.has_work)
    except Exception:
        logger.exception("working ahead failed")
        backend.ahead.plan(())


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for the jobs alone: whatever prints, prints to standard error."""
    jobs = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return jobs, answers
