"""The one place where an exception of a rule is caught, so that the other rules go on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

__all__ = ["GUARD", "Guard"]

_Result = TypeVar("_Result")
_logger = logging.getLogger("ml_architect.engine")


@dataclass
class Guard:
    """Runs code of rules. Tests set `reraise`, so that nothing is hidden there."""

    reraise: bool = False
    _logged: set[tuple[str, type[Exception]]] = field(default_factory=set)

    def run(self, name: str, task: Callable[[], _Result], otherwise: _Result) -> _Result:
        """Return what `task` returns, or `otherwise` if it raises; `name` says who failed, in the log, once."""
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
