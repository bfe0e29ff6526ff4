"""Whether a Keras model behaves differently in training and in inference."""

from typing import TYPE_CHECKING

from ml_architect.catalog import Kind
from ml_architect.facts.answer import Answer
from ml_architect.facts.keras_heads import Heads
from ml_architect.facts.structure import CallSite, Class
from ml_architect.facts.values import At, Frame, Origin
from ml_architect.syntax.nodes import Expression

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_DEPTH = 4
_PLAIN_APPLICATIONS = frozenset({"keras.applications.VGG16", "keras.applications.VGG19"})


class KerasModes:
    """Looks for dropout, batch normalisation and random layers in models."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts
        self._depth = 0

    def mode_matters(self, model: Expression, at: At, frame: Frame | None = None) -> Answer:
        """Return whether the model holds a layer that acts in training only (or otherwise than in inference)."""
        if self._depth > _DEPTH:
            return Answer.UNKNOWN
        self._depth += 1
        try:
            origins = self._facts.origins(model, at, frame)
            return Answer.agree(self._of_origin(item) for item in origins.items)
        finally:
            self._depth -= 1

    def _of_origin(self, item: Origin) -> Answer:
        info = self._facts.values.instance_class(item)
        if info is not None:
            return self._of_class(info)
        made = self._facts.call_at(item.node) if item.how == "value" and not item.path else None
        return self._of_call(made, item.frame) if made is not None else Answer.UNKNOWN

    def _of_class(self, info: Class) -> Answer:
        call = self._facts.values.method(info, "call")
        if call is None or all(parameter.name != "training" for parameter in call.parameters):
            return Answer.UNKNOWN
        own = (call for call in self._facts.calls if call.site.function and call.site.function.owner is info)
        return Answer.YES if any(self._is_mode_dependent(call) for call in own) else Answer.UNKNOWN

    def _of_call(self, made: CallSite, frame: Frame | None) -> Answer:
        if self._is_mode_dependent(made):
            return Answer.YES
        symbol = self._facts.symbol(made)
        if symbol is None:
            return Answer.UNKNOWN
        if symbol.name == "keras.Sequential":
            items = self._facts.group(Heads).items(made, frame)
            answers = {self.mode_matters(item.expression, item.at, item.frame) for item in items or ()}
            return Answer.YES if Answer.YES in answers else Answer.UNKNOWN
        if symbol.name == "keras.Model":
            return self._of_functional(made)
        if "pretrained" in symbol.traits:
            return Answer.NO if symbol.name in _PLAIN_APPLICATIONS else Answer.YES
        return Answer.UNKNOWN

    def _of_functional(self, made: CallSite) -> Answer:
        """Take the layers that are made in the function of the model, if it is the only model made there."""
        around = [call for call in self._facts.calls if call.site.function is made.site.function]
        models = [call for call in around if (symbol := self._facts.symbol(call)) and symbol.kind is Kind.KERAS_MODEL]
        if len(models) != 1:
            return Answer.UNKNOWN
        return Answer.YES if any(self._is_mode_dependent(call) for call in around) else Answer.UNKNOWN

    def _is_mode_dependent(self, call: CallSite) -> bool:
        symbol = self._facts.symbol(call)
        return symbol is not None and symbol.kind is Kind.KERAS_LAYER and "mode_dependent" in symbol.traits
