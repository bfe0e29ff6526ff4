"""What the parts of this room hand to each other: plain values, cheap to send between processes."""

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from ml_architect.architect.answers import Answer
from ml_architect.page.shape import Section
from ml_architect.text import Edit, Span

__all__ = [
    "SHOWN_NONCE",
    "Brief",
    "Explanation",
    "Message",
    "Refusal",
    "Region",
    "Rung",
    "Section",
    "Target",
    "Task",
    "Tier",
    "Unfit",
    "Verdict",
    "digest",
]


SHOWN_NONCE = "NONCE"
"""Stands for the mark of a question where the question is only shown."""


class Task(str, Enum):
    """What a model is asked for."""

    FIX = "fix"
    EXPLAIN = "explain"
    ASK = "ask"


class Tier(str, Enum):
    """How far a reply got."""

    PROVEN = "proven"
    """It changes what the rule allows and nothing else, and no part of it can be left out: may be applied."""
    STRUCTURAL = "structural"
    """It repairs the finding and does no harm that we can see, but changes more than the rule allows: preview only."""
    EXPLAINED = "explained"
    """Its change was refused (or none was asked for); what it says is worth reading."""
    DECLINED = "declined"
    """The model declined to change anything."""
    ANSWERED = "answered"
    """An answer to a question of the user's own, after its files were checked."""
    QUESTIONS = "questions"
    """The model has to know something decisive first."""


class Rung(str, Enum):
    """The checks that a reply has to pass, in this order."""

    PROTOCOL = "protocol"
    FRESHNESS = "freshness"
    APPLY = "apply"
    PARSE = "parse"
    REGION = "region"
    SHAPE = "shape"
    RESIDUAL = "residual"
    CAPABILITY = "capability"
    NAMES = "names"
    SIGNATURES = "signatures"
    VALUES = "values"
    REANALYSIS = "reanalysis"
    MINIMAL = "minimal"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reply was refused: one line that tells the model, and the user, what is wrong."""

    rung: Rung
    message: str
    final: bool = False
    """Whether another attempt would be wrong: it asked for something that must never be, or the document moved on."""


@dataclass(frozen=True, slots=True)
class Region:
    """Whole lines of the document that a reply may edit: the code around a finding, or the imports."""

    name: str
    """``R1``, ``R2``..."""
    span: Span
    role: Literal["code", "imports"]


@dataclass(frozen=True, slots=True)
class Target:
    """One finding that is to be repaired or explained."""

    fingerprint: str
    code: str
    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything that is asked of a model, and what is needed to judge its reply.

    `messages` are what would be sent, redacted, word for word.
    """

    task: Task
    targets: tuple[Target, ...]
    regions: tuple[Region, ...]
    messages: tuple[Message, ...]
    nonce: str
    digest: str
    """Names the version of the document (its text) that was asked about."""
    placeholders: tuple[tuple[str, str], ...] = ()
    """What stands in `messages` in the place of a secret, and the secret; never sent, never logged."""
    left: int = 0
    """How many further findings of the loop or file that was to be repaired did not fit into this question."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why no model can be asked: one line for the user."""

    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The checked text of a reply by section; `remarks` say what was struck or replaced, and why."""

    sections: tuple[tuple[Section, str], ...] = ()
    remarks: tuple[str, ...] = ()
    missing: tuple[Section, ...] = ()
    """Needed parts for which the model gave nothing; the rule's own words may stand there."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a reply."""

    tier: Tier
    edits: tuple[Edit, ...] = ()
    """The change, as small as it can be; empty unless the tier is proven or structural."""
    refusal: Refusal | None = None
    also: tuple[str, ...] = ()
    """What a structural change changes beyond the finding, a line each."""
    explanation: Explanation = field(default_factory=Explanation)
    reason: str = ""
    """Why the model declined, in its own words made harmless."""
    answer: Answer | None = None
    """What came of a question of the user's own."""


def digest(text: str) -> str:
    """Return the name of a version of a document: the SHA-256 of its text in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
