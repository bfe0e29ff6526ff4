"""A document before and after a change, and what the rules let it change: what every check looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ml_architect.architect.checks.erasure import plan_of
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.plan import Plan
from ml_architect.architect.checks.residual import FullLine, Residue, full_lines, residue_from
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.facts import CallSite, Function, ModuleFacts, Site
from ml_architect.syntax.nodes import Statement
from ml_architect.text import Edit, Source

__all__ = ["Change", "Version", "change_between", "line_of"]


class Version:
    """One of the two versions of a document, and the part of it that is not shared with the other.

    Statements of the module are shared if an edit left their text alone. In a document with a line that does not
    parse, nothing counts as shared.
    """

    def __init__(self, analysis: Analysis, facts: ModuleFacts, permits: Permits, shared: frozenset[Statement]) -> None:
        self.analysis = analysis
        self.facts = facts
        self.permits = permits
        self.statements = tuple(item for item in facts.module.body if item not in shared) if shared else None
        self._shared = shared

    @property
    def text(self) -> str:
        """The text of the document."""
        return self.facts.module.source.text

    @cached_property
    def sites(self) -> list[Site]:
        """The statements that are not shared, in order."""
        found: list[Site] = []
        is_shared = False
        for site in self.facts.structure.sites:
            if site.block is self.facts.structure.root:
                is_shared = site.statement in self._shared
            if not is_shared:
                found.append(site)
        return found

    @cached_property
    def calls(self) -> list[CallSite]:
        """The calls in statements that are not shared."""
        at = self.facts.call_at
        return [call for site in self.sites for item in site.summary.calls if (call := at(item.call)) is not None]

    @property
    def functions(self) -> list[Function]:
        """The functions that are not shared."""
        sites = set(map(id, self.sites))
        return [function for function in self.facts.functions if id(function.site) in sites]

    @cached_property
    def plan(self) -> Plan:
        """What its residue leaves out."""
        return plan_of(self.facts, self.permits, self.statements)

    @cached_property
    def residue(self) -> Residue:
        """What is left of it; the same statements at the start and the end are left out in both versions."""
        return residue_from(self.facts, self.plan)

    @cached_property
    def full(self) -> list[FullLine]:
        """Its lines with all their tokens."""
        return full_lines(plan_of(self.facts, Permits(()), self.statements), self.plan)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A change that parses: the document before and after it, its edits, and what it is to repair."""

    old: Version
    new: Version
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


def change_between(
    before: Analysis, after: Analysis, edits: tuple[Edit, ...], targets: tuple[Diagnostic, ...], permits: Permits
) -> Change | None:
    """Return the change from `before` to `after`, None where one of them has no facts."""
    if before.facts is None or after.facts is None:
        return None
    shared: frozenset[Statement] = frozenset()
    if not before.problems and not after.problems:
        shared = _shared(before.facts.module.body, after.facts.module.body, max(permits.longest - 1, 0))
    old = Version(before, before.facts, permits, shared)
    new = Version(after, after.facts, permits, shared)
    return Change(old, new, edits, targets, permits)


def _shared(old: Sequence[Statement], new: Sequence[Statement], margin: int) -> frozenset[Statement]:
    """Return the statements with which both versions start, and those with which both end.

    The last `margin` before the change and the first behind it are not among them, as a pattern may speak of them
    together with what is changed.
    """
    limit = min(len(old), len(new))
    start = next((index for index in range(limit) if old[index] is not new[index]), limit)
    limit -= start
    end = next((index for index in range(limit) if old[-1 - index] is not new[-1 - index]), limit)
    start, end = max(start - margin, 0), max(end - margin, 0)
    return frozenset((*old[:start], *old[len(old) - end :]))


def line_of(source: Source, offset: int) -> int:
    """Return the line that holds `offset`, from 1, as people count."""
    return source.location(offset).row
