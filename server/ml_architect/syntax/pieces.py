"""Parsing one piece of a text with LibCST, and lowering it at once."""

import re
from typing import NamedTuple, TypeAlias

import libcst as cst

from ml_architect.syntax.complaints import invalid, out_of_step, rejected, too_deep, unencodable
from ml_architect.syntax.depth import is_too_deep
from ml_architect.syntax.lowering import comprehensions, expressions, strings
from ml_architect.syntax.lowering.compound import clause, handler, if_statement, statements, suite
from ml_architect.syntax.lowering.cursor import Cursor, OutOfStepError, TooDeepError
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
_EXPRESSIONS = expressions.TABLE | strings.TABLE | comprehensions.TABLE
PLAIN_CLAUSES = frozenset({"try", "else", "finally"})
"""Clauses without a node of their own: lowering one gives the statements behind its colon."""

_INDENTATION = re.compile(r"[ \t\f]*")


def indentation_of(text: str) -> str:
    """Return the white space that `text` starts with."""
    match = _INDENTATION.match(text)
    return match.group() if match else ""


def lower_piece(piece: Piece, shape: Shape) -> tuple[Lowered, ...]:
    """Parse `piece` and return its statements; for a clause, its node (see `PLAIN_CLAUSES`).

    Raises:
        PieceError: if LibCST rejects the text, or if it nests too deeply to be handed to LibCST.
    """
    indentation = indentation_of(piece.text)
    text = piece.text if piece.text[-1:] in ("\r", "\n") else piece.text + "\n"
    if shape.open:
        text += f"{indentation} pass\n"
    tokens = tokenize(text)
    if is_too_deep(text, tokens):
        raise PieceError(too_deep(piece))
    frame = _FRAMES.get(shape.clause, _Frame())
    before = frame.before and indentation + frame.before
    behind = frame.behind and indentation + frame.behind
    if shape.indented:
        before = f"if 1:\n{before}"
    try:
        module = cst.parse_module(before + text + behind)
    except cst.ParserSyntaxError as error:
        raise PieceError(rejected(piece, tokens, error, before.count("\n"))) from None
    except cst.CSTValidationError as error:
        raise PieceError(invalid(piece, error)) from None
    except UnicodeEncodeError:
        raise PieceError(unencodable(piece)) from None
    result = _lowered(piece, module, shape, tokens)
    return result[:-1] if shape.open and shape.clause in PLAIN_CLAUSES else result


def _lowered(piece: Piece, module: cst.Module, shape: Shape, tokens: Tokens) -> tuple[Lowered, ...]:
    body: tuple[cst.BaseStatement, ...] = tuple(module.body)
    if shape.indented and isinstance(body[0], cst.If):
        body = tuple(body[0].body.body)  # type: ignore[arg-type]  # as above
    at = Cursor(piece, tokens, _EXPRESSIONS)
    try:
        result = _lower_framed(at, body[0], shape.clause) if shape.clause else statements(at, body)
        at.expect_end()
    except TooDeepError:
        raise PieceError(too_deep(piece)) from None
    except OutOfStepError:
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
