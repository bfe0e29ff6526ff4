"""Questions of the user's own, for one connection: what is asked of the model, and the page that comes of it.

The server's own process imports neither the engine nor the prompt: that is done by jobs of the analysis process.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ml_architect.architect.answers import Answer
from ml_architect.architect.desk import Outcome, Phase
from ml_architect.architect.model.access import Access, Missing
from ml_architect.architect.model.person import Person
from ml_architect.architect.values import SHOWN_NONCE, Brief, Unfit, Verdict
from ml_architect.lsp.jobs import Analyze
from ml_architect.lsp.questions import ShowPrompt
from ml_architect.lsp.remote import Remote, WorkerError
from ml_architect.lsp.report import Subject
from ml_architect.lsp.session import Current, Session
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.text import Source

if TYPE_CHECKING:
    from ml_architect.architect.wider.matter import Matter
    from ml_architect.lsp.asking import Asking
    from ml_architect.lsp.backend import Backend

__all__ = ["Consultation", "Consulting", "Page"]

State: TypeAlias = Literal["answered", "questions", "pages", "failed"]
_NOWHERE = "untitled:question.py"


@dataclass(frozen=True, slots=True)
class Consultation:
    """What the user wants to know: their words, the open document that it is about, and what they have answered."""

    question: str
    subject: Subject
    with_document: bool
    answers: tuple[tuple[str, str], ...] = ()
    may_ask: bool = True

    def matter(self, backend: "Backend") -> "Matter":
        """Return it with the analysis of the document; called in the analysis process."""
        from ml_architect.architect.wider.matter import Matter, known_of  # noqa: PLC0415 - it has the engine

        analysis = backend.analysis(self.subject)
        analyses = (analysis,) if self.with_document else ()
        known = known_of(analysis.settings, dict(self.answers))
        return Matter(self.question, analyses, analysis.environment, known, self.may_ask)


@dataclass(frozen=True, slots=True)
class Page:
    """How a question ended, as an editor shows it."""

    state: State
    message: str
    """One line."""
    title: str = ""
    html: str = ""
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class AskFirst:
    """What is a model asked?"""

    consultation: Consultation
    nonce: str
    input_tokens: int
    output_tokens: int

    def run(self, backend: "Backend") -> Brief | Unfit:
        """Return what would be sent, or why nothing can be."""
        from ml_architect.architect.wider.matter import ask_first, wider_limits  # noqa: PLC0415

        limits = wider_limits(self.input_tokens, self.output_tokens)
        return ask_first(self.consultation.matter(backend), self.nonce, limits)


@dataclass(frozen=True, slots=True)
class JudgeAnswer:
    """What is this answer worth?"""

    consultation: Consultation
    nonce: str
    reply: str

    def run(self, backend: "Backend") -> Verdict:
        """Return what became of the reply."""
        from ml_architect.architect.wider.judging import judged  # noqa: PLC0415
        from ml_architect.architect.wider.matter import ground_of  # noqa: PLC0415

        return judged(self.reply, self.nonce, ground_of(self.consultation.matter(backend)))


@dataclass(frozen=True, slots=True)
class AskAgain:
    """What is a model told whose answer did not pass?"""

    consultation: Consultation
    brief: Brief
    reply: str
    verdict: Verdict
    input_tokens: int
    output_tokens: int

    def run(self, backend: "Backend") -> Brief | None:
        """Return the second question; None where there should be none."""
        from ml_architect.architect.wider.matter import ask_again, wider_limits  # noqa: PLC0415

        limits = wider_limits(self.input_tokens, self.output_tokens)
        return ask_again(self.consultation.matter(backend), self.brief, self.reply, self.verdict, limits)


@dataclass(frozen=True, slots=True)
class WritePage:
    """How does an answer read? Without one: which static pages match, and why is there no other answer?"""

    question: str
    answer: Answer | None
    model: str
    reason: str = ""

    def run(self, _: "Backend") -> tuple[str, str, str]:
        """Return title, HTML and Markdown."""
        from ml_architect.architect.wider import document  # noqa: PLC0415
        from ml_architect.architect.wider.shelf import matching  # noqa: PLC0415
        from ml_architect.page import as_html, as_markdown  # noqa: PLC0415

        if self.answer is None:
            blocks = document.pages_page(self.question, matching(self.question), self.reason)
        elif self.answer.questions:
            blocks = document.questions_page(self.question, self.answer, self.model)
        else:
            blocks = document.answer_page(self.question, self.answer, self.model)
        title = document.title_of(self.question)
        return title, as_html(title, blocks), as_markdown(blocks)


@dataclass(frozen=True, slots=True)
class _RemoteCase:
    """A question of the user's own to the analysis process."""

    remote: Remote
    consultation: Consultation
    access: Access | None

    async def brief(self, nonce: str) -> Brief | Unfit:
        """Return what to ask."""
        return await self.remote.ask(AskFirst(self.consultation, nonce, *self._limits), urgent=True)

    async def judge(self, brief: Brief, reply: str) -> Verdict:
        """Return what a reply is worth."""
        return await self.remote.ask(JudgeAnswer(self.consultation, brief.nonce, reply), urgent=True)

    async def again(self, brief: Brief, reply: str, verdict: Verdict) -> Brief | None:
        """Return the second question."""
        job = AskAgain(self.consultation, brief, reply, verdict, *self._limits)
        return await self.remote.ask(job, urgent=True)

    @property
    def _limits(self) -> tuple[int, int]:
        said = self.access or Person()
        return said.context_tokens, said.max_output_tokens


