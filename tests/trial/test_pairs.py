"""The pairs: each differs from its case, is found by our engine, and its relation can fail."""

from collections import Counter
from dataclasses import replace

import pytest
from answering_cases import CASES
from trial_samples import sample_for

from ml_architect.text import apply_edits
from ml_architect.trial.case import Kind
from ml_architect.trial.oracle.judging import problems_of
from ml_architect.trial.pairs import all_pairs
from ml_architect.trial.running import analysis_of
from ml_architect.trial.sample import PAIR
from ml_architect.trial.scores import holds


def test_there_are_enough():
    assert len(all_pairs()) >= 20
    assert max(Counter(pair.name for pair in all_pairs()).values()) == 1
    assert {pair.relation for pair in all_pairs()} == {"same", "repaired", "not-lower", "not-higher"}


@pytest.mark.parametrize("pair", all_pairs(), ids=lambda pair: pair.name)
def test_the_changed_code_has_the_same_finding(pair):
    assert pair.changed.code != CASES[pair.base].code
    analysis = analysis_of(pair.changed)
    assert [item.code for item in analysis.diagnostics] == [pair.changed.rule]
    fix = analysis.fix(analysis.diagnostics[0])
    if fix is not None:
        after = apply_edits(pair.changed.code, fix.edits)
        assert problems_of(pair.changed.code, after, pair.changed.expectation) == ()
    assert pair.relation != "repaired" or (CASES[pair.base].kind, pair.changed.kind) == (Kind.ABSTAIN, Kind.PLAIN)


def with_workers(count, **changes):
    return sample_for(CASES["workers-image-folder"], f"DataLoader(x, num_workers={count})\n", **changes)


@pytest.mark.parametrize(
    ("name", "first", "second", "expected"),
    [
        ("more-cores", 4, 8, True),
        ("more-cores", 4, 4, True),
        ("more-cores", 4, 2, False),
        ("fewer-cores", 4, 2, True),
        ("fewer-cores", 2, 4, False),
    ],
)
def test_directions(name, first, second, expected):
    pair = next(pair for pair in all_pairs() if pair.name == name)
    assert holds(pair, with_workers(first), with_workers(second, form=PAIR)) is expected


def test_a_pair_does_not_hold_where_one_reply_is_wrong():
    pair = next(pair for pair in all_pairs() if pair.name == "keywords-reordered")
    good = with_workers(4)
    assert holds(pair, good, good)
    assert not holds(pair, good, replace(good, problems=("something else was changed",)))
    assert not holds(pair, replace(good, tier="structural"), good)


def test_a_number_that_is_none_holds_in_no_direction():
    pair = next(pair for pair in all_pairs() if pair.name == "more-cores")
    assert not holds(pair, with_workers("cores"), with_workers(8))
