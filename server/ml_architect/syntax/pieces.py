"""Parsing one piece of a text with LibCST, and lowering it at once."""

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import libcst as cst

from ml_architect.syntax.complaints import invalid, out_of_step, rejected, too_deep, unencodable
from ml_architect.syntax.depth import is_too_deep
from ml_architect.syntax.lowering import comprehensions, expressions, strings
from ml_architect.syntax.lowering.compound import clause, handler, if_statement, statements, suite
from ml_architect.syntax.lowering.cursor import Cursor, LoweringTable, OutOfStepError, TooDeepError
from ml_architect.syntax.nodes import Handler, Piece, Statement, SyntaxProblem
from ml_architect.syntax.tokens import Tokens, tokenize

Lowered: TypeAlias = Statement | Handler


class Shape(NamedTuple):
    """What the text of a piece is.

    A piece is a run of statements, or, if `clause` is a word such as ``"elif"``, the first lines of
    one clause of a compound statement; an `open` clause has its block in other pieces.
    """

    indented: bool
    clause: str = ""
    open: bool = False


class PieceError(Exception):
    """A piece does not parse; `problem` has its place within the piece's text."""

    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Frame(NamedTuple):
    """Lines to put before and behind a clause so that it parses on its own."""

    before: str = ""
    behind: str = ""


_FRAMES = {
    "elif": _Frame(before="if 1: pass\n"),
    "else": _Frame(before="if 1: pass\n"),
    "except": _Frame(before="try: pass\n"),
    "finally": _Frame(before="try: pass\n"),
    "try": _Frame(behind="finally: pass\n"),
}
_OUTER = "if 1:\n"
_EXPRESSIONS = LoweringTable(expressions.TABLE | strings.TABLE | comprehensions.TABLE)
PLAIN_CLAUSES = frozenset({"try", "else", "finally"})
"""Clauses without a node of their own: lowering one gives the statements behind its colon."""

_INDENTATION = re.compile(r"[ \t\f]*")


def indentation_of(text: str) -> str:
    """Return the white space that `text` starts with."""
    match = _INDENTATION.match(text)
    return match.group() if match else ""


def _behind_form_feed(text: str) -> str:
    """Return `text` without a form feed in its first indentation, which LibCST takes for part of it."""
    return text[indentation_of(text).rfind("\f") + 1 :]


def lower_piece(piece: Piece, shape: Shape) -> tuple[Lowered, ...]:
    """Parse `piece` and return its statements; for a clause, its node (see `PLAIN_CLAUSES`).

    Raises:
        PieceError: if LibCST rejects the text, or if it nests too deeply to be handed to LibCST.
    """
    if shape.open and shape.clause in PLAIN_CLAUSES and piece.text.strip(" \t\r\n") == f"{shape.clause}:":
        return ()  # nothing to parse
    indentation = indentation_of(_behind_form_feed(piece.text))
    text = _whole_lines(piece.text)
    if shape.open:
        text += f"{indentation} pass\n"
    tokens = tokenize(text)
    if is_too_deep(text, tokens):
        raise PieceError(too_deep(piece))
    frame = _FRAMES.get(shape.clause, _Frame())
    before = frame.before and indentation + frame.before
    behind = frame.behind and indentation + frame.behind
    if shape.indented:
        before = _OUTER + before
    try:
        body = _body(cst.parse_module(before + _behind_form_feed(text) + behind), shape.indented)
    except cst.ParserSyntaxError as error:
        raise PieceError(rejected(piece, tokens, error, before.count("\n"))) from None
    except (cst.CSTValidationError, cst.CSTLogicError) as error:
        raise PieceError(invalid(piece, error)) from None
    except UnicodeEncodeError:
        raise PieceError(unencodable(piece)) from None
    result = _lowered(piece, body, shape, tokens)
    return result[:-1] if shape.open and shape.clause in PLAIN_CLAUSES else result


def lower_side_by_side(pieces: Sequence[Piece], counts: Sequence[int]) -> list[tuple[Lowered, ...]] | None:
    """Parse `pieces` of one block at once, which takes less time than one by one.

    Each has as many statements as `counts` says. Returns what each was lowered to, or None if
    something is wrong with any of them: `lower_piece` says what.
    """
    tokens = [tokenize(piece.text) for piece in pieces]
    if any(is_too_deep(piece.text, found) for piece, found in zip(pieces, tokens, strict=True)):
        return None
    indented = pieces[0].indented
    text = _behind_form_feed("".join([_whole_lines(piece.text) for piece in pieces]))
    try:
        body = _body(cst.parse_module(_OUTER + text if indented else text), indented)
        if len(body) != sum(counts):
            return None
        stops = accumulate(counts)
        return [
            _lowered(piece, body[stop - count : stop], Shape(indented), found)
            for piece, count, stop, found in zip(pieces, counts, stops, tokens, strict=True)
        ]
    except (cst.ParserSyntaxError, cst.CSTValidationError, cst.CSTLogicError, UnicodeEncodeError, PieceError):
        return None


def _whole_lines(text: str) -> str:
    return text if text[-1:] in ("\r", "\n") else f"{text}\n"


def _body(module: cst.Module, indented: bool) -> tuple[cst.BaseStatement, ...]:
    """Return the statements of `module`, looking inside the outer block if they are `indented`."""
    outer = module.body[0] if indented else None
    block = outer.body.body if isinstance(outer, cst.If) else module.body
    return tuple(block)  # type: ignore[arg-type]  # a block holds statements only


def _lowered(piece: Piece, body: tuple[cst.BaseStatement, ...], shape: Shape, tokens: Tokens) -> tuple[Lowered, ...]:
    at = Cursor(piece, tokens, _EXPRESSIONS)
    try:
        result = _lower_framed(at, body[0], shape.clause) if shape.clause else statements(at, body)
        at.expect_end()
    except TooDeepError:
        raise PieceError(too_deep(piece)) from None
    except (OutOfStepError, IndexError):
        raise PieceError(out_of_step(piece)) from None
    return result


def _lower_framed(at: Cursor, framed: cst.BaseStatement, word: str) -> tuple[Lowered, ...]:
    """Lower the clause that starts with `word` of the statement `framed`."""
    if isinstance(framed, cst.If) and word == "elif" and isinstance(framed.orelse, cst.If):
        return (if_statement(at, framed.orelse),)
    if isinstance(framed, cst.If) and word == "else" and isinstance(framed.orelse, cst.Else):
        return clause(at, framed.orelse)
    if isinstance(framed, (cst.Try, cst.TryStar)):
        if word == "except":
            return (handler(at, framed.handlers[0]),)
        if word == "finally":
            return clause(at, framed.finalbody)
        if word == "try":
            at.index += 1
            return suite(at, framed.body)
    return statements(at, (framed,))
