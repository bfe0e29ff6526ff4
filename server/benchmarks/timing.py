"""Timing two things in turn, so that a slow moment of the machine meets both."""

import gc
import time
from collections.abc import Callable


def seconds(task: Callable[[], object]) -> float:
    """Return how long `task` takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def ratio(task: Callable[[], object], reference: Callable[[], object], runs: int = 5) -> float:
    """Return the best time of `task` over the best time of `reference`, measured in turn."""
    gc.collect()
    pairs = [(seconds(task), seconds(reference)) for _ in range(runs)]
    return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)
