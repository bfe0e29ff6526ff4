"""What comes of questions to a model, as the faces show it: answers, changes to decide about, notes for hovers."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote

from ml_architect.architect.desk import Outcome, State
from ml_architect.architect.values import Brief, Tier, Verdict
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.text import Edit, apply_edits, unified_patch

__all__ = ["Answer", "Note", "Proposal", "message_of"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that was let through, for one version of one document."""

    name: str
    snapshot: Snapshot
    title: str
    edits: tuple[Edit, ...]
    tier: Tier
    also: tuple[str, ...]
    waits: bool = False
    """The editor could not ask what to do with it, so it is among the code actions."""

    @property
    def text(self) -> str:
        """The whole document once the change is made."""
        return apply_edits(self.snapshot.source.text, self.edits)

    @property
    def patch(self) -> str:
        """The change as a unified diff."""
        name = PurePosixPath(unquote(self.snapshot.uri)).name
        return unified_patch(self.snapshot.source.text, self.text, name)


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a question, as the faces show it."""

    state: Literal["proposed", "explained", "answered", "questions", "declined", "failed", "cancelled"]
    message: str
    """One line that says how it ended."""
    outcome: Outcome | None = None
    proposal: Proposal | None = None
    explanation: str = ""
    """Markdown; empty where there is nothing to read."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a model said about a finding, to be shown below the rule's own words."""

    text: str
    """Markdown."""
    plain: str


def message_of(outcome: Outcome, brief: Brief, verdict: Verdict) -> str:
    """Return one line that says how a question ended."""
    count = len(brief.targets)
    repairs = f"the change repairs {f'{count} findings' if count > 1 else 'the finding'}"
    left = f"; {brief.left} more did not fit into one question" if brief.left else ""
    refused = f"{verdict.refusal.message} (check: {verdict.refusal.rung.value})" if verdict.refusal else ""
    if verdict.tier is Tier.PROVEN:
        return f"{repairs} and touches nothing else{left}"
    if verdict.tier is Tier.STRUCTURAL:
        return f"{repairs}, but {'; '.join(verdict.also)}{left}"
    if verdict.tier is Tier.DECLINED:
        return f"the model declined: {verdict.reason}" if verdict.reason else "the model declined"
    if outcome.state is State.FAILED or refused:
        return f"no change is offered: {refused}"
    return "the explanation is ready"
