"""How patterns are found in a document."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ml_architect.architect.checks.patterns import Bindings, Pattern, gap_of, rest_of, starts_with_gap
from ml_architect.facts import At, ModuleFacts, dotted_name
from ml_architect.syntax.nodes import Argument, Attribute, Call, Constant, Expression, Name, Node
from ml_architect.syntax.tokens import tokenize

__all__ = ["Matcher"]

_PLACES = frozenset({"piece", "start", "end", "attr_start", "name_start", "open", "close", "dotted"})


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
        gap = gap_of(sought)
        if gap is not None:
            return self._bind(gap, (node,), bound)
        if isinstance(sought, (Name, Attribute)) and (dotted := dotted_name(sought)) and not starts_with_gap(dotted):
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
        if not (isinstance(sought, Attribute) and isinstance(node, Attribute)) or gap_of(sought.value) is None:
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
            if rest_of(argument) is not None:
                continue
            hit = next((item for item in left if (item.keyword, item.star) == (argument.keyword, argument.star)), None)
            if hit is None or not self._matches(argument.value, hit.value, at, bound):
                return False
            left.remove(hit)
        in_order = [item for item in sought.arguments if item.keyword is None and (not item.star or rest_of(item))]
        return self._in_order(in_order, left, at, bound)

    def _in_order(
        self, sought: Sequence[Argument], left: Sequence[Argument], at: At, bound: dict[str, tuple[Node, ...]]
    ) -> bool:
        if not sought:
            return not left
        gap = rest_of(sought[0])
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
