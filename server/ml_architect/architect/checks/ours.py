"""Whether a change is what our own repair writes, for rules whose repairs no analysis can tell from a near miss."""

from dataclasses import replace
from itertools import pairwise

from ml_architect.architect.checks.change import Change
from ml_architect.architect.checks.residual import difference, residue
from ml_architect.engine import Analysis
from ml_architect.text import Edit, apply_edits

__all__ = ["unlike_ours"]


def unlike_ours(change: Change) -> str | None:
    """Return what a change does otherwise than our own repair, in words; None where it does not matter, or nothing.

    The values of owned keywords may differ: they are judged by themselves.
    """
    allowances = change.permits.allowances
    if not any(allowance.exact for allowance in allowances):
        return None
    ours = _repaired(change)
    if ours is None or ours.facts is None:
        return "we have no repair of our own to compare it with"
    strict = [replace(allowance, statements=(), headers=(), rewrites={}) for allowance in allowances]
    told = difference(residue(ours.facts, strict), residue(change.new.facts, strict))
    return f"it differs from our own repair: {told[0]}" if told else None


def _repaired(change: Change) -> Analysis | None:
    """Return the document with all findings repaired by our own fixes, None where they have none or they collide."""
    edits: list[Edit] = []
    for target in change.targets:
        fix = change.old.analysis.fix(target)
        if fix is None:
            return None
        edits.extend(fix.edits)
    edits = sorted(set(edits), key=lambda edit: edit.span)
    if any(one.span.end > two.span.start for one, two in pairwise(edits)):
        return None
    return change.old.analysis.with_text(apply_edits(change.old.text, edits))
