"""Pieces of Python with gaps, by which rules say what a repair may change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from ml_architect.facts import dotted_name
from ml_architect.syntax import parse
from ml_architect.syntax.nodes import (
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ExpressionStatement,
    FunctionDef,
    If,
    Name,
    Node,
    Statement,
    walk,
)
from ml_architect.syntax.tokens import tokenize
from ml_architect.text import Source

__all__ = [
    "Bindings",
    "Part",
    "Pattern",
    "PatternError",
    "gap_of",
    "header_pattern",
    "is_expression",
    "joined",
    "kept_gaps",
    "pattern",
    "replacement",
    "rest_of",
    "starts_with_gap",
    "statement_pattern",
    "statements_pattern",
]

Bindings: TypeAlias = Mapping[str, tuple[Node, ...]]
"""What stands in the gaps of a pattern: one expression for ``$x``, any number of arguments for ``$*x``."""

_GAP = re.compile(r"\$(\*?)([A-Za-z_]\w*)")
_ONE, _MANY = "gap_one_", "gap_many_"


class PatternError(ValueError):
    """A pattern is no Python source, or not of the kind that is asked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """A token of a pattern, or the name of the gap that stands there."""

    text: str
    is_gap: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A pattern as a tree in which gaps are names, and as tokens."""

    source: str
    root: Node
    parts: tuple[Part, ...]

    @property
    def gaps(self) -> frozenset[str]:
        """The names of its gaps."""
        return frozenset(part.text for part in self.parts if part.is_gap)

    def dotted_names(self) -> Iterator[str]:
        """Yield the names and longest chains of names in it that start with no gap, callees included."""
        inner: set[Node] = set()
        for node in walk(self.root):
            dotted = dotted_name(node) if isinstance(node, (Name, Attribute)) else None
            if dotted is None or node in inner:
                continue
            inner.update(walk(node))
            if not dotted.startswith((_ONE, _MANY)):
                yield dotted

    def methods(self) -> Iterator[str]:
        """Yield the names of the methods that it calls on a gap or on another expression."""
        for node in walk(self.root):
            if isinstance(node, Call) and isinstance(node.func, Attribute):
                dotted = node.func.dotted
                if dotted is None or dotted.startswith(_ONE):
                    yield node.func.attr


@lru_cache(maxsize=1024)
def pattern(source: str) -> Pattern:
    """Return the pattern of an expression.

    Raises:
        PatternError: if `source` is none.
    """
    statement = _only_statement(source, _with_names(source))
    if not isinstance(statement, ExpressionStatement) or gap_of(statement.value) is not None:
        message = f"no expression with something to recognise: {source}"
        raise PatternError(message)
    return Pattern(source, statement.value, _parts(source))


@lru_cache(maxsize=1024)
def replacement(source: str) -> Pattern:
    """Return the pattern of what an expression turns into, which may be a gap alone.

    Raises:
        PatternError: if `source` is no expression.
    """
    statement = _only_statement(source, _with_names(source))
    if not isinstance(statement, ExpressionStatement):
        message = f"no expression: {source}"
        raise PatternError(message)
    return Pattern(source, statement.value, _parts(source))


@lru_cache(maxsize=1024)
def is_expression(source: str) -> bool:
    """Return whether a pattern is that of an expression, not of another simple statement or of several.

    Raises:
        PatternError: if `source` is no pattern.
    """
    return "\n" not in source and isinstance(_only_statement(source, _with_names(source)), ExpressionStatement)


@lru_cache(maxsize=1024)
def statement_pattern(source: str) -> Pattern:
    """Return the pattern of a simple statement.

    Raises:
        PatternError: if `source` is none.
    """
    statement = _only_statement(source, _with_names(source))
    if hasattr(statement, "body") or (
        isinstance(statement, ExpressionStatement) and gap_of(statement.value) is not None
    ):
        message = f"no simple statement: {source}"
        raise PatternError(message)
    return Pattern(source, statement, _parts(source))


@lru_cache(maxsize=1024)
def statements_pattern(source: str) -> tuple[Pattern, ...]:
    """Return the patterns of simple statements that follow each other, one on each line.

    Raises:
        PatternError: if a line is none.
    """
    return tuple(statement_pattern(line) for line in source.splitlines())


def joined(patterns: Sequence[Pattern]) -> Pattern:
    """Return the tokens of several statements as those of one line."""
    parts = [part for item in patterns for part in (Part(";"), *item.parts)][1:]
    return Pattern("; ".join(item.source for item in patterns), patterns[0].root, tuple(parts))


@lru_cache(maxsize=1024)
def header_pattern(source: str) -> tuple[str, Pattern]:
    """Return ``"with"``, ``"@"`` or ``"if"``, and the pattern of the expression behind it.

    Raises:
        PatternError: if `source` is no header.
    """
    written = _with_names(source).rstrip(": ")
    if written.startswith("@"):
        statement = _only_statement(source, f"{written}\ndef f(): pass\n")
        if isinstance(statement, FunctionDef) and len(statement.decorators) == 1:
            return "@", Pattern(source, statement.decorators[0], _parts(source.removeprefix("@")))
    elif re.match(r"if\b", written):
        statement = _only_statement(source, f"{written}: pass\n")
        if isinstance(statement, If):
            return "if", Pattern(source, statement.test, _parts(source.removeprefix("if").rstrip(": ")))
    else:
        return "with", pattern(source)
    message = f"no header: {source}"
    raise PatternError(message)


def _with_names(source: str) -> str:
    return _GAP.sub(lambda match: f"*{_MANY}{match[2]}" if match[1] else f"{_ONE}{match[2]}", source)


def _only_statement(source: str, written: str) -> Statement:
    module = parse(Source(written.strip() + "\n"))
    if module.problems or len(module.body) != 1:
        message = f"no pattern: {source}"
        raise PatternError(message)
    return module.body[0]


def _parts(source: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    for text in tokenize(_with_names(source)).texts:
        if text.startswith(_MANY):
            parts[-1] = Part(text.removeprefix(_MANY), is_gap=True)
        elif text.startswith(_ONE):
            parts.append(Part(text.removeprefix(_ONE), is_gap=True))
        else:
            parts.append(Part(text))
    return tuple(parts)


def gap_of(node: Node) -> str | None:
    """Return the name of the gap that `node` of a pattern is, None where it is none."""
    return node.id.removeprefix(_ONE) if isinstance(node, Name) and node.id.startswith(_ONE) else None


def rest_of(node: Node) -> str | None:
    """Return the name of the gap for further arguments that `node` of a pattern is, None where it is none."""
    if isinstance(node, Argument) and node.star == "*" and isinstance(node.value, Name):
        name = node.value.id
        return name.removeprefix(_MANY) if name.startswith(_MANY) else None
    return None


def starts_with_gap(dotted: str) -> bool:
    """Return whether a chain of names of a pattern starts with a gap."""
    return dotted.startswith(_ONE)


def kept_gaps(found: Pattern) -> frozenset[str]:
    """Return the gaps of an assignment pattern that it reads as well, so that their names keep their meaning."""
    root = found.root
    if isinstance(root, AugmentedAssign):
        return found.gaps
    if not isinstance(root, Assign) or root.value is None:
        return frozenset()
    read = {node.id for node in walk(root.value) if isinstance(node, Name)}
    return frozenset(gap for gap in found.gaps if f"{_ONE}{gap}" in read)
