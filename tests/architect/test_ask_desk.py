"""Which of two answers is shown, and what the desk asks for in a wider question."""

import asyncio
from dataclasses import dataclass, field

import pytest
from calling import access_to
from wider_rows import TOPICS, row

from ml_architect.architect.answers import given_answer
from ml_architect.architect.desk import Desk, Outcome, State, wider_terms
from ml_architect.architect.model.provider import Reply, Request
from ml_architect.architect.values import Brief, Verdict
from ml_architect.architect.wider.judging import judged
from ml_architect.architect.wider.matter import Matter, ask_again, ask_first, ground_of, wider_limits

CNN = TOPICS[0]
MATTER = Matter(CNN.question)
LIMITS = wider_limits(6000, 1500)


@dataclass
class Scripted:
    """A provider that gives replies one after the other."""

    replies: list[str]
    requests: list[Request] = field(default_factory=list)

    async def complete(self, request, on_progress) -> Reply:
        self.requests.append(request)
        on_progress(0)
        nonce = request.messages[1].content.rpartition("<<<END ")[2].split(">")[0]
        text = self.replies[min(len(self.requests), len(self.replies)) - 1]
        return Reply(text.replace("NONCE", nonce), "stop", None)


class Case:
    async def brief(self, nonce: str) -> Brief:
        return ask_first(MATTER, nonce, LIMITS)

    async def judge(self, brief: Brief, reply: str) -> Verdict:
        return judged(reply, brief.nonce, ground_of(MATTER))

    async def again(self, brief: Brief, reply: str, verdict: Verdict) -> Brief | None:
        return ask_again(MATTER, brief, reply, verdict, LIMITS)


def asked(access_for_desk, *kinds: str) -> tuple[Outcome, Scripted]:
    provider = Scripted([row(CNN, kind).reply for kind in kinds])
    desk = Desk(wider_terms(access_for_desk), provider)
    return asyncio.run(desk.ask(Case())), provider


@pytest.fixture
def access():
    return access_to("http://127.0.0.1:1/v1", max_output_tokens=1500, deadline=60.0)


def test_a_wider_question_may_take_longer_and_say_more(access):
    outcome, provider = asked(access, "good")
    (request,) = provider.requests
    assert (outcome.state, outcome.rounds) == (State.ANSWERED, 1)
    assert (request.max_tokens, request.patience) == (6000, 3.0)


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("incomplete", "good", "good"),
        ("incomplete", "unsafe", "incomplete"),
        ("unsafe", "placeholder", "placeholder"),
        ("wrong API", "wrong API", "wrong API"),
    ],
)
def test_the_better_answer_is_shown(access, first, second, shown):
    outcome, provider = asked(access, first, second)
    assert len(provider.requests) == 2 and outcome.rounds == 2 and outcome.requests == 2
    wanted = judged(row(CNN, shown).reply, "NONCE", ground_of(MATTER)).answer
    assert outcome.verdict.answer == wanted


def test_an_answer_of_the_user_has_one_form():
    assert given_answer(" dataset-size = 10 000 images ") == ("dataset-size", "10 000 images")
    assert [given_answer(text) for text in ("ten", "Size=1", "a=", "=1", "a b=1")] == [None] * 5
