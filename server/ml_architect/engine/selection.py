"""Which rules are asked about a file, and how much their findings matter."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ml_architect.engine.builtin import BUILTINS, SYNTAX_ERROR, UNDECODABLE_FILE
from ml_architect.engine.selectors import specificity
from ml_architect.engine.settings import Settings
from ml_architect.policy.patterns import matches
from ml_architect.rules import all_rules
from ml_architect.rules.api import Rule, Severity

__all__ = ["Selection", "selection_for"]

_ALWAYS = frozenset({SYNTAX_ERROR, UNDECODABLE_FILE})


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules for one file, by name, and the built-in checks that are on."""

    rules: tuple[Rule, ...]
    builtins: frozenset[str]
    severities: tuple[tuple[str, Severity], ...]

    def severity(self, code: str, default: Severity) -> Severity:
        """Return the severity of findings of `code`: the closest override, else `default`."""
        chosen, closeness = default, -1
        for selector, severity in self.severities:
            found = specificity(selector, code)
            if found is not None and found > closeness:
                chosen, closeness = severity, found
        return chosen


def selection_for(settings: Settings, path: Path | None) -> Selection:
    """Return what `settings` select for the file at `path` (None for a text without a file)."""
    return _selection(settings, _ignored(settings, path))


@lru_cache(maxsize=64)
def _selection(settings: Settings, ignored: tuple[str, ...]) -> Selection:
    rules = tuple(
        rule for rule in all_rules() if (settings.preview or not rule.preview) and _is_on(rule.name, settings, ignored)
    )
    builtins = frozenset(code for code in BUILTINS if _is_on(code, settings, ignored))
    return Selection(rules, builtins, settings.severity)


def _is_on(code: str, settings: Settings, ignored: tuple[str, ...]) -> bool:
    selected = 1 if code in _ALWAYS else _closest(settings.select, code)
    return selected > _closest(settings.ignore, code) and _closest(ignored, code) < 0


def _closest(selectors: Iterable[str], code: str) -> int:
    """Return how closely any of `selectors` means `code`; -1 where none does."""
    found = (specificity(selector, code) for selector in selectors)
    return max((closeness for closeness in found if closeness is not None), default=-1)


def _ignored(settings: Settings, path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    return tuple(
        selector
        for pattern, selectors in settings.per_file_ignores
        if matches((pattern,), path, settings.root)
        for selector in selectors
    )
