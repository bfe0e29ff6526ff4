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
from typing import BinaryIO, cast

from ml_architect.lsp.backend import Backend
from ml_architect.lsp.jobs import Job
from ml_architect.lsp.pipe import Answer, receive, send

logger = logging.getLogger(__name__)

JOB_SECONDS = 30
"""A job that takes longer ends the process; the server starts another one."""


def main(log_level: str) -> None:
    """Answer jobs until the server closes the pipe."""
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when it is over
    jobs, answers = _own_pipes()
    backend = Backend()
    backend.warm_up()
    gc.enable()
    gc.freeze()  # modules and rules live for ever, and need not be searched for garbage
    while True:
        try:
            job = cast("Job[object]", receive(jobs))
        except EOFError:
            return
        faulthandler.dump_traceback_later(JOB_SECONDS, exit=True)
        answer = _answer(job, backend)
        faulthandler.cancel_dump_traceback_later()
        send(answers, answer)


def _answer(job: Job[object], backend: Backend) -> Answer:
    try:
        return Answer(job.run(backend))
    except Exception as error:
        logger.exception("%s failed", type(job).__name__)
        return Answer(error=f"{type(error).__name__}: {error}")


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for the jobs alone: whatever prints, prints to standard error."""
    jobs = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return jobs, answers
