"""Stand-ins for rules, so that the engine is tested without the rule book."""

import re
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace

import pytest

from ml_architect import rules
from ml_architect.engine import Analysis, Settings, analyze, selection, selectors
from ml_architect.facts import ModuleFacts
from ml_architect.facts.environment import Environment
from ml_architect.rewrite import Fix, Safety
from ml_architect.rules.api import (
    Category,
    Finding,
    FixKind,
    Framework,
    Guidance,
    Rule,
    Severity,
)
from ml_architect.text import Edit, Source, Span

Repair = Callable[[str, re.Match[str]], list[Edit]]


def make_rule(
    name: str = "bad-word",
    pattern: str = r"\bbad\b(?!-)",
    *,
    repair: Repair | None = None,
    safety: Safety = Safety.SAFE,
    detect: Callable[[ModuleFacts], Iterator[Finding]] | None = None,
    **fields: object,
) -> Rule:
    """Return a rule that finds `pattern` in the text; `repair` makes the edits."""

    def find(facts: ModuleFacts) -> Iterator[Finding]:
        text = facts.module.source.text
        for match in re.finditer(pattern, text):
            yield Finding(Span(*match.span()), f"found {match[0]}", fix=promise(text, match))

    def promise(text: str, match: re.Match[str]) -> Callable[[], Fix | None] | None:
        if repair is None:
            return None
        return lambda: Fix(f"repair {match[0]}", tuple(repair(text, match)), safety)

    kind = FixKind.NONE if repair is None else FixKind.SAFE if safety is Safety.SAFE else FixKind.UNSAFE
    values: dict[str, object] = {
        "summary": "a word is bad",
        "framework": Framework.TORCH,
        "category": Category.MODEL,
        "severity": Severity.WARNING,
        "why": "It is bad.",
        "tradeoffs": {},
        "references": (),
        "fires": (),
        "quiet": (),
        "fix": kind,
        "evidence": Guidance("made up"),
    }
    return Rule(name=name, detect=detect or find, **(values | fields))  # type: ignore[arg-type]


def replace_by(replacement: str) -> Repair:
    """Return a repair that puts `replacement` in the place of the match."""
    return lambda _text, match: [Edit(Span(*match.span()), replacement)]


def clear_caches() -> None:
    for function in (rules.all_rules, rules._by_name, selectors.known_selectors, selection._selection):
        function.cache_clear()


@pytest.fixture
def fake() -> SimpleNamespace:
    """Return what makes stand-ins: `rule` and `replace_by`."""
    return SimpleNamespace(rule=make_rule, replace_by=replace_by)


@pytest.fixture
def rule_book(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that makes the given rules the whole rule book."""

    def install(*book: Rule) -> None:
        modules = []
        for rule in book:
            module = ModuleType(rule.name)
            module.RULE = rule  # type: ignore[attr-defined]
            modules.append(module)
        monkeypatch.setattr(rules, "_modules", lambda: modules)
        clear_caches()

    install()
    yield install
    monkeypatch.undo()
    clear_caches()


@pytest.fixture
def check() -> Callable[..., Analysis]:
    """Return a function that analyzes a text that imports torch in its last line."""

    def run(text: str, *, newline: str = "\n", **options: object) -> Analysis:
        settings = options.get("settings") or Settings()
        environment = options.get("environment") or Environment()
        source = Source(f"{text}{newline}import torch{newline}")
        return analyze(source, settings, environment)  # type: ignore[arg-type]

    return run
