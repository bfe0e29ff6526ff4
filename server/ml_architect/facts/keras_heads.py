"""What Keras models end with: the layer that gives the outputs, its units and the activation on them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from ml_architect.catalog import Kind, Symbol
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import CallSite, Class
from ml_architect.facts.values import At, Frame, Origin
from ml_architect.syntax.nodes import Collection, Comprehension, Expression, Node, Return, Starred, With

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_DEPTH = 12
_KEEPS_UNITS = frozenset({"ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "Identity"}) | {
    "SpatialDropout1D",
    "SpatialDropout2D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
}
_KEEPS_VALUES = frozenset({"Flatten", "Reshape", "Permute", "Cropping1D", "Cropping2D", "UpSampling2D"})
_GROWING = ("append", "extend", "insert", "pop")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a model.

    `layer` is the call that makes the last layer with units, where it is in sight, and `units` how many it has.
    `activation` is ``"linear"``, ``"softmax"``, ``"sigmoid"`` or ``"other"``; `chosen_by` is the call that decides on
    it: the layer itself, an activation layer or a function behind it.
    """

    layer: CallSite | None
    units: int | None
    activation: str
    chosen_by: CallSite


@dataclass(frozen=True, slots=True)
class LayerItem:
    """One layer of a Sequential model, where it is written."""

    expression: Expression
    at: At
    frame: Frame | None


_Before: TypeAlias = Callable[[], Head | None]


