"""How lines of a reply are brought into the layout of the document: indentation shifted, tabs and blanks exchanged.

Nothing is guessed: where the layout of the document or of the reply is not uniform there is no answer.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

__all__ = ["Relayout", "indentation", "is_mixed", "relayout"]

Relayout: TypeAlias = Callable[[str], str | None]
"""Turns a line of a reply into one of the document; None where its indentation has no counterpart."""

_TAB_WIDTHS = frozenset({2, 4, 8})
_PLAIN_TAB = 8
"""Python's own width of a tab; any will do where both sides use tabs."""


def indentation(line: str) -> str:
    """Return the blanks and tabs at the start of `line`."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def is_mixed(lines: Iterable[str]) -> bool:
    """Return whether some of `lines` are indented with blanks and some with tabs, or one with both."""
    return {" ", "\t"} <= set(_marks(lines))


def relayout(ours: Sequence[str], theirs: Sequence[str], pairs: Iterable[tuple[str, str]]) -> Relayout | None:
    """Return what turns lines of a reply into the layout of the document.

    `ours` are lines of the document, `theirs` those of the reply, and `pairs` lines of both that mean the same. Each
    pair has to be as far apart as the others, in columns; None where that is not so.
    """
    if is_mixed(ours) or is_mixed(theirs):
        return None
    tab = _tab_width(ours, theirs)
    if tab is None:
        return None
    shifts = {_width(mine, tab) - _width(other, tab) for mine, other in pairs if mine.strip()}
    if len(shifts) != 1:
        return None
    mark = (_marks(ours) or _marks(theirs))[:1] or " "
    return _shifted_by(shifts.pop(), tab, mark)


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


def _tab_width(ours: Sequence[str], theirs: Sequence[str]) -> int | None:
    """Return how many blanks of the one side are a tab of the other; None where that is not certain.

    It matters only where one side uses tabs and the other blanks: then it is the step of the blanks.
    """
    mine, other = _marks(ours)[:1], _marks(theirs)[:1]
    if mine == other or not mine or not other:
        return _PLAIN_TAB
    step = _step(theirs if mine == "\t" else ours)
    return step if step in _TAB_WIDTHS else None


def _step(lines: Sequence[str]) -> int:
    """Return by how many blanks a block is mostly indented; without a block, what all indentation is a multiple of."""
    filled = [line for line in lines if line.strip()]
    widths = [len(indentation(line)) for line in filled]
    steps = Counter(
        inner - outer
        for line, (outer, inner) in zip(filled, pairwise(widths), strict=False)
        if line.rstrip().endswith(":") and inner > outer
    )
    return steps.most_common(1)[0][0] if steps else math.gcd(*widths)
