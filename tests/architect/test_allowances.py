"""What each rule lets a repair change: it is read, it names things that exist, and it fits the repairs and no more."""

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.residual import difference, residue
from ml_architect.architect.values import Rung, Tier, Verdict
from ml_architect.catalog.load import load_catalog
from ml_architect.engine import Analysis, Diagnostic, Settings, analyze
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.rules import all_rules
from ml_architect.rules.api import Allowance, Choice, Fires, FixKind, Number, Rule
from ml_architect.text import Source, apply_edits

SETTINGS = Settings(select=("all",), preview=True)


def examine(code: str, versions: Mapping[str, str]) -> Analysis:
    known = {name: LibraryVersion("example", exact=version) for name, version in versions.items()}
    return analyze(Source(code, Path("example.py")), SETTINGS, Environment(known))


def finding_of(rule: Rule, analysis: Analysis) -> Diagnostic:
    return next(item for item in analysis.diagnostics if item.code == rule.name)


def repaired(rule: Rule, example: Fires) -> str | None:
    """Return the text that the deterministic fix gives, or the one that was written by hand."""
    if rule.fix is FixKind.ARCHITECT:
        return example.after
    analysis = examine(example.code, example.versions)
    fix = analysis.fix(finding_of(rule, analysis))
    return apply_edits(example.code, fix.edits) if fix else None


Judge = Callable[[Rule, Fires, str], Verdict]
ELIGIBLE = [rule for rule in all_rules() if rule.architect is not None]
CATALOG = load_catalog()
LIBRARIES = {name.partition(".")[0] for name in CATALOG.symbols}


def repairs() -> Iterator[object]:
    for rule in ELIGIBLE:
        for number, example in enumerate(rule.fires):
            after = repaired(rule, example)
            if after is not None:
                yield pytest.param(rule, example, after, id=f"{rule.name}-{number}")


REPAIRS = list(repairs())
BY_RULE = [pytest.param(rule, id=rule.name) for rule in ELIGIBLE]


def allowance_of(rule: Rule) -> Allowance:
    assert rule.architect is not None
    return rule.architect


BY_TABLE = {"deprecated-symbol"}
"""What is right for one row of a table of renamings is wrong for the next: a pattern for all rows would allow anything."""


def test_rules_with_a_repair_that_is_not_safe_have_an_allowance_and_others_have_none() -> None:
    for rule in all_rules():
        expected = rule.fix in {FixKind.UNSAFE, FixKind.ARCHITECT} and rule.name not in BY_TABLE
        assert (rule.architect is not None) == expected, rule.name


def test_most_repairs_are_described_exactly() -> None:
    assert len(REPAIRS) >= 80
    assert sum(allowance_of(rule).structural for rule in ELIGIBLE) <= len(ELIGIBLE) // 5


@pytest.mark.parametrize("rule", BY_RULE)
def test_allowance_speaks_to_whoever_writes_the_repair(rule: Rule) -> None:
    advice = allowance_of(rule).advice
    assert 30 < len(advice) < 300
    assert advice.endswith(".")
    assert advice.count(". ") <= 2


@pytest.mark.parametrize("rule", BY_RULE)
def test_patterns_name_things_by_their_canonical_names(rule: Rule) -> None:
    for pattern in Permits((allowance_of(rule),)).patterns():
        for name in pattern.dotted_names():
            if "." in name and name.partition(".")[0] in LIBRARIES:
                assert CATALOG.canonical(name) == name


@pytest.mark.parametrize("rule", BY_RULE)
def test_owned_arguments_exist(rule: Rule) -> None:
    for key, values in allowance_of(rule).keywords.items():
        callee, _, parameter = key.rpartition(":")
        symbol = CATALOG.symbol(callee) if callee else None
        if callee:
            assert symbol is not None, callee
            assert symbol.accepts_extra or parameter in {item.name for item in symbol.parameters or ()}, key
        if isinstance(values, Number) and values.low is not None and values.high is not None:
            assert values.low < values.high
        if isinstance(values, Choice):
            assert values.sources


@pytest.mark.parametrize(("rule", "example", "after"), REPAIRS)
def test_repair_leaves_the_residue_as_it_is(rule: Rule, example: Fires, after: str) -> None:
    before, repair = examine(example.code, example.versions).facts, examine(after, example.versions).facts
    assert before is not None
    assert repair is not None
    allowances = (allowance_of(rule),)
    told = difference(residue(before, allowances), residue(repair, allowances))
    assert not told or allowance_of(rule).structural, told


