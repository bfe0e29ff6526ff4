"""Every example of every rule is a test: it fires once and its fix holds what fixes promise, or it stays quiet."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.rewrite import Safety
from ml_architect.rules import all_rules
from ml_architect.rules.api import Fires, FixKind, Quiet, Rule
from ml_architect.text import Source, apply_edits

SETTINGS = Settings(select=("all",), preview=True)
FIRES = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule in all_rules()
    for number, example in enumerate(rule.fires)
]
BY_TEMPLATE = [item for item in FIRES if item.values[0].fix is not FixKind.ARCHITECT]
BY_JUDGEMENT = [item for item in FIRES if item.values[0].fix is FixKind.ARCHITECT]
QUIET = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule in all_rules()
    for number, example in enumerate(rule.quiet)
]


def examine(code: str, versions: Mapping[str, str] | None = None) -> Analysis:
    known = {name: LibraryVersion("example", exact=version) for name, version in (versions or {}).items()}
    return analyze(Source(code, Path("example.py")), SETTINGS, Environment(known))


@pytest.mark.parametrize(("rule", "example"), FIRES)
def test_fires_exactly_once(rule: Rule, example: Fires) -> None:
    analysis = examine(example.code, example.versions)
    assert analysis.problems == ()
    assert [item.code for item in analysis.diagnostics].count(rule.name) == 1, analysis.diagnostics


@pytest.mark.parametrize(("rule", "example"), BY_TEMPLATE)
def test_fix_keeps_its_promises(rule: Rule, example: Fires) -> None:
    analysis = examine(example.code, example.versions)
    finding = next(item for item in analysis.diagnostics if item.code == rule.name)
    fix = analysis.fix(finding)
    if example.after is None:
        assert fix is None or rule.fix in {FixKind.SAFE, FixKind.UNSAFE}
        return
    assert fix is not None, f"no verified fix; proposed: {analysis.proposed_fix(finding)}"
    assert rule.fix in {FixKind.SAFE, FixKind.UNSAFE}
    assert rule.fix is FixKind.UNSAFE or fix.safety is Safety.SAFE
    repaired = apply_edits(example.code, fix.edits)
    assert repaired == example.after
    after = examine(repaired, example.versions)
    assert rule.name not in [item.code for item in after.diagnostics]
    assert {item.code for item in after.diagnostics} <= {item.code for item in analysis.diagnostics}


@pytest.mark.parametrize(("rule", "example"), BY_JUDGEMENT)
def test_no_template_repairs_what_needs_judgement(rule: Rule, example: Fires) -> None:
    analysis = examine(example.code, example.versions)
    assert [analysis.fix(item) for item in analysis.diagnostics if item.code == rule.name] == [None]


@pytest.mark.parametrize(("rule", "example"), [item for item in BY_JUDGEMENT if item.values[1].after is not None])
def test_repair_by_judgement_leaves_nothing_to_report(rule: Rule, example: Fires) -> None:
    assert example.after is not None
    before, after = examine(example.code, example.versions), examine(example.after, example.versions)
    assert rule.name in [item.code for item in before.diagnostics]
    assert after.problems == ()
    assert after.diagnostics == ()


@pytest.mark.parametrize(("rule", "example"), QUIET)
def test_near_miss_stays_quiet(rule: Rule, example: Quiet) -> None:
    analysis = examine(example.code, example.versions)
    assert analysis.problems == ()
    assert rule.name not in [item.code for item in analysis.diagnostics]
