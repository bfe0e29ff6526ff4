"""Where losses are computed: each application of a loss object or loss function, with what it is given."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ml_architect.catalog import Kind, Symbol
from ml_architect.facts.outputs import Operation, Outputs
from ml_architect.facts.structure import CallSite
from ml_architect.syntax.nodes import Argument, Attribute, Call, Expression, Name, Node

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_INPUT = ("input", "inputs", "pred", "output")


@dataclass(frozen=True, slots=True)
class LossUse:
    """One application of a loss.

    `made` is the call that constructs the loss object, None for a loss function. `input` and `target` are None
    where the call does not show them.
    """

    symbol: Symbol
    call: CallSite
    made: CallSite | None
    input: Expression | None
    target: Expression | None

    @property
    def named(self) -> CallSite:
        """The call whose callee names the loss: the constructor, or the application of a function."""
        return self.made or self.call


class Losses:
    """All applications of losses whose kind is certain."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    @cached_property
    def all(self) -> tuple[LossUse, ...]:
        """Every application, functions first, each group in source order."""
        return (*self._functions(), *self._objects())

    def of(self, *names: str) -> Iterator[LossUse]:
        """Yield the applications of the losses with these canonical names."""
        uses = self.all if self._facts.calls_to(*names) else ()
        return (use for use in uses if use.symbol.name in names)

    def of_object(self, made: CallSite) -> tuple[LossUse, ...]:
        """Return the applications of the loss object that `made` constructs."""
        return tuple(use for use in self.all if use.made is made)

    def fed(self, *names: str) -> list[tuple[Operation, tuple[LossUse, ...]]]:
        """Return the operations that the inputs of these losses come out of last, each with the losses it feeds."""
        found: dict[Node, tuple[Operation, list[LossUse]]] = {}
        for use in self.of(*names):
            operation = self.operation(use)
            if operation is not None:
                found.setdefault(operation.root, (operation, []))[1].append(use)
        return [(operation, tuple(uses)) for operation, uses in found.values()]

    def operation(self, use: LossUse) -> Operation | None:
        """Return the operation that the input of one application comes out of last, None where not known."""
        return self._facts.group(Outputs).last(use.input, use.call) if use.input is not None else None

    def _functions(self) -> Iterator[LossUse]:
        for call in self._facts.calls_of(Kind.LOSS_FUNCTION):
            symbol = self._facts.symbol(call)
            if symbol is not None:
                yield LossUse(symbol, call, None, _given(call.node, 0, _INPUT), _given(call.node, 1, ("target",)))

    def _objects(self) -> Iterator[LossUse]:
        if not self._facts.calls_of(Kind.LOSS):
            return
        for call in self._facts.calls:
            arguments = call.node.arguments
            if len(arguments) < 2 or any(a.star for a in arguments) or self._facts.call_name(call) is not None:  # noqa: PLR2004 - input and target
                continue
            found = self._made(call)
            if found is not None:
                made, symbol = found
                yield LossUse(symbol, call, made, _given(call.node, 0, _INPUT), _given(call.node, 1, ("target",)))

    def _made(self, call: CallSite) -> tuple[CallSite, Symbol] | None:
        func = call.node.func
        if isinstance(func, Attribute) and func.attr == "forward":
            func = func.value
        if not isinstance(func, (Name, Attribute, Call)) or not self._facts.structure.may_hold(func):
            return None
        made = self._facts.construction(func, call)
        if made is None or made is call:
            return None
        symbol = self._facts.symbol(made)
        return (made, symbol) if symbol is not None and symbol.kind is Kind.LOSS else None


def _given(node: Call, position: int, keywords: tuple[str, ...]) -> Expression | None:
    plain: list[Argument] = []
    for argument in node.arguments:
        if argument.keyword in keywords:
            return argument.value
        if argument.star:
            return plain[position].value if len(plain) > position else None
        if argument.keyword is None:
            plain.append(argument)
    return plain[position].value if len(plain) > position else None
