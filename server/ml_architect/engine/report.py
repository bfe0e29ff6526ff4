"""What an analysis says, as plain values."""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ml_architect.rewrite import Safety
from ml_architect.rules.api import Severity
from ml_architect.text import Span

__all__ = ["Diagnostic", "RelatedPlace", "Tag", "fingerprint"]

Tag: TypeAlias = Literal["unnecessary", "deprecated"]

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class RelatedPlace:
    """A second place that explains a finding."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding in one version of a document; spans count code points from its start."""

    code: str
    """The name of the rule, or of a built-in check."""
    message: str
    severity: Severity
    span: Span
    related: tuple[RelatedPlace, ...] = ()
    stale: bool = False
    """Whether it stands in a statement that does not parse at the moment, so that it tells of an older text."""
    fix_safety: Safety | None = None
    """What a fix would promise at best; None where there is certainly no fix."""
    tags: tuple[Tag, ...] = ()
    fingerprint: str = ""
    """Names the finding across versions of the document: the rule, the text of the place, and a number among equals."""


def fingerprint(code: str, text: str, ordinal: int) -> str:
    """Return 16 hex digits that name a finding; white space in `text` does not count."""
    normalised = _SPACE.sub(" ", text).strip()
    digest = hashlib.sha256(f"{code}\0{normalised}\0{ordinal}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]
