"""Work on many files with as many processes as help, in the order of the files."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

FILES_PER_JOB = 25
"""A process must have this many files to earn its start.

With 254 files of five repositories, one process works 5.0 s and each of two 2.7 s.
"""
MOST_JOBS = 8


def automatic_jobs(files: int) -> int:
    """Return how many processes to use for so many files: no more than pay for their start."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST_JOBS, files // FILES_PER_JOB))


def in_order(work: Callable[[Path], Result], files: Sequence[Path], jobs: int) -> Iterator[Result]:
    """Yield what `work` returns for each of `files`, in their order.

    Where processes cannot be had, or one dies, the rest is done in this one. `work` must be picklable.
    """
    done = 0
    if jobs > 1:
        try:
            for result in _in_processes(work, files, jobs):
                yield result
                done += 1
        except (BrokenExecutor, OSError, ImportError):
            pass
    for file in files[done:]:
        yield work(file)


def _in_processes(work: Callable[[Path], Result], files: Sequence[Path], jobs: int) -> Iterator[Result]:
    import multiprocessing  # noqa: PLC0415 - 20 ms that a run on a few files does not need
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

    # Forked processes inherit the loaded rule book and start at once; elsewhere than on Linux forking is unsafe.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    chunk = max(1, min(8, len(files) // (jobs * 16)))  # small, as at the end all wait for the last one
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_leave_interrupts_to_parent)
    finished = False
    try:
        yield from pool.map(work, files, chunksize=chunk)
        finished = True
    finally:
        # Who leaves early waits for nobody. At the end waiting costs nothing, and without it the pool's own thread was
        # seen to write to a closed pipe while the interpreter ended, and to print a traceback.
        pool.shutdown(wait=finished, cancel_futures=True)


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
