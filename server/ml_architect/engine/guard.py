"""The one place where an exception of a rule is caught, so that the other rules go on."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

__all__ = ["GUARD", "Guard", "Interruption"]

_Result = TypeVar("_Result")
_logger = logging.getLogger("ml_architect.engine")


class Interruption(BaseException):
    """Work that nobody waits for gives way to work that somebody waits for; no handler of errors may take it."""


@dataclass
class Guard:
    """Runs code of rules. Tests set `reraise`, so that nothing is hidden there."""

    reraise: bool = False
    _logged: set[tuple[str, type[Exception]]] = field(default_factory=set)
    _is_unwanted: Callable[[], bool] | None = None

    @contextmanager
    def giving_way(self, is_unwanted: Callable[[], bool]) -> Iterator[None]:
        """Raise `Interruption` in what is done here, between two rules, as soon as `is_unwanted` says so.

        Nothing that is known of a document is half done then: analyses are values, which are complete or not made.
        """
        self._is_unwanted = is_unwanted
        try:
            yield
        finally:
            self._is_unwanted = None

    def run(self, name: str, task: Callable[[], _Result], otherwise: _Result) -> _Result:
        """Return what `task` returns, or `otherwise` if it raises; `name` says who failed, in the log, once.

        Raises:
            Interruption: if what is done here has to give way (see `giving_way`).
        """
        if self._is_unwanted is not None and self._is_unwanted():
            raise Interruption
        try:
            return task()
        except Exception as error:
            if self.reraise:
                raise
            key = (name, type(error))
            if key not in self._logged:
                self._logged.add(key)
                _logger.exception("%s failed, its findings are left out", name)
            return otherwise


GUARD = Guard()
