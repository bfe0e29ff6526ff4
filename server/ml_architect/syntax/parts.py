"""The logical lines of documents that consist of parts, such as the cells of a notebook."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ml_architect.syntax.lines import Line, logical_lines
from ml_architect.text import Source


def lines_of(source: Source) -> list[Line]:
    """Return the logical lines of `source`; what a cell leaves open ends with the cell."""
    if source.layout is None:
        return logical_lines(source.text)
    lines: list[Line] = []
    for start, stop in pairwise([*source.layout.starts, len(source.text)]):
        own = logical_lines(source.text[start:stop])
        lines += (line._replace(start=line.start + start, end=line.end + start) for line in own)
    return lines


def rows_of_parts(source: Source, lines: Sequence[Line]) -> Iterator[range]:
    """Yield which of `lines` belong to each part of `source`, in order."""
    starts = source.layout.starts if source.layout else [0]
    firsts = [bisect_left(lines, start, key=lambda line: line.start) for start in starts]
    yield from (range(first, stop) for first, stop in pairwise([*firsts, len(lines)]))
