"""Learning-rate schedulers: the optimizer that each drives, and where it is stepped."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ml_architect.catalog import Kind
from ml_architect.facts.kinds import SCHEDULERS
from ml_architect.facts.structure import CallSite
from ml_architect.syntax.nodes import Expression

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts


@dataclass(frozen=True, eq=False)
class Scheduler:
    """A scheduler made in this file.

    `name` is its canonical qualified name, `steps` the calls of ``.step()`` that are certainly about it.
    """

    call: CallSite
    name: str
    optimizer: Expression | None
    steps: tuple[CallSite, ...]
    plateau: bool


class Schedulers:
    """The ``torch.optim.lr_scheduler`` schedulers of a module."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    @cached_property
    def all(self) -> tuple[Scheduler, ...]:
        """Schedulers of PyTorch itself in source order; those of other libraries step by other rules."""
        calls = [call for call in self._facts.calls_of(*SCHEDULERS) if self._is_torch(call)]
        if not calls:
            return ()
        steps = self._steps()
        return tuple(self._scheduler(call, tuple(steps.get(call, ()))) for call in calls)

    def _is_torch(self, call: CallSite) -> bool:
        return (self._facts.call_name(call) or "").startswith("torch.optim.")

    def _scheduler(self, call: CallSite, steps: tuple[CallSite, ...]) -> Scheduler:
        name = self._facts.call_name(call) or ""
        optimizer = self._facts.passed(call, "optimizer", 0)
        plateau = self._facts.catalog.kind(name) is Kind.PLATEAU_SCHEDULER
        return Scheduler(call, name, optimizer.value, steps, plateau)

    def _steps(self) -> dict[CallSite, list[CallSite]]:
        found: dict[CallSite, list[CallSite]] = {}
        for step in self._facts.method_calls("step"):
            made = self._facts.construction(step.receiver, step) if step.receiver is not None else None
            if made is not None:
                found.setdefault(made, []).append(step)
        return found
