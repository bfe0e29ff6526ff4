"""Whether every part of a change is needed: leaving out any one of them must spoil the result.

A part is one statement, or one header of a block, that the change adds, removes or rewrites. Parts are found by the
residues: lines with the same residue belong together, lines without one come and go. What is left when a part is
taken back is written anew from its tokens and analysed; it is compared with the changed document written in the same
way, so that comments and layout play no role.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from ml_architect.architect.checks.change import Change, Version, change_between
from ml_architect.architect.checks.names import undefined_name
from ml_architect.architect.checks.parts import moved_block, parts_of
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.residual import ResidueLine
from ml_architect.engine import Analysis
from ml_architect.syntax.nodes import Simple
from ml_architect.text.lines import split_lines

__all__ = ["MAX_PARTS", "unneeded"]

MAX_PARTS = 12
"""A change with more parts is too large to be proven minimal in reasonable time."""


def unneeded(change: Change) -> str | None:
    """Return what the change could do without, in words; None where every part is needed.

    The residues of the two versions must be equal.
    """
    if _idle_passes(change.new) != _idle_passes(change.old):
        return "a `pass` comes or goes, which the repair does not need"
    moved = moved_block(change.old.full, change.new.full)
    if moved is not None:
        return moved
    parts = list(parts_of(change.old, change.new))
    if len(parts) > MAX_PARTS:
        return f"it has {len(parts)} parts, more than can be shown to be needed"
    if len(parts) <= 1:
        return None
    before, behind = _around(change.new)
    whole = change.new.analysis.with_text(before + _written([item.line for item in change.new.full]) + behind)
    for part in parts:
        if not _is_worse(whole, whole.with_text(before + _written(part.lines) + behind)):
            return f"{part.told}, which the repair does not need"
    return None


def _idle_passes(version: Version) -> int:
    """Return how many ``pass`` statements stand beside others in their block."""
    sizes = Counter(id(site.block) for site in version.sites)
    passes = (site for site in version.sites if isinstance(site.statement, Simple) and site.statement.keyword == "pass")
    return sum(sizes[id(site.block)] > 1 for site in passes)


def _around(version: Version) -> tuple[str, str]:
    """Return what stands before and behind the lines of `version` that are not shared."""
    places = [place for item in version.full for place in item.line.places if place >= 0]
    if version.statements is None or not places:
        return "", ""
    lines = split_lines(version.text)
    source = version.analysis.source
    first, last = source.row_at(places[0]), source.row_at(version.facts.span(version.statements[-1]).end)
    return "".join(lines[:first]), "".join(lines[last + 1 :])


def _is_worse(whole: Analysis, without: Analysis) -> bool:
    """Return whether a document has a problem without a part that the whole change does not have."""
    change = change_between(whole, without, (), (), Permits(()))
    if change is None or len(without.problems) > len(whole.problems) or undefined_name(change) is not None:
        return True
    return bool(_findings(without) - _findings(whole))


def _findings(analysis: Analysis) -> Counter[str]:
    return Counter(item.code for item in (*analysis.diagnostics, *analysis.suppressed))


def _written(lines: Sequence[ResidueLine]) -> str:
    """Return the program that consists of `lines`."""
    rows: list[str] = []
    for line, following in zip_longest(lines, lines[1:]):
        rows.append("    " * line.depth + " ".join(line.tokens))
        if line.tokens[-1] == ":" and (following is None or following.depth <= line.depth):
            rows.append("    " * (line.depth + 1) + "pass")
    return "\n".join((*rows, ""))
