"""Cells become one document, in the order in which they stand."""

from collections.abc import Sequence
from pathlib import Path

from ml_architect.notebook.magics import neutralised
from ml_architect.text import Cell, Kept, Layout, Source, Span
from ml_architect.text.source import LINE_BREAK


def joined(
    cells: Sequence[tuple[int, str]], path: Path | None = None, version: int | None = None, *, has_bom: bool = False
) -> Source:
    """Return the document that consists of `cells`, each with its number for people and its text.

    Every cell starts a line of its own. What is not Python in it is kept out of sight (see `neutralised`).
    """
    if not cells:
        return Source("", path, version, has_bom=has_bom)
    first_break = next((match.group() for _, text in cells if (match := LINE_BREAK.search(text))), "\n")
    pieces: list[str] = []
    spans: list[Cell] = []
    hidden: list[Kept] = []
    start = 0
    for number, text in cells:
        python, kept = neutralised(text)
        spans.append(Cell(Span(start, start + len(text)), number))
        hidden += (item._replace(span=item.span.shifted(start)) for item in kept)
        pieces += (python, first_break)
        start += len(text) + len(first_break)
    return Source("".join(pieces), path, version, has_bom=has_bom, layout=Layout(tuple(spans), tuple(hidden)))