@pytest.mark.parametrize(("rule", "example", "after"), REPAIRS)
def test_repair_is_accepted(verdict_of: Judge, rule: Rule, example: Fires, after: str) -> None:
    verdict = verdict_of(rule, example, after)
    expected = Tier.STRUCTURAL if allowance_of(rule).structural else Tier.PROVEN
    assert verdict.tier is expected, (verdict.refusal, verdict.also)
    assert apply_edits(example.code, verdict.edits) == after


UNRELATED = {
    "a statement at the end": lambda text: f'{text}print("done")\n',
    "a number": lambda text: f"{text}BATCH_SIZE = 512\n",
    "a comment": lambda text: f"# rewritten\n{text}",
    "a statement on top": lambda text: f"import math\n{text}",
}


@pytest.mark.parametrize("change", UNRELATED)
@pytest.mark.parametrize(("rule", "example", "after"), REPAIRS)
def test_repair_with_an_unrelated_change_is_not_proven(
    verdict_of: Judge, rule: Rule, example: Fires, after: str, change: str
) -> None:
    verdict = verdict_of(rule, example, UNRELATED[change](after))
    assert verdict.tier is not Tier.PROVEN


@pytest.mark.parametrize(("rule", "example", "after"), REPAIRS)
def test_repair_that_loses_a_comment_is_not_proven(verdict_of: Judge, rule: Rule, example: Fires, after: str) -> None:
    commented = Fires(f"# keep me\n{example.code}", versions=example.versions)
    assert verdict_of(rule, commented, f"# keep me\n{after}").tier is verdict_of(rule, example, after).tier
    assert verdict_of(rule, commented, after).tier is not Tier.PROVEN


@pytest.mark.parametrize(("rule", "example", "after"), REPAIRS)
def test_repair_with_another_number_is_not_proven(verdict_of: Judge, rule: Rule, example: Fires, after: str) -> None:
    kept = set(example.code.splitlines())
    for number, line in enumerate(after.splitlines(keepends=True)):
        changed = re.sub(r"(?<![\w.])\d+(?![\w.])", "7777", line, count=1)
        if changed != line and line.rstrip("\n") in kept:
            lines = after.splitlines(keepends=True)
            lines[number] = changed
            assert verdict_of(rule, example, "".join(lines)).tier is not Tier.PROVEN, changed


DANGERS = ('__import__("os").system("ls")', 'eval("1")')


def refused_for_good(verdict: Verdict) -> bool:
    refusal = verdict.refusal
    return verdict.tier is Tier.EXPLAINED and refusal is not None and refusal.final and refusal.rung is Rung.CAPABILITY


@pytest.mark.parametrize("danger", DANGERS)
@pytest.mark.parametrize(("rule", "example", "after"), REPAIRS)
def test_repair_with_a_new_power_is_refused_for_good(
    verdict_of: Judge, rule: Rule, example: Fires, after: str, danger: str
) -> None:
    assert refused_for_good(verdict_of(rule, example, f"{after}{danger}\n"))


def calls_of_change(before: str, after: str) -> Iterator[ast.Call]:
    """Yield the calls on the lines of `after` that `before` has not."""
    kept = set(before.splitlines())
    lines = after.splitlines()
    for node in ast.walk(ast.parse(after)):
        if isinstance(node, ast.Call) and lines[node.lineno - 1] not in kept:
            yield node


def with_argument(text: str, call: ast.Call, argument: str) -> str:
    """Return `text` with one more argument in `call`, in front of those that are there."""
    starts = [0, *itertools.accumulate(len(line.encode()) for line in text.splitlines(keepends=True))]
    function = call.func
    assert function.end_lineno is not None
    assert function.end_col_offset is not None
    code = text.encode()
    place = code.index(b"(", starts[function.end_lineno - 1] + function.end_col_offset) + 1
    separator = ", " if call.args or call.keywords else ""
    return (code[:place] + f"{argument}{separator}".encode() + code[place:]).decode()


@pytest.mark.parametrize("danger", DANGERS)
@pytest.mark.parametrize(("rule", "example", "after"), REPAIRS)
def test_new_power_in_a_place_that_may_change_is_refused(
    verdict_of: Judge, rule: Rule, example: Fires, after: str, danger: str
) -> None:
    for call in calls_of_change(example.code, after):
        text = with_argument(after, call, danger)
        ast.parse(text)
        verdict = verdict_of(rule, example, text)
        assert verdict.tier is Tier.EXPLAINED, text
        assert verdict.refusal is not None, text
        assert refused_for_good(verdict) or verdict.refusal.rung is Rung.SHAPE, text
