"""Work of the worker process that nobody waits for yet: what an editor will ask for if its user looks at a finding."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from ml_architect.engine.guard import GUARD, Interruption

REST_SECONDS = 0.05
"""How long nothing must have been asked before such work begins: the editor shows a new report first."""

MOST_SECONDS = 5.0
"""How much time of a processor one version of a document may cost in this way."""


class Ahead:
    """Tasks in the order in which they are likely to be of use. They belong to one version; a new plan ends the old."""

    def __init__(self) -> None:
        self._tasks: deque[Callable[[], object]] = deque()
        self._left = 0.0

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to do."""
        return not self._tasks

    def plan(self, tasks: Iterable[Callable[[], object]]) -> None:
        """Put `tasks` in the place of all others."""
        self._tasks = deque(tasks)
        self._left = MOST_SECONDS

    def work(self, is_wanted: Callable[[], bool]) -> None:
        """Do one task, or drop it unfinished as soon as `is_wanted` says that the worker is; it is done again later."""
        if not self._tasks:
            return
        start = time.process_time()
        with suppress(Interruption), GUARD.giving_way(is_wanted):
            self._tasks[0]()
            self._tasks.popleft()
        self._left -= time.process_time() - start
        if self._left <= 0:
            self._tasks.clear()
