"""One question to a model, from the wish for it to its one end: asked, judged, repaired once at most.

Imports neither the engine nor litellm: the analysis is behind `Case`, the model behind `Provider`.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

from ml_architect.architect.cache import Replies, question_key
from ml_architect.architect.model.access import Access
from ml_architect.architect.model.provider import ErrorKind, Provider, ProviderError, Reply, Request, Usage
from ml_architect.architect.values import Brief, Tier, Unfit, Verdict

__all__ = [
    "REPLY_TIMES",
    "Case",
    "Desk",
    "Outcome",
    "Phase",
    "State",
    "Terms",
    "new_nonce",
    "usual_terms",
    "wider_terms",
]

REPLY_TIMES = 4
"""An answer with whole files may be so many times as long as a repair, for which ``max-output-tokens`` is."""
PATIENCE = 3.0
"""And may take so many times as long."""


class Phase(str, Enum):
    """What is going on, for a progress display."""

    BRIEFING = "reading the code"
    WAITING = "waiting for the model"
    RECEIVING = "receiving the reply"
    CHECKING = "checking the reply"
    REPAIRING = "asking once more, with what was wrong"


class State(str, Enum):
    """How a question ended. Being cancelled is the end of the task that asked, and has no outcome."""

    PROPOSED = "proposed"
    EXPLAINED = "explained"
    ANSWERED = "answered"
    QUESTIONS = "questions"
    """The model asks for something decisive before it answers."""
    DECLINED = "declined"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question."""

    state: State
    problem: str = ""
    """Why it failed, on one line for the user."""
    kind: ErrorKind | None = None
    brief: Brief | None = None
    verdict: Verdict | None = None
    requests: int = 0
    """HTTP requests that were sent."""
    usage: Usage | None = None
    rounds: int = 0
    cached: bool = False


class Case(Protocol):
    """A question about a document, answered where documents are analysed."""

    async def brief(self, nonce: str) -> Brief | Unfit:
        """Return what to ask."""

    async def judge(self, brief: Brief, reply: str) -> Verdict:
        """Return what a reply is worth on the document as it is now."""

    async def again(self, brief: Brief, reply: str, verdict: Verdict) -> Brief | None:
        """Return the second question, None where there should be none."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The model that is asked, and the limits of one reply."""

    model: str
    host: str
    max_tokens: int
    deadline_seconds: float
    patience: float = 1.0
    """Times the usual deadline of one call, which `deadline_seconds` holds already."""


def usual_terms(access: Access) -> Terms:
    """Return the terms of repairs and explanations."""
    return Terms(access.model, str(access.host), access.max_output_tokens, access.deadline)


def wider_terms(access: Access) -> Terms:
    """Return the terms of questions of the user's own, whose answers hold whole files."""
    tokens, seconds = access.max_output_tokens * REPLY_TIMES, access.deadline * PATIENCE
    return Terms(access.model, str(access.host), tokens, seconds, PATIENCE)


Report = Callable[[Phase, int], None]
"""Called with the phase, and the characters received in it."""

_NONCE_BYTES = 6
_STEP = 200
"""Characters between two reports of progress: pieces of a stream can be single letters."""
_LATEST_REPAIR = 0.6
"""A second round starts only while less than this share of the deadline has passed."""


def new_nonce() -> str:
    """Return a mark that neither a file nor an earlier reply can contain, except by chance."""
    return secrets.token_hex(_NONCE_BYTES)


