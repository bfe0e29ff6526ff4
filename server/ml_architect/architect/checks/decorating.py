"""Whether a decorator that a change adds gets a function, not what another decorator makes of one."""

from ml_architect.architect.checks.change import Change, Version
from ml_architect.architect.checks.matching import Matcher
from ml_architect.architect.checks.permits import first_match
from ml_architect.facts import Function, dotted_name

__all__ = ["doubtful_decorator"]

_MAKERS = frozenset({"property", "staticmethod", "classmethod", "cached_property", "setter", "getter", "deleter"})
"""Decorators, by the last word of their names, whose result is no function."""


def doubtful_decorator(change: Change) -> str | None:
    """Return which allowed decorator newly stands around something that is no function, in words, else None."""
    known = set(_wrongly_decorated(change.old))
    return next((told for told in _wrongly_decorated(change.new) if told not in known), None)


def _wrongly_decorated(version: Version) -> list[str]:
    matcher = Matcher(version.facts)
    return [
        f"a decorator of `{function.name}` gets what `{maker}` makes of the function"
        for function in version.functions
        if (maker := _maker_inside(version, function, matcher)) is not None
    ]


def _maker_inside(version: Version, function: Function, matcher: Matcher) -> str | None:
    """Return the decorator that makes something else of a function before an allowed one gets it."""
    is_inside = False
    for decorator in function.node.decorators:
        name = dotted_name(decorator)
        if is_inside and name is not None and name.rpartition(".")[2] in _MAKERS:
            return name
        allowed = first_match(version.permits.decorators, decorator, function.site, matcher)
        is_inside = is_inside or allowed is not None
    return None
