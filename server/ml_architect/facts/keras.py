"""Keras models as they are compiled and fitted: losses, metrics, optimizers, callbacks."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ml_architect.catalog import Kind, Symbol
from ml_architect.facts.answer import Answer
from ml_architect.facts.arguments import Passed
from ml_architect.facts.keras_heads import Head, Heads
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import CallSite
from ml_architect.facts.values import At, Frame
from ml_architect.syntax.nodes import Collection, Constant, Expression, Node

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

FITTING = ("fit", "fit_generator")
TRAINING = (*FITTING, "train_on_batch")
PREDICTING = ("predict", "predict_generator")
_METHODS = frozenset({*TRAINING, *PREDICTING, "compile", "evaluate"})


@dataclass(frozen=True, slots=True)
class KerasLoss:
    """The one loss of a compiled model.

    `symbol` is what the catalogue knows of it. `form` says how it is written: its name in a string, an object that is
    made (by `made`), or a function that is named. `from_logits` says whether it takes raw outputs.
    """

    symbol: Symbol
    form: Literal["string", "object", "function"]
    place: Expression
    from_logits: Answer
    made: CallSite | None

    @property
    def name(self) -> str:
        """The name by which the code calls it, without its package."""
        return str(self.place.value) if isinstance(self.place, Constant) else self.symbol.name.rpartition(".")[2]

    def has(self, *traits: str) -> bool:
        """Return whether the loss has one of `traits` (``binary``, ``multiclass``, ``index_targets``...)."""
        return not self.symbol.traits.isdisjoint(traits)

    @property
    def takes_logits_or_probabilities(self) -> bool:
        """Whether it is a cross-entropy that has ``from_logits``."""
        return self.has("from_logits_argument")


@dataclass(frozen=True, slots=True)
class KerasMetric:
    """One metric of a compiled model: its name in a string, or the catalogue's symbol of an object or a function."""

    place: Expression
    text: str | None
    symbol: Symbol | None
    made: CallSite | None


@dataclass(frozen=True, eq=False)
class Compile:
    """A ``model.compile(...)`` call. `made` are the calls that make the model, as far as they are in sight."""

    call: CallSite
    model: Expression
    made: frozenset[Node]
    loss: KerasLoss | None
    head: Head | None


