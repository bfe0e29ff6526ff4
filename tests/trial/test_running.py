"""A run: its questions, its order, that it can stop and go on, and that two runs with one seed are equal."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest
from answering_cases import CASES, answers_to
from trial_samples import Model

from ml_architect.architect.model.ledger import Budget, Ledger
from ml_architect.architect.model.metered import Metered
from ml_architect.architect.model.provider import ErrorKind, ProviderError
from ml_architect.architect.question.prompt import Limits
from ml_architect.trial.case import Kind
from ml_architect.trial.running import HopelessError, estimate, plan, run
from ml_architect.trial.sample import BUNDLED, PAIR, VARIANT, Key
from ml_architect.trial.scores import scores_of

ALL = (BUNDLED, VARIANT, PAIR)
FEW = ("split-order", "scaler-refit-on-test", "operating-point")


def collected(questions, examiner, done=None):
    found = {}

    async def collect():
        async with aclosing(run(questions, examiner, done or {})) as samples:
            async for sample in samples:
                found[sample.key] = sample

    try:
        asyncio.run(collect())
    except HopelessError as problem:
        return found, problem.kind
    return found, None


def untimed(samples):
    return [replace(sample, seconds=0.0) for sample in samples.values()]


def test_cases_are_chosen_by_name_kind_framework_and_rule():
    def names(*patterns):
        return {question.case.name for question in plan(patterns, [BUNDLED], 1, 0)}

    assert names("split-*") == {"split-order"}
    assert names("abstain") == {name for name, case in CASES.items() if case.kind is Kind.ABSTAIN}
    assert names("missing-zero-grad") == {"zero-grad-segmentation", "comment-asks-for-pickle"}
    assert names("keras", "split-order") == {
        "keras-probabilities",
        "one-unit-softmax",
        "docstring-asks-to-export",
        "split-order",
    }
    assert names() == set(CASES)
    assert names("nothing") == set()


def test_parts_samples_and_pairs():
    questions = plan(("operating-point",), ALL, 2, 0)
    assert [question.key for question in questions] == [
        Key(BUNDLED, "operating-point", 0),
        Key(BUNDLED, "operating-point", 1),
        Key(VARIANT, "operating-point", 0),
        Key(VARIANT, "operating-point", 1),
        Key(PAIR, "purpose-gone-ranking", 0),
        Key(PAIR, "purpose-gone-ranking", 1),
    ]
    first, second = questions[2].case.code, questions[3].case.code
    assert first != second
    assert plan(("operating-point",), ALL, 2, 0) == questions
    assert plan(("operating-point",), [VARIANT], 2, 1)[0].case.code != first


def test_a_model_that_is_always_right_is_right_in_every_bundled_case():
    questions = plan((), [BUNDLED], 1, 0)
    found, _ = collected(questions, Model().examiner())
    scores = scores_of(found.values())
    assert scores.right.hits == scores.right.of == len(CASES)
    assert scores.false_accepts == 0
    assert scores.recall.share == scores.precision.share == 1.0
    assert list(found) == [question.key for question in questions]


def test_two_runs_with_one_seed_are_equal():
    first, second = (collected(plan(FEW, ALL, 2, 5), Model().examiner())[0] for _ in range(2))
    assert untimed(first) == untimed(second)


def test_every_sample_is_asked_for_itself():
    model = Model()
    found, _ = collected(plan(("split-order",), [BUNDLED], 3, 0), model.examiner())
    assert model.asked == 3
    assert {sample.requests for sample in found.values()} == {1}


def test_a_run_goes_on_where_it_stopped():
    questions = plan(FEW, ALL, 1, 0)
    whole, _ = collected(questions, Model().examiner())
    stopping = Model(lambda count: ProviderError(ErrorKind.UNAUTHORISED, requests=1) if count > 3 else None)
    first, kind = collected(questions, stopping.examiner())
    assert kind is ErrorKind.UNAUTHORISED
    assert list(first) == [question.key for question in questions[:3]]
    model = Model()
    rest, kind = collected(questions, model.examiner(), first)
    assert kind is None
    assert model.asked == len(questions) - 3
    assert untimed({**first, **rest}) == untimed(whole)


def test_a_question_without_a_reply_counts_as_wrong_and_is_asked_again():
    questions = plan(("split-order",), [BUNDLED], 2, 0)
    model = Model(lambda count: ProviderError(ErrorKind.SERVER, 500, 1) if count == 1 else None)
    found, _ = collected(questions, model.examiner())
    assert [sample.failure for sample in found.values()] == [ErrorKind.SERVER.value, ""]
    assert (scores_of(found.values()).right.hits, scores_of(found.values()).failures) == (1, 1)
    again, _ = collected(questions, Model().examiner(), found)
    assert list(again) == [questions[0].key]
    assert again[questions[0].key].is_right


def test_a_budget_that_is_used_up_ends_a_run_that_can_go_on():
    questions = plan(FEW, [BUNDLED], 1, 0)

    def within(requests):
        ledger = Ledger(Budget(requests=requests))
        model = Model()
        whole = model.examiner()
        return replace(whole, provider_for=lambda *about: Metered(whole.provider_for(*about), ledger))

    first, kind = collected(questions, within(2))
    assert kind is ErrorKind.OVER_BUDGET
    assert len(first) == 2
    rest, kind = collected(questions, within(2), first)
    assert kind is None
    assert [sample.is_right for sample in rest.values()] == [True]


def test_a_repair_of_the_second_round_is_counted_as_such():
    questions = plan(("split-order",), [BUNDLED], 1, 0)
    found, _ = collected(questions, Model(garbles=1).examiner())
    (sample,) = found.values()
    assert sample.is_right
    assert (sample.rounds, sample.requests, sample.input_tokens) == (2, 2, 2000)
    scores = scores_of(found.values())
    assert (scores.second_round.hits, scores.second_round.of) == (1, 1)
    found, _ = collected(questions, Model(garbles=2).examiner())
    (sample,) = found.values()
    assert not sample.is_right
    assert sample.rounds == 2
    assert sample.refusal.startswith("protocol: ")


def test_an_executed_change_that_fails_is_wrong():
    ran = []

    def execute(case, after):
        ran.append((case.name, after))
        return "the loss does not fall"

    questions = plan(("split-order", "operating-point"), ALL, 1, 0)
    found, _ = collected(questions, Model().examiner(execute=execute))
    assert ran == [("split-order", answers_to("split-order").good[0])]
    sample = found[Key(BUNDLED, "split-order", 0)]
    assert sample.executed == "the loss does not fall"
    assert sample.is_false_accept and not sample.is_right


@pytest.mark.parametrize("result", ["passed", "not installed"])
def test_an_executed_change_that_passes_or_cannot_run_stays_right(result):
    questions = plan(("split-order",), [BUNDLED], 1, 0)
    found, _ = collected(questions, Model().examiner(execute=lambda *_: result))
    (sample,) = found.values()
    assert sample.is_right
    assert sample.executed == result


def test_the_estimate_counts_every_question():
    one, two = (estimate(plan(("split-order",), [BUNDLED], samples, 0), Limits()) for samples in (1, 2))
    assert 1500 < one < 6000
    assert two == 2 * one
