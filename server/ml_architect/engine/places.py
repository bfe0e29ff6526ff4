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
    children,
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
        span = Span(span.start, span.start + _header_end(place) - place.start)
    return _inside(module, span)


def is_stale(module: Module, place: Node | Span) -> bool:
    """Return whether `place` stands in a statement that does not parse at the moment."""
    if isinstance(place, Span):
        statement = _top_level(module, place.start)
        return statement is not None and module.is_stale(statement)
    return module.is_stale(place)


def innermost_statement(module: Module, offset: int) -> Statement | None:
    """Return the smallest statement around `offset`, None where there is none."""
    statement = _top_level(module, offset)
    if statement is None:
        return None
    local = offset - module.span(statement).start + statement.start
    while True:
        inner = next((item for item in _blocks(statement) if item.start <= local <= item.end), None)
        if inner is None:
            return statement
        statement = inner


def statement_rows(module: Module, statement: Statement) -> tuple[int, int]:
    """Return the first and the last row (from 0) of `statement`, of a compound one those of its header."""
    span = module.span(statement)
    end = statement.end
    if isinstance(statement, _COMPOUND):
        end = _header_end(statement)
        colon = statement.piece.text.find(":", end, _body_start(statement))
        end = max(end, colon)
    row_at = module.source.row_at
    return row_at(span.start), row_at(span.start + end - statement.start)


def _inside(module: Module, span: Span) -> Span:
    length = len(module.source.text)
    start = min(max(span.start, 0), length)
    return Span(start, min(max(span.end, start), length))


def _top_level(module: Module, offset: int) -> Statement | None:
    index = bisect_right(module.body, offset, key=lambda statement: module.span(statement).start) - 1
    if index < 0:
        return None
    statement = module.body[index]
    return statement if offset <= module.span(statement).end else None


def _blocks(statement: Node) -> Iterator[Statement]:
    """Yield the statements that stand directly in `statement`, also those in its handlers and cases."""
    match statement:
        case Match(cases=parts):
            yield from (inner for part in parts for inner in part.body)
        case Try(body=body, handlers=parts, orelse=orelse, final=final):
            yield from (*body, *(inner for part in parts for inner in part.body), *orelse, *final)
        case For() | If() | While():
            yield from (*statement.body, *statement.orelse)
        case ClassDef() | FunctionDef() | With():
            yield from statement.body


def _body_start(statement: Node) -> int:
    """Return where the first inner block begins, in the piece of `statement`."""
    if isinstance(statement, Match):
        return min((case.start for case in statement.cases), default=statement.end)
    return min((inner.start for inner in _blocks(statement)), default=statement.end)


def _header_end(statement: Node) -> int:
    """Return where the last expression before the first inner block ends, in the piece of `statement`."""
    start = _body_start(statement)
    if isinstance(statement, Try):
        return statement.start + len("try")
    if isinstance(statement, ClassDef | FunctionDef):
        header = max(statement.start, statement.name_start + len(statement.name))
    else:
        header = statement.start
    return max([header, *(child.end for child in children(statement) if child.end <= start)])
