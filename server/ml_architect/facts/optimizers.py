"""Optimizers and the modules whose parameters they update."""

from typing import TYPE_CHECKING

from ml_architect.catalog import Kind
from ml_architect.facts.answer import Answer
from ml_architect.facts.events import Event
from ml_architect.facts.structure import CallSite
from ml_architect.facts.values import At, Frame, Origin
from ml_architect.syntax.nodes import Attribute, Call, Collection, Comprehension, Dictionary, Expression, Node, walk

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_PARAMETERS = frozenset({"parameters", "named_parameters"})


class Optimizers:
    """Answers which modules an optimizer updates."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    @property
    def constructed(self) -> list[CallSite]:
        """The calls that construct a PyTorch optimizer."""
        return self._facts.calls_of(Kind.OPTIMIZER)

    def models(self, optimizer: Expression, at: At, frame: Frame | None = None) -> list[tuple[Expression, CallSite]]:
        """Return the modules (and where they are read) whose ``parameters()`` the optimizer got; empty if not known."""
        call = self._facts.construction(optimizer, at, frame)
        return self.models_of_call(call) if call is not None else []

    def models_of_call(self, call: CallSite) -> list[tuple[Expression, CallSite]]:
        """Return the modules whose ``parameters()`` an optimizer's constructor gets; empty if not known."""
        passed = self._facts.passed(call, "params", 0)
        if not passed.given or passed.value is None:
            return []
        found: list[tuple[Expression, CallSite]] = []
        for item in self._facts.origins(passed.value, call).items:
            found += self._in(item)
        return found

    def _in(self, item: Origin) -> list[tuple[Expression, CallSite]]:
        node: Node = item.node
        if not isinstance(node, (Call, Collection, Dictionary, Comprehension)):
            return []
        calls = [inner for inner in walk(node) if isinstance(inner, Call)]
        found = []
        for inner in calls:
            site = self._facts.structure.site_of_call.get(inner)
            if site is not None and isinstance(inner.func, Attribute) and inner.func.attr in _PARAMETERS:
                found.append((inner.func.value, site))
        return found

    def same_parameters(self, first: Event, second: Event) -> Answer:
        """Return whether two events (a clearing, a step) are about the same parameters.

        Each target may be an optimizer or a module; a clearing without a target counts as all parameters.
        """
        if first.target is None or second.target is None:
            return Answer.UNKNOWN
        frames = (first.frame, second.frame)
        same = self._facts.same_object(
            first.target, first.call or first.site, second.target, second.call or second.site, frames=frames
        )
        if same is Answer.YES:
            return same
        for one, other in ((first, second), (second, first)):
            answer = self._covers(one, other)
            if answer is not Answer.UNKNOWN:
                return answer
        return same

    def _covers(self, optimizer: Event, module: Event) -> Answer:
        if optimizer.target is None or module.target is None:
            return Answer.UNKNOWN
        models = self.models(optimizer.target, optimizer.call or optimizer.site, optimizer.frame)
        answers = [
            self._facts.same_object(model, at, module.target, module.call or module.site, frames=(None, module.frame))
            for model, at in models
        ]
        if Answer.YES in answers:
            return Answer.YES
        return Answer.UNKNOWN if not answers else Answer.agree(answers)
