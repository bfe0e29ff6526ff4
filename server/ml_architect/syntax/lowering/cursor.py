"""A place in a piece's tokens, moved along by the lowering functions, as their table says."""

from collections.abc import Callable
from typing import Generic, TypeVar

import libcst as cst

from ml_architect.syntax.nodes import Expression, Piece
from ml_architect.syntax.tokens import Tokens

MAX_DEPTH = 150
"""How deeply expressions may nest in a tree; walkers that recurse can rely on it."""


class TooDeepError(Exception):
    """An expression nests more deeply than `MAX_DEPTH`."""


class OutOfStepError(Exception):
    """The tokens of a piece are not those of its LibCST tree, or the tree has nodes that are not known here."""


Node_co = TypeVar("Node_co", covariant=True)


class LoweringTable(dict[type[cst.CSTNode], Callable[..., Node_co]], Generic[Node_co]):
    """What lowers each kind of LibCST node: a function of a cursor and the node.

    Raises:
        OutOfStepError: on looking up a kind that has no such function, as LibCST may get new ones.
    """

    def __missing__(self, kind: type[cst.CSTNode]) -> Callable[..., Node_co]:
        raise OutOfStepError(kind)


class Cursor:
    """Where the lowering of one piece stands: `index` is the next token.

    Every lowering function moves `index` past exactly the tokens of its node, so a node's place is
    known from the tokens at which it starts and stops. What tokens say is not asked of nodes.
    """

    __slots__ = ("depth", "ends", "index", "piece", "starts", "table", "texts")

    def __init__(self, piece: Piece, tokens: Tokens, table: LoweringTable[Expression]) -> None:
        self.piece = piece
        self.texts, self.starts, self.ends = tokens
        self.table = table
        self.index = 0
        self.depth = 0

    def expect_end(self) -> None:
        """Check that all tokens are used up.

        Raises:
            OutOfStepError: if they are not.
        """
        if self.index != len(self.texts):
            raise OutOfStepError

    def start(self) -> int:
        """Return where the next token starts."""
        return self.starts[self.index]

    def end(self) -> int:
        """Return where the token before the next one ends."""
        return self.ends[self.index - 1]

    def accept(self, text: str) -> bool:
        """Move past the next token if it is `text`; return whether it was."""
        if self.index < len(self.texts) and self.texts[self.index] == text:
            self.index += 1
            return True
        return False

    def take(self) -> str:
        """Move past the next token and return its text."""
        self.index += 1
        return self.texts[self.index - 1]

    def skip_brackets(self) -> None:
        """Move past the bracket that is the next token, all it holds and the bracket that closes it."""
        depth = 0
        while True:
            text = self.take()
            depth += (text in "([{") - (text in ")]}")
            if not depth:
                return

    def expression(self, node: cst.CSTNode) -> Expression:
        """Lower an expression, moving past it and the parentheses around it.

        Raises:
            TooDeepError: if expressions nest too deeply.
        """
        # A fresh node lies in memory that the processor has not at hand; the tokens are looked at first.
        is_open = self.texts[self.index] == "("
        parentheses = len(node.lpar) if is_open else 0  # type: ignore[attr-defined]  # every expression has them
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeepError
        self.index += parentheses
        result = self.table[type(node)](self, node)
        self.index += parentheses
        self.depth -= 1
        return result

    def optional(self, node: cst.CSTNode | None) -> Expression | None:
        """Lower an expression that may be missing."""
        return None if node is None else self.expression(node)
