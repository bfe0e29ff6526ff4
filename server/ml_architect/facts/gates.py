"""Whether code depends on the mode of its module: ``if self.training``, ``p if self.training else 0``..."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ml_architect.facts.structure import CallSite, Function, Scope, Site
from ml_architect.facts.values import At
from ml_architect.facts.words import speaks_of
from ml_architect.syntax.nodes import (
    Attribute,
    BooleanOperation,
    Conditional,
    Expression,
    If,
    Name,
    Node,
    Return,
    children,
    walk,
)

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_MODE_WORDS = frozenset({"training", "train", "trn", "eval", "evaluation", "inference", "deterministic", "mc", "mode"})
_DEPTH = 3


class TrainingGates:
    """Finds the tests of the mode around a place. A name that speaks of the mode counts as a test of it."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    def gated(self, call: CallSite) -> bool:
        """Return whether a test of the mode decides if `call` runs: around it, before it, or at all its callers."""
        return self._gated(call, 0)

    def reads_mode(self, expression: Expression, at: At) -> bool:
        """Return whether the value of `expression` depends on the mode, directly or through names."""
        return self._reads(expression, at.scope, 0)

    def is_off(self, probability: Expression, at: At) -> bool:
        """Return whether a probability is certainly 0; the default of a parameter is only the usual value."""
        known = self._facts.known(probability, at)
        if known is None or known.number() != 0 or known.overridable:
            return False
        return not any(p.default is known.evidence for f in self._facts.functions for p in f.node.parameters)

    @staticmethod
    def names_mode(name: str) -> bool:
        """Return whether a name speaks of the mode."""
        return speaks_of(name, _MODE_WORDS)

    def _gated(self, call: CallSite, depth: int) -> bool:
        site = call.site
        if any(self._reads(test, call.scope, 0) for test in tests_inside(site.statement, call.node)):
            return True
        for owner in site.enclosing(If):
            if isinstance(owner.statement, If) and self._reads(owner.statement.test, owner.scope, 0):
                return True
        function = call.scope.function
        if function is None:
            return False
        if self._returned_before(function, site):
            return True
        callers = self._facts.callers(function) if depth < _DEPTH else ()
        return bool(callers) and all(self._gated(caller, depth + 1) for caller in callers)

    def _returned_before(self, function: Function, site: Site) -> bool:
        """Whether ``if not self.training: return x`` stands before the statement."""
        for earlier in function.body:
            if earlier.order >= site.order:
                return False
            statement = earlier.statement
            if isinstance(statement, If) and self._reads(statement.test, earlier.scope, 0):
                inner = statement.body[-1] if statement.body else None
                if isinstance(inner, Return):
                    return True
        return False

    def _reads(self, expression: Node, scope: Scope, depth: int) -> bool:
        for node in walk(expression):
            if isinstance(node, Attribute) and speaks_of(node.attr, _MODE_WORDS):
                return True
            if isinstance(node, Name) and (speaks_of(node.id, _MODE_WORDS) or self._bound_to_mode(node, scope, depth)):
                return True
        return False

    def _bound_to_mode(self, name: Name, scope: Scope, depth: int) -> bool:
        found = self._facts.names.lookup(name.id, scope)
        if found is None or depth >= _DEPTH:
            return False
        values = [(b.bound.value, b) for b in found[1] if b.bound.how == "assign" and b.bound.value is not None]
        if any(self._reads(value, b.site.scope, depth + 1) for value, b in values):
            return True
        owners = (owner for b in found[1] for owner in b.site.enclosing(If) if b.parameter is None)
        return any(isinstance(o.statement, If) and self._reads(o.statement.test, o.scope, depth + 1) for o in owners)


def tests_inside(statement: Node, target: Node) -> Iterator[Expression]:
    """Yield the tests of conditional expressions and ``and``/``or`` in `statement` that decide if `target` runs."""
    for node in walk(statement):
        if isinstance(node, Conditional) and _holds(node, target):
            yield node.test
        elif isinstance(node, BooleanOperation) and _holds(node.right, target):
            yield node.left


def _holds(node: Node, target: Node) -> bool:
    if node is target:
        return True
    if node.piece is target.piece and not node.start <= target.start < node.end:
        return False
    return any(_holds(child, target) for child in children(node))