class Heads:
    """Follows models and tensors back to the layers that they end with. None says: not certain."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts
        self._depth = 0

    def of_model(self, expression: Expression, at: At, frame: Frame | None = None) -> Head | None:
        """Return what the model ends with."""
        return self._layer(expression, at, frame, lambda: None)

    def of_tensor(self, expression: Expression, at: At, frame: Frame | None = None) -> Head | None:
        """Return what a tensor of the functional API comes out of."""
        return self._agreed(expression, at, frame, self._of_tensor_origin)

    def activation(self, expression: Expression, at: At, frame: Frame | None = None) -> str | None:
        """Return which activation an argument names: ``linear``, ``softmax``, ``sigmoid`` or ``other``."""
        known = self._facts.known(expression, at, frame)
        if known is not None:
            return None if known.overridable else _activation_word(known.value)
        name = self._facts.qualified(expression, at)
        if name is None:
            made = self._facts.construction(expression, at, frame)
            name = self._facts.call_name(made) if made is not None else None
        symbol = self._facts.catalog.symbol(name) if name is not None else None
        return _activation_trait(symbol) if symbol is not None else None

    # --- shared ---------------------------------------------------------------------------------------

    def _agreed(
        self, expression: Expression, at: At, frame: Frame | None, follow: Callable[[Origin], Head | None]
    ) -> Head | None:
        if self._depth > _DEPTH:
            return None
        origins = self._facts.origins(expression, at, frame)
        if not origins.items or not origins.complete:
            return None
        self._depth += 1
        try:
            return _agree(follow(item) for item in origins.items)
        finally:
            self._depth -= 1

    def _layer(self, expression: Expression, at: At, frame: Frame | None, before: _Before) -> Head | None:
        return self._agreed(expression, at, frame, lambda item: self._of_layer(item, before))

    def _call(self, item: Origin) -> CallSite | None:
        return self._facts.call_at(item.node) if item.how == "value" and not item.path else None

    # --- layers ---------------------------------------------------------------------------------------

    def _of_layer(self, item: Origin, before: _Before) -> Head | None:
        made = self._call(item)
        if made is None:
            return None
        info = self._facts.values.instance_class(item)
        if info is not None:
            return self._of_class(info, made, item.frame)
        name = self._facts.call_name(made)
        symbol = self._facts.catalog.symbol(name) if name is not None else None
        if symbol is None:
            return None
        if symbol.name == "keras.Sequential":
            return self._of_items(self.items(made, item.frame))
        if symbol.name == "keras.Model":
            return self._of_functional(made, item.frame)
        return self._of_library_layer(symbol, made, item.frame, before)

    def _of_library_layer(self, symbol: Symbol, made: CallSite, frame: Frame | None, before: _Before) -> Head | None:
        if symbol.kind is not Kind.KERAS_LAYER:
            return None
        short = symbol.name.rpartition(".")[2]
        if short in _KEEPS_UNITS:
            return before()
        if short in _KEEPS_VALUES:
            inner = before()
            return replace(inner, units=None) if inner is not None else None
        if short == "TimeDistributed":
            wrapped = self._facts.passed(made, "layer", 0)
            return self._layer(wrapped.value, made, frame, before) if wrapped.value is not None else None
        if symbol.traits & {"linear", "convolution"}:
            return self._of_weights(made, frame)
        if "activation" in symbol.traits:
            return self._of_activation(symbol, made, frame, before)
        return None

    def _of_weights(self, made: CallSite, frame: Frame | None) -> Head | None:
        activation = self._facts.passed(made, "activation")
        if activation.state == "unknown":
            return None
        word = "linear" if activation.value is None else self.activation(activation.value, made, frame)
        if word is None:
            return None
        size = self._facts.passed(made, "units")
        if not size.given:
            size = self._facts.passed(made, "filters")
        known = self._facts.known(size.value, made, frame)
        units = known.value if known is not None and not known.overridable else None
        return Head(made, units if isinstance(units, int) else None, word, made)

    def _of_activation(self, symbol: Symbol, made: CallSite, frame: Frame | None, before: _Before) -> Head | None:
        if "activation_argument" in symbol.traits:
            passed = self._facts.passed(made, "activation", 0)
            word = self.activation(passed.value, made, frame) if passed.value is not None else None
        else:
            word = _activation_trait(symbol) if self._is_last_axis(made, frame) else "other"
        if word is None:
            return None
        inner = before()
        if word == "linear":
            return inner
        return replace(inner, activation=word, chosen_by=made) if inner else Head(None, None, word, made)

    def _is_last_axis(self, made: CallSite, frame: Frame | None) -> bool:
        axis = self._facts.passed(made, "axis")
        if not axis.given:
            return axis.absent
        known = self._facts.known(axis.value, made, frame)
        return known is not None and known.value == -1

    # --- models ---------------------------------------------------------------------------------------

    def _of_class(self, info: Class, made: CallSite, frame: Frame | None) -> Head | None:
        call = self._facts.values.method(info, "call")
        if call is None:
            is_model = self._facts.kinds.of_class(info)[0] is Kind.KERAS_MODEL
            return self._of_functional(made, frame) if is_model else None
        if not call.returns:
            return None
        found = []
        for site in call.returns:
            value = site.statement.value if isinstance(site.statement, Return) else None
            found.append(self.of_tensor(value, site) if value is not None else None)
        return _agree(found)

    def _of_functional(self, made: CallSite, frame: Frame | None) -> Head | None:
        outputs = self._facts.passed(made, "outputs", 1)
        if not outputs.given or outputs.value is None:
            return None
        value = outputs.value
        if isinstance(value, Collection):
            if len(value.elements) != 1:
                return None
            value = value.elements[0]
        return self.of_tensor(value, made, frame)

    def _of_items(self, items: tuple[LayerItem, ...] | None) -> Head | None:
        if not items or self._depth > _DEPTH:
            return None
        *rest, last = items
        if isinstance(last.expression, (Starred, Comprehension)):
            return None
        self._depth += 1
        try:
            return self._layer(last.expression, last.at, last.frame, lambda: self._of_items(tuple(rest)))
        finally:
            self._depth -= 1

    def items(self, made: CallSite, frame: Frame | None) -> tuple[LayerItem, ...] | None:
        """Return the layers of a Sequential model in order, None where they are not certain."""
        added = self._added(made)
        if added is None:
            return None
        passed = self._facts.passed(made, "layers", 0)
        if passed.state == "unknown":
            return None
        items: list[LayerItem] = []
        if passed.value is not None:
            only = self._facts.origins(passed.value, made, frame).only
            if only is None or not isinstance(only.node, Collection) or self._grows(passed.value):
                return None
            items += [LayerItem(element, only.site, only.frame) for element in only.node.elements]
        return (*items, *(LayerItem(call.node.arguments[0].value, call, frame) for call in added))

    def _grows(self, expression: Expression) -> bool:
        name = dotted_name(expression)
        return name is not None and any(
            dotted_name(call.receiver) == name for call in self._facts.method_calls(*_GROWING)
        )

    def _added(self, made: CallSite) -> list[CallSite] | None:
        """Return the ``add`` calls of a model, None where branches, loops or ``pop`` make their order uncertain."""
        calls = self._adds.get(made.node, [])
        if any(call.method == "pop" or not call.node.arguments for call in calls):
            return None
        if calls and not _runs_with(calls[-1], made):
            return None
        return calls

    @cached_property
    def _adds(self) -> dict[Node, list[CallSite]]:
        found: dict[Node, list[CallSite]] = {}
        for call in self._facts.method_calls("add", "pop"):
            if call.receiver is None or self._facts.call_name(call) is not None:
                continue
            for item in self._facts.origins(call.receiver, call).items:
                made = self._call(item)
                if made is not None and self._facts.call_name(made) == "keras.Sequential":
                    found.setdefault(made.node, []).append(call)
        for calls in found.values():
            calls.sort(key=lambda call: call.site.order)
        return found

    # --- tensors --------------------------------------------------------------------------------------

    def _of_tensor_origin(self, item: Origin) -> Head | None:
        applied = self._call(item)
        if applied is None:
            return None
        arguments = [a for a in applied.node.arguments if not a.star and a.keyword in {None, "inputs", "x"}]
        first = arguments[0].value if arguments else None

        def before() -> Head | None:
            return self.of_tensor(first, applied, item.frame) if first is not None else None

        name = self._facts.call_name(applied)
        if name is None:
            return self._layer(applied.node.func, applied, item.frame, before)
        symbol = self._facts.catalog.symbol(name)
        if symbol is None or symbol.kind is not Kind.TENSOR_FUNCTION or "activation" not in symbol.traits:
            return None
        word = _activation_trait(symbol) if self._is_last_axis(applied, item.frame) else "other"
        inner = before()
        if word is None:
            return None
        if word == "linear":
            return inner
        return replace(inner, activation=word, chosen_by=applied) if inner else Head(None, None, word, applied)


def _runs_with(call: CallSite, made: CallSite) -> bool:
    """Return whether `call` certainly runs after `made`, in the same function and in no further branch or loop."""
    if call.site.function is not made.site.function:
        return False
    blocks = set(made.site.block.chain())
    return all(
        block in blocks or (block.owner is not None and isinstance(block.owner.statement, With))
        for block in call.site.block.chain()
    )


def _activation_word(value: object) -> str | None:
    if value is None:
        return "linear"
    if not isinstance(value, str):
        return None
    return value if value in {"linear", "softmax", "sigmoid"} else "other"


def _activation_trait(symbol: Symbol) -> str | None:
    if symbol.name.endswith("sparsemax"):
        return "other"
    if "identity" in symbol.traits:
        return "linear"
    word = next((word for word in ("softmax", "sigmoid") if word in symbol.traits), None)
    return word or ("other" if "activation" in symbol.traits else None)


def _agree(found: Iterable[Head | None]) -> Head | None:
    """Return the head if all have the same activation and units, with the first one's places."""
    heads = list(found)
    first = heads[0] if heads else None
    if first is None:
        return None
    same = all(head and (head.activation, head.units) == (first.activation, first.units) for head in heads)
    return first if same else None


__all__ = ["Head", "Heads", "LayerItem"]
