"""What is left out of the tokens of a document, as values: which tokens, what is written instead, where lines start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from ml_architect.architect.checks.patterns import Pattern
from ml_architect.architect.checks.permits import Rewriting
from ml_architect.facts import ModuleFacts
from ml_architect.syntax.nodes import ClassDef, FunctionDef, Statement
from ml_architect.syntax.tokens import Tokens, tokenize

__all__ = ["Erasure", "Plan", "Stretch", "tokens_of"]

Stretch: TypeAlias = tuple[int, int]
"""Tokens by index: the first, and the first behind."""


@dataclass(frozen=True, slots=True, eq=False)
class Erasure:
    """Tokens that are left out, and what is written in their place: texts, or other tokens of the document."""

    start: int
    stop: int
    parts: tuple[str | Stretch, ...] = ()


@dataclass(slots=True)
class Plan:
    """The tokens of a document; `depths` has an entry where a line starts (the level of its statement).

    `left_out` are the statements and headers that may come and go, with the pattern that each is an instance of;
    `restated` are the statements that are another form of others, each with its number among those that go together.
    """

    tokens: Tokens
    depths: dict[int, int] = field(default_factory=dict)
    erasures: dict[int, list[Erasure]] = field(default_factory=dict)
    left_out: dict[Stretch, Pattern] = field(default_factory=dict)
    restated: dict[Statement, tuple[int, Rewriting]] = field(default_factory=dict)
    continued: set[int] = field(default_factory=set)
    """Where those of `restated` start that are not the first."""

    def erase(self, start: int, stop: int, parts: tuple[str | Stretch, ...] = ()) -> None:
        """Leave out the tokens from `start` to `stop`, writing `parts` in their place."""
        if start < stop:
            self.erasures.setdefault(start, []).append(Erasure(start, stop, parts))

    def erasure_at(
        self, index: int, stop: int, inside: Erasure | None = None, only: frozenset[Erasure] | None = None
    ) -> Erasure | None:
        """Return the widest erasure from `index` on that ends at `stop` at the latest and lies within `inside`.

        It is one of `only` if that is given.
        """
        found = [
            item
            for item in self.erasures.get(index, ())
            if item.stop <= stop
            and not (inside and item.start <= inside.start and item.stop >= inside.stop)
            and (only is None or item in only)
        ]
        return max(found, key=lambda item: item.stop, default=None)

    def forms(self, start: int, stop: int) -> list[Erasure]:
        """Return the expressions between two tokens that are written in another form, or are such a form."""
        return [
            item
            for index in range(start, stop)
            for item in self.erasures.get(index, ())
            if item.parts and item.stop <= stop
        ]

    def stretches(self) -> Iterator[Stretch]:
        """Yield the tokens line by line."""
        count = len(self.tokens.texts)
        marks = sorted({0, count, *(mark for mark in self.depths if mark <= count)})
        yield from pairwise(marks)


def tokens_of(facts: ModuleFacts, statements: Sequence[Statement] | None) -> Tokens:
    """Return the tokens of a document, or of some statements of its body that stand one behind the other."""
    text = facts.module.source.text
    if statements is None:
        return tokenize(text)
    if not statements:
        return Tokens([], [], [])
    start, end = _start_of(facts, statements[0]), facts.span(statements[-1]).end
    tokens = tokenize(text[start:end])
    return Tokens(tokens.texts, [start + place for place in tokens.starts], [start + place for place in tokens.ends])


def _start_of(facts: ModuleFacts, statement: Statement) -> int:
    """Return where `statement` starts in the document, its decorators included."""
    start = facts.span(statement).start
    if isinstance(statement, (FunctionDef, ClassDef)) and statement.decorators:
        start = facts.module.source.text.rindex("@", 0, facts.span(statement.decorators[0]).start)
    return start
