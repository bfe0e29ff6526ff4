"""Where a finding is shown, and which lines belong to it."""

from bisect import bisect_right
from collections.abc import Iterator

from ml_architect.syntax import Module
from ml_architect.syntax.nodes import (
    ClassDef,
    For,
    FunctionDef,
    If,
    Match,
    Node,
    Statement,
    Try,
    While,
    With,
)
from ml_architect.text import Span

__all__ = ["innermost_statement", "is_stale", "place_span", "statement_rows"]

_COMPOUND = (ClassDef, For, FunctionDef, If, Match, Try, While, With)


def place_span(module: Module, place: Node | Span) -> Span:
    """Return what to mark for `place`: of a function or class its name, of a block its header, else all of it."""
    if isinstance(place, Span):
        return _inside(module, place)
    span = module.span(place)
    if isinstance(place, FunctionDef | ClassDef):
        start = span.start + place.name_start - place.start
        span = Span(start, start + len(place.name))
    elif isinstance(place, _COMPOUND):
        header = module.header_span(place)
        text = module.source.text[header.start : header.end]
        span = Span(header.start, header.start + len(text.removesuffix(":").rstrip()))
    return _inside(module, span)


def is_stale(module: Module, place: Node | Span) -> bool:
    """Return whether `place` stands in a statement that does not parse at the moment."""
    if isinstance(place, Span):
        statement = innermost_statement(module, place.start)
        return statement is not None and module.is_stale(statement)
    return module.is_stale(place)


def innermost_statement(module: Module, offset: int) -> Statement | None:
    """Return the smallest statement around `offset`, None where there is none."""
    found = None
    inner = _around(module, module.body, offset)
    while inner is not None:
        found = inner
        inner = next((hit for block in _blocks(found) if (hit := _around(module, block, offset))), None)
    return found


def statement_rows(module: Module, statement: Statement) -> tuple[int, int]:
    """Return the first and the last row (from 0) of `statement`, of a compound one those of its header."""
    span = module.header_span(statement) if isinstance(statement, _COMPOUND) else module.span(statement)
    row_at = module.source.row_at
    return row_at(span.start), row_at(span.end)


def _inside(module: Module, span: Span) -> Span:
    length = len(module.source.text)
    start = min(max(span.start, 0), length)
    return Span(start, min(max(span.end, start), length))


def _around(module: Module, block: tuple[Statement, ...], offset: int) -> Statement | None:
    """Return the statement of `block` that `offset` stands in."""
    index = bisect_right(block, offset, key=lambda statement: module.span(statement).start) - 1
    if index < 0:
        return None
    statement = block[index]
    return statement if offset <= module.span(statement).end else None


def _blocks(statement: Node) -> Iterator[tuple[Statement, ...]]:
    """Yield the blocks that stand directly in `statement`, also those of its handlers and cases."""
    match statement:
        case Match():
            yield from (case.body for case in statement.cases)
        case Try():
            yield statement.body
            yield from (handler.body for handler in statement.handlers)
            yield from (statement.orelse, statement.final)
        case For() | If() | While():
            yield from (statement.body, statement.orelse)
        case ClassDef() | FunctionDef() | With():
            yield statement.body
