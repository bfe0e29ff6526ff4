"""Estimators of scikit-learn and its relatives: what they are, what a pipeline holds, and where they are fitted."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from ml_architect.catalog import Kind, Symbol
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import CallSite
from ml_architect.facts.values import At, Frame
from ml_architect.syntax.nodes import Collection, Constant, Expression, Node

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

Nature: TypeAlias = Literal["supervised", "unsupervised", "encoder", "label", "stateless", "resampler", "other"]
"""What a transformer takes from the rows that it is fitted on; ``other`` for what we cannot say and for predictors."""

FITTING = ("fit", "fit_transform", "fit_resample", "fit_sample")
_RETURNING_SELF = frozenset({"fit", "partial_fit", "set_params", "set_output"})
_PACKAGES = ("sklearn", "imblearn", "xgboost", "lightgbm", "catboost")
_KINDS = frozenset(
    {Kind.TRANSFORMER, Kind.SUPERVISED_TRANSFORMER, Kind.RESAMPLER, Kind.ESTIMATOR, Kind.PIPELINE, Kind.CROSS_VALIDATOR}
)
_GROWING = ("append", "insert", "extend")
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Estimator:
    """An object of the catalogue's estimator kinds, by the call that makes it."""

    made: CallSite
    symbol: Symbol

    @property
    def name(self) -> str:
        """The name of its class."""
        return self.symbol.name.rpartition(".")[2]

    def has(self, *traits: str) -> bool:
        """Return whether its class has one of `traits`."""
        return not self.symbol.traits.isdisjoint(traits)


@dataclass(frozen=True, slots=True)
class Member:
    """One step of a pipeline or one part of a parallel transformer; `name` is None where it is not in sight."""

    name: str | None
    value: Expression
    at: At


@dataclass(frozen=True, slots=True)
class Fit:
    """A call that fits an estimator; `data` and `target` are its first two arguments."""

    call: CallSite
    estimator: Estimator
    data: Expression
    target: Expression | None


