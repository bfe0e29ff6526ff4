"""A progress bar for people who wait: on standard error, on a terminal, and only when it takes long."""

import sys
import time
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")

PATIENCE = 1.0
"""Seconds after which a run counts as long."""


def with_progress(items: Iterator[Item], total: int, shown: bool) -> Iterator[Item]:
    """Yield `items`, drawing a bar over `total` of them once the run is long; `shown` False draws nothing."""
    if not shown or total <= 1:
        yield from items
        return
    started = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += 1
        if time.monotonic() - started > PATIENCE:
            break
    if done < total:
        yield from _with_bar(items, total, done)


def _with_bar(items: Iterator[Item], total: int, done: int) -> Iterator[Item]:
    from rich.console import Console  # noqa: PLC0415 - loaded for long runs only
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("checking", total=total, completed=done)
        for item in items:
            yield item
            progress.advance(task)
