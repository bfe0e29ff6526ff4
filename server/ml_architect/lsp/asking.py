"""The architect of one connection: which model may be asked, what is being asked, and what came of it."""

import asyncio
import itertools
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import unquote

from ml_architect.architect.cache import Replies
from ml_architect.architect.consent import Consent
from ml_architect.architect.desk import Case, Desk, Outcome, Phase, State, usual_terms, wider_terms
from ml_architect.architect.model.access import Access, Missing, resolve
from ml_architect.architect.model.ledger import Ledger
from ml_architect.architect.model.metered import Metered
from ml_architect.architect.model.person import Person, read_person
from ml_architect.architect.model.process import WorkerProvider
from ml_architect.architect.values import SHOWN_NONCE, Brief, Task, Unfit, Verdict
from ml_architect.lsp.outcomes import Answer, Note, Proposal, message_of
from ml_architect.lsp.questions import Judge, NextRound, Scope, ShowPrompt, WriteBrief, WriteExplanation
from ml_architect.lsp.remote import Remote, WorkerError
from ml_architect.lsp.report import Subject
from ml_architect.lsp.session import Current, Session
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.policy import ModelLimits

__all__ = ["Asking", "Question"]

MOST_PROPOSALS = 32
MOST_NOTES = 256


@dataclass(frozen=True, slots=True)
class Question:
    """What the user wants to know about a finding, or wants repaired."""

    uri: str
    task: Task
    fingerprint: str
    scope: Scope = "finding"


class _RemoteCase:
    """A question to the analysis process."""

    def __init__(self, remote: Remote, subject: Subject, question: Question, access: Access | None) -> None:
        self._remote = remote
        self._subject = subject
        self._question = question
        self._access = access

    async def brief(self, nonce: str) -> Brief | Unfit:
        """Return what to ask."""
        question, limits = self._question, self._access or Person()
        job = WriteBrief(
            self._subject,
            question.task,
            question.fingerprint,
            question.scope,
            nonce,
            limits.context_tokens,
            limits.max_output_tokens,
        )
        return await self._remote.ask(job, urgent=True)

    async def judge(self, brief: Brief, reply: str) -> Verdict:
        """Return what a reply is worth."""
        return await self._remote.ask(Judge(self._subject, brief, reply), urgent=True)

    async def again(self, brief: Brief, reply: str, verdict: Verdict) -> Brief | None:
        """Return the second question."""
        return await self._remote.ask(NextRound(brief, reply, verdict), urgent=True)


class _Run:
    """A question under way."""

    def __init__(self, key: str, task: "asyncio.Task[Outcome]") -> None:
        self.key = key
        self.task = task
        self.dropped = ""
        """Why we ended it ourselves, if we did."""

    def drop(self, why: str) -> None:
        if not self.task.done():
            self.dropped = why
            self.task.cancel()