class Estimators:
    """Finds the estimator behind an expression."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts
        self._natures: dict[Node, Nature] = {}

    @property
    def present(self) -> bool:
        """Whether the module imports a library that has estimators."""
        return self._facts.imports(*_PACKAGES)

    def of(self, expression: Expression | None, at: At, frame: Frame | None = None) -> Estimator | None:
        """Return the one estimator that an expression is, seen through ``fit`` and other methods that return it."""
        for _ in range(_DEPTH):
            made = self._facts.construction(expression, at, frame) if expression is not None else None
            if made is None:
                return None
            symbol = self._facts.symbol(made)
            if symbol is not None:
                return Estimator(made, symbol) if symbol.kind in _KINDS and "function" not in symbol.traits else None
            if made.method not in _RETURNING_SELF:
                return None
            expression, at, frame = made.receiver, made, None
        return None

    def receiver(self, call: CallSite) -> Estimator | None:
        """Return the estimator that a method is called on."""
        if call.receiver is None or self._facts.call_name(call) is not None:
            return None
        return self.of(call.receiver, call)

    @cached_property
    def fits(self) -> tuple[Fit, ...]:
        """The calls that fit an estimator in sight, in source order."""
        if not self.present:
            return ()
        found = []
        for call in self._facts.method_calls(*FITTING):
            estimator = self.receiver(call)
            data = self._facts.passed(call, "X", 0)
            if estimator is not None and data.value is not None:
                found.append(Fit(call, estimator, data.value, self._facts.passed(call, "y", 1).value))
        return tuple(sorted(found, key=lambda fit: fit.call.site.order))

    # --- pipelines ------------------------------------------------------------------------------------

    def members(self, pipeline: Estimator) -> tuple[Member, ...] | None:
        """Return the steps of a pipeline or the parts of a parallel transformer, None where not all are in sight."""
        call = pipeline.made
        if pipeline.name.startswith("make_"):
            arguments = [item for item in call.node.arguments if item.keyword is None]
            if any(item.star for item in call.node.arguments):
                return None
            values = [item.value for item in arguments]
            if pipeline.name == "make_column_transformer":
                pairs = [value.elements[0] if isinstance(value, Collection) else None for value in values]
                return tuple(Member(None, pair, call) for pair in pairs if pair is not None)
            return self._named([Member(None, value, call) for value in values])
        return self._listed(pipeline)

    def _listed(self, pipeline: Estimator) -> tuple[Member, ...] | None:
        parameters = pipeline.symbol.parameters
        passed = self._facts.passed(pipeline.made, parameters[0].name) if parameters else None
        if passed is None or passed.value is None or self._grows(passed.value):
            return None
        only = self._facts.origins(passed.value, pipeline.made).only
        if only is None or only.path or not isinstance(only.node, Collection):
            return None
        members = []
        for element in only.node.elements:
            pair = self._facts.origins(element, only.site).only
            if pair is None or not isinstance(pair.node, Collection) or len(pair.node.elements) < 2:  # noqa: PLR2004 - (name, step)
                return None
            first, value = pair.node.elements[:2]
            name = first.value if isinstance(first, Constant) else None
            members.append(Member(name if isinstance(name, str) else None, value, pair.site))
        return tuple(members)

    def _grows(self, value: Expression) -> bool:
        name = dotted_name(value)
        calls = self._facts.method_calls(*_GROWING)
        return name is not None and any(dotted_name(call.receiver) == name for call in calls)

    def _named(self, members: list[Member]) -> tuple[Member, ...]:
        """Name steps as scikit-learn does: by the class in lower case, numbered where a class comes twice."""
        names = [self._class_name(member) for member in members]
        result = []
        for index, (member, name) in enumerate(zip(members, names, strict=True)):
            numbered = f"{name}-{names[: index + 1].count(name)}" if names.count(name) > 1 else name
            result.append(Member(None if name is None else numbered, member.value, member.at))
        return tuple(result)

    def _class_name(self, member: Member) -> str | None:
        made = self._facts.construction(member.value, member.at)
        if made is None:
            return None
        name = self._facts.call_name(made)
        if name is None:
            info = self._facts.instance_class(member.value, member.at)
            return info.name.lower() if info is not None else None
        symbol = self._facts.symbol(made)
        if symbol is None or symbol.name.rpartition(".")[2].startswith("make_"):
            return _MAKERS.get(name)
        return symbol.name.rpartition(".")[2].lower()

    def final(self, estimator: Estimator) -> Estimator | None:
        """Return what predicts in the end: the last step of a pipeline, the estimator inside a search, else itself."""
        for _ in range(_DEPTH):
            inner: Estimator | None
            if estimator.symbol.kind is Kind.PIPELINE:
                members = self.members(estimator)
                inner = self.of(members[-1].value, members[-1].at) if members else None
            elif estimator.has("search"):
                inner = self.of(self._facts.passed(estimator.made, "estimator").value, estimator.made)
            else:
                return estimator
            if inner is None:
                return None
            estimator = inner
        return None

    # --- natures --------------------------------------------------------------------------------------

    def nature(self, estimator: Estimator) -> Nature:
        """Return what a transformer learns from the rows that it is fitted on."""
        node = estimator.made.node
        if node not in self._natures:
            self._natures[node] = "other"
            self._natures[node] = self._nature(estimator)
        return self._natures[node]

    def _nature(self, estimator: Estimator) -> Nature:
        kind = estimator.symbol.kind
        if kind is Kind.SUPERVISED_TRANSFORMER or (kind is Kind.ESTIMATOR and estimator.has("supervised_projection")):
            return "supervised"
        if kind is Kind.RESAMPLER:
            return "resampler"
        if kind is Kind.PIPELINE:
            return self._of_members(estimator)
        if kind is not Kind.TRANSFORMER:
            return "other"
        for trait, nature in _BY_TRAIT:
            if estimator.has(trait):
                return nature
        return "unsupervised"

    def _of_members(self, pipeline: Estimator) -> Nature:
        members = self.members(pipeline)
        if not members:
            return "other"
        found: list[Nature] = []
        for member in members:
            inner = self.of(member.value, member.at)
            if inner is not None:
                found.append(self.nature(inner))
            elif not (isinstance(member.value, Constant) and member.value.value in {"passthrough", "drop", None}):
                return "other"
        ranked: tuple[Nature, ...] = ("other", "resampler", "supervised", "unsupervised", "encoder")
        return next((nature for nature in ranked if nature in found), "stateless")


_BY_TRAIT: tuple[tuple[str, Nature], ...] = (
    ("stateless", "stateless"),
    ("label_encoder", "label"),
    ("encoder", "encoder"),
)
_MAKERS = {
    "sklearn.pipeline.make_pipeline": "pipeline",
    "sklearn.pipeline.make_union": "featureunion",
    "sklearn.compose.make_column_transformer": "columntransformer",
}

__all__ = ["FITTING", "Estimator", "Estimators", "Fit", "Member", "Nature"]
