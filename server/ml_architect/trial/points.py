"""What an explanation is worth: which parts it has, whether its numbers fit the facts, which costs it names."""

import re
from collections.abc import Mapping

from ml_architect.trial.case import Bound, Case

__all__ = ["points_of"]

SECTIONS = ("approach", "values", "tradeoffs", "verify", "expect", "next")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def points_of(sections: Mapping[str, str], case: Case) -> tuple[int, int]:
    """Return the points of an explanation of the repair of `case`, and the most that there are.

    There is one for each section, one for each cost that has to be named, one for each setting whose starting value
    lies in the range that is good for the facts of the case.
    """
    present = sum(bool(sections.get(name, "").strip()) for name in SECTIONS)
    costs = sections.get("tradeoffs", "").lower()
    named = sum(axis in costs for axis in case.points.axes)
    fitting = sum(_fits(bound, sections.get("values", ""), case) for bound in case.points.values)
    return present + named + fitting, len(SECTIONS) + len(case.points.axes) + len(case.points.values)


def _fits(bound: Bound, text: str, case: Case) -> bool:
    """Return whether a line recommends the setting with a number in its range, as ``name = start | range | why``."""
    high = min(bound.high, case.expectation.facts.get("cores", bound.high))
    for line in text.splitlines():
        name, equals, rest = line.partition("=")
        number = _NUMBER.search(rest.partition("|")[0])
        if equals and bound.setting in name and number is not None:
            return bound.low <= float(number[0]) <= high
    return False
