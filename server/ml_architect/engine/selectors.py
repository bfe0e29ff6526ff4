"""The words that name rules in settings: a rule's name, a category, a framework, or ``all``."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Final

from ml_architect.engine.builtin import BUILTINS
from ml_architect.rules import all_rules, rule_named
from ml_architect.rules.api import Category, Framework

__all__ = ["ALL", "known_selectors", "nearest", "specificity", "unknown_selectors"]

ALL: Final = "all"


@cache
def known_selectors() -> frozenset[str]:
    """Return every word that names one rule or more."""
    groups = (*Category, *Framework)
    return frozenset({ALL, *(rule.name for rule in all_rules()), *BUILTINS, *(group.value for group in groups)})


def specificity(selector: str, code: str) -> int | None:
    """Return how closely `selector` means the rule `code`: 2 its name, 1 a group it is in, 0 ``all``, None not."""
    if selector == code:
        return 2
    if selector == ALL:
        return 0
    rule = rule_named(code)
    if rule is not None and selector in {rule.category.value, rule.framework.value}:
        return 1
    return None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``, did you mean 'x'?`` for the known word most like `word`, nothing where none is like it."""
    matches = get_close_matches(word[:100], sorted(known), n=1)
    return f", did you mean '{matches[0]}'?" if matches else ""


def unknown_selectors(selectors: Iterable[str], where: str) -> tuple[str, ...]:
    """Return one line for each of `selectors` that names no rule; `where` says who asked for it."""
    known = known_selectors()
    return tuple(
        f"unknown rule '{selector}' in {where}{nearest(selector, known)}"
        for selector in selectors
        if selector not in known
    )
