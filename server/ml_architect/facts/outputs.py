"""What operation a tensor comes out of last: softmax, sigmoid, a linear layer..."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import CallSite, Class, Function, Site
from ml_architect.facts.summary import Path
from ml_architect.facts.values import At, Frame, Origin
from ml_architect.syntax.nodes import (
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    Collection,
    Comprehension,
    Expression,
    FunctionDef,
    Node,
    Starred,
    Subscript,
)

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

SHAPE_METHODS = frozenset(
    {
        "view",
        "reshape",
        "squeeze",
        "unsqueeze",
        "flatten",
        "permute",
        "transpose",
        "contiguous",
        "float",
        "double",
        "half",
    }
    | {"to", "cuda", "cpu", "type", "type_as", "clone", "t", "view_as", "expand", "detach", "bfloat16"}
)
"""Tensor methods that keep what the values mean."""
_SHAPE_FUNCTIONS = frozenset(
    {
        "torch.squeeze",
        "torch.flatten",
        "torch.unsqueeze",
        "torch.reshape",
        "torch.transpose",
        "torch.permute",
        "torch.clone",
    }
)
_SHAPE_LAYERS = frozenset(
    {"torch.nn.Flatten", "torch.nn.Unflatten", "torch.nn.Identity", "torch.nn.Dropout", "torch.nn.Upsample"}
)
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Operation:
    """The last operation: its canonical name, the catalogue's traits, and the call that is evidence.

    `made` is the call that constructs the layer, for an operation that is a layer (its arguments hold the sizes).
    """

    name: str
    traits: frozenset[str]
    place: Node
    made: CallSite | None = None

    @property
    def root(self) -> Node:
        """What to show as the operation: where its layer is made, else the operation itself."""
        return self.made.node if self.made is not None else self.place

    def has(self, *traits: str) -> bool:
        """Return whether the operation has one of `traits` (``softmax``, ``sigmoid``, ``linear``...)."""
        return not self.traits.isdisjoint(traits)


class Outputs:
    """Follows tensors back to the operation that made their values."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    def last(self, expression: Expression, at: At, frame: Frame | None = None) -> Operation | None:
        """Return the one operation whose result `expression` certainly is (but for its shape), None where not known."""
        return self._of_expression(expression, at, frame, 0)

    def of_class(self, info: Class) -> Operation | None:
        """Return the operation that every path of a module's ``forward`` ends with, None where not known."""
        forward = self._facts.values.method(info, "forward")
        return self._of_returns(forward, None, 0) if forward is not None else None

    # --- expressions ---------------------------------------------------------------------------------

    def _of_expression(self, expression: Expression, at: At, frame: Frame | None, depth: int) -> Operation | None:
        if depth > _DEPTH:
            return None
        if isinstance(expression, Call):
            direct = self._of_call(expression, at, frame, depth)
            if direct is not None:
                return direct
        origins = self._facts.origins(expression, at, frame)
        if not origins.items or not origins.complete:
            return None
        return _agree([self._of_origin(item, depth + 1) for item in origins.items])

    def _of_origin(self, item: Origin, depth: int) -> Operation | None:
        if item.how != "value" or not isinstance(item.node, Call):
            return None
        if item.path:
            return self._of_part(item, depth)
        return self._of_call(item.node, item.site, item.frame, depth)

    def _of_part(self, item: Origin, depth: int) -> Operation | None:
        """Follow one value of the tuple that applying a model gives: ``logits, features = model(x)``."""
        call = self._facts.call_at(item.node)
        if call is None or self._facts.call_name(call) is not None:
            return None
        return self._of_module(call.node.func, call, item.frame, depth, item.path)

    def _of_call(self, node: Call, at: At, frame: Frame | None, depth: int) -> Operation | None:
        call = self._facts.structure.site_of_call.get(node)
        if call is None:
            return None
        name = self._facts.call_name(call)
        if name is not None:
            return self._of_function(name, call, frame, depth)
        func = node.func
        if isinstance(func, Attribute) and func.attr in SHAPE_METHODS:
            inner = self._of_expression(func.value, at, frame, depth + 1)
            if inner is not None:
                return inner
        if isinstance(func, Attribute) and func.attr in _TENSOR_METHODS:
            return Operation(f"torch.{func.attr}", _TENSOR_METHODS[func.attr], node)
        return self._of_module(func, call, frame, depth)

    def _of_function(self, name: str, call: CallSite, frame: Frame | None, depth: int) -> Operation | None:
        arguments = call.node.arguments
        if name in _SHAPE_FUNCTIONS and arguments:
            return self._of_expression(arguments[0].value, call, frame, depth + 1)
        symbol = self._facts.catalog.symbol(name)
        if symbol is None or not symbol.traits:
            return None
        return Operation(symbol.name, symbol.traits, call.node)

    # --- modules ---------------------------------------------------------------------------------------

    def _of_module(
        self, func: Expression, call: CallSite, frame: Frame | None, depth: int, path: Path = ()
    ) -> Operation | None:
        if isinstance(func, Attribute) and func.attr == "forward":
            func = func.value
        origins = self._facts.origins(func, call, frame)
        if not origins.items or not origins.complete:
            return None
        found = [self._of_layer(item, call, depth + 1, path) for item in origins.items]
        return _agree(found)

    def _of_layer(self, item: Origin, applied: CallSite, depth: int, path: Path = ()) -> Operation | None:
        """Return the last operation of applying a layer that `item` makes."""
        if depth > _DEPTH or item.path or item.how not in {"value", "definition"}:
            return None
        if isinstance(item.node, FunctionDef):
            return None
        info = self._facts.values.instance_class(item)
        if info is not None:
            forward = self._facts.values.method(info, "forward")
            return self._of_returns(forward, applied, depth, path) if forward is not None else None
        if path:
            return None
        made = self._facts.structure.site_of_call.get(item.node) if isinstance(item.node, Call) else None
        name = self._facts.call_name(made) if made is not None else None
        if made is None or name is None:
            return None
        symbol = self._facts.catalog.symbol(name)
        if symbol is None:
            return None
        if name == "torch.nn.Sequential":
            return self._of_sequence(made, item.frame, applied, depth)
        return Operation(symbol.name, symbol.traits, applied.node, made)

    def _of_sequence(self, made: CallSite, frame: Frame | None, applied: CallSite, depth: int) -> Operation | None:
        if self._grows(made):
            return None
        for argument in reversed(made.node.arguments):
            if argument.keyword or isinstance(argument.value, (Starred, Comprehension)):
                return None
            layer = self._last_element(argument.value, made) if argument.star else _named_layer(argument.value)
            items = self._facts.origins(layer, made, frame).only if layer is not None else None
            if items is None:
                return None
            operation = self._of_layer(items, applied, depth + 1)
            if argument.star or operation is None or operation.name not in _SHAPE_LAYERS:
                return operation
        return None

    def _grows(self, made: CallSite) -> bool:
        """Whether layers are added to a sequence after it is made."""
        calls = self._facts.method_calls("append", "extend", "insert", "add_module")
        return any(
            call.receiver is not None and self._facts.construction(call.receiver, call) is made for call in calls
        )

    def _last_element(self, expression: Expression, made: CallSite) -> Expression | None:
        """Return the last layer of the list that ``*layers`` unpacks, None where it is not certain."""
        name = dotted_name(expression)
        if isinstance(expression, Collection):
            return expression.elements[-1] if expression.elements else None
        if name is None:
            return None
        last: tuple[Site, Expression | None] | None = None
        for site in self._facts.structure.sites:
            if site.function is made.site.function and site.order < made.site.order:
                changed = _last_set(site, name)
                last = (site, changed[0]) if changed else last
        return last[1] if last is not None and last[0].dominates(made.site) else None

    def _of_returns(self, forward: Function, applied: CallSite | None, depth: int, path: Path = ()) -> Operation | None:
        if depth > _DEPTH or not forward.returns:
            return None
        frame = (
            Frame(applied, forward) if applied is not None and self._facts.values.called(applied) is forward else None
        )
        return _agree([self._of_return(site, frame, depth, path) for site in forward.returns])

    def _of_return(self, site: Site, frame: Frame | None, depth: int, path: Path) -> Operation | None:
        value = getattr(site.statement, "value", None)
        if value is None or isinstance(value, Subscript):
            return None
        if not path:
            return self._of_expression(value, site, frame, depth + 1)
        index = path[0]
        if index is None or len(path) > 1 or not isinstance(value, Collection):
            return None
        if not -len(value.elements) <= index < len(value.elements):
            return None
        return self._of_expression(value.elements[index], site, frame, depth + 1)


