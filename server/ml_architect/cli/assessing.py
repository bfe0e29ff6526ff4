"""The written assessment of a review on the command line: consent by choosing a model, budget, one question."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ml_architect.architect import assessing
from ml_architect.architect.assessing import Matter
from ml_architect.architect.assessments import NOTHING_HOLDS, Assessment, Questioned
from ml_architect.architect.inquiry import limits_of
from ml_architect.architect.model.access import Access, Missing
from ml_architect.architect.reply.assessment import verdict_on
from ml_architect.architect.values import SHOWN_NONCE, Brief, Refusal, Unfit, Verdict
from ml_architect.cli import model
from ml_architect.engine import Settings
from ml_architect.review.values import Review

__all__ = ["Written", "assess", "prompt_of"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, or why there is nothing."""

    model: str = ""
    assessment: Assessment | None = None
    problem: str = ""


@dataclass(slots=True)
class _Case:
    """One question; what holds of the first reply is kept for the second."""

    matter: Matter
    access: Access
    questioned: Questioned | None = field(default=None, init=False)
    result: Assessment | Refusal | None = field(default=None, init=False)

    async def brief(self, nonce: str) -> Brief | Unfit:
        """Return what to ask."""
        found = assessing.question(self.matter, nonce, limits_of(self.access))
        if isinstance(found, Unfit):
            return found
        self.questioned = found
        return found.brief

    async def judge(self, brief: Brief, reply: str) -> Verdict:  # noqa: ARG002 - the second is like the first
        """Return what a reply is worth."""
        assert self.questioned is not None  # noqa: S101 - asked before
        before = self.result if isinstance(self.result, Assessment) else None
        self.result = assessing.assessed(self.matter, self.questioned, reply, before)
        return verdict_on(self.result)

    async def again(self, brief: Brief, reply: str, verdict: Verdict) -> Brief | None:  # noqa: ARG002
        """Return the second question."""
        assert self.questioned is not None  # noqa: S101 - asked before
        assert self.result is not None  # noqa: S101 - judged before
        return assessing.second(self.questioned, reply, self.result)


def assess(review: Review, texts: Sequence[tuple[str, str]], settings: Settings) -> Written:
    """Return what the chosen model writes about `review`; nothing is sent where none may be asked."""
    access, own = model.reach(settings)
    model.say(own.problems)
    if isinstance(access, Missing):
        return Written(problem=f"{access.reason}; {access.remedy}")
    model.say([f"code is sent to {access.host} ({access.model})"])
    counter = model.Counter(access)
    case = _Case(Matter(review, tuple(texts)), access)
    problem = model.run(_asked(counter, case))
    model.say([counter.ledger.summary()])
    if isinstance(case.result, Assessment) and not case.result.is_nothing:
        return Written(access.model, case.result)
    reason = case.result.message if isinstance(case.result, Refusal) else problem or NOTHING_HOLDS
    return Written(access.model, problem=reason or "the model wrote nothing")


def prompt_of(review: Review, texts: Sequence[tuple[str, str]], settings: Settings) -> str | Unfit:
    """Return exactly what would be sent about `review`; nothing is sent."""
    access, _ = model.reach(settings)
    limits = limits_of(None if isinstance(access, Missing) else access)
    found = assessing.question(Matter(review, tuple(texts)), SHOWN_NONCE, limits)
    return found if isinstance(found, Unfit) else model.prompt_text(found.brief)


async def _asked(counter: model.Counter, case: _Case) -> str:
    try:
        return (await counter.ask_about(case)).problem
    finally:
        await counter.close()
