"""Putting a compound statement together that was parsed in parts."""

import re
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from ml_architect.syntax.nodes import (
    ClassDef,
    For,
    FunctionDef,
    Handler,
    If,
    Piece,
    Statement,
    Try,
    Unknown,
    While,
    With,
)
from ml_architect.syntax.pieces import PLAIN_CLAUSES, Lowered, indentation_of

HEADER_KINDS: dict[str, "type[Header]"] = {
    "class": ClassDef,
    "def": FunctionDef,
    "elif": If,
    "except": Handler,
    "for": For,
    "if": If,
    "while": While,
    "with": With,
}
"""The node of each clause that has one."""

Header: TypeAlias = ClassDef | FunctionDef | If | Handler | For | While | With
_NAME = re.compile(r"(?:class|def)[ \t\f]+(\w+)")


class Part(NamedTuple):
    """One clause of a compound statement that was parsed in parts.

    `lowered` is its header's node, or the statements of a plain clause (``try``, ``else``, ``finally``)
    that has them on its own line; `body` is the block that was parsed apart, None if there is none.
    `start` is where the clause's piece starts, `end` where the clause ends.
    """

    word: str
    piece: Piece
    start: int
    lowered: tuple[Lowered, ...]
    body: tuple[Statement, ...] | None
    end: int

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of a plain clause."""
        own = tuple([item for item in self.lowered if not isinstance(item, Handler)])
        return own if self.body is None else self.body


def assembled(parts: list[Part]) -> Statement:
    """Return the compound statement whose clauses are `parts`; it belongs to the first clause's piece."""
    first, *others = parts
    end = parts[-1].end
    if first.word == "try":
        return _try(first, others, end)
    if first.word == "if":
        return _if(parts, end)
    node = _completed(first, first.end)
    if others and isinstance(node, (For, While)):
        return replace(node, orelse=others[-1].statements, end=end - first.start)
    assert not isinstance(node, Handler)  # noqa: S101  # no statement starts with `except`
    return node


def _completed(part: Part, end: int) -> Header:
    """Return the header's node of `part` with its block."""
    node = part.lowered[0]
    assert isinstance(node, Header)  # noqa: S101  # a clause with a node of its own
    body = node.body if part.body is None else part.body
    return replace(node, body=body, end=end - part.start)


def _if(parts: list[Part], end: int) -> If:
    orelse: tuple[Statement, ...] = ()
    for part in reversed(parts):
        if part.word in PLAIN_CLAUSES:
            orelse = part.statements
            continue
        node = _completed(part, end)
        assert isinstance(node, If)  # noqa: S101  # `if` and `elif` have no other
        result = replace(node, orelse=orelse)
        orelse = (result,)
    return result


def _try(first: Part, others: list[Part], end: int) -> Try:
    handlers: list[Handler] = []
    orelse: tuple[Statement, ...] = ()
    final: tuple[Statement, ...] = ()
    for part in others:
        if part.word == "else":
            orelse = part.statements
        elif part.word == "finally":
            final = part.statements
        else:
            node = _completed(part, part.end)
            assert isinstance(node, Handler)  # noqa: S101  # `except` has no other
            handlers.append(node)
    start = len(indentation_of(first.piece.text))
    return Try(first.piece, start, end - first.start, first.statements, tuple(handlers), orelse, final)


def placeholder(word: str, piece: Piece, start: int) -> Header:
    """Return a node for a header that does not parse, which says no more than what clause it is."""
    end = max(start, len(piece.text.rstrip()))
    unknown = Unknown(piece, start, end, ())
    if word in {"if", "elif"}:
        return If(piece, start, end, unknown, (), ())
    if word == "while":
        return While(piece, start, end, unknown, (), ())
    if word == "for":
        return For(piece, start, end, unknown, unknown, (), (), is_async=False)
    if word == "with":
        return With(piece, start, end, (), (), is_async=False)
    if word == "except":
        return Handler(piece, start, end, unknown, None, ())
    match = _NAME.search(piece.text, start)
    name, name_start = (match.group(1), match.start(1)) if match else ("", end)
    if word == "class":
        return ClassDef(piece, start, end, name, name_start, (), (), ())
    return FunctionDef(piece, start, end, name, name_start, (), (), None, (), is_async=False)
