"""The engine passes every case that it claims, and a model that never changes anything passes the abstentions only."""

import asyncio
from functools import cache

import pytest
from trial_samples import TERMS

from ml_architect.architect.question.prompt import Limits
from ml_architect.trial.baselines import BASELINES
from ml_architect.trial.case import Kind
from ml_architect.trial.pairs import all_pairs
from ml_architect.trial.running import Examiner, plan, run
from ml_architect.trial.sample import BUNDLED, PAIR, VARIANT
from ml_architect.trial.scores import scores_of


@cache
def samples_of(name):
    async def collect():
        examiner = Examiner(TERMS, Limits(), BASELINES[name])
        return [sample async for sample in run(plan((), [BUNDLED, VARIANT, PAIR], 1, 3), examiner, {})]

    return asyncio.run(collect())


def test_the_engine_passes_every_case_that_it_claims():
    samples = samples_of("baseline/deterministic")
    claimed = [sample for sample in samples if not sample.is_declined]
    assert [sample for sample in claimed if not sample.is_right] == []
    assert len([sample for sample in claimed if sample.key.form == BUNDLED]) >= 20
    assert {sample.rounds for sample in claimed} == {1}


def test_the_engine_claims_no_case_in_which_declining_is_right():
    samples = [sample for sample in samples_of("baseline/deterministic") if sample.kind is Kind.ABSTAIN]
    assert len(samples) >= 20
    assert all(sample.is_declined for sample in samples)


def test_a_model_that_never_changes_anything_fails_all_but_the_abstentions():
    samples = samples_of("baseline/null")
    assert all(sample.is_right is (sample.kind is Kind.ABSTAIN) for sample in samples)
    assert all(sample.after == "" for sample in samples)
    scores = scores_of(samples)
    abstain = sum(sample.kind is Kind.ABSTAIN and sample.key.form == BUNDLED for sample in samples)
    assert scores.right.hits == abstain >= 10
    assert scores.correct.hits == scores.false_accepts == scores.requests == 0
    assert scores.recall.share == 1.0
    assert scores.precision.share < 0.3


def test_what_the_engine_claims_does_not_depend_on_the_wording():
    scores = scores_of(samples_of("baseline/deterministic"))
    assert scores.gap == 0
    assert scores.cost == 0.0
    held = {pair.name for pair in all_pairs()}
    assert scores.pairs.of == len(held)
    assert scores.pairs.hits >= 18


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_sends_nothing(name):
    assert sum(sample.requests for sample in samples_of(name)) == 0
