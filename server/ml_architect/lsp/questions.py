"""The part of a question to a model that needs the analysis, as jobs of the analysis process.

The server's own process imports neither the engine nor the prompt; it hands plain values to and fro.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ml_architect.architect.values import Brief, Task, Unfit, Verdict
from ml_architect.lsp.report import Subject

if TYPE_CHECKING:
    from ml_architect.lsp.backend import Backend

__all__ = ["Judge", "NextRound", "Scope", "ShowPrompt", "WriteBrief", "WriteExplanation"]

Scope: TypeAlias = Literal["finding", "loop", "file"]


@dataclass(frozen=True, slots=True)
class WriteBrief:
    """What is a model told about this finding, or about all that can be repaired in its loop or file?"""

    subject: Subject
    task: Task
    fingerprint: str
    scope: Scope
    nonce: str
    input_tokens: int
    output_tokens: int

    def run(self, backend: "Backend") -> Brief | Unfit:
        """Return what would be sent, or why nothing can be."""
        from ml_architect.architect.eligibility import is_excluded  # noqa: PLC0415
        from ml_architect.architect.question import briefing  # noqa: PLC0415 - only the worker has the engine

        analysis = backend.analysis(self.subject)
        if is_excluded(analysis):
            return Unfit("the project excludes this file from what is sent to models")
        limits = briefing.Limits(self.input_tokens, self.output_tokens)
        if self.task is Task.EXPLAIN:
            return briefing.brief_explanation(analysis, self.fingerprint, self.nonce, limits)
        if self.scope == "finding":
            return briefing.brief_fix(analysis, (self.fingerprint,), self.nonce, limits)
        return briefing.brief_together(analysis, self.fingerprint, self.scope, self.nonce, limits)


@dataclass(frozen=True, slots=True)
class Judge:
    """Does this reply hold?"""

    subject: Subject
    brief: Brief
    reply: str

    def run(self, backend: "Backend") -> Verdict:
        """Return what became of the reply."""
        from ml_architect.architect.checks.judge import judge  # noqa: PLC0415

        return judge(backend.analysis(self.subject), self.brief, self.reply)


@dataclass(frozen=True, slots=True)
class NextRound:
    """What is a model told when its reply was refused?"""

    brief: Brief
    reply: str
    verdict: Verdict

    def run(self, _: "Backend") -> Brief | None:
        """Return the second question; None where another attempt makes no sense."""
        from ml_architect.architect.checks.judge import feedback  # noqa: PLC0415
        from ml_architect.architect.question.briefing import with_feedback  # noqa: PLC0415

        lines = feedback(self.verdict)
        return with_feedback(self.brief, self.reply, lines) if lines else None


@dataclass(frozen=True, slots=True)
class WriteExplanation:
    """How does what a model explained read?"""

    brief: Brief
    verdict: Verdict
    model: str
    plain: bool = False

    def run(self, _: "Backend") -> str:
        """Return the document, in Markdown unless `plain`."""
        from ml_architect.architect import documents  # noqa: PLC0415

        return documents.explanation(self.brief, self.verdict, self.model, plain=self.plain)


@dataclass(frozen=True, slots=True)
class ShowPrompt:
    """What would be sent, word for word?"""

    brief: Brief

    def run(self, _: "Backend") -> str:
        """Return the document."""
        from ml_architect.architect import documents  # noqa: PLC0415

        return documents.prompt(self.brief)