class Asking:
    """Answers questions about open documents with a model, one at a time for each document: the newest wins."""

    def __init__(self, session: Callable[[], Session], remote: Remote, tell: Callable[..., None]) -> None:
        self._session = session
        self._tell = tell
        self._remote = remote
        self._replies = Replies()
        self._ledger: Ledger | None = None
        self._desks: dict[tuple[Access, bool], Desk] = {}
        self._providers: dict[Access, WorkerProvider] = {}
        self._others: set[asyncio.Task[Outcome]] = set()
        """Questions under way that are about no finding."""
        self._runs: dict[str, _Run] = {}
        self._proposals: OrderedDict[str, Proposal] = OrderedDict()
        self._notes: OrderedDict[tuple[str, str], Note] = OrderedDict()
        self._numbers = itertools.count(1)
        self.consent = Consent(os.environ)

    # --- which model --------------------------------------------------------------------------------

    def access(self, current: Current) -> Access | Missing:
        """Return the model that may be asked about a document, or why there is none."""
        return self.access_under(current.report.models)

    def access_under(self, limits: ModelLimits) -> Access | Missing:
        """Return the model that may be asked where a project sets `limits`, or why there is none."""
        own = read_person(os.environ)
        self._tell(*own.problems)
        return resolve(own.person, limits, os.environ)

    def summary(self) -> str:
        """Return what was sent and spent in this session, for people."""
        return self._ledger.summary() if self._ledger else "nothing was sent in this session"

    # --- questions ----------------------------------------------------------------------------------

    async def ask(
        self, question: Question, current: Current, access: Access, report: Callable[[Phase, int], None]
    ) -> Answer:
        """Return how a question about the document of `current` ended.

        Cancelling the task that asks cancels the question; an edit of the document, or a newer question about it,
        ends it with the state "cancelled".
        """
        subject = self._session().subject(current.snapshot)
        case = _RemoteCase(self._remote, subject, question, access)
        run = self._begin(question, self.desk(access), case, report)
        try:
            return await self._answer(question, subject, access, await run.task)
        except WorkerError as error:
            return Answer("failed", str(error))
        except asyncio.CancelledError:
            if run.dropped:
                return Answer("cancelled", run.dropped)
            run.task.cancel()
            raise
        finally:
            if self._runs.get(run.key) is run:
                del self._runs[run.key]

    async def prompt(self, question: Question, current: Current, access: Access | None) -> str:
        """Return exactly what would be sent for a question; nothing is sent."""
        subject = self._session().subject(current.snapshot)
        case = _RemoteCase(self._remote, subject, question, access)
        brief = await case.brief(SHOWN_NONCE)
        if isinstance(brief, Unfit):
            return brief.reason
        return await self._remote.ask(ShowPrompt(brief), urgent=True)

    def drop(self, uri: str, why: str) -> None:
        """End the question about a document, because it changed or was closed."""
        run = self._runs.get(unquote(uri))
        if run is not None:
            run.drop(why)

    def forget(self, uri: str) -> None:
        """Forget a document that was closed."""
        self.drop(uri, "the document was closed")
        gone = [key for key in self._notes if key[0] == unquote(uri)]
        for key in gone:
            del self._notes[key]

    def note(self, uri: str, fingerprint: str) -> Note | None:
        """Return what a model said about a finding."""
        return self._notes.get((unquote(uri), fingerprint))

    def proposal(self, name: str) -> Proposal | None:
        """Return a change that was proposed and is neither applied nor discarded."""
        return self._proposals.get(name)

    def keep(self, proposal: Proposal) -> None:
        """Let a proposed change wait among the code actions of its version."""
        self._proposals[proposal.name] = replace(proposal, waits=True)

    def waiting(self, snapshot: Snapshot) -> list[Proposal]:
        """Return the changes that wait among the code actions of this version."""
        return [made for made in self._proposals.values() if made.waits and made.snapshot is snapshot]

    def discard(self, name: str) -> None:
        """Forget a proposed change."""
        self._proposals.pop(name, None)

    def abandon(self) -> None:
        """End all questions and the model process at once."""
        for run in self._runs.values():
            run.drop("the server is shutting down")
        for task in self._others:
            task.cancel()
        for provider in self._providers.values():
            provider.kill()

    async def close(self) -> None:
        """End all questions, and wait until the model process is gone: a loop that ends before it complains."""
        self.abandon()
        await asyncio.gather(*(provider.close() for provider in self._providers.values()), return_exceptions=True)

    def _begin(self, question: Question, desk: Desk, case: Case, report: Callable[[Phase, int], None]) -> _Run:
        key = unquote(question.uri)
        if (older := self._runs.get(key)) is not None:
            older.drop("a newer question about this document took its place")
        run = _Run(key, asyncio.get_running_loop().create_task(desk.ask(case, report)))
        self._runs[key] = run
        return run

    def desk(self, access: Access, *, wider: bool = False) -> Desk:
        """Return where a model is asked about findings, or about `wider` questions; both share process and budget."""
        if (access, wider) not in self._desks:
            self._ledger = self._ledger or Ledger(access.budget)
            provider = self._providers.setdefault(access, WorkerProvider(access))
            terms = wider_terms(access) if wider else usual_terms(access)
            self._desks[access, wider] = Desk(terms, Metered(provider, self._ledger), self._replies)
        return self._desks[access, wider]

    def watch(self, task: "asyncio.Task[Outcome]") -> None:
        """End a question that is about no finding when the server leaves."""
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _answer(self, question: Question, subject: Subject, access: Access, outcome: Outcome) -> Answer:
        brief, verdict = outcome.brief, outcome.verdict
        if brief is None or verdict is None:
            return Answer("failed", outcome.problem, outcome)
        text = ""
        if verdict.explanation.sections:
            text = await self._keep_note(question, WriteExplanation(brief, verdict, access.model))
        proposal = self._propose(subject, brief, verdict) if outcome.state is State.PROPOSED else None
        return Answer(outcome.state.value, message_of(outcome, brief, verdict), outcome, proposal, text)

    async def _keep_note(self, question: Question, job: WriteExplanation) -> str:
        """Keep an explanation for hovers, and return it."""
        text = await self._remote.ask(job, urgent=True)
        note = Note(text, await self._remote.ask(replace(job, plain=True), urgent=True))
        for target in job.brief.targets:
            key = unquote(question.uri), target.fingerprint
            self._notes[key] = note
            self._notes.move_to_end(key)
        while len(self._notes) > MOST_NOTES:
            self._notes.popitem(last=False)
        return text

    def _propose(self, subject: Subject, brief: Brief, verdict: Verdict) -> Proposal:
        codes = ", ".join(dict.fromkeys(target.code for target in brief.targets))
        name = f"proposal-{next(self._numbers)}"
        made = Proposal(name, subject.snapshot, f"fix {codes}", verdict.edits, verdict.tier, verdict.also)
        self._proposals[name] = made
        while len(self._proposals) > MOST_PROPOSALS:
            self._proposals.popitem(last=False)
        return made
