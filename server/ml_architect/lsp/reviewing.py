"""The part of a review that needs analyses, as jobs of the analysis process.

The server's own process imports neither the engine nor the pages; it hands plain values to and fro.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ml_architect.architect.assessments import Assessment, Questioned
from ml_architect.architect.values import SHOWN_NONCE, Brief, Refusal, Unfit, Verdict
from ml_architect.lsp.overrides import Overrides
from ml_architect.lsp.report import Subject
from ml_architect.lsp.workspace import BATCH_SECONDS
from ml_architect.policy import ModelLimits
from ml_architect.review.values import FileNotes, Scope

if TYPE_CHECKING:
    from ml_architect.architect.assessing import Matter
    from ml_architect.lsp.backend import Backend
    from ml_architect.review.values import Review

__all__ = [
    "JudgeAssessment",
    "NoteDocument",
    "NoteFiles",
    "Noted",
    "ReviewPage",
    "Reviewed",
    "SecondQuestion",
    "WriteQuestion",
    "WriteReview",
]


@dataclass(frozen=True, slots=True)
class Noted:
    """What one file says; `text` is the code that may be sent to a model, None where it may not or nobody asked."""

    notes: FileNotes
    text: str | None = None


@dataclass(frozen=True, slots=True)
class NoteDocument:
    """What does an open document, as it is now, say? `shown` is how the review calls it."""

    subject: Subject
    shown: str
    wants_text: bool = False

    def run(self, backend: "Backend") -> Noted:
        """Return its notes."""
        return backend.noted(self.subject, self.shown, wants_text=self.wants_text)


@dataclass(frozen=True, slots=True)
class NoteFiles:
    """What do these files, which are not open, say? Each has the name by which the review calls it."""

    files: tuple[tuple[Path, str], ...]
    overrides: Overrides
    wants_text: bool = False

    def run(self, backend: "Backend") -> tuple[Noted, ...]:
        """Return notes on the first files, as many as time permits but one."""
        end = time.monotonic() + BATCH_SECONDS
        done: list[Noted] = []
        for path, shown in self.files:
            done.append(backend.noted_file(path, self.overrides.of(path), shown, wants_text=self.wants_text))
            if time.monotonic() > end:
                break
        return tuple(done)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review is made from; `place` is the file or folder that is reviewed."""

    title: str
    place: Path
    scope: Scope
    files: tuple[Noted, ...]
    overrides: Overrides

    def review(self, backend: "Backend") -> "Review":
        """Return the review; only in the worker process."""
        from ml_architect.review.assemble import review_of  # noqa: PLC0415 - only the worker has the rules

        settings, _ = backend.settings(self.place, self.overrides.of(self.place))
        return review_of(self.title, tuple(item.notes for item in self.files), self.scope, settings.profile)

    def matter(self, backend: "Backend") -> "Matter":
        """Return what a model is asked about; only in the worker process."""
        from ml_architect.architect.assessing import Matter  # noqa: PLC0415

        texts = [(item.notes.path, item.text) for item in self.files if item.text is not None and item.notes.relevant]
        return Matter(self.review(backend), tuple(texts))


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A review as it is shown; `limits` are what the project decides about models."""

    title: str
    html: str
    markdown: str
    limits: ModelLimits = field(default_factory=ModelLimits)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteReview:
    """How does this review read, with what the model of that name has written, if it has?"""

    reviewed: Reviewed
    assessment: Assessment | None = None
    model: str = ""

    def run(self, backend: "Backend") -> ReviewPage:
        """Return the page."""
        from ml_architect.architect.documents import assessed_blocks  # noqa: PLC0415 - only the worker writes pages
        from ml_architect.page import as_html, as_markdown  # noqa: PLC0415
        from ml_architect.review.document import blocks_of  # noqa: PLC0415

        settings, problems = backend.settings(self.reviewed.place, self.reviewed.overrides.of(self.reviewed.place))
        said = assessed_blocks(self.assessment, self.model) if self.assessment is not None else None
        blocks = blocks_of(self.reviewed.review(backend), said)
        title = f"Review of {self.reviewed.title}"
        return ReviewPage(title, as_html(title, blocks), as_markdown(blocks), settings.architect, problems)


@dataclass(frozen=True, slots=True)
class WriteQuestion:
    """What is a model asked about this review?"""

    reviewed: Reviewed
    nonce: str
    input_tokens: int
    output_tokens: int

    def run(self, backend: "Backend") -> Questioned | Unfit:
        """Return what would be sent, or why nothing can be."""
        from ml_architect.architect import assessing  # noqa: PLC0415
        from ml_architect.architect.question.prompt import Limits  # noqa: PLC0415

        limits = Limits(self.input_tokens, self.output_tokens)
        return assessing.question(self.reviewed.matter(backend), self.nonce, limits)


@dataclass(frozen=True, slots=True)
class ShowQuestion:
    """What exactly would a model be sent about this review? Budgets of None are the usual ones."""

    reviewed: Reviewed
    budgets: tuple[int, int] | None

    def run(self, backend: "Backend") -> str:
        """Return it word for word, or why nothing would be sent."""
        from ml_architect.architect import assessing, documents  # noqa: PLC0415
        from ml_architect.architect.question.prompt import Limits  # noqa: PLC0415

        limits = Limits() if self.budgets is None else Limits(*self.budgets)
        found = assessing.question(self.reviewed.matter(backend), SHOWN_NONCE, limits)
        return found.reason if isinstance(found, Unfit) else documents.prompt(found.brief)


@dataclass(frozen=True, slots=True)
class JudgeAssessment:
    """What holds of this reply, with what held `before`?"""

    reviewed: Reviewed
    questioned: Questioned
    reply: str
    before: Assessment | None

    def run(self, backend: "Backend") -> tuple[Assessment | Refusal, Verdict]:
        """Return what holds, and what that is worth."""
        from ml_architect.architect import assessing  # noqa: PLC0415
        from ml_architect.architect.reply.assessment import verdict_on  # noqa: PLC0415

        result = assessing.assessed(self.reviewed.matter(backend), self.questioned, self.reply, self.before)
        return result, verdict_on(result)


@dataclass(frozen=True, slots=True)
class SecondQuestion:
    """What is a model asked when something lacks in its reply?"""

    questioned: Questioned
    reply: str
    result: Assessment | Refusal

    def run(self, _: "Backend") -> Brief | None:
        """Return the question; None where nothing lacks."""
        from ml_architect.architect import assessing  # noqa: PLC0415

        return assessing.second(self.questioned, self.reply, self.result)
