"""The lowered statements of a run of lines, and how one document version takes them over from another."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ml_architect.syntax.nodes import Piece, SyntaxProblem
from ml_architect.syntax.pieces import Lowered, Shape


@dataclass(slots=True, eq=False)
class Entry:
    """What some whole lines were lowered to. All places count from the start of `text`.

    An entry says nothing about where it stands, so versions of a document share it.
    """

    text: str
    shape: Shape
    statements: tuple[Lowered, ...]
    end: int
    """Where the last statement ends."""
    pieces: tuple[tuple[Piece, int], ...]
    """The pieces that the nodes belong to, and where each starts."""
    problems: tuple[SyntaxProblem, ...] = ()
    stale: tuple[Piece, ...] = ()
    """Those of `pieces` whose nodes were lowered from an earlier text."""
    children: "tuple[Entry, ...]" = ()
    """The entries that this one is made of, if it was parsed in parts."""


class Placed(NamedTuple):
    """An entry, and where in the document it starts."""

    entry: Entry
    start: int


def gathered(
    parts: Iterable[Placed], start: int
) -> tuple[tuple[tuple[Piece, int], ...], tuple[SyntaxProblem, ...], tuple[Piece, ...]]:
    """Return pieces, problems and stale pieces of all `parts`, with places counted from `start`."""
    pieces: list[tuple[Piece, int]] = []
    problems: list[SyntaxProblem] = []
    stale: list[Piece] = []
    for entry, place in parts:
        shift = place - start
        pieces += [(piece, offset + shift) for piece, offset in entry.pieces]
        if entry.problems:
            problems += [moved(problem, shift) for problem in entry.problems]
        stale += entry.stale
    return tuple(pieces), tuple(problems), tuple(stale)


def moved(problem: SyntaxProblem, shift: int) -> SyntaxProblem:
    """Return `problem`, `shift` code points further on."""
    return SyntaxProblem(problem.start + shift, problem.end + shift, problem.message)


class Pool:
    """Entries of the previous version that may be taken over, each once, none inside another."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: defaultdict[tuple[str, Shape], list[Entry]] = defaultdict(list)
        self._divisible: list[Entry] = []
        self._add(entries)

    def _add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._entries[entry.text, entry.shape].append(entry)
            if entry.children:
                self._divisible.append(entry)

    def take(self, text: str, shape: Shape) -> Entry | None:
        """Return the first entry left for `text` and `shape`, and remove it; None if there is none."""
        found = self._entries.get((text, shape))
        return found.pop(0) if found else None

    def divide(self) -> None:
        """Replace each entry that is left by the entries it is made of, where it has any."""
        divisible, self._divisible = self._divisible, []
        for entry in divisible:
            left = self._entries[entry.text, entry.shape]
            if any(item is entry for item in left):
                left[:] = [item for item in left if item is not entry]
                self._add(entry.children)
