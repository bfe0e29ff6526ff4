"""Pieces of Python with gaps, by which rules say what a repair may change, and how they are found in a document."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, TypeAlias

from ml_architect.facts import At, ModuleFacts, dotted_name
from ml_architect.syntax import parse
from ml_architect.syntax.nodes import (
    Argument,
    Attribute,
    Call,
    Constant,
    Expression,
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
    "Matcher",
    "Part",
    "Pattern",
    "PatternError",
    "header_pattern",
    "is_expression",
    "joined",
    "pattern",
    "replacement",
    "statement_pattern",
    "statements_pattern",
]

Bindings: TypeAlias = Mapping[str, tuple[Node, ...]]
"""What stands in the gaps of a pattern: one expression for ``$x``, any number of arguments for ``$*x``."""

_GAP = re.compile(r"\$(\*?)([A-Za-z_]\w*)")
_ONE, _MANY = "gap_one_", "gap_many_"
_PLACES = frozenset({"piece", "start", "end", "attr_start", "name_start", "open", "close", "dotted"})


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
    if not isinstance(statement, ExpressionStatement) or _gap(statement.value) is not None:
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
    if hasattr(statement, "body") or (isinstance(statement, ExpressionStatement) and _gap(statement.value) is not None):
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


def _gap(node: Node) -> str | None:
    """Return the name of the gap that `node` of a pattern is, None where it is none."""
    return node.id.removeprefix(_ONE) if isinstance(node, Name) and node.id.startswith(_ONE) else None


def _rest(node: Node) -> str | None:
    """Return the name of the gap for further arguments that `node` of a pattern is, None where it is none."""
    if isinstance(node, Argument) and node.star == "*" and isinstance(node.value, Name):
        name = node.value.id
        return name.removeprefix(_MANY) if name.startswith(_MANY) else None
    return None


def _plain_fields(kind: type[Node]) -> tuple[str, ...]:
    known = _PLAIN_FIELDS.get(kind)
    if known is None:
        known = _PLAIN_FIELDS[kind] = tuple(item.name for item in fields(kind) if item.name not in _PLACES)
    return known


_PLAIN_FIELDS: dict[type, tuple[str, ...]] = {}


class Matcher:
    """Finds patterns in one version of a document."""

    def __init__(self, facts: ModuleFacts) -> None:
        self._facts = facts
        self._names: dict[str, str] = {}
        self._libraries = {name.partition(".")[0] for name in facts.catalog.symbols}

    def match(self, sought: Pattern, node: Node, at: At) -> Bindings | None:
        """Return what stands in the gaps of `sought` if `node` is an instance of it, else None."""
        bound: dict[str, tuple[Node, ...]] = {}
        return bound if self._matches(sought.root, node, at, bound) else None

    def match_all(self, sought: Sequence[Pattern], nodes: Sequence[tuple[Node, At]]) -> Bindings | None:
        """Return what stands in the gaps of `sought` if `nodes` are instances of these patterns in turn, else None."""
        bound: dict[str, tuple[Node, ...]] = {}
        pairs = zip(sought, nodes, strict=True)
        return bound if all(self._matches(one.root, node, at, bound) for one, (node, at) in pairs) else None

    def is_named(self, name: str, expression: Expression, at: At) -> bool:
        """Return whether `expression` is the name `name` of a pattern: what it stands for, or the text itself.

        Names of the libraries that we know count by what they stand for only, unless nothing gives them a meaning.
        """
        qualified = self._facts.qualified(expression, at)
        if qualified is not None:
            return qualified in (self._canonical(name), f"builtins.{name}")
        root, dot, _ = name.partition(".")
        if dotted_name(expression) != name:
            return False
        return not (dot and root in self._libraries) or self._is_unbound(root, at)

    def _is_unbound(self, root: str, at: At) -> bool:
        names = self._facts.names
        return not self._facts.structure.star_imports and names.lookup(root, at.scope) is None

    def position(self, callee: str, parameter: str) -> int | None:
        """Return the index at which `callee` takes `parameter` by position, None where it does not or is not known."""
        symbol = self._facts.catalog.symbol(callee)
        return symbol.position(parameter) if symbol is not None else None

    def _canonical(self, name: str) -> str:
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = self._facts.catalog.canonical(name)
        return known

    def _matches(self, sought: Node, node: Node, at: At, bound: dict[str, tuple[Node, ...]]) -> bool:
        gap = _gap(sought)
        if gap is not None:
            return self._bind(gap, (node,), bound)
        if isinstance(sought, (Name, Attribute)) and (dotted := dotted_name(sought)) and not dotted.startswith(_ONE):
            return isinstance(node, (Name, Attribute)) and self.is_named(dotted, node, at)
        if sought.__class__ is not node.__class__ or self._is_function_of_library(sought, node, at):
            return False
        if isinstance(sought, Call) and isinstance(node, Call):
            at = self._facts.call_at(node) or at
            return self._matches(sought.func, node.func, at, bound) and self._arguments(sought, node, at, bound)
        if isinstance(sought, Constant) and isinstance(node, Constant):
            return sought.value.__class__ is node.value.__class__ and sought.value == node.value
        return all(
            self._same_field(getattr(sought, name), getattr(node, name), at, bound)
            for name in _plain_fields(sought.__class__)
        )

    def _is_function_of_library(self, sought: Node, node: Node, at: At) -> bool:
        """Return whether a method of anything is sought, and this is a function: ``torch.log`` is no ``$x.log``."""
        if not (isinstance(sought, Attribute) and isinstance(node, Attribute)) or _gap(sought.value) is None:
            return False
        qualified = self._facts.qualified(node.value, at) if sought.attr == node.attr else None
        return qualified is not None and qualified.partition(".")[0] in self._libraries

    def _same_field(self, sought: Any, found: Any, at: At, bound: dict[str, tuple[Node, ...]]) -> bool:  # noqa: ANN401 - any field of a node
        if isinstance(sought, Node):
            return isinstance(found, Node) and self._matches(sought, found, at, bound)
        if isinstance(sought, tuple):
            return (
                isinstance(found, tuple)
                and len(sought) == len(found)
                and all(self._same_field(one, two, at, bound) for one, two in zip(sought, found, strict=True))
            )
        return bool(sought == found)

    def _arguments(self, sought: Call, node: Call, at: At, bound: dict[str, tuple[Node, ...]]) -> bool:
        """Match keyword arguments by name, then the others in order; a gap takes any number of what is left."""
        left = list(node.arguments)
        for argument in sought.arguments:
            if argument.keyword is None and not argument.star:
                continue
            if _rest(argument) is not None:
                continue
            hit = next((item for item in left if (item.keyword, item.star) == (argument.keyword, argument.star)), None)
            if hit is None or not self._matches(argument.value, hit.value, at, bound):
                return False
            left.remove(hit)
        in_order = [item for item in sought.arguments if item.keyword is None and (not item.star or _rest(item))]
        return self._in_order(in_order, left, at, bound)

    def _in_order(
        self, sought: Sequence[Argument], left: Sequence[Argument], at: At, bound: dict[str, tuple[Node, ...]]
    ) -> bool:
        if not sought:
            return not left
        gap = _rest(sought[0])
        if gap is None:
            first = left[0] if left else None
            if first is None or first.keyword is not None or first.star:
                return False
            matches = self._matches(sought[0].value, first.value, at, bound)
            return matches and self._in_order(sought[1:], left[1:], at, bound)
        for count in range(len(left), -1, -1):
            trial = dict(bound)
            if self._bind(gap, tuple(left[:count]), trial) and self._in_order(sought[1:], left[count:], at, trial):
                bound.update(trial)
                return True
        return False

    def _bind(self, gap: str, nodes: tuple[Node, ...], bound: dict[str, tuple[Node, ...]]) -> bool:
        known = bound.get(gap)
        if known is None:
            bound[gap] = nodes
            return True
        return len(known) == len(nodes) and all(map(self._same_text, known, nodes))

    def _same_text(self, one: Node, two: Node) -> bool:
        return tokenize(self._facts.text(one)).texts == tokenize(self._facts.text(two)).texts
