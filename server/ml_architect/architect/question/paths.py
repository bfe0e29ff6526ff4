"""Where a place of the text stands among the statements: the way from the module down to it, and whole rows."""

from typing import NamedTuple

from ml_architect.facts import ModuleFacts, Site
from ml_architect.syntax.nodes import ClassDef, FunctionDef, Statement
from ml_architect.text import Source, Span

__all__ = ["Path", "Paths", "Rows", "Step", "rows_of", "span_of"]


class Rows(NamedTuple):
    """Whole lines of a text, counted from 0; `last` belongs to them."""

    first: int
    last: int

    def touches(self, other: "Rows") -> bool:
        """Return whether the two share a row."""
        return self.first <= other.last and other.first <= self.last

    def joined(self, other: "Rows") -> "Rows":
        """Return the rows from the first to the last of both."""
        return Rows(min(self.first, other.first), max(self.last, other.last))


class Step(NamedTuple):
    """A statement on the way to a place, and the statement list that it is in."""

    site: Site
    siblings: list[Site]


Path = tuple[Step, ...]
"""The statements around a place, outermost first."""


def rows_of(source: Source, span: Span) -> Rows:
    """Return the rows that `span` has a part in."""
    return Rows(source.row_at(span.start), source.row_at(max(span.start, span.end - 1)))


def span_of(source: Source, rows: Rows) -> Span:
    """Return `rows` as a range of the text, with the last one's line ending."""
    starts = source.line_starts
    end = starts[rows.last + 1] if rows.last + 1 < len(starts) else len(source.text)
    return Span(starts[rows.first], end)


class Paths:
    """Finds the statements around places of one module."""

    def __init__(self, facts: ModuleFacts) -> None:
        self.facts = facts
        self.source = facts.module.source
        self._blocks: dict[Statement, list[list[Site]]] = {}
        for (owner, _), block in facts.structure.blocks.items():
            self._blocks.setdefault(owner, []).append(block)

    def rows(self, site: Site) -> Rows:
        """Return the rows of a statement, those of its decorators included."""
        rows = rows_of(self.source, self.facts.span(site.statement))
        if isinstance(site.statement, (FunctionDef, ClassDef)) and site.statement.decorators:
            first = self.facts.span(site.statement.decorators[0])
            rows = Rows(self.source.row_at(first.start), rows.last)
        return rows

    def run(self, first: Site, last: Site) -> Rows:
        """Return the rows from one statement to a later one of the same list."""
        return self.rows(first).joined(self.rows(last))

    def to(self, offset: int) -> Path:
        """Return the statements around `offset`; between two statements, those around the end of the earlier one."""
        path: list[Step] = []
        blocks = [self.facts.structure.body]
        row = self.source.row_at(offset)
        while True:
            step = self._step(blocks, offset, row, nearest=not path)
            if step is None:
                return tuple(path)
            path.append(step)
            blocks = self._blocks.get(step.site.statement, [])

    def _step(self, blocks: list[list[Site]], offset: int, row: int, *, nearest: bool) -> Step | None:
        on_row: Step | None = None
        before: Step | None = None
        for block in blocks:
            for site in block:
                rows = self.rows(site)
                if rows.first <= row <= rows.last:
                    span = self.facts.span(site.statement)
                    if span.start <= offset <= span.end:
                        return Step(site, block)
                    on_row = on_row or Step(site, block)
                elif rows.last < row:
                    before = Step(site, block)
        return on_row or (before if nearest else None)

    def outermost_function(self, path: Path) -> int | None:
        """Return the index of the outermost function on `path`, None where there is none."""
        return next((i for i, step in enumerate(path) if isinstance(step.site.statement, FunctionDef)), None)
