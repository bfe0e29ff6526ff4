"""What an explanation is worth: which parts it has, whether its numbers fit the facts, which costs it names."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from ml_architect.trial.case import Bound, Case

__all__ = ["points_of"]

SECTIONS = ("approach", "tradeoffs", "verify", "expect", "next")
"""Of every explanation; that of values is asked for only where the case has some, since "none" is left out."""
_STEMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "compute": ("comput", "throughput", "faster", "slower"),
        "memory": ("memory",),
        "stability": ("stab", "converge"),
        "generalisation": ("generali", "overfit"),
        "latency": ("latency",),
        "maintenance": ("maint", "readab", "debug"),
    }
)
"""Beginnings of words that name the sides of a trade-off, in British and American spelling."""
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def points_of(sections: Mapping[str, str], case: Case) -> tuple[int, int]:
    """Return the points of an explanation of the repair of `case`, and the most that there are.

    There is one for each section, one for each cost that has to be named, one for each setting whose starting value
    lies in the range that is good for the facts of the case.
    """
    wanted = (*SECTIONS, "values") if case.points.values else SECTIONS
    present = sum(bool(sections.get(name, "").strip()) for name in wanted)
    costs = sections.get("tradeoffs", "").lower()
    named = sum(any(stem in costs for stem in _STEMS[axis]) for axis in case.points.axes)
    fitting = sum(_fits(bound, sections.get("values", ""), case) for bound in case.points.values)
    return present + named + fitting, len(wanted) + len(case.points.axes) + len(case.points.values)


def _fits(bound: Bound, text: str, case: Case) -> bool:
    """Return whether a line recommends the setting with a number in its range, as ``name = start | range | why``."""
    high = min(bound.high, case.expectation.facts.get("cores", bound.high))
    for line in text.splitlines():
        name, equals, rest = line.partition("=")
        number = _NUMBER.search(rest.partition("|")[0])
        if equals and bound.setting in name and number is not None:
            return bound.low <= float(number[0]) <= high
    return False
