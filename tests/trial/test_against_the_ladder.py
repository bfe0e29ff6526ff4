"""The architect's checks and the oracle agree: a good answer can be proven, and none of the wrong ones is."""

import pytest
from answering_cases import CASES, REPAIRS, answers_to
from oracle import render_fix

from ml_architect.architect.checks.judge import judge
from ml_architect.architect.question.briefing import Limits, brief_fix
from ml_architect.architect.values import Brief, Tier
from ml_architect.engine.difference import difference
from ml_architect.trial.running import finding_of


def tier_of(case, text):
    analysis, fingerprint = finding_of(case)
    brief = brief_fix(analysis, [fingerprint], "n0nce", Limits())
    assert isinstance(brief, Brief)
    try:
        reply = render_fix(brief, analysis.source, difference(case.code, text))
    except ValueError:  # it lies in no region, so that no reply could say it
        return None
    return judge(analysis, brief, reply).tier


@pytest.mark.parametrize("case", REPAIRS, ids=lambda case: case.name)
def test_the_good_answer_can_be_proven(case):
    assert tier_of(case, answers_to(case.name).good[0]) is Tier.PROVEN


BEYOND_THE_LADDER = {
    "workers-image-folder": "more workers than the machine of the case has cores, which only its facts tell",
    "onecycle-per-epoch": "the schedule is stepped in both loops, which our rule does not report",
}
"""Cases with one wrong answer that is proven all the same: what the oracle is there for."""


def test_hardly_any_wrong_answer_to_a_repair_is_proven():
    wrong = [(case.name, text) for case in REPAIRS for text in answers_to(case.name).wrong]
    assert len(wrong) > 100
    proven = [name for name, text in wrong if tier_of(CASES[name], text) is Tier.PROVEN]
    assert sorted(proven) == sorted(BEYOND_THE_LADDER)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("unshuffled-training", "(train_set, batch_size=BATCH,", "(train_set, shuffle=False, batch_size=BATCH,"),
        ("keras-probabilities", "layers.Dense(1),", 'layers.Dense(1, activation="relu"),'),
    ],
)
def test_a_value_that_another_call_passes_is_judged_all_the_same(name, old, new):
    code = CASES[name].code
    assert code.count(old) == 1
    assert tier_of(CASES[name], code.replace(old, new)) is Tier.EXPLAINED
