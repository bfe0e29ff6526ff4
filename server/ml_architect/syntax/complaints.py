"""What is said about a piece that does not parse, and where."""

import re
from bisect import bisect_left

import libcst as cst

from ml_architect.syntax.nodes import Piece, SyntaxProblem
from ml_architect.syntax.tokens import Tokens

_PLACE = re.compile(r"error at (\d+):(\d+)")
_ROW = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_LONGEST = 20


def first_row(text: str) -> tuple[int, int]:
    """Return where the first row of `text` starts and ends, without indentation and white space behind."""
    match = _ROW.match(text)
    row = match.group(1) if match else ""
    return len(row) - len(row.lstrip()), max(len(row.rstrip()), 1)


def about(piece: Piece, message: str) -> SyntaxProblem:
    """Return a problem with the first row of `piece`."""
    return SyntaxProblem(*first_row(piece.text), message)


def too_deep(piece: Piece) -> SyntaxProblem:
    """Say that `piece` nests too deeply."""
    return about(piece, "the expression nests too deeply to be analysed")


def unencodable(piece: Piece) -> SyntaxProblem:
    """Say that `piece` holds lone surrogates."""
    return about(piece, "the text has characters that no encoding can store")


def out_of_step(piece: Piece) -> SyntaxProblem:
    """Say that the places of the nodes in `piece` could not be told."""
    return about(piece, "the text could not be read token by token")


def rejected(piece: Piece, tokens: Tokens, error: cst.ParserSyntaxError, rows_before: int) -> SyntaxProblem:
    """Say what LibCST found wrong in `piece`, which was parsed behind `rows_before` other rows."""
    said = error.message
    place = _PLACE.search(said)
    if place is None:
        return about(piece, said.removeprefix("tokenizer error: ").replace("\\0", "NUL"))
    row, column = int(place.group(1)) - rows_before, int(place.group(2))
    offset = _offset(piece.text, row - 1, column)
    index = bisect_left(tokens.starts, offset) - 1
    end_of_rows = len(piece.text.rstrip())
    if index < 0:
        return about(piece, "unexpected indentation")
    start, end = tokens.starts[index], tokens.ends[index]
    if said.endswith("expected INDENT"):
        return SyntaxProblem(start, max(min(end, end_of_rows), start + 1), "expected an indented block")
    if not column or start >= end_of_rows:
        end = min(end, end_of_rows)
        return SyntaxProblem(max(end - 1, 0), end, "unexpected end of line")
    token = tokens.texts[index]
    shown = token if len(token) <= _LONGEST else f"{token[:_LONGEST]}..."
    return SyntaxProblem(start, end, f"unexpected `{shown}`")


def _offset(text: str, row: int, column: int) -> int:
    """Return the offset of `column` in `row` (both from 0), clamped to the text."""
    position = 0
    for _ in range(row):
        match = _ROW.match(text, position)
        if match is None or not match.group(2):
            return len(text) + column
        position = match.end()
    return min(position + column, len(text) + column)
