"""Data loaders: what they are given and what consumes their batches."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml_architect.facts.answer import Answer
from ml_architect.facts.structure import CallSite, Site
from ml_architect.facts.training import Loops
from ml_architect.facts.values import ITERATING, At, Origin, Values
from ml_architect.facts.words import EVALUATION, TRAIN, speaks_of
from ml_architect.syntax.nodes import Assign, Call, Expression, For, Return


@dataclass(frozen=True, eq=False)
class DataLoader:
    """A ``torch.utils.data.DataLoader(...)`` call.

    `name` is what it is bound to, else None. `consumers` are the ``for`` loops in sight that iterate over it.
    `trains` says whether its batches reach a backward pass, by its consumers; where none is in sight, `UNKNOWN`.
    """

    call: CallSite
    name: str | None
    consumers: tuple[Site, ...]
    trains: Answer

    @property
    def named_for_training(self) -> bool:
        """Whether its name says training and does not say evaluation."""
        return speaks_of(self.name, TRAIN) and not speaks_of(self.name, EVALUATION)

    @property
    def named_for_evaluation(self) -> bool:
        """Whether its name says evaluation and does not say training."""
        return speaks_of(self.name, EVALUATION) and not speaks_of(self.name, TRAIN)


class Loaders:
    """Finds the data loaders of a module."""

    def __init__(self, values: Values, loops: Loops) -> None:
        self._values = values
        self._loops = loops

    def of(self, calls: Sequence[CallSite]) -> tuple[DataLoader, ...]:
        """Return the data loaders that `calls` construct, in the same order."""
        if not calls:
            return ()
        consumers = self._consumers()
        return tuple(self._loader(call, tuple(consumers.get(call.node, ()))) for call in calls)

    def _loader(self, call: CallSite, consumers: tuple[Site, ...]) -> DataLoader:
        loops = [loop for loop in self._loops.all if loop.site in consumers]
        trains = Answer.of(any(loop.trains or loop.backwards for loop in loops)) if consumers else Answer.UNKNOWN
        return DataLoader(call, self._bound_name(call), consumers, trains)

    def _bound_name(self, call: CallSite) -> str | None:
        statement = call.site.statement
        if isinstance(statement, Assign) and statement.value is not None:
            bound = next((b for b in call.site.summary.bindings if b.value is statement.value), None)
            if statement.value is call.node and bound is not None:
                return bound.name
            return None
        if isinstance(statement, Return) and call.site.function is not None and statement.value is call.node:
            return call.site.function.name
        return None

    def _consumers(self) -> dict[Call, list[Site]]:
        found: dict[Call, list[Site]] = {}
        for site in self._values.structure.statements(For):
            assert isinstance(site.statement, For)  # noqa: S101 - asked for
            for item in iterated(self._values, site.statement.iterable, site):
                if isinstance(item.node, Call):
                    found.setdefault(item.node, []).append(site)
        return found


def iterated(values: Values, iterable: Expression, at: At) -> list[Origin]:
    """Return what is iterated over, behind ``enumerate``, ``zip``, ``tqdm`` and the like."""
    found: list[Origin] = []
    queue = list(values.origins(iterable, at).items)
    steps = 0
    while queue and steps < _STEPS:
        steps += 1
        item = queue.pop(0)
        node = item.node
        name = values.names.qualified(node.func, item.scope) if isinstance(node, Call) else None
        if isinstance(node, Call) and name is not None and not item.path and _is_wrapper(name):
            arguments = [a.value for a in node.arguments if not a.keyword and not a.star]
            for argument in arguments if name == "builtins.zip" else arguments[:1]:
                queue += values.origins(argument, item.site, item.frame).items
        else:
            found.append(item)
    return found


_STEPS = 24


def _is_wrapper(name: str) -> bool:
    return name in {"builtins.enumerate", "builtins.zip"} or name in ITERATING or name.startswith("tqdm.")


__all__ = ["DataLoader", "Loaders", "iterated"]
