"""The rule book: one file is one rule, and a file in this package is all that a rule needs to be found."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

from ml_architect.rules.api import Rule

__all__ = ["Rule", "RuleBookError", "all_rules", "collect", "rule_named"]


class RuleBookError(RuntimeError):
    """The rule book contradicts itself: a file without its `RULE`, or two rules with one name."""


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return all rules by name.

    Raises:
        RuleBookError: if a rule file defines no `RULE` or two rules share a name.
    """
    return collect(_modules())


def rule_named(name: str) -> Rule | None:
    """Return the rule with this name, None where there is none."""
    return _by_name().get(name)


def collect(modules: Iterable[ModuleType]) -> tuple[Rule, ...]:
    """Return the rules that `modules` define, by name.

    Raises:
        RuleBookError: if a module defines no `RULE` or two rules share a name.
    """
    found: dict[str, Rule] = {}
    for module in modules:
        rule = getattr(module, "RULE", None)
        if not isinstance(rule, Rule):
            message = f"{module.__name__} defines no RULE"
            raise RuleBookError(message)
        if rule.name in found:
            message = f"{module.__name__} defines a second rule named {rule.name}"
            raise RuleBookError(message)
        found[rule.name] = rule
    return tuple(found[name] for name in sorted(found))


@cache
def _by_name() -> Mapping[str, Rule]:
    return MappingProxyType({rule.name: rule for rule in all_rules()})


def _modules() -> Iterator[ModuleType]:
    """Import the modules of the families; what lies directly in this package is no rule."""
    prefix = f"{__name__}."
    for item in pkgutil.walk_packages(__path__, prefix):
        if not item.ispkg and "." in item.name.removeprefix(prefix):
            yield importlib.import_module(item.name)
