"""The budget: the worst case is held back, what was really used is booked, and what is unknown is never called zero."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_architect.architect.model.ledger import Budget, Ledger, tokens_in
from ml_architect.architect.model.metered import Metered
from ml_architect.architect.model.provider import ErrorKind, Message, ProviderError, Reply, Request, Usage

REQUEST = Request("openai/x", (Message("user", "x" * 280),), 50)


def test_a_call_is_booked_as_the_provider_counted():
    ledger = Ledger(Budget(requests=10, input_tokens=1000, output_tokens=100))
    held = ledger.reserve(280, 50)
    assert ledger.settle(held, Usage(90, 20, 0.01), 56) == Usage(90, 20, 0.01)
    assert (ledger.requests, ledger.input_tokens, ledger.output_tokens) == (1, 90, 20)
    assert ledger.summary() == "1 of 10 requests, 90 of 1000 input tokens, 20 of 100 output tokens, cost $0.0100"


def test_without_a_count_characters_are_booked_and_marked():
    ledger = Ledger(Budget())
    booked = ledger.settle(ledger.reserve(280, 50), None, 56)
    assert booked == Usage(100, 20, None, estimated=True)
    assert "about 100 of 200000 input tokens" in ledger.summary()
    assert ledger.summary().endswith("cost unknown")


def test_money_of_unknown_calls_is_not_zero():
    ledger = Ledger(Budget(money=1.0))
    ledger.settle(ledger.reserve(28, 5), Usage(10, 5, 0.25), 0)
    ledger.settle(ledger.reserve(28, 5), Usage(10, 5), 0)
    assert ledger.summary().endswith("cost $0.2500 of $1.00 and 1 calls of unknown cost")


@pytest.mark.parametrize(
    "budget",
    [
        Budget(requests=1),
        Budget(input_tokens=199),
        Budget(output_tokens=99),
    ],
)
def test_the_worst_case_is_held_back(budget):
    ledger = Ledger(budget)
    ledger.reserve(280, 50)
    with pytest.raises(ProviderError) as caught:
        ledger.reserve(280, 50)
    assert caught.value.kind is ErrorKind.OVER_BUDGET


def test_what_was_not_used_is_free_again():
    ledger = Ledger(Budget(output_tokens=60))
    ledger.settle(ledger.reserve(28, 50), Usage(10, 2), 6)
    ledger.settle(ledger.reserve(28, 50), None, 0, requests=0)
    ledger.reserve(28, 58)


def test_spent_money_refuses_the_next_call():
    ledger = Ledger(Budget(money=0.5))
    ledger.settle(ledger.reserve(28, 5), Usage(10, 5, 0.5), 0)
    with pytest.raises(ProviderError):
        ledger.reserve(28, 5)


def test_most_of_the_budget_warns():
    ledger = Ledger(Budget(requests=5))
    warnings = []
    for _ in range(5):
        ledger.settle(ledger.reserve(28, 5), Usage(10, 5), 0)
        warnings.append(ledger.warning)
    assert [warning is not None for warning in warnings] == [False, False, False, True, True]
    assert warnings[3].startswith("80% of this session's model budget is used: 4 of 5 requests")
    assert warnings[4].startswith("all of this session's model budget is used")


def test_a_budget_of_nothing_is_used_up():
    with pytest.raises(ProviderError):
        Ledger(Budget(requests=0)).reserve(1, 1)
    assert Ledger(Budget(requests=0)).used >= 1


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 60), st.booleans()), max_size=30))
def test_a_provider_that_keeps_to_its_limit_never_exceeds_the_budget(calls):
    ledger = Ledger(Budget(requests=12, input_tokens=5000, output_tokens=400))
    for characters, tokens, told in calls:
        try:
            held = ledger.reserve(characters, tokens)
        except ProviderError:
            continue
        ledger.settle(held, Usage(tokens_in(characters), tokens) if told else None, int(tokens * 2.8))
    assert ledger.used <= 1


class Scripted:
    """Answers with what it was given."""

    def __init__(self, outcome):
        self.outcome = outcome

    async def complete(self, _, on_progress):
        on_progress(0)
        on_progress(28)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def test_metered_books_replies_errors_and_cancellations():
    ledger = Ledger(Budget())
    provider = Scripted(Reply("x" * 56, "stop", None, requests=2))
    metered = Metered(provider, ledger)
    progress = []
    reply = asyncio.run(metered.complete(REQUEST, progress.append))
    assert (reply.usage, progress) == (Usage(100, 20, None, estimated=True), [0, 28])
    assert ledger.requests == 2
    provider.outcome = ProviderError(ErrorKind.BROKEN_OFF, requests=1)
    with pytest.raises(ProviderError):
        asyncio.run(metered.complete(REQUEST, progress.append))
    provider.outcome = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(metered.complete(REQUEST, progress.append))
    provider.outcome = ProviderError(ErrorKind.WORKER_MISSING)
    with pytest.raises(ProviderError):
        asyncio.run(metered.complete(REQUEST, progress.append))
    assert (ledger.requests, ledger.input_tokens, ledger.output_tokens) == (4, 300, 40)
