"""Building the entries of a text from its logical lines."""

from ml_architect.syntax.blocks import MAX_LEAF, Blocks, Clause, Run, misplaced_clause
from ml_architect.syntax.complaints import about
from ml_architect.syntax.entries import Entry, Placed, Pool, gathered, moved
from ml_architect.syntax.nodes import Handler, Piece, Statement, SyntaxProblem
from ml_architect.syntax.past import Past
from ml_architect.syntax.pieces import Lowered, PieceError, Shape, indentation_of, lower_piece, lower_side_by_side
from ml_architect.syntax.shells import HEADER_KINDS, Part, assembled, placeholder

_MAX_LEVELS = 60
_BATCH_SIZE = 6000
"""So many code points are parsed in one go; LibCST's tree of them takes about 3 MB meanwhile."""


class Builder:
    """Builds the entries of one version of a text, taking over what it can from `pool`."""

    def __init__(self, blocks: Blocks, pool: Pool, past: Past | None) -> None:
        self._blocks = blocks
        self._lines = blocks.lines
        self._pool = pool
        self._past = past
        self._level = 0

    def block(self, rows: range) -> list[Placed]:
        """Return the entries of the statements in the lines `rows`, in text order."""
        shape = Shape(indented=self._level > 0)
        runs = self._blocks.runs(rows)
        entries = [self._pool.take(self._blocks.slice(run.rows), shape) for run in runs]
        missing = [run for run, entry in zip(runs, entries, strict=True) if entry is None]
        if missing:
            self._pool.divide()
        ready = self._side_by_side(missing, shape)
        return [
            Placed(entry or ready.get(run.rows) or self._run(run, shape), self._lines[run.rows.start].start)
            for run, entry in zip(runs, entries, strict=True)
        ]

    def _side_by_side(self, runs: list[Run], shape: Shape) -> dict[range, Entry]:
        """Parse small `runs` of one block in as few goes as is wise; leaves out what does not parse."""
        result: dict[range, Entry] = {}
        batch: list[Run] = []
        size = 0
        for run in runs:
            if run.is_small:
                batch.append(run)
                size += len(self._blocks.slice(run.rows))
            if size > _BATCH_SIZE:
                result.update(self._batch(batch, shape))
                batch, size = [], 0
        return result | self._batch(batch, shape)

    def _batch(self, runs: list[Run], shape: Shape) -> dict[range, Entry]:
        """Parse `runs` in one go; empty if that fails, or if there is only one to parse."""
        if not runs[1:]:
            return {}
        pieces = [Piece(self._blocks.slice(run.rows), shape.indented) for run in runs]
        lowered = lower_side_by_side(pieces, [len(run.units) for run in runs])
        found = zip(runs, pieces, lowered or (), strict=False)
        return {run.rows: _leaf(piece, shape, statements) for run, piece, statements in found}

    def _run(self, run: Run, shape: Shape) -> Entry:
        """Parse a run of statements together, or each on its own if that fails."""
        if len(run.units) == 1:
            return self._statement(run.rows, shape)
        try:
            return self._leaf(run.rows, shape)
        except PieceError as error:
            parts = [Placed(self._single(unit, shape), self._lines[unit.start].start) for unit in run.units]
            return self._joined(run.rows, shape, parts, error.problem)

    def _single(self, unit: range, shape: Shape) -> Entry:
        return self._pool.take(self._blocks.slice(unit), shape) or self._statement(unit, shape)

    def _statement(self, unit: range, shape: Shape) -> Entry:
        """Parse one statement: at once if it is small, else (or if that fails) in parts."""
        problem: SyntaxProblem | None = None
        clauses = self._blocks.clauses(unit) if len(unit) > 1 else []
        if len(unit) <= MAX_LEAF or not clauses:
            try:
                return self._leaf(unit, shape)
            except PieceError as error:
                problem = error.problem
        if clauses:
            return self._divided(unit, shape, clauses, problem)
        assert problem is not None  # noqa: S101  # it was parsed at once
        recoverable = len(unit) > 1 and self._lines[unit.start].word != "match"
        return self._stray_lines(unit, shape, problem) if recoverable else self._broken(unit, shape, problem)

    def _leaf(self, rows: range, shape: Shape) -> Entry:
        """Parse the lines `rows` at once.

        Raises:
            PieceError: if they do not parse.
        """
        piece = Piece(self._blocks.slice(rows), shape.indented)
        return _leaf(piece, shape, lower_piece(piece, shape))

    def _joined(self, rows: range, shape: Shape, parts: list[Placed], problem: SyntaxProblem) -> Entry:
        """Return one entry for `parts`; `problem` is what is wrong with the whole if no part shows it."""
        start = self._lines[rows.start].start
        pieces, problems, stale = gathered(parts, start)
        statements = tuple([item for part in parts for item in part.entry.statements])
        end = parts[-1].start + parts[-1].entry.end - start
        children = tuple([part.entry for part in parts])
        text = self._blocks.slice(rows)
        if not problems:
            problems = (self._uneven(rows, start) or problem,)
        return Entry(text, shape, statements, end, pieces, problems, stale, children)

    def _stray_lines(self, unit: range, shape: Shape, problem: SyntaxProblem) -> Entry:
        """Parse lines that belong together without reason: an indented block behind a simple statement."""
        first = Placed(self._single(range(unit.start, unit.start + 1), shape), self._lines[unit.start].start)
        rest = range(unit.start + 1, unit.stop)
        others = self._nested(rest) if self._blocks.is_deeper(rest.start, unit.start) else self.block(rest)
        return self._joined(unit, shape, [first, *others], problem)

    def _broken(self, unit: range, shape: Shape, problem: SyntaxProblem) -> Entry:
        """Return an entry for a statement that does not parse: with its earlier meaning, if it had one."""
        text = self._blocks.slice(unit)
        piece = Piece(text, shape.indented)
        earlier = self._past and self._past.statement(self._lines[unit.start].start, piece)
        statements: tuple[Lowered, ...] = (earlier,) if earlier else ()
        end = len(text.rstrip())
        return Entry(text, shape, statements, end, ((piece, 0),), (problem,), (piece,) if earlier else ())

    def _nested(self, rows: range) -> list[Placed]:
        """Return the entries of the block in the lines `rows`, one level further in."""
        if not rows:
            return []
        if self._level >= _MAX_LEVELS:
            problem = about(self._blocks.slice(rows), "too many levels of indentation")
            return [Placed(self._broken(rows, Shape(indented=True), problem), self._lines[rows.start].start)]
        self._level += 1
        result = self.block(rows)
        self._level -= 1
        return result

    def _divided(self, unit: range, shape: Shape, clauses: list[Clause], problem: SyntaxProblem | None) -> Entry:
        """Parse a compound statement clause by clause, each in a header and the statements of its block."""
        start = self._lines[unit.start].start
        children: list[Placed] = []
        parts: list[Part] = []
        for clause in clauses:
            header = Placed(self._header(clause, shape), self._lines[clause.header.start].start)
            block = self._nested(clause.block)
            children += [header, *block]
            parts.append(_part(clause, header, block))
        pieces, problems, stale = gathered(children, start)
        problem = self._misplaced(clauses, start) or problem
        if problem and not problems:
            problems = (problem,)
        text = self._blocks.slice(unit)
        entries = tuple([child.entry for child in children])
        end = parts[-1].end - start
        return Entry(text, shape, (assembled(parts),), end, pieces, problems, stale, entries)

    def _misplaced(self, clauses: list[Clause], start: int) -> SyntaxProblem | None:
        """Return what is wrong with the order or the indentation of `clauses`, if anything is."""
        clause = misplaced_clause(clauses)
        if clause is None:
            return next((found for item in clauses if (found := self._uneven(item.block, start))), None)
        incomplete = clause.word == "try"
        said = "expected `except` or `finally` after `try`" if incomplete else f"unexpected `{clause.word}`"
        return self._about(clause.header, said, start)

    def _uneven(self, rows: range, start: int) -> SyntaxProblem | None:
        """Return what is wrong with the indentation of the block `rows`, if anything is."""
        row = next((row for row in rows if self._blocks.is_deeper(rows.start, row)), None)
        said = "unindent does not match any outer indentation level"
        return None if row is None else self._about(range(row, row + 1), said, start)

    def _about(self, rows: range, message: str, start: int) -> SyntaxProblem:
        return moved(about(self._blocks.slice(rows), message), self._lines[rows.start].start - start)

    def _header(self, clause: Clause, shape: Shape) -> Entry:
        """Parse the header of a clause."""
        text = self._blocks.slice(clause.header)
        header = Shape(shape.indented, clause.word, open=bool(clause.block))
        if taken := self._pool.take(text, header):
            return taken
        piece = Piece(text, shape.indented)
        try:
            lowered = lower_piece(piece, header)
            return Entry(text, header, lowered, len(text.rstrip()), ((piece, 0),))
        except PieceError as error:
            return self._broken_header(clause, header, piece, error.problem)

    def _broken_header(self, clause: Clause, shape: Shape, piece: Piece, problem: SyntaxProblem) -> Entry:
        """Return an entry for a header that does not parse: with its earlier node, or a bare one."""
        end = len(piece.text.rstrip())
        kind = HEADER_KINDS.get(clause.word)
        if kind is None:
            return Entry(piece.text, shape, (), end, ((piece, 0),), (problem,))
        base = self._lines[clause.header.start].start
        row = self._lines[clause.header.stop - 1].start - base
        offset = row + len(indentation_of(piece.text[row:]))
        earlier = self._past and self._past.header(base, kind, piece, offset)
        node = earlier or placeholder(clause.word, piece, offset)
        return Entry(piece.text, shape, (node,), end, ((piece, 0),), (problem,), (piece,) if earlier else ())


def _leaf(piece: Piece, shape: Shape, statements: tuple[Lowered, ...]) -> Entry:
    return Entry(piece.text, shape, statements, statements[-1].end if statements else 0, ((piece, 0),))


def _part(clause: Clause, header: Placed, block: list[Placed]) -> Part:
    entry = header.entry
    body: tuple[Statement, ...] | None = None
    end = header.start + (entry.statements[-1].end if entry.statements else entry.end)
    if clause.block:
        body = tuple([item for part in block for item in part.entry.statements if not isinstance(item, Handler)])
        end = block[-1].start + block[-1].entry.end
    return Part(clause.word, entry.pieces[0][0], header.start, entry.statements, body, end)
