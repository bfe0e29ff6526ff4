"""Timing two things in turn, so that a slow moment of the machine meets both."""

import gc
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Taken(NamedTuple):
    """Seconds that a command took: by the clock, and of all processors that it and its children used."""

    clock: float
    processor: float


def seconds(task: Callable[[], object]) -> float:
    """Return how many seconds of a processor `task` takes, which runs in this thread alone.

    Time in which the machine does something else does not count.
    """
    start = time.process_time()
    task()
    return time.process_time() - start


def ratio(task: Callable[[], object], reference: Callable[[], object], runs: int = 5) -> float:
    """Return the best time of `task` over the best time of `reference`, measured in turn."""
    gc.collect()
    pairs = [(seconds(task), seconds(reference)) for _ in range(runs)]
    return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)


def of_command(command: Sequence[str]) -> Taken:
    """Run a command to its end and return the time that it took; its exit code says nothing here."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, env=as_installed(), capture_output=True, check=False)
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(time.perf_counter() - start, processor)


def as_installed() -> dict[str, str]:
    """Return an environment in which Python keeps compiled modules, as pip does for what it installs."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONWARNINGS": "ignore"}
