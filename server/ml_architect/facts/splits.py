"""Where data is divided into parts for training and for evaluation, and what was fitted on all of it before."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ml_architect.catalog import Kind
from ml_architect.facts.estimators import Estimator, Estimators, Fit, Nature
from ml_architect.facts.lineage import Lineage, Lineages, Step
from ml_architect.facts.structure import CallSite
from ml_architect.syntax.nodes import Assign, Collection, Expression, Name

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_CROSS_VALIDATING = frozenset({"cross_val_predict", "cross_val_score", "cross_validate", "learning_curve"}) | frozenset(
    {"permutation_test_score", "validation_curve"}
)


@dataclass(frozen=True, slots=True)
class Split:
    """A call of ``train_test_split``: the arrays that go in, and the names of the parts where all are plain names."""

    call: CallSite
    arrays: tuple[Expression, ...]
    targets: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Division:
    """A place where rows are divided: a split, or a call that cross-validates. `features` are all arrays but labels."""

    call: CallSite
    features: tuple[Expression, ...]
    folds: bool

    @property
    def kind(self) -> str:
        """What the place is to a reader."""
        return "cross-validation" if self.folds else "split"


@dataclass(frozen=True, slots=True)
class EarlyStep:
    """Something that saw all rows before they were divided: `call` does it, by `estimator` unless it is a function."""

    call: CallSite
    estimator: Estimator | None
    nature: Nature
    what: str
    division: Division

    @property
    def name(self) -> str:
        """The name of what is fitted."""
        if self.estimator is not None:
            return self.estimator.name
        func = self.call.node.func
        return self.call.method or (func.id if isinstance(func, Name) else "")


class Splits:
    """Splits, cross-validations and what comes before them."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts
        self._estimators = facts.group(Estimators)
        self._lineages = facts.group(Lineages)

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        """The calls of ``train_test_split`` whose arrays are all in sight, in source order."""
        found = []
        for call in self._facts.calls_of(Kind.SPLIT):
            arguments = call.node.arguments
            if not any(argument.star for argument in arguments):
                arrays = tuple(argument.value for argument in arguments if argument.keyword is None)
                found.append(Split(call, arrays, self._targets(call)))
        return tuple(found)

    @staticmethod
    def _targets(call: CallSite) -> tuple[Name, ...]:
        statement = call.site.statement
        if not isinstance(statement, Assign) or statement.value is not call.node or len(statement.targets) != 1:
            return ()
        target = statement.targets[0]
        if not isinstance(target, Collection):
            return ()
        names = tuple(element for element in target.elements if isinstance(element, Name))
        return names if len(names) == len(target.elements) else ()

    @cached_property
    def divisions(self) -> tuple[Division, ...]:
        """Every place where rows are divided, in source order."""
        if not self._estimators.present:
            return ()
        found = [
            Division(item.call, item.arrays[:-1] if len(item.arrays) > 1 else item.arrays, folds=False)
            for item in self.splits
        ]
        found += self._cross_validations()
        return tuple(sorted(found, key=lambda item: item.call.site.order))

    def _cross_validations(self) -> Iterator[Division]:
        names = (f"sklearn.model_selection.{name}" for name in _CROSS_VALIDATING)
        for call in self._facts.calls_to(*names):
            data = self._facts.passed(call, "X").value
            if data is not None:
                yield Division(call, (data,), folds=True)
        for fit in self._estimators.fits:
            if fit.estimator.has("search"):
                yield Division(fit.call, (fit.data,), folds=True)
        for call in self._facts.method_calls("split"):
            validator = self._estimators.receiver(call)
            data = self._facts.passed(call, "X", 0).value
            if validator is not None and validator.symbol.kind is Kind.CROSS_VALIDATOR and data is not None:
                yield Division(call, (data,), folds=True)

    @cached_property
    def early_steps(self) -> tuple[EarlyStep, ...]:
        """What certainly saw all rows and shaped the data that is divided later; each call with its first division."""
        found: dict[object, EarlyStep] = {}
        for division in self.divisions:
            for expression in division.features:
                way = self._lineages.of(expression, division.call)
                if not way.may_be_part:
                    for step in (*self._on_way(way, division), *self._beside(way, division)):
                        found.setdefault(step.call.node, step)
        return tuple(sorted(found.values(), key=lambda step: step.call.site.order))

    def _on_way(self, way: Lineage, division: Division) -> Iterator[EarlyStep]:
        for step in way.steps:
            call: CallSite | None = step.call
            if step.what == "transform":
                call = self._fitted_on(step, way)
            if call is not None:
                estimator = step.estimator
                nature = self._estimators.nature(estimator) if estimator is not None else "unsupervised"
                yield EarlyStep(call, estimator, nature, step.what, division)

    def _fitted_on(self, step: Step, way: Lineage) -> CallSite | None:
        """Return the call that fitted a transformer on the rows that it transforms, None if it was fitted on others."""
        if step.call.method == "fit":
            return step.call
        fits = [fit for fit in self._fits_of(step.estimator) if fit.call.site.order <= step.call.site.order]
        if not fits or not self._lineages.is_on_way(fits[-1].data, fits[-1].call, way):
            return None
        return fits[-1].call

    def _beside(self, way: Lineage, division: Division) -> Iterator[EarlyStep]:
        """Yield fits on rows that are divided later, if the fitted object then transforms a part."""
        if division.folds:
            return
        for fit in self._estimators.fits:
            nature = self._estimators.nature(fit.estimator)
            if fit.call.method != "fit" or nature not in {"supervised", "unsupervised", "encoder"}:
                continue
            if self._lineages.is_on_way(fit.data, fit.call, way) and self._transforms_part(fit, division):
                yield EarlyStep(fit.call, fit.estimator, nature, "fit", division)

    def _transforms_part(self, fit: Fit, division: Division) -> bool:
        if len(self._fits_of(fit.estimator)) != 1:
            return False
        for call in self._facts.method_calls("transform"):
            estimator = self._estimators.receiver(call)
            data = self._facts.passed(call, "X", 0).value
            same = estimator is not None and estimator.made is fit.estimator.made
            if same and data is not None and self._lineages.of(data, call).split is division.call:
                return True
        return False

    def _fits_of(self, estimator: Estimator | None) -> list[Fit]:
        return [fit for fit in self._estimators.fits if estimator is not None and fit.estimator.made is estimator.made]


__all__ = ["Division", "EarlyStep", "Split", "Splits"]