class KerasModels:
    """Finds compiled and fitted Keras models and ties their calls to the calls that make them."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts
        self.heads: Heads = facts.group(Heads)

    @property
    def present(self) -> bool:
        """Whether the module imports Keras in any of its forms."""
        return self._facts.imports("keras", "tensorflow", "tf_keras")

    def passed(self, call: CallSite, parameter: str) -> Passed:
        """Return what a call of a model's method passes for one of the parameters that Keras declares for it."""
        method = (call.method or "").removesuffix("_generator")
        symbol = self._facts.catalog.symbol(f"keras.Model.{method}")
        position = symbol.position(parameter) if symbol is not None and call.method == method else None
        return self._facts.passed(call, parameter, position)

    def calls(self, *methods: str) -> list[CallSite]:
        """Return the calls of these methods on what may be a Keras model: nothing shows that it is something else.

        An object of an imported class out of sight, such as ``KerasClassifier``, may wrap a model in its own way.
        """
        if not self.present:
            return []
        return [call for call in self._facts.method_calls(*methods) if self._may_be_model(call)]

    def _may_be_model(self, call: CallSite) -> bool:
        if call.receiver is None or self._facts.call_name(call) is not None or call.method not in _METHODS:
            return False
        if self._facts.is_kind(call.receiver, call, Kind.KERAS_MODEL) is not Answer.UNKNOWN:
            return self._facts.is_kind(call.receiver, call, Kind.KERAS_MODEL) is Answer.YES
        made = self._facts.construction(call.receiver, call)
        name = self._facts.call_name(made) if made is not None else None
        return name is None or not name.rpartition(".")[2][:1].isupper()

    def makers(self, expression: Expression, at: At) -> frozenset[Node]:
        """Return the calls that make a model; empty where they are not all in sight."""
        origins = self._facts.origins(expression, at)
        nodes = [self._facts.call_at(item.node) for item in origins.items if item.how == "value" and not item.path]
        if not origins.complete or len(nodes) != len(origins.items) or None in nodes:
            return frozenset()
        return frozenset(node.node for node in nodes if node is not None)

    @cached_property
    def compiles(self) -> tuple[Compile, ...]:
        """The ``compile`` calls, in source order."""
        return tuple(self._compile(call) for call in self.calls("compile") if call.node.arguments)

    def _compile(self, call: CallSite) -> Compile:
        assert call.receiver is not None  # noqa: S101 - asked for in `calls`
        passed = self.passed(call, "loss")
        loss = self.loss(passed.value, call) if passed.value is not None else None
        head = self.heads.of_model(call.receiver, call)
        return Compile(call, call.receiver, self.makers(call.receiver, call), loss, head)

    def compiled(self, model: Expression, at: CallSite) -> Compile | None:
        """Return the one compile call that a fitted model went through, None where there are several or none."""
        makers = self.makers(model, at)
        text = dotted_name(model)
        found = [
            item
            for item in self.compiles
            if (makers and item.made == makers)
            or (text is not None and text == dotted_name(item.model) and at.site.scope is item.call.site.scope)
        ]
        return found[0] if len(found) == 1 else None

    # --- losses and metrics ---------------------------------------------------------------------------

    def loss(self, expression: Expression, at: At, frame: Frame | None = None) -> KerasLoss | None:
        """Return the one loss that an argument of ``compile`` names, None for several losses or unknown ones."""
        if isinstance(expression, Collection):
            return self.loss(expression.elements[0], at, frame) if len(expression.elements) == 1 else None
        known = self._facts.known(expression, at, frame)
        if known is not None:
            if known.overridable or not isinstance(known.value, str) or not isinstance(known.evidence, Constant):
                return None
            return self._written(self._symbol(f"keras.losses.{known.value}"), "string", known.evidence, None)
        made = self._facts.construction(expression, at, frame)
        if made is not None:
            expression = made.node
        if made is not None:
            return self._written(self._symbol(self._facts.call_name(made)), "object", expression, made)
        return self._written(self._symbol(self._facts.qualified(expression, at)), "function", expression, None)

    def _symbol(self, name: str | None) -> Symbol | None:
        symbol = self._facts.catalog.symbol(name) if name is not None else None
        return symbol if symbol is not None and symbol.kind is Kind.KERAS_LOSS else None

    def _written(
        self,
        symbol: Symbol | None,
        form: Literal["string", "object", "function"],
        place: Expression,
        made: CallSite | None,
    ) -> KerasLoss | None:
        if symbol is None or (form == "object" and "function" in symbol.traits):
            return None
        return KerasLoss(symbol, form, place, self._from_logits(made), made)

    def _from_logits(self, made: CallSite | None) -> Answer:
        if made is None:
            return Answer.NO
        passed = self._facts.passed(made, "from_logits")
        if not passed.given:
            return Answer.NO if passed.absent else Answer.UNKNOWN
        known = self._facts.known(passed.value, made)
        if known is None or known.overridable:
            return Answer.UNKNOWN
        return Answer.of(bool(known.value))

    def metrics(self, item: Compile) -> tuple[KerasMetric, ...] | None:
        """Return the metrics that ``compile`` gets, None where not all are in sight."""
        passed = self.passed(item.call, "metrics")
        if not passed.given or passed.value is None:
            return () if passed.absent else None
        only = self._facts.origins(passed.value, item.call).only
        if only is None:
            return None
        elements = only.node.elements if isinstance(only.node, Collection) else (passed.value,)
        found = [self._metric(element, only.site) for element in elements]
        return None if None in found else tuple(metric for metric in found if metric is not None)

    def _metric(self, expression: Expression, at: At) -> KerasMetric | None:
        known = self._facts.known(expression, at)
        if known is not None:
            text = known.value
            return (
                KerasMetric(expression, text, None, None) if isinstance(text, str) and not known.overridable else None
            )
        made = self._facts.construction(expression, at)
        name = self._facts.call_name(made) if made is not None else self._facts.qualified(expression, at)
        symbol = self._facts.catalog.symbol(name) if name is not None else None
        return KerasMetric(expression, None, symbol, made) if symbol is not None else None

    # --- fitting --------------------------------------------------------------------------------------

    def callbacks(self, fit: CallSite) -> tuple[CallSite, ...] | None:
        """Return the calls that make the callbacks of a ``fit`` call, None where not all are in sight."""
        passed = self.passed(fit, "callbacks")
        if not passed.given or passed.value is None:
            return () if passed.absent else None
        name = dotted_name(passed.value)
        growing = self._facts.method_calls("append", "extend", "insert")
        if name is not None and any(dotted_name(call.receiver) == name for call in growing):
            return None
        only = self._facts.origins(passed.value, fit).only
        if only is None:
            return None
        elements = only.node.elements if isinstance(only.node, Collection) else (passed.value,)
        found = [self._facts.construction(element, only.site) for element in elements]
        return None if None in found else tuple(call for call in found if call is not None)

    def kind(self, call: CallSite) -> Kind | None:
        """Return the catalogue's kind of what a call makes."""
        symbol = self._facts.symbol(call)
        return symbol.kind if symbol is not None else None


__all__ = ["FITTING", "PREDICTING", "TRAINING", "Compile", "Head", "KerasLoss", "KerasMetric", "KerasModels"]
