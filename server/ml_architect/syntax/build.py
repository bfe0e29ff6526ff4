"""Building the entries of a text from its logical lines."""

from dataclasses import replace
from typing import cast

from ml_architect.syntax.blocks import MAX_LEAF, Blocks, Clause, misplaced_clause
from ml_architect.syntax.complaints import first_row
from ml_architect.syntax.entries import Entry, Placed, Pool, gathered, moved
from ml_architect.syntax.nodes import Piece, SyntaxProblem
from ml_architect.syntax.past import Past
from ml_architect.syntax.pieces import Lowered, PieceError, Shape, lower_piece
from ml_architect.syntax.shells import ClauseParts, joined, missing_header

_MAX_BLOCK_DEPTH = 60


class Builder:
    """Builds entries for one version of a text, taking over what it can from the version before."""

    def __init__(self, blocks: Blocks, pool: Pool, past: Past | None) -> None:
        self._blocks = blocks
        self._lines = blocks.lines
        self._pool = pool
        self._past = past
        self._depth = 0

    def block(self, rows: range) -> list[Placed]:
        """Return the entries of the statements in the lines `rows`, in text order."""
        if not rows:
            return []
        runs = self._blocks.runs(rows)
        shape = Shape(indented=self._lines[rows.start].column > 0 and self._depth > 0)
        result: list[Placed | None] = []
        for run in runs:
            ...
