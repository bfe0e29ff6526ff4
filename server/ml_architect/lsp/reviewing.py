"""The part of a review that needs analyses, as jobs of the analysis process.

The server's own process imports neither the engine nor the pages; it hands plain values to and fro.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ml_architect.lsp.report import Subject
from ml_architect.lsp.workspace import BATCH_SECONDS
from ml_architect.policy import ModelLimits
from ml_architect.review.values import FileNotes, Scope

if TYPE_CHECKING:
    from ml_architect.lsp.backend import Backend

__all__ = ["NoteDocument", "NoteFiles", "Noted", "ReviewPage", "WriteReview"]


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
    overrides: Mapping[str, object]
    wants_text: bool = False

    def run(self, backend: "Backend") -> tuple[Noted, ...]:
        """Return notes on the first files, as many as time permits but one."""
        end = time.monotonic() + BATCH_SECONDS
        done: list[Noted] = []
        for path, shown in self.files:
            done.append(backend.noted_file(path, self.overrides, shown, wants_text=self.wants_text))
            if time.monotonic() > end:
                break
        return tuple(done)


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
    """How does the review of these files read? `place` is the file or folder that is reviewed."""

    title: str
    place: Path
    notes: tuple[FileNotes, ...]
    scope: Scope
    overrides: Mapping[str, object]

    def run(self, backend: "Backend") -> ReviewPage:
        """Return the page."""
        from ml_architect.page import as_html, as_markdown  # noqa: PLC0415 - only the worker writes pages
        from ml_architect.review.assemble import review_of  # noqa: PLC0415
        from ml_architect.review.document import blocks_of  # noqa: PLC0415

        settings, problems = backend.settings(self.place, self.overrides)
        review = review_of(self.title, self.notes, self.scope, settings.profile)
        blocks = blocks_of(review)
        title = f"Review of {self.title}"
        return ReviewPage(title, as_html(title, blocks), as_markdown(blocks), settings.architect, problems)
