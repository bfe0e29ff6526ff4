"""Lowering of strings, f-strings and implicit concatenation."""

import re
from collections.abc import Iterable

import libcst as cst

from ml_architect.syntax.literals import string_value, text_value
from ml_architect.syntax.lowering.cursor import Cursor, LoweringTable, OutOfStepError
from ml_architect.syntax.nodes import Constant, Expression, FormattedString, Piece, Unknown
from ml_architect.syntax.tokens import field_tokens

_OPENING = re.compile(r"""([fFtTrR]+)(?:\"\"\"|'''|"|')""")
_AFTER_EXPRESSION = re.compile(r"(?:\s|\\[\r\n]|#[^\r\n]*)*(?:=\s*)?(?:![a-z]\s*)?:?")


def _simple(at: Cursor, _node: cst.SimpleString) -> Constant | Unknown:
    index = at.index
    at.index = index + 1
    return _literal(at.piece, at.starts[index], at.ends[index], string_value(at.texts[index]))


def _literal(piece: Piece, start: int, end: int, value: str | bytes | None) -> Constant | Unknown:
    if value is None:
        return Unknown(piece, start, end, ())
    return Constant(piece, start, end, value)


def _formatted(at: Cursor, node: cst.FormattedString) -> FormattedString:
    start = at.start()
    parts = _parts(at, node)
    return FormattedString(at.piece, start, at.end(), parts)


def _templated(at: Cursor, node: cst.TemplatedString) -> Unknown:
    """Lower a t-string, which is no text."""
    start = at.start()
    parts = _parts(at, node)
    return Unknown(at.piece, start, at.end(), parts)


def _parts(at: Cursor, node: cst.FormattedString | cst.TemplatedString) -> tuple[Expression, ...]:
    start = at.start()
    opening = _OPENING.match(at.take())
    if opening is None:
        raise OutOfStepError
    parts: list[Expression] = []
    _contents(at, node.parts, start + opening.end(), "r" in opening.group(1).lower(), parts)
    return tuple(parts)


def _contents(
    at: Cursor,
    nodes: Iterable[cst.BaseFormattedStringContent | cst.BaseTemplatedStringContent],
    position: int,
    is_raw: bool,
    parts: list[Expression],
) -> int:
    """Add what stands from `position` on in an f-string to `parts`; return where it ends."""
    for node in nodes:
        if isinstance(node, (cst.FormattedStringText, cst.TemplatedStringText)):
            end = position + len(node.value)
            value = text_value(node.value, is_raw=is_raw).replace("{{", "{").replace("}}", "}")
            parts.append(Constant(at.piece, position, end, value))
            position = end
        elif isinstance(node, (cst.FormattedStringExpression, cst.TemplatedStringExpression)):
            position = _field(at, node, position, is_raw, parts)
    return position


def _field(
    at: Cursor,
    node: cst.FormattedStringExpression | cst.TemplatedStringExpression,
    position: int,
    is_raw: bool,
    parts: list[Expression],
) -> int:
    """Add the expressions of the replacement field at `position` to `parts`; return where it ends."""
    text = at.piece.text
    inside = Cursor(at.piece, field_tokens(text, position + 1), at.table)
    inside.depth = at.depth
    parts.append(inside.expression(node.expression))
    inside.expect_end()
    after = _AFTER_EXPRESSION.match(text, inside.end())
    if after is None:
        raise OutOfStepError
    position = _contents(at, node.format_spec or (), after.end(), is_raw, parts)
    return position + 1


def _concatenated(at: Cursor, node: cst.ConcatenatedString) -> Expression:
    start = at.start()
    pieces: list[Expression] = []
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.ConcatenatedString):
        pieces.append(at.expression(rest.left))
        rest = rest.right
    pieces.append(at.expression(rest))
    values = [piece.value for piece in pieces if isinstance(piece, Constant)]
    if len(values) == len(pieces):
        return _literal(at.piece, start, at.end(), _joined(values))
    parts: list[Expression] = []
    for piece in pieces:
        parts += piece.parts if isinstance(piece, FormattedString) else (piece,)
    return FormattedString(at.piece, start, at.end(), tuple(parts))


def _joined(values: list[object]) -> str | bytes | None:
    """Join the values of literals side by side; None if they mix text and bytes."""
    texts = [value for value in values if isinstance(value, str)]
    data = [value for value in values if isinstance(value, bytes)]
    if texts and data:
        return None
    return "".join(texts) if texts else b"".join(data)


TABLE: LoweringTable[Expression] = LoweringTable(
    {
        cst.ConcatenatedString: _concatenated,
        cst.FormattedString: _formatted,
        cst.SimpleString: _simple,
        cst.TemplatedString: _templated,
    }
)
