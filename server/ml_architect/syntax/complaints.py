"""What is said about a piece that does not parse, and where."""

import re
from bisect import bisect_left

import libcst as cst

from ml_architect.syntax.nodes import Piece, SyntaxProblem
from ml_architect.syntax.tokens import Tokens

_PLACE = re.compile(r"error at (\d+):(\d+)")
_ROW = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_BLOCK_EDGE = re.compile(r"\b(?:EOF|DEDENT)\b")
_LONGEST = 20


def first_row(text: str) -> tuple[int, int]:
    """Return where the first row of `text` starts and ends, without indentation and white space behind."""
    match = _ROW.match(text)
    row = match.group(1) if match else ""
    return len(row) - len(row.lstrip(" \t\f")), max(len(row.rstrip(" \t\f")), 1)


def about(text: str, message: str) -> SyntaxProblem:
    """Return a problem with the first row of `text`."""
    return SyntaxProblem(*first_row(text), message)


def too_deep(piece: Piece) -> SyntaxProblem:
    """Say that `piece` nests too deeply."""
    return about(piece.text, "the expression nests too deeply to be analysed")


def unencodable(piece: Piece) -> SyntaxProblem:
    """Say that `piece` holds lone surrogates."""
    return about(piece.text, "the text has characters that no encoding can store")


def out_of_step(piece: Piece) -> SyntaxProblem:
    """Say that the places of the nodes in `piece` could not be told."""
    return about(piece.text, "the text could not be read token by token")


def invalid(piece: Piece, error: cst.CSTValidationError | cst.CSTLogicError) -> SyntaxProblem:
    """Say why LibCST refused to build a node of `piece`."""
    said = str(error).rstrip(".!")
    return about(piece.text, said[:1].lower() + said[1:])


def rejected(piece: Piece, tokens: Tokens, error: cst.ParserSyntaxError, rows_before: int) -> SyntaxProblem:
    """Say what LibCST found wrong in `piece`, which was parsed behind `rows_before` other rows."""
    said = error.message
    if never_closed := _open_brackets(tokens.texts):
        start = tokens.starts[never_closed[-1]]
        return SyntaxProblem(start, start + 1, f"`{piece.text[start]}` is never closed")
    place = _PLACE.search(said)
    if place is None:
        said = said.removeprefix("tokenizer error: ")
        return about(piece.text, said[:1].lower() + said[1:])
    problem = _unexpected(
        piece, tokens, said, _offset(piece.text, int(place.group(1)) - rows_before, int(place.group(2)))
    )
    last = max(1, len(piece.text.rstrip()))
    return SyntaxProblem(min(problem.start, last - 1), min(problem.end, last), problem.message)


def _unexpected(piece: Piece, tokens: Tokens, said: str, offset: int) -> SyntaxProblem:
    """Say what is wrong with the token before `offset`, which is where LibCST's parser got stuck."""
    text = piece.text
    index = bisect_left(tokens.starts, offset) - 1
    if index < 0:
        return about(text, "unexpected indentation")
    start, end = tokens.starts[index], tokens.ends[index]
    between = text[end:offset]
    behind_row = "\n" in between or "\r" in between or offset > len(text)
    if behind_row and _BLOCK_EDGE.search(said):
        return SyntaxProblem(offset, offset + 1, "unexpected indentation")
    if said.endswith("expected INDENT"):
        return SyntaxProblem(start, end, "expected an indented block")
    if behind_row and not _open_brackets(tokens.texts[:index]):
        return SyntaxProblem(end - 1, end, "unexpected end of line")
    shown = tokens.texts[index]
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
    return SyntaxProblem(start, end, f"unexpected `{shown}`")


def _open_brackets(texts: list[str]) -> list[int]:
    """Return which of the tokens `texts` are brackets that are still open behind the last of them."""
    result: list[int] = []
    for index, text in enumerate(texts):
        if text in "([{":
            result.append(index)
        elif text in ")]}" and result:
            result.pop()
    return result


def _offset(text: str, row: int, column: int) -> int:
    """Return the offset of `column` (from 0) in `row` (from 1); may lie behind the text."""
    position = 0
    for _ in range(row - 1):
        match = _ROW.match(text, position)
        if match is None or not match.group(2):
            return len(text) + column
        position = match.end()
    return position + column
