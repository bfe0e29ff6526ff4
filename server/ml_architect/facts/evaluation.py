"""Loops that evaluate a model, and the mode that the model is in."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ml_architect.facts.answer import Answer
from ml_architect.facts.events import Event, EventKind
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import Function, Site
from ml_architect.facts.training import Loop
from ml_architect.facts.words import EVALUATION, TRAIN, speaks_of
from ml_architect.syntax.nodes import Expression, For

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_PREDICTION = frozenset({"predict", "prediction", "inference", "infer"})


@dataclass(frozen=True, eq=False)
class EvaluationLoop:
    """A loop that applies a model to batches and computes no gradients.

    `forward` is the first application of `model`; `named` says whether the name of the function or of what is
    iterated over speaks of evaluation (and not of training).
    """

    loop: Loop
    forward: Event
    model: Expression
    named: bool


class Evaluations:
    """The evaluation loops of a module, and questions about modes."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    @cached_property
    def loops(self) -> tuple[EvaluationLoop, ...]:
        """Loops with a forward pass directly in the body, no backward pass in them and none around them in the loop."""
        found = []
        applying = self._applying
        for loop in self._facts.loops:
            if loop.site not in applying:
                continue
            forward = next((e for e in loop.direct(EventKind.FORWARD) if e.frame is None), None)
            if forward is None or forward.target is None or not isinstance(loop.site.statement, For):
                continue
            if loop.of(EventKind.BACKWARD, EventKind.ENGINE_BACKWARD, EventKind.OPTIMIZER_STEP):
                continue
            found.append(EvaluationLoop(loop, forward, forward.target, self._is_named(loop)))
        return tuple(found)

    @property
    def _applying(self) -> set[Site]:
        """The loops with a forward pass directly in the body; only their events are worth finding."""
        classify = self._facts.event_streams.classify
        calls = ((call, call.site.loops) for call in self._facts.calls)
        return {loops[0] for call, loops in calls if loops and (classify(call) or (None,))[0] is EventKind.FORWARD}

    def _is_named(self, loop: Loop) -> bool:
        statement = loop.site.statement
        names = [loop.function.name if loop.function else None]
        if isinstance(statement, For):
            names += [dotted_name(item) for item in self._iterated_names(statement.iterable)]
        speaking = [name for name in names if speaks_of(name, EVALUATION | _PREDICTION)]
        return bool(speaking) and not any(speaks_of(name, TRAIN) for name in names)

    def _iterated_names(self, iterable: Expression) -> list[Expression]:
        arguments = getattr(iterable, "arguments", ())
        return [iterable, *(argument.value for argument in arguments)]

    def about(self, event: Event, model: Event) -> Answer:
        """Return whether two events have the same target."""
        if event.target is None or model.target is None:
            return Answer.UNKNOWN
        return self._facts.same_object(
            event.target,
            event.call or event.site,
            model.target,
            model.call or model.site,
            frames=(event.frame, model.frame),
        )

    def mode_set_in(self, function: Function | None, kind: EventKind, model: Event) -> bool:
        """Return whether a mode event of `kind` in a function's stream is (or may be) about the model of `model`."""
        events = [event for event in self._facts.events(function) if event.kind is kind]
        return any(self.about(event, model) is not Answer.NO for event in events)

    def mode_set_around(self, function: Function | None, kind: EventKind, model: Event) -> bool:
        """Return whether `mode_set_in` holds for a function or for a function that calls it, however far up."""
        seen: set[Function | None] = set()
        queue = [function]
        while queue:
            current = queue.pop()
            if current in seen:
                continue
            seen.add(current)
            if self.mode_set_in(current, kind, model):
                return True
            if current is not None:
                queue += [call.site.function for call in self._facts.callers(current)]
                queue += [None] if current.owner is None else list(current.owner.methods.values())
        return False
