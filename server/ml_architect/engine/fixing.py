"""Apply repairs until nothing is left to repair."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ml_architect.engine.analysis import Analysis
from ml_architect.engine.report import Diagnostic
from ml_architect.engine.verification import acceptable
from ml_architect.rewrite import Fix, Safety
from ml_architect.text import Edit, Source
from ml_architect.text.edit import ordered

__all__ = ["FixResult", "fix_all", "fix_these"]

_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class FixResult:
    """The document after all repairs; `applied` counts them by rule."""

    source: Source
    applied: tuple[tuple[str, int], ...]
    analysis: Analysis


def fix_all(analysis: Analysis, unsafe: bool = False, code: str | None = None) -> FixResult:
    """Return the document with every safe repair made (with `unsafe`, every repair), to a fixed point.

    Each round makes repairs that do not touch each other, and is verified as a whole; where that fails, its repairs
    are verified one by one. There are at most ten rounds. With `code` only findings of that rule are repaired.
    """

    def wanted(diagnostic: Diagnostic) -> bool:
        return code is None or diagnostic.code == code

    applied: Counter[str] = Counter()
    for _ in range(_ROUNDS):
        made = _round(analysis, wanted, unsafe=unsafe)
        if made is None:
            break
        analysis, repaired = made
        applied.update(diagnostic.code for diagnostic in repaired)
    return FixResult(analysis.source, tuple(sorted(applied.items())), analysis)


def fix_these(analysis: Analysis, fingerprints: Collection[str]) -> FixResult:
    """Return the document with the safe repairs of these findings made, as far as they do not touch each other.

    This is one round only: in the next version a fingerprint may name another one of equal findings.
    """
    made = _round(analysis, lambda diagnostic: diagnostic.fingerprint in fingerprints, unsafe=False)
    if made is None:
        return FixResult(analysis.source, (), analysis)
    after, repaired = made
    applied = Counter(diagnostic.code for diagnostic in repaired)
    return FixResult(after.source, tuple(sorted(applied.items())), after)


_Proposal = tuple[Diagnostic, Fix]
_Made = tuple[Analysis, list[Diagnostic]]


def _round(analysis: Analysis, wanted: Callable[[Diagnostic], bool], *, unsafe: bool) -> _Made | None:
    proposals = [
        (diagnostic, fix)
        for diagnostic in analysis.diagnostics
        if wanted(diagnostic) and (fix := analysis.proposed_fix(diagnostic)) and (unsafe or fix.safety is Safety.SAFE)
    ]
    made = _together(analysis, _apart(proposals))
    if made is not None:
        return made
    chosen = _apart([(diagnostic, fix) for diagnostic, _ in proposals if (fix := analysis.fix(diagnostic))])
    while chosen and made is None:
        made = _together(analysis, chosen)
        chosen = chosen[: len(chosen) // 2]  # each of them holds alone, so that at last the first one does
    return made


def _apart(proposals: list[_Proposal]) -> list[_Proposal]:
    """Return those proposals that do not touch an earlier one; two may share an edit."""
    taken: set[Edit] = set()
    chosen: list[_Proposal] = []
    for diagnostic, fix in proposals:
        fresh = [edit for edit in fix.edits if edit not in taken]
        if not any(edit.span.touches(other.span) for edit in fresh for other in taken):
            taken.update(fresh)
            chosen.append((diagnostic, fix))
    return chosen


def _together(analysis: Analysis, proposals: list[_Proposal]) -> _Made | None:
    """Return the analysis after all `proposals`, None where they do not all keep their promise."""
    if not proposals:
        return None
    edits = ordered(edit for _, fix in proposals for edit in fix.edits)
    after = analysis.with_edits(edits)
    gone = [diagnostic for diagnostic, _ in proposals]
    return (after, gone) if acceptable(analysis.snapshot(), after.snapshot(), edits, gone) else None
