"""Apply repairs until nothing is left to repair."""

from collections import Counter
from dataclasses import dataclass

from ml_architect.engine.analysis import Analysis
from ml_architect.engine.report import Diagnostic
from ml_architect.engine.verification import acceptable
from ml_architect.rewrite import Fix, Safety
from ml_architect.text import Edit, Source
from ml_architect.text.edit import ordered

__all__ = ["FixResult", "fix_all"]

_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class FixResult:
    """The document after all repairs; `applied` counts them by rule."""

    source: Source
    applied: tuple[tuple[str, int], ...]
    analysis: Analysis


def fix_all(analysis: Analysis, unsafe: bool = False) -> FixResult:
    """Return the document with every safe repair made (with `unsafe`, every repair), to a fixed point.

    Each round makes repairs that do not touch each other, and is verified as a whole; where that fails, its repairs
    are verified one by one. There are at most ten rounds.
    """
    applied: Counter[str] = Counter()
    for _ in range(_ROUNDS):
        made = _round(analysis, unsafe=unsafe)
        if made is None:
            break
        analysis, repaired = made
        applied.update(diagnostic.code for diagnostic in repaired)
    return FixResult(analysis.source, tuple(sorted(applied.items())), analysis)


_Proposal = tuple[Diagnostic, Fix]
_Made = tuple[Analysis, list[Diagnostic]]


def _round(analysis: Analysis, *, unsafe: bool) -> _Made | None:
    proposals = [
        (diagnostic, fix)
        for diagnostic in analysis.diagnostics
        if (fix := analysis.proposed_fix(diagnostic)) and (unsafe or fix.safety is Safety.SAFE)
    ]
    made = _together(analysis, _apart(proposals))
    if made is not None:
        return made
    verified = [(diagnostic, fix) for diagnostic, _ in proposals if (fix := analysis.fix(diagnostic))]
    return _together(analysis, _apart(verified)) or _together(analysis, verified[:1])


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
