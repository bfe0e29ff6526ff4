"""`torch.nn.Module` classes of the module: what they hold and whether their mode matters."""

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

from ml_architect.catalog import Kind
from ml_architect.facts.answer import Answer
from ml_architect.facts.structure import CallSite, Class
from ml_architect.facts.values import At, Origin
from ml_architect.syntax.nodes import Attribute, Call, Expression, walk

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_MODE_TRAITS = frozenset({"mode_dependent"})
_DEPTH = 6


class ModuleClasses:
    """The classes of this file whose instances are `torch.nn.Module` objects."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts
        self._mode: dict[Class, Answer] = {}

    @cached_property
    def all(self) -> tuple[Class, ...]:
        """Classes that certainly derive from ``torch.nn.Module``, in source order."""
        return tuple(info for info in self._facts.classes if self._facts.kinds.of_class(info)[0] is Kind.MODULE)

    def mode_matters(self, expression: Expression, at: At) -> Answer:
        """Return whether a model behaves differently in training and in evaluation mode (dropout, batch norm)."""
        origins = self._facts.origins(expression, at)
        if not origins.items:
            return Answer.UNKNOWN
        answers = {self.origin_mode_matters(item) for item in origins.items}
        return answers.pop() if len(answers) == 1 else Answer.UNKNOWN

    def origin_mode_matters(self, item: Origin) -> Answer:
        """Return `mode_matters` for one origin of a model."""
        return self._origin(item, 0)

    def _origin(self, item: Origin, depth: int) -> Answer:
        if depth > _DEPTH or item.path or item.how != "value" or not isinstance(item.node, Call):
            return Answer.UNKNOWN
        info = self._facts.values.instance_class(item)
        if info is not None:
            return self.class_mode_matters(info, depth)
        call = self._facts.structure.site_of_call.get(item.node)
        return self._call(call, depth) if call is not None else Answer.UNKNOWN

    def class_mode_matters(self, info: Class, depth: int = 0) -> Answer:
        """Return whether instances of a class of this module depend on their mode."""
        if info not in self._mode:
            self._mode[info] = Answer.UNKNOWN
            self._mode[info] = self._class(info, depth)
        return self._mode[info]

    def _class(self, info: Class, depth: int) -> Answer:
        classes, names, known = self._facts.names.ancestry(info)
        if not known or any(self._facts.catalog.kind(name) is not Kind.MODULE_BASE for name in names):
            outside = Answer.UNKNOWN
        else:
            outside = Answer.NO
        answers = {outside}
        methods = {function.scope for current in classes for function in current.methods.values()}
        for call in self._facts.calls:
            if call.site.scope in methods:
                answers.add(self._call(call, depth + 1))
        if any(self._reads_training(function.body) for c in classes for function in c.methods.values()):
            answers.add(Answer.YES)
        return _any(answers)

    def _call(self, call: CallSite, depth: int) -> Answer:
        if depth > _DEPTH:
            return Answer.UNKNOWN
        definition = self._facts.names.definition(call.node.func, call.scope)
        if isinstance(definition, Class):
            if self._facts.kinds.of_class(definition)[0] is Kind.MODULE:
                return self.class_mode_matters(definition, depth)
            return Answer.NO
        name = self._facts.call_name(call)
        if name is None:
            return self._unnamed(call, depth)
        symbol = self._facts.catalog.symbol(name)
        if symbol is None:
            known = name.startswith(("builtins.", "torch.", "math.", "numpy.", "typing.", "collections."))
            return Answer.NO if known else Answer.UNKNOWN
        if symbol.traits & _MODE_TRAITS or "training_argument" in symbol.traits:
            return Answer.YES
        if symbol.kind is Kind.MODULE and "container" in symbol.traits:
            return _any([self._part(argument.value, call, depth) for argument in call.node.arguments])
        if symbol.kind in {Kind.MODULE_FACTORY, Kind.PRETRAINED, Kind.MODULE_WRAPPER}:
            return Answer.UNKNOWN
        return self._dropout_argument(call) if "dropout_argument" in symbol.traits else Answer.NO

    def _part(self, expression: Expression, call: CallSite, depth: int) -> Answer:
        return _any([self._origin(item, depth + 1) for item in self._facts.origins(expression, call).items])

    def _unnamed(self, call: CallSite, depth: int) -> Answer:
        function = self._facts.values.called(call)
        if function is not None:
            return Answer.NO if function.owner is not None else self._helper(function.scope, depth)
        return Answer.NO if call.method is not None else Answer.UNKNOWN

    def _helper(self, scope: object, depth: int) -> Answer:
        return _any([self._call(call, depth + 1) for call in self._facts.calls if call.site.scope is scope])

    def _dropout_argument(self, call: CallSite) -> Answer:
        passed = self._facts.passed(call, "dropout")
        if passed.absent:
            return Answer.of("transformer" in (self._facts.call_name(call) or "").lower())
        known = self._facts.known(passed.value, call) if passed.given else None
        return Answer.UNKNOWN if known is None else Answer.of(bool(known.value))

    def _reads_training(self, body: object) -> bool:
        statements = [site.statement for site in body] if isinstance(body, list) else []
        return any(
            isinstance(node, Attribute) and node.dotted == "self.training"
            for statement in statements
            for node in walk(statement)
        )


def _any(answers: Collection[Answer]) -> Answer:
    """Return yes if one answer is yes, no if all are no."""
    if Answer.YES in answers:
        return Answer.YES
    return Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.NO
