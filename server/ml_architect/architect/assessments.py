"""The written assessment of a review, as plain values that every process may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ml_architect.architect.values import Brief
from ml_architect.review.values import Place, Stage

__all__ = ["NOTHING_HOLDS", "Assessment", "Claim", "Questioned", "ShownFile", "joined", "lacking"]

NOTHING_HOLDS = "no claim in the reply is about a line that was shown"
"""Why there is no assessment, where there was a reply."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file that was sent: its path in the review, and the lines (from 1) that the model has seen."""

    path: str
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class Questioned:
    """A question, and what a reply to it may speak of."""

    brief: Brief
    shown: tuple[ShownFile, ...]
    words: str
    """All text that was sent about the code: names in it may be named."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model says about one line. The line is checked, the judgement is not."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is left of a model's words. `empty` are the stages about which it says that there is nothing to say."""

    claims: Mapping[Stage, tuple[Claim, ...]] = field(default_factory=dict)
    empty: frozenset[Stage] = frozenset()
    struck: int = 0
    """Lines that were no claim about a line that was shown, or spoke of names that nobody knows."""
    remarks: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the model has neither said anything that holds, nor that there is nothing to say."""
        return not self.empty and not any(self.claims.values())


def lacking(assessment: Assessment) -> tuple[Stage, ...]:
    """Return the stages of which the model has said nothing that holds."""
    return tuple(stage for stage in Stage if stage not in assessment.empty and not assessment.claims.get(stage))


def joined(first: Assessment, second: Assessment) -> Assessment:
    """Return `first` with what `second` says about stages that lack in it."""
    missing = lacking(first)
    added = {stage: second.claims[stage] for stage in missing if second.claims.get(stage)}
    empty = first.empty | {stage for stage in missing if stage in second.empty}
    remarks = tuple(dict.fromkeys((*first.remarks, *second.remarks)))
    return Assessment({**first.claims, **added}, empty, first.struck + second.struck, remarks)