def _last_set(site: Site, name: str) -> tuple[Expression | None] | None:
    """Return (the last element,) after a statement that sets or extends a list, None for other statements."""
    statement = site.statement
    bound = next((b for b in site.summary.bindings if b.name == name), None)
    if bound is not None:
        value = bound.value if isinstance(statement, (Assign, AugmentedAssign)) and not bound.path else None
        return (value.elements[-1],) if isinstance(value, Collection) and value.elements else (None,)
    for item in site.summary.calls:
        func = item.call.func
        if isinstance(func, Attribute) and func.attr in _LIST_CHANGES and dotted_name(func.value) == name:
            appended = func.attr == "append" and len(item.call.arguments) == 1
            return (item.call.arguments[0].value,) if appended else (None,)
    return None


def _named_layer(value: Expression) -> Expression | None:
    """Return the last layer of ``OrderedDict([("fc", layer), ...])``, any other expression itself."""
    if not isinstance(value, Call) or not (dotted_name(value.func) or "").endswith("OrderedDict"):
        return value
    entries = value.arguments[0].value if len(value.arguments) == 1 else None
    last = entries.elements[-1] if isinstance(entries, Collection) and entries.elements else None
    return last.elements[-1] if isinstance(last, Collection) and len(last.elements) == 2 else None  # noqa: PLR2004 - name and layer


_LIST_CHANGES = frozenset({"append", "extend", "insert", "pop", "reverse", "remove", "clear"})
_TENSOR_METHODS = {
    "softmax": frozenset({"softmax", "probabilities", "activation"}),
    "log_softmax": frozenset({"log_softmax", "log_probabilities", "activation"}),
    "sigmoid": frozenset({"sigmoid", "probabilities", "activation"}),
    "relu": frozenset({"activation"}),
    "tanh": frozenset({"activation"}),
}


def _agree(found: "list[Operation | None]") -> Operation | None:
    """Return the operation that all agree on by name, with the first one's places."""
    if not found or found[0] is None:
        return None
    first = found[0]
    return first if all(item is not None and item.name == first.name for item in found) else None
