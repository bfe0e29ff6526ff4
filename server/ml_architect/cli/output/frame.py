"""A piece of source with line numbers, and marks under what is meant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ml_architect.cli.style import Painter, visible, width
from ml_architect.text import Source, Span

CONTEXT = 1
"""Lines shown before and after the first mark."""
WIDEST = 160
"""Cells of a line that are shown; a longer one is cut around its mark."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What to underline, and what to say there."""

    span: Span
    sign: str
    color: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class _PlacedMark:
    """A mark on one line: columns count code points from 0, `end` is exclusive."""

    row: int
    start: int
    end: int
    mark: Mark


def frame(source: Source, marks: Iterable[Mark], paint: Painter) -> str:
    """Return the lines of `source` that `marks` stand on, the first mark with its neighbours."""
    placed = [_place(source, mark) for mark in marks]
    first = placed[0].row
    last_row = len(source.line_starts) - (2 if source.text.endswith(("\n", "\r")) else 1)
    rows = {row for row in range(first - CONTEXT, first + CONTEXT + 1) if 0 <= row <= last_row}
    rows |= {item.row for item in placed}
    margin = len(str(max(rows) + 1))
    lines = _lines(source, sorted(rows), placed, margin, paint)
    return "\n".join([_gutter("", margin, paint), *lines, _gutter("", margin, paint)])


def _place(source: Source, mark: Mark) -> _PlacedMark:
    row = source.row_at(mark.span.start)
    line_start, line_end = source.line_span(row)
    start = min(mark.span.start, line_end) - line_start
    end = max(min(mark.span.end, line_end) - line_start, start)
    return _PlacedMark(row, start, end, mark)


def _lines(source: Source, rows: list[int], placed: list[_PlacedMark], margin: int, paint: Painter) -> Iterator[str]:
    before: int | None = None
    for row in rows:
        if before is not None and row > before + 1:
            yield paint("...", "blue")
        before = row
        here = sorted((item for item in placed if item.row == row), key=lambda item: item.start)
        text = source.line(row)
        low = _window_start(text, here)
        yield _gutter(str(row + 1), margin, paint, visible(_cut(text, low)))
        for item in here:
            yield _gutter("", margin, paint, _underline(text, low, item, paint))


def _window_start(text: str, here: list[_PlacedMark]) -> int:
    """Return the column from which a long line is shown, so that its first mark is in sight."""
    if width(text) <= WIDEST or not here or width(text[: here[0].end]) <= WIDEST:
        return 0
    return max(0, here[0].start - WIDEST // 4)


def _cut(text: str, low: int) -> str:
    head = "..." if low else ""
    rest = text[low:]
    return head + (rest if len(rest) <= WIDEST else rest[:WIDEST] + "...")


def _underline(text: str, low: int, item: _PlacedMark, paint: Painter) -> str:
    start, end = max(item.start, low), min(item.end, low + WIDEST)
    offset = width(text[low:start]) + (len("...") if low else 0)
    length = max(width(text[start:end]), 1)
    words = f"{item.mark.sign * length} {visible(item.mark.label)}".rstrip()
    return " " * offset + paint(words, item.mark.color, bold=True)


def _gutter(number: str, margin: int, paint: Painter, text: str = "") -> str:
    return f"{paint(f'{number:>{margin}} |', 'blue')} {text}".rstrip()
