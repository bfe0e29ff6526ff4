"""A document before and after a change, and what the rules let it change: what every check looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ml_architect.architect.permits import Permits
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.engine.verification import tidy
from ml_architect.facts import ModuleFacts
from ml_architect.text import Edit, Source, Span

__all__ = ["Change", "edits_between", "line_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A change that parses: the document before and after it, its edits, and what it is to repair."""

    before: Analysis
    after: Analysis
    old: ModuleFacts
    new: ModuleFacts
    edits: tuple[Edit, ...]
    targets: tuple[Diagnostic, ...]
    permits: Permits

    @property
    def is_free_to_move(self) -> bool:
        """Whether repairs of one of the rules move code about."""
        return any(allowance.structural for allowance in self.permits.allowances)


def edits_between(source: Source, text: str) -> tuple[Edit, ...] | None:
    """Return the edits, line by line and each as small as it can be, that turn `source` into `text`.

    Returns None where the two are equal but for their line ends.
    """
    old, new = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    prefix = _common(old, new)
    suffix = _common(old[prefix:][::-1], new[prefix:][::-1])
    matcher = SequenceMatcher(None, old[prefix : len(old) - suffix], new[prefix : len(new) - suffix], autojunk=False)
    starts = _starts(old)
    edits = [
        Edit(Span(starts[prefix + first], starts[prefix + last]), "".join(new[prefix + new_first : prefix + new_last]))
        for kind, first, last, new_first, new_last in matcher.get_opcodes()
        if kind != "equal"
    ]
    return tidy(source, edits)


def line_of(source: Source, offset: int) -> int:
    """Return the line that holds `offset`, from 1, as people count."""
    return source.location(offset).row


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines two texts have in common at their start."""
    limit = min(len(old), len(new))
    return next((index for index in range(limit) if old[index] != new[index]), limit)


def _starts(lines: Sequence[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts
