"""A document before and after a change, and what the rules let it change: what every check looks at."""

from dataclasses import dataclass

from ml_architect.architect.permits import Permits
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.facts import ModuleFacts
from ml_architect.text import Edit, Source

__all__ = ["Change", "line_of"]


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

    @property
    def is_thorough(self) -> bool:
        """Whether a repair of one of the rules may go on where the finding is gone already."""
        return any(allowance.thorough for allowance in self.permits.allowances)


def line_of(source: Source, offset: int) -> int:
    """Return the line that holds `offset`, from 1, as people count."""
    return source.location(offset).row