class Desk:
    """Asks one model. Equal questions share one call, and replies are kept for as long as the desk lives."""

    def __init__(
        self,
        terms: Terms,
        provider: Provider,
        replies: Replies | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.terms = terms
        self.replies = replies or Replies()
        self._provider = provider
        self._clock = clock
        self._under_way: dict[str, _Call] = {}

    async def ask(self, case: Case, report: Report = lambda _phase, _count: None) -> Outcome:
        """Return what became of `case`. Cancelling it closes the connection to the provider.

        Never raises for a fault of the model or the network: that is an outcome.
        """
        began = self._clock()
        report(Phase.BRIEFING, 0)
        brief = await case.brief(new_nonce())
        if isinstance(brief, Unfit):
            return Outcome(State.FAILED, brief.reason)
        first = await self._round(case, brief, report)
        spent = self._clock() - began
        if first.text is None or first.verdict is None or spent > self.terms.deadline_seconds * _LATEST_REPAIR:
            return first.outcome
        question = await case.again(brief, first.text, first.verdict)
        if question is None:
            return first.outcome
        report(Phase.REPAIRING, 0)
        second = await self._round(case, question, report, self.terms.deadline_seconds - spent)
        return _joined(first, second)

    async def _round(self, case: Case, brief: Brief, report: Report, seconds: float | None = None) -> "_Round":
        """Ask once, for so many `seconds` at most where they are fewer than the provider allows; judge the reply."""
        try:
            text, reply = await self._text(brief, report, seconds)
        except ProviderError as error:
            outcome = Outcome(State.FAILED, error.advice, error.kind, brief, requests=error.requests, rounds=1)
            return _Round(outcome)
        report(Phase.CHECKING, 0)
        verdict = await case.judge(brief, text)
        if verdict.tier is Tier.DECLINED:
            self._keep(brief, text, declined=True)
        outcome = Outcome(
            _state(verdict),
            brief=brief,
            verdict=verdict,
            requests=reply.requests if reply else 0,
            usage=reply.usage if reply else None,
            rounds=1,
            cached=reply is None,
        )
        return _Round(outcome, text)

    async def _text(self, brief: Brief, report: Report, seconds: float | None) -> tuple[str, Reply | None]:
        """Return the reply, and what it took; None where it was at hand."""
        key = self._key(brief)
        known = self.replies.get(key, brief.nonce, self._clock())
        if known is not None:
            return known, None
        report(Phase.WAITING, 0)
        call = self._under_way.get(key)
        if call is None:
            call = self._under_way[key] = _Call(brief.nonce)
            call.start(self._complete(brief, call))
            call.task.add_done_callback(lambda _: self._under_way.pop(key, None))
        waiting = call.wait(lambda count: report(Phase.RECEIVING if count else Phase.WAITING, count))
        try:
            reply = await asyncio.wait_for(waiting, seconds)
        except asyncio.TimeoutError:
            raise ProviderError(ErrorKind.TIMEOUT) from None
        return reply.text.replace(call.nonce, brief.nonce), reply

    async def _complete(self, brief: Brief, call: "_Call") -> Reply:
        request = Request(self.terms.model, brief.messages, self.terms.max_tokens, patience=self.terms.patience)
        reply = await self._provider.complete(request, call.progress)
        self._keep(brief, reply.text, declined=False)
        return reply

    def _keep(self, brief: Brief, text: str, *, declined: bool) -> None:
        self.replies.put(self._key(brief), brief.nonce, text, self._clock(), declined=declined)

    def _key(self, brief: Brief) -> str:
        return question_key(brief, self.terms.model, self.terms.host, self.terms.max_tokens)


@dataclass(frozen=True, slots=True)
class _Round:
    """One question with its reply; `text` is None where there is none."""

    outcome: Outcome
    text: str | None = None

    @property
    def verdict(self) -> Verdict | None:
        return self.outcome.verdict


class _Call:
    """A request that is under way, for all who ask the same. It ends early when nobody waits any longer."""

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self.task: asyncio.Task[Reply]
        self._listeners: list[Callable[[int], None]] = []
        self._told = -_STEP

    def start(self, work: Coroutine[Any, Any, Reply]) -> None:
        self.task = asyncio.get_running_loop().create_task(work)

    def progress(self, characters: int) -> None:
        if characters - self._told < _STEP:
            return
        self._told = characters
        for listener in self._listeners:
            listener(characters)

    async def wait(self, listener: Callable[[int], None]) -> Reply:
        self._listeners.append(listener)
        try:
            return await asyncio.shield(self.task)
        finally:
            self._listeners.remove(listener)
            if not self._listeners and not self.task.done():
                self.task.cancel()


def _state(verdict: Verdict) -> State:
    if verdict.tier in (Tier.PROVEN, Tier.STRUCTURAL):
        return State.PROPOSED
    if verdict.tier in _ENDS:
        return _ENDS[verdict.tier]
    return State.EXPLAINED if verdict.explanation.sections else State.FAILED


_ENDS = {Tier.DECLINED: State.DECLINED, Tier.ANSWERED: State.ANSWERED, Tier.QUESTIONS: State.QUESTIONS}
_RANKS = (State.FAILED, State.DECLINED, State.QUESTIONS, State.EXPLAINED, State.ANSWERED, State.PROPOSED)


def _rank(outcome: Outcome) -> tuple[int, bool, int]:
    verdict = outcome.verdict
    if verdict is None:
        return _RANKS.index(outcome.state), False, 0
    demerits = verdict.answer.demerits if verdict.answer else len(verdict.explanation.missing)
    return _RANKS.index(outcome.state), verdict.tier is Tier.PROVEN, -demerits


def _joined(first: _Round, second: _Round) -> Outcome:
    """Return the better of two outcomes, with what both took."""
    best = second.outcome if _rank(second.outcome) > _rank(first.outcome) else first.outcome
    return replace(
        best,
        requests=first.outcome.requests + second.outcome.requests,
        usage=_sum(first.outcome.usage, second.outcome.usage),
        rounds=2,
        cached=first.outcome.cached and second.outcome.cached,
    )


def _sum(first: Usage | None, second: Usage | None) -> Usage | None:
    if first is None or second is None:
        return first or second
    cost = None if first.cost is None or second.cost is None else first.cost + second.cost
    return Usage(
        first.input_tokens + second.input_tokens,
        first.output_tokens + second.output_tokens,
        cost,
        first.estimated or second.estimated,
    )
