"""A model that is always right is hardly ever refused: known repairs as whole replies, through the whole ladder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from oracle import render_fix

from ml_architect.architect.checks.judge import judge
from ml_architect.architect.question.briefing import Limits, brief_fix, is_eligible
from ml_architect.architect.values import Tier, Unfit
from ml_architect.engine import Analysis, Diagnostic, Settings, analyze
from ml_architect.engine.difference import difference
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.rules import all_rules, rule_named
from ml_architect.text import Edit, Source, apply_edits

MOST_REFUSED = 0.01
"""The share of good replies that may be refused."""
PROGRAMS = sorted((Path(__file__).parents[2] / "server" / "examples" / "mistakes").glob("*.py"))


@dataclass(frozen=True)
class Case:
    """A finding and a repair of it that is known to be good."""

    name: str
    analysis: Analysis
    finding: Diagnostic
    edits: tuple[Edit, ...]

    def problem(self) -> str:
        """Return why the repair is refused, empty where it is let through as far as its rule allows."""
        brief = brief_fix(self.analysis, [self.finding.fingerprint], "n0nce", Limits())
        if isinstance(brief, Unfit):
            return f"{self.name}: {brief.reason}"
        verdict = judge(self.analysis, brief, render_fix(brief, self.analysis.source, self.edits))
        allowance = rule_named(self.finding.code).architect
        if verdict.tier is not (Tier.STRUCTURAL if allowance.structural else Tier.PROVEN):
            return f"{self.name}: {verdict.tier.value} {verdict.refusal} {verdict.also}"
        text = self.analysis.source.text
        same = apply_edits(text, verdict.edits) == apply_edits(text, self.edits)
        return "" if same else f"{self.name}: another text"


def examined(code: str, versions: dict[str, str]) -> Analysis:
    known = {name: LibraryVersion("example", exact=version) for name, version in versions.items()}
    return analyze(Source(code, Path("example.py")), Settings(select=("all",), preview=True), Environment(known))


def own_repairs(name: str, analysis: Analysis) -> Iterator[Case]:
    """Yield a case for each finding that our own engine repairs."""
    for number, finding in enumerate(analysis.diagnostics):
        fix = analysis.fix(finding) if is_eligible(finding) else None
        if fix is not None:
            yield Case(f"{name}, {finding.code} {number}", analysis, finding, fix.edits)


def example_cases(newline: str) -> Iterator[Case]:
    for rule in all_rules():
        for number, example in enumerate((*rule.fires, *rule.quiet)):
            code = example.code.replace("\n", newline)
            analysis = examined(code, dict(example.versions))
            name = f"example {number} of {rule.name}"
            yield from own_repairs(name, analysis)
            after = getattr(example, "after", None)
            if after and rule.architect:
                finding = next(item for item in analysis.diagnostics if item.code == rule.name)
                yield Case(f"{name}, by hand", analysis, finding, difference(code, after.replace("\n", newline)))


def program_cases(newline: str) -> Iterator[Case]:
    for path in PROGRAMS:
        text = path.read_text(encoding="utf-8").replace("\n", newline)
        yield from own_repairs(path.stem, examined(text, {}))


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize(("cases", "least"), [(example_cases, 150), (program_cases, 20)])
def test_a_model_that_is_always_right_is_let_through(cases, least, newline):
    found = list(cases(newline))
    refused = [problem for case in found if (problem := case.problem())]
    print(f"{len(refused)} of {len(found)} good replies were refused")
    assert len(found) >= least
    assert len(refused) <= MOST_REFUSED * len(found), "\n".join(refused)


def test_every_rule_that_a_model_may_repair_has_a_case():
    covered = {case.finding.code for case in example_cases("\n")}
    assert {rule.name for rule in all_rules() if rule.architect} - covered == set()