class Consulting:
    """Answers questions of the user's own; the model, its budget and the consent are those of `asking`."""

    def __init__(self, session: Callable[[], Session], remote: Remote, asking: "Asking") -> None:
        self._session = session
        self._remote = remote
        self._asking = asking

    async def begin(
        self, question: str, uri: str | None, answers: Mapping[str, str], *, may_ask: bool
    ) -> tuple[Consultation, Current] | None:
        """Return the question with the document that it is about; None where there is no such document."""
        session = self._session()
        if uri is not None:
            current = await session.current(uri)
            if current is None:
                return None
        else:
            blank = Snapshot(_NOWHERE, 0, None, Source(""), is_python=True)
            current = Current(blank, await self._remote.ask(Analyze(session.subject(blank)), urgent=True))
        subject = session.subject(current.snapshot)
        return Consultation(question, subject, uri is not None, tuple(answers.items()), may_ask), current

    async def prompt(self, consultation: Consultation, access: Access | Missing) -> str:
        """Return exactly what would be sent; nothing is sent."""
        known = None if isinstance(access, Missing) else access
        brief = await _RemoteCase(self._remote, consultation, known).brief(SHOWN_NONCE)
        if isinstance(brief, Unfit):
            return brief.reason
        return await self._remote.ask(ShowPrompt(brief), urgent=True)

    async def pages(self, question: str, missing: Missing) -> Page:
        """Return the static pages that match, because there is no model."""
        reason = f"{missing.reason}; {missing.remedy}"
        return Page("pages", reason, *await self._remote.ask(WritePage(question, None, "", reason), urgent=True))

    async def ask(self, consultation: Consultation, access: Access, report: Callable[[Phase, int], None]) -> Page:
        """Return the page that came of a question. Cancelling it closes the connection to the provider."""
        work = asyncio.get_running_loop().create_task(
            self._asking.desk(access, wider=True).ask(_RemoteCase(self._remote, consultation, access), report)
        )
        self._asking.watch(work)
        try:
            outcome = await work
        except WorkerError as error:
            return Page("failed", str(error))
        except asyncio.CancelledError:
            work.cancel()
            raise
        answer = outcome.verdict.answer if outcome.verdict else None
        if answer is None:
            return Page("failed", _problem(outcome))
        job = WritePage(consultation.question, answer, access.model)
        state: State = "questions" if answer.questions else "answered"
        return Page(state, _message(answer), *await self._remote.ask(job, urgent=True))


def _problem(outcome: Outcome) -> str:
    verdict = outcome.verdict
    if verdict is not None and verdict.refusal is not None:
        return f"the model gave no answer that can be shown: {verdict.refusal.message}"
    if verdict is not None and verdict.reason:
        return f"the model declined: {verdict.reason}"
    return outcome.problem or "the model gave no answer"


def _message(answer: Answer) -> str:
    if answer.questions:
        return "the model has to know something decisive first"
    wrong = sum(bool(file.faults) for file in answer.files)
    told = f"{wrong} of {len(answer.files)} files did not pass our checks" if wrong else "all files passed our checks"
    return f"{told}; {len(answer.missing)} parts are missing" if answer.missing else told
