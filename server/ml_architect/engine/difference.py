"""The edits that lead from one text to another, small and apart, so that cursors and marks stay where they are."""

from difflib import SequenceMatcher
from itertools import accumulate

from ml_architect.engine.verification import minimal_edit
from ml_architect.text import Edit, Source, Span
from ml_architect.text.lines import split_lines

MOST_COMPARISONS = 4_000_000
"""Beyond this product of changed line counts one large edit is quicker than finding small ones."""


def changes(before: Source, after: Source) -> tuple[Edit, ...]:
    """Return the edits that turn `before` into `after`, an edited version of it with the same cells."""
    edits: list[Edit] = []
    for old, new in zip(before.parts, after.parts, strict=True):
        edits += (
            edit._replace(span=edit.span.shifted(old.start)) for edit in difference(old.source.text, new.source.text)
        )
    return tuple(edits)


def difference(before: str, after: str) -> tuple[Edit, ...]:
    """Return the edits that turn `before` into `after`, line by line and then to the character."""
    whole = minimal_edit(before, after)
    if whole is None:
        return ()
    old, new = split_lines(before), split_lines(after)
    if len(old) * len(new) > MOST_COMPARISONS:
        return (whole,)
    starts = [0, *accumulate(map(len, old))]
    edits: list[Edit] = []
    for kind, first, last, new_first, new_last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            small = minimal_edit("".join(old[first:last]), "".join(new[new_first:new_last]))
            if small is not None:
                edits.append(Edit(Span(*small.span).shifted(starts[first]), small.replacement))
    return tuple(edits)
