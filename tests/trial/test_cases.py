"""The bundled cases: enough of them, each with exactly the finding that it says, also in fresh variants."""

import ast
from collections import Counter
from random import Random

import pytest
from answering_cases import CASES, FOLDER

from ml_architect.rules import rule_named
from ml_architect.text import apply_edits
from ml_architect.trial.case import Kind, all_cases
from ml_architect.trial.oracle.erasing import check
from ml_architect.trial.oracle.judging import problems_of
from ml_architect.trial.oracle.predicates import KINDS
from ml_architect.trial.running import analysis_of
from ml_architect.trial.variants import variant_of, without_comments

SEEDS = (0, 1)
each_case = pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)


def test_there_are_enough_and_they_are_balanced():
    kinds = Counter(case.kind for case in all_cases())
    rules = {case.rule for case in all_cases()}
    repaired = {case.rule for case in all_cases() if case.kind is not Kind.ABSTAIN}
    assert len(all_cases()) >= 40
    assert min(kinds[kind] for kind in Kind) >= 10
    assert len(rules) >= 25 and len(repaired) >= 15
    assert {case.framework for case in all_cases()} == {"torch", "tensorflow", "keras", "sklearn"}
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(CASES)


@each_case
def test_the_code_has_exactly_the_finding_that_the_case_is_about(case):
    ast.parse(case.code)
    assert 30 <= case.code.count("\n") <= 120
    rule = rule_named(case.rule)
    assert rule.architect is not None
    analysis = analysis_of(case)
    assert [item.code for item in analysis.diagnostics] == [case.rule]
    fix = analysis.fix(analysis.diagnostics[0])
    if case.kind is Kind.ABSTAIN:
        assert case.why
        assert fix is None  # the engine must not change what is deliberate
    else:
        assert not rule.architect.structural  # such a repair is never proven, so no case could be passed
        assert case.expectation.must and case.points.axes
        assert fix is None or problems_of(case.code, apply_edits(case.code, fix.edits), case.expectation) == ()


@each_case
def test_what_is_expected_can_be_read(case):
    check(case.expectation.free)
    assert {requirement.kind for requirement in case.expectation.must} <= set(KINDS)


@each_case
def test_fresh_variants_have_the_same_finding_and_the_same_answer(case):
    for seed in SEEDS:
        fresh = variant_of(case, Random(seed))
        assert fresh.code != case.code
        assert fresh == variant_of(case, Random(seed))
        analysis = analysis_of(fresh)
        assert [item.code for item in analysis.diagnostics] == [case.rule], fresh.code
        fix = analysis.fix(analysis.diagnostics[0])
        if fix is not None:
            assert problems_of(fresh.code, apply_edits(fresh.code, fix.edits), fresh.expectation) == ()


def test_two_seeds_give_two_variants():
    same = [case.name for case in all_cases() if variant_of(case, Random(0)).code == variant_of(case, Random(1)).code]
    assert same == []


def test_comments_are_taken_out_and_nothing_else():
    for case in all_cases():
        assert ast.dump(ast.parse(without_comments(case.code))) == ast.dump(ast.parse(case.code))
