"""One version of one document, as an immutable value."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ml_architect.text.edit import Edit, apply_edits, ordered
from ml_architect.text.layout import Layout
from ml_architect.text.span import Span

LINE_BREAK = re.compile(r"\r\n|\n|\r")


class Location(NamedTuple):
    """A place as people count it: `row` and `column` (code points) both start at 1."""

    row: int
    column: int


@dataclass(frozen=True, eq=False)
class Source:
    r"""The text of a document without its byte-order mark, and where it came from.

    Lines end at ``\n``, ``\r\n`` and ``\r`` only, as in Python and in the Language Server
    Protocol; a form feed or U+2028 is an ordinary character.
    """

    text: str
    path: Path | None = None
    version: int | None = None
    encoding: str = field(default="utf-8", kw_only=True)
    has_bom: bool = field(default=False, kw_only=True)
    layout: Layout | None = field(default=None, kw_only=True)
    """The cells that the text consists of, if it is a notebook's."""

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which lines start; never empty."""
        return [0, *(match.end() for match in LINE_BREAK.finditer(self.text))]

    @cached_property
    def newline(self) -> str:
        r"""The line ending to write: the first one that the text uses, else ``\n``."""
        match = LINE_BREAK.search(self.text)
        return match.group() if match else "\n"

    def row_at(self, offset: int) -> int:
        """Return the row (from 0) of the line that holds `offset`."""
        return bisect_right(self.line_starts, offset) - 1

    def location(self, offset: int) -> Location:
        """Return where `offset` stands, for people."""
        row = self.row_at(offset)
        return Location(row + 1, offset - self.line_starts[row] + 1)

    def line_span(self, row: int) -> tuple[int, int]:
        """Return start and end of line `row` (from 0), without its line ending."""
        start = self.line_starts[row]
        last = row + 1 == len(self.line_starts)
        end = len(self.text) if last else self.line_starts[row + 1]
        while not last and end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def line(self, row: int) -> str:
        """Return the text of line `row` (from 0), without its line ending."""
        start, end = self.line_span(row)
        return self.text[start:end]

    @cached_property
    def written(self) -> str:
        """The text as its author wrote it, also where something else stands for it here."""
        return self.layout.written(self.text) if self.layout else self.text

    def part(self, offset: int) -> "Part":
        """Return the cell that holds `offset`; of a text without cells all of it."""
        return self._cells[self.layout.index_at(offset)] if self.layout else Part(self, 0, None)

    @property
    def parts(self) -> tuple["Part", ...]:
        """The cells as documents of their own; of a text without cells the one document."""
        return self._cells if self.layout else (Part(self, 0, None),)

    @cached_property
    def _cells(self) -> tuple["Part", ...]:
        cells = self.layout.cells if self.layout else ()
        return tuple(
            Part(Source(self.written[slice(*cell.span)], self.path), cell.span.start, cell.number) for cell in cells
        )

    def fitted(self, edits: Iterable[Edit]) -> tuple[Edit, ...] | None:
        """Return `edits` so that each stays inside one cell; None where one cannot.

        Raises:
            OverlappingEditsError: if two different edits overlap.
        """
        if self.layout is None:
            return tuple(edits)
        inner: list[Edit] = []
        for edit in edits:
            fit = self.layout.fitted(self.text, edit)
            if fit is None:
                return None
            inner.append(fit)
        return tuple(ordered(inner))

    def edited(self, edits: Iterable[Edit]) -> "Source":
        """Return the document once `edits`, which are `fitted`, are made.

        Raises:
            OverlappingEditsError: if two different edits overlap.
        """
        chosen = ordered(edits)
        layout = self.layout.moved(chosen) if self.layout else None
        return replace(self, text=apply_edits(self.text, chosen), layout=layout)


class Part(NamedTuple):
    """A cell, or the whole of a document without cells: its own text, where it starts, its number for people."""

    source: Source
    start: int
    number: int | None

    def local(self, span: Span) -> Span:
        """Return where `span`, which starts in this part, stands in it; it ends here at the latest."""
        end = len(self.source.text)
        start = min(span.start - self.start, end)
        return Span(start, max(start, min(span.end - self.start, end)))
