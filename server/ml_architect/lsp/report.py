"""What the worker says about a document: plain values, cheap to send between processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from ml_architect.lsp.snapshot import Snapshot
from ml_architect.policy import ModelLimits
from ml_architect.text import Edit, Span

Severity: TypeAlias = Literal["error", "warning", "info", "hint"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an analysis is about, and all that decides its outcome besides the files of the project."""

    snapshot: Snapshot
    home: Path
    """The folder whose configuration holds if the document has no path."""
    overrides: Mapping[str, object] = field(default_factory=dict)
    """Settings made in the editor; each replaces the project's own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; spans count code points from the start of the document."""

    code: str
    message: str
    severity: Severity
    span: Span
    related: tuple[tuple[Span, str], ...]
    stale: bool
    safety: Literal["safe", "unsafe"] | None
    """What a fix would promise at best."""
    declinable: bool
    """Whether a comment can silence it."""
    tags: tuple[str, ...]
    fingerprint: str
    url: str
    eligible: bool = False
    """Whether a model may be asked for a repair."""
    explainable: bool = False
    """Whether a model may be asked for an explanation."""


@dataclass(frozen=True, slots=True)
class LoopLens:
    """What stands above a training loop: how many findings are in it, and which of them are safe to fix."""

    span: Span
    findings: int
    safe: tuple[str, ...]
    """Fingerprints."""


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in one version of a document, sorted by place."""

    findings: tuple[Finding, ...]
    result_id: str
    """Equal for equal text, settings and library versions."""
    problems: tuple[str, ...] = ()
    """Mistakes in the configuration, a line each."""
    models: ModelLimits = field(default_factory=ModelLimits)
    """What the project permits when a language model is asked."""
    lenses: tuple[LoopLens, ...] = ()
    """Empty unless the settings ask for them."""
    on_save: bool = False
    """Whether the user wants to hear of a change of the document only when it is saved."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Edits to one version of a document, under the name that a user sees."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """What there is to know about a part of a document."""

    text: str
    span: Span
