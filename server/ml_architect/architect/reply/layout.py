"""How lines of a reply are brought into the layout of the document: indentation shifted, tabs and blanks exchanged.

Nothing is guessed: where the layout of the document or of the reply is not uniform there is no answer.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

__all__ = ["Relayout", "indentation", "is_mixed", "relayout"]

Relayout: TypeAlias = Callable[[str], str | None]
"""Turns a line of a reply into one of the document; None where its indentation has no counterpart."""

_TAB_WIDTHS = (2, 4, 8)


def indentation(line: str) -> str:
    """Return the blanks and tabs at the start of `line`."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def is_mixed(lines: Iterable[str]) -> bool:
    """Return whether some of `lines` are indented with blanks and some with tabs, or one with both."""
    return {" ", "\t"} <= set(_marks(lines))


def relayout(ours: Sequence[str], theirs: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Relayout | None:
    """Return what turns lines of a reply into the layout of the document.

    `ours` are lines of the document, `theirs` those of the reply, and `pairs` lines of both that mean the same. Each
    pair has to be as far apart as the others, in columns; None where that is not so. Where one side uses tabs and the
    other blanks, a tab may be 2, 4 or 8 of them: what all agree on counts, else how far the blanks indent a block.
    """
    if is_mixed(ours) or is_mixed(theirs):
        return None
    mark = (_marks(ours) or _marks(theirs))[:1] or " "
    found: dict[int, Relayout] = {}
    for tab in _TAB_WIDTHS:
        shifts = {_width(mine, tab) - _width(other, tab) for mine, other in pairs if mine.strip()}
        if len(shifts) == 1:
            found[tab] = _shifted_by(shifts.pop(), tab, mark)
    results = {tuple(layout(line) for line in theirs) for layout in found.values()}
    if len(results) == 1:
        return next(iter(found.values()))
    return found.get(_step(theirs if mark == "\t" else ours))


def _shifted_by(shift: int, tab: int, mark: str) -> Relayout:
    def moved(line: str) -> str | None:
        if not line.strip():
            return ""
        width = _width(line, tab) + shift
        if width < 0 or (mark == "\t" and width % tab):
            return None
        blanks = "\t" * (width // tab) if mark == "\t" else " " * width
        return blanks + line.strip(" \t")

    return moved


def _width(line: str, tab: int) -> int:
    return len(indentation(line).expandtabs(tab))


def _marks(lines: Iterable[str]) -> str:
    """Return all indentation of `lines` in one."""
    return "".join(indentation(line) for line in lines if line.strip())


def _step(lines: Sequence[str]) -> int:
    """Return by how many blanks blocks are mostly indented, 0 where there is none."""
    filled = [line for line in lines if line.strip()]
    steps = Counter(
        len(indentation(inner)) - len(indentation(outer))
        for outer, inner in pairwise(filled)
        if outer.rstrip().endswith(":") and len(indentation(inner)) > len(indentation(outer))
    )
    return steps.most_common(1)[0][0] if steps else 0
