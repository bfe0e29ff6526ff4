"""One version of one document, as an immutable value."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

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
