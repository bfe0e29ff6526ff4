"""Texts that are put together from parts: a notebook's cells, and in them what is not Python."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ml_architect.text.edit import Edit
from ml_architect.text.lines import split_lines
from ml_architect.text.span import Span

CELL_MAGIC = "%%"
FREE = "\f"
"""Stands for what is at the start of a line without indenting it, as Python reads it; no edit may copy it."""


class Cell(NamedTuple):
    """One part: where its own text stands, without the line break behind it, and its number for people, from 1."""

    span: Span
    number: int


class Kept(NamedTuple):
    """A place that no edit may touch; something of the same length and line breaks stands there for `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of one text: at least one cell, each behind a line break, and in them the places that are kept."""

    cells: tuple[Cell, ...]
    kept: tuple[Kept, ...] = ()

    @property
    def starts(self) -> list[int]:
        """Where the cells start."""
        return [cell.span.start for cell in self.cells]

    def index_at(self, offset: int) -> int:
        """Return which cell holds `offset`; the line break behind a cell belongs to it."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def fitted(self, text: str, edit: Edit) -> Edit | None:
        """Return `edit` so that it stays inside one cell of `text`, None where it cannot, or touches what is kept."""
        index = self.index_at(edit.span.start)
        if index and edit.span == (self.starts[index],) * 2 and edit.replacement[:1] in {" ", "\t"}:
            index -= 1  # something indented continues the block above, which is the end of the cell before
        cell = self.cells[index].span
        stop = self.cells[index + 1].span.start if index + 1 < len(self.cells) else len(text)
        inner = _without_joint(text, edit, cell, stop)
        if inner is None or FREE in inner.replacement or any(_disturbs(text, inner, kept, cell) for kept in self.kept):
            return None
        return inner

    def moved(self, edits: Sequence[Edit]) -> "Layout":
        """Return the layout once `edits` are made, each of which is `fitted`."""
        growth = [0] * len(self.cells)
        for edit in edits:
            growth[self.index_at(edit.span.start)] += _growth(edit)
        cells: list[Cell] = []
        shift = 0
        for cell, more in zip(self.cells, growth, strict=True):
            cells.append(cell._replace(span=Span(cell.span.start + shift, cell.span.end + shift + more)))
            shift += more
        return Layout(tuple(cells), tuple(_shifted(kept, edits) for kept in self.kept))

    def written(self, text: str) -> str:
        """Return `text` with what is kept in its own words."""
        pieces: list[str] = []
        position = 0
        for kept in self.kept:
            pieces += (text[position : kept.span.start], kept.text)
            position = kept.span.end
        return "".join((*pieces, text[position:]))


def _growth(edit: Edit) -> int:
    return len(edit.replacement) - (edit.span.end - edit.span.start)


def _shifted(kept: Kept, edits: Sequence[Edit]) -> Kept:
    shift = sum(_growth(edit) for edit in edits if edit.span.end <= kept.span.start)
    return kept._replace(span=kept.span.shifted(shift))


def _without_joint(text: str, edit: Edit, cell: Span, stop: int) -> Edit | None:
    """Return `edit` without the line break ``text[cell.end:stop]``, which is not the cell's own."""
    (start, end), replacement = edit
    joint = text[cell.end : stop]
    if end <= cell.end:
        return edit
    if end > stop or cell.end < start < stop:
        return None
    if start == stop:  # behind the cell: a line of its own, at its end
        return Edit(Span(cell.end, cell.end), joint + replacement.removesuffix(joint))
    if replacement.endswith(joint):
        return Edit(Span(start, cell.end), replacement.removesuffix(joint))
    if replacement:
        return None  # it would join a line with the next cell's first
    last_break = split_lines(text[cell.start : start])
    if len(last_break) > 1 and not last_break[-1]:  # whole lines go, and so does the line break before them
        before = last_break[-2]
        start -= len(before) - len(before.rstrip("\r\n"))
    return Edit(Span(start, cell.end), "")


def _disturbs(text: str, edit: Edit, kept: Kept, cell: Span) -> bool:
    """Return whether `edit` changes a place that is kept, or what stands beside it on its lines."""
    (start, end), replacement = edit
    first, last = kept.span
    if start < last and first < end:
        return True
    if end == first:
        if kept.text.startswith(CELL_MAGIC) and replacement:
            return True
        return bool(split_lines(text[cell.start : start] + replacement)[-1].strip())
    if start == last:
        if text[last : last + 1] not in {"", "\r", "\n"}:  # only the first word of the line is kept
            return replacement[:1].isspace() or not replacement
        return replacement[:1] not in {"\r", "\n"} if replacement else text[end : end + 1] not in {"", "\r", "\n"}
    return False
