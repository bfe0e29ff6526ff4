"""How logical lines group into statements, statements into runs, and large statements into clauses."""

import re
from typing import NamedTuple

from ml_architect.syntax.lines import Line

MAX_LEAF = 16
"""A compound statement of at most so many logical lines is parsed at once, a larger one in parts."""

_MAX_GROUPED = 3
_GROUP_SIZE = 300
_GROUP_LIMIT = 900
_CLAUSES_OF = {
    "if": frozenset({"elif", "else"}),
    "for": frozenset({"else"}),
    "while": frozenset({"else"}),
    "try": frozenset({"except", "else", "finally"}),
}
_COMPOUND = frozenset({"class", "def", "for", "if", "try", "while", "with"})
_ORDERS = {
    "if": re.compile(r"if( elif)*( else)?"),
    "for": re.compile(r"for( else)?"),
    "while": re.compile(r"while( else)?"),
    "try": re.compile(r"try(( except)+( else)?)?( finally)?"),
}
_ASYNC = re.compile(r"[ \t\f]*async[ \t\f]+(def|for|with)\b")


class Clause(NamedTuple):
    """One clause of a compound statement: the lines of its header, decorators included, and of its block."""

    word: str
    header: range
    block: range


class Run(NamedTuple):
    """Statements that stand one behind the other and are parsed at once: the lines of each, and of all."""

    units: list[range]
    rows: range

    @property
    def is_small(self) -> bool:
        """Whether these are short statements, or one that is not worth parsing in parts."""
        return len(self.units) > 1 or len(self.rows) <= MAX_LEAF


class Blocks:
    """The logical lines of one text, grouped on demand; lines are spoken of by index."""

    def __init__(self, text: str, lines: list[Line]) -> None:
        self.text = text
        self.lines = lines

    def slice(self, rows: range) -> str:
        """Return the text of the lines `rows`."""
        return self.text[self.lines[rows.start].start : self.lines[rows.stop - 1].end]

    def units(self, rows: range) -> list[range]:
        """Return the statements of the block `rows`, each with its decorators and all its clauses."""
        lines = self.lines
        result: list[range] = []
        index = rows.start
        while index < rows.stop:
            start = index
            column = lines[start].column
            index = self._behind_decorators(rows, start)
            clauses = _CLAUSES_OF.get(self._word(index), ())
            index = self._behind_block(rows, index + 1, column)
            while index < rows.stop and lines[index].word in clauses and lines[index].column == column:
                index = self._behind_block(rows, index + 1, column)
            result.append(range(start, index))
        return result

    def _behind_decorators(self, rows: range, index: int) -> int:
        """Return the first line from `index` on that is no decorator (the last one if a definition is missing)."""
        lines = self.lines
        while lines[index].word == "@" and index + 1 < rows.stop and lines[index + 1].column == lines[index].column:
            index += 1
        return index

    def _behind_block(self, rows: range, index: int, column: int) -> int:
        """Return the first line from `index` on that is not indented by more than `column`."""
        lines = self.lines
        while index < rows.stop and lines[index].column > column:
            index += 1
        return index

    def _word(self, index: int) -> str:
        """Return the keyword of line `index`, looking behind ``async``."""
        line = self.lines[index]
        if line.word == "async" and (match := _ASYNC.match(self.text, line.start)):
            return match.group(1)
        return line.word

    def is_deeper(self, row: int, than: int) -> bool:
        """Return whether line `row` is indented by more than line `than`."""
        return self.lines[row].column > self.lines[than].column

    def runs(self, rows: range) -> list[Run]:
        """Return the statements of the block `rows`, short ones grouped.

        Where a group ends depends on the text of its statements only, so that a change moves few
        of those ends.
        """
        lines = self.lines
        result: list[Run] = []
        first = size = 0
        units = self.units(rows)
        for index, unit in enumerate(units):
            length = lines[unit.stop - 1].end - lines[unit.start].start
            is_large = len(unit) > _MAX_GROUPED or length > _GROUP_SIZE
            if is_large and first < index:
                result.append(_run(units[first:index]))
                first = index
            size = length if first == index else size + length
            if is_large or size > _GROUP_LIMIT or (size > _GROUP_SIZE and length % 4 == 0):
                result.append(_run(units[first : index + 1]))
                first = index + 1
        if first < len(units):
            result.append(_run(units[first:]))
        return result

    def clauses(self, unit: range) -> list[Clause]:
        """Return the clauses of the compound statement `unit`; none if it is not one that can be split."""
        header = self._behind_decorators(unit, unit.start)
        word = self._word(header)
        if word not in _COMPOUND:
            return []
        column = self.lines[header].column
        result: list[Clause] = []
        start = unit.start
        while start < unit.stop:
            stop = self._behind_block(unit, header + 1, column)
            result.append(Clause(word, range(start, header + 1), range(header + 1, stop)))
            start = header = stop
            word = self.lines[start].word if start < unit.stop else ""
        return result


def _run(units: list[range]) -> Run:
    return Run(units, range(units[0].start, units[-1].stop))


def misplaced_clause(clauses: list[Clause]) -> Clause | None:
    """Return the first clause that cannot stand where it does, such as one behind ``else``; None if all can.

    For a ``try`` with nothing to catch or clean up that is the ``try`` itself.
    """
    words = [clause.word for clause in clauses]
    order = _ORDERS.get(words[0])
    if order is None:
        return None
    for count, clause in enumerate(clauses, start=1):
        if not order.fullmatch(" ".join(words[:count])):
            return clause
    incomplete = words[0] == "try" and not {"except", "finally"}.intersection(words)
    return clauses[0] if incomplete else None
