"""Where the rows of an array come from: what was done to them on their way, from the array back to its source."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ml_architect.catalog import Kind
from ml_architect.facts.estimators import Estimator, Estimators
from ml_architect.facts.halves import Part, part_of_name
from ml_architect.facts.names import dotted_name
from ml_architect.facts.reach import reaching
from ml_architect.facts.structure import Binding, CallSite, Site
from ml_architect.facts.summary import Path
from ml_architect.facts.values import At, Frame, Origin, site_of
from ml_architect.syntax.nodes import (
    Assign,
    Attribute,
    BinaryOperation,
    Call,
    Collection,
    Constant,
    Expression,
    Name,
    Node,
    Slice,
    Subscript,
    walk,
)

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

Key = tuple[Node, str, Path]
What = Literal["fit", "transform", "resample", "draw", "part"]

_SAME_ROWS = frozenset(
    {"apply", "applymap", "assign", "astype", "clip", "copy", "drop", "drop_duplicates", "dropna", "fillna", "flatten"}
    | {"get", "head", "join", "map", "merge", "query", "ravel", "rename", "replace", "reset_index", "reshape", "round"}
    | {
        "sample",
        "set_index",
        "sort_index",
        "sort_values",
        "squeeze",
        "tail",
        "to_numpy",
        "toarray",
        "todense",
        "tolist",
    }
    | {"sort_values", "tocsr", "tocsc", "filter", "select_dtypes", "interpolate", "numpy", "append"}
)
"""Methods of arrays and data frames whose result is made of rows of the receiver."""
_SAME_ROWS_FUNCTIONS = frozenset(
    {
        f"numpy.{name}"
        for name in ("array", "asarray", "ascontiguousarray", "nan_to_num", "log1p", "log", "sqrt", "ravel")
    }
    | {f"numpy.{name}" for name in ("reshape", "squeeze", "expand_dims", "copy", "delete", "abs", "round", "float32")}
    | {f"scipy.sparse.{name}" for name in ("csr_matrix", "csc_matrix", "coo_matrix")}
    | {
        "pandas.DataFrame",
        "pandas.Series",
        "pandas.get_dummies",
        "builtins.list",
        "sklearn.utils.shuffle",
        "numpy.random.permutation",
    }
)
_TOGETHER = frozenset(
    {f"numpy.{name}" for name in ("concatenate", "hstack", "vstack", "column_stack", "stack", "append", "c_", "r_")}
    | {"pandas.concat", "pandas.merge", "scipy.sparse.hstack", "scipy.sparse.vstack"}
)
_RESAMPLING = frozenset({"fit_resample", "fit_sample"})
_DEPTH = 40
_WIDTH = 6
_FEW = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to the rows, by `call`.

    ``fit`` takes what it does from the rows themselves (``fit_transform``, ``scale``); ``transform`` uses an object
    that was fitted elsewhere; ``resample`` is a resampler's; ``draw`` takes rows again with replacement; ``part`` is
    one output of ``train_test_split``. `estimator` is None for functions.
    """

    what: What
    call: CallSite
    estimator: Estimator | None = None
    part: Part | None = None


@dataclass(slots=True)
class Lineage:
    """What is known of the way of one array. `steps` are those that it certainly went through, the latest first.

    `points` are the values that it had on its way, `names` what the code calls them. `certain` is False where it has
    several ways: what lies behind the fork adds to `names` and `maybe_parts` only.
    """

    steps: list[Step] = field(default_factory=list)
    points: set[Key] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    maybe_parts: bool = False
    certain: bool = True
    stores: set[Site] = field(default_factory=set)
    count: int = 0

    @property
    def part(self) -> Part | None:
        """Which output of a split it is, None where it certainly is of no split in sight or that is not known."""
        return next((step.part for step in self.steps if step.what == "part"), None)

    @property
    def split(self) -> CallSite | None:
        """The latest split that it went through."""
        return next((step.call for step in self.steps if step.what == "part"), None)

    @property
    def may_be_part(self) -> bool:
        """Whether it is, may be, or is called the training or held-out part of a split."""
        named = any(part_of_name(name) is not None for name in self.names)
        return named or self.maybe_parts or self.part is not None


class Lineages:
    """Follows arrays back through assignments, selections, transformers and splits."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts
        self._estimators = facts.group(Estimators)
        self._memo: dict[tuple[Expression, Frame | None], Lineage] = {}

    def of(self, expression: Expression, at: At, frame: Frame | None = None) -> Lineage:
        """Return the lineage of an array (for a data frame: of its rows)."""
        key = expression, frame
        if key not in self._memo:
            found = Lineage()
            self._follow(expression, at, frame, found, 0)
            self._memo[key] = found
        return self._memo[key]

    def key(self, expression: Expression, at: At, frame: Frame | None = None) -> Key | None:
        """Return what identifies the one value of an expression: equal keys are the same object."""
        items = self._resolved(expression, at, frame)
        return (items[0].node, items[0].how, items[0].path) if len(items) == 1 else None

    def _resolved(self, expression: Expression, at: At, frame: Frame | None = None) -> tuple[Origin, ...]:
        """Return the origins of a value; a selection (``X[rows]``) stands for itself, not for what it selects from."""
        for _ in range(_DEPTH):
            if isinstance(expression, Subscript) and not _is_number(expression.index[0]):
                return (Origin(expression, site_of(at), at.scope, frame=frame),)
            binding = self._only_binding(expression, at)
            value = binding.bound.value if binding is not None else None
            if binding is None or not isinstance(value, (Name, Attribute, Subscript)):
                break
            expression, at = value, binding.site
        return self._facts.origins(expression, at, frame).items

    def _only_binding(self, expression: Expression, at: At) -> Binding | None:
        """Return the one plain assignment that a name gets its value from, within its scope."""
        lookup = self._facts.names.lookup(expression.id, at.scope) if isinstance(expression, Name) else None
        if lookup is None or lookup[0] is not at.scope:
            return None
        kept, _ = reaching(lookup[1], lookup[0], site_of(at), at.scope)
        plain = len(kept) == 1 and kept[0].bound.how == "assign" and not kept[0].bound.path
        return kept[0] if plain else None

    def is_on_way(self, expression: Expression, at: At, way: Lineage) -> bool:
        """Return whether a value, or what it was selected from, is one that another array had on its way."""
        key = self.key(expression, at)
        if key is not None and key in way.points:
            return True
        items = self._resolved(expression, at)
        base = self._columns_of(items[0].node) if len(items) == 1 else None
        return base is not None and self.is_on_way(base, items[0].site, way)

    @staticmethod
    def _columns_of(node: Node) -> Expression | None:
        """Return the frame that an expression takes columns (not rows) of."""
        if isinstance(node, Attribute) and node.attr == "values":
            return node.value
        if not isinstance(node, Subscript):
            return None
        first = node.index[0]
        if len(node.index) > 1 and isinstance(first, Slice) and first.lower is None and first.upper is None:
            base = node.value
            return base.value if isinstance(base, Attribute) and base.attr in {"loc", "iloc"} else base
        listed = isinstance(first, Collection) or (isinstance(first, Constant) and isinstance(first.value, str))
        return node.value if listed and len(node.index) == 1 else None

    # --- following ------------------------------------------------------------------------------------

    def _follow(self, expression: Expression, at: At, frame: Frame | None, found: Lineage, depth: int) -> None:
        found.count += 1
        if depth > _DEPTH or found.count > _FEW:
            found.certain = False
            return
        name = dotted_name(expression)
        if name is not None:
            found.names.add(name)
            self._stored(name, at, found, depth)
        items = self._resolved(expression, at, frame)
        if len(items) == 1:
            found.points.add((items[0].node, items[0].how, items[0].path))
            self._origin(items[0], found, depth + 1)
            return
        found.certain = False
        for item in items[:_WIDTH]:
            side = Lineage(count=found.count, stores=found.stores)
            self._origin(item, side, depth + 1)
            found.count = side.count
            found.names |= side.names
            found.maybe_parts = found.maybe_parts or side.maybe_parts or side.part is not None

    def _stored(self, name: str, at: At, found: Lineage, depth: int) -> None:
        """Follow what was written into columns of a data frame or array since it was made."""
        sites = self._facts.structure.item_stores.get(name)
        if not sites:
            return
        here = site_of(at)
        lookup = self._facts.names.lookup(name, at.scope)
        first = -1
        if lookup is not None and lookup[0] is at.scope:
            kept, sure = reaching(lookup[1], lookup[0], here, at.scope)
            first = max(b.site.order for b in kept) if kept and sure else -1
        for site in reversed(sites):
            statement = site.statement
            if site in found.stores or site.order <= first or site.scope is not here.scope or not site.dominates(here):
                continue
            if isinstance(statement, Assign) and isinstance(statement.value, Call):
                found.stores.add(site)
                self._follow(statement.value, site, None, found, depth + 1)

    def _origin(self, item: Origin, found: Lineage, depth: int) -> None:
        node = item.node
        if item.how not in {"value", "item"}:
            name = getattr(node, "id", None) or getattr(node, "name", None)
            if isinstance(name, str):
                found.names.add(name)
            return
        match node:
            case Call():
                call = self._facts.call_at(node)
                if call is not None:
                    self._call(call, item, found, depth)
            case Attribute(attr="values" | "iloc" | "loc"):
                self._follow(node.value, item.site, item.frame, found, depth)
            case Subscript():
                self._subscript(node, item, found, depth)
            case BinaryOperation():
                side = node.right if isinstance(node.left, Constant) else node.left
                self._follow(side, item.site, item.frame, found, depth)
            case _:
                pass

    def _call(self, call: CallSite, item: Origin, found: Lineage, depth: int) -> None:
        name = self._facts.call_name(call)
        if name is None:
            self._method(call, item, found, depth)
            return
        symbol = self._facts.symbol(call)
        index = item.path[0] if item.path and item.path[0] is not None else 0
        plain = [argument.value for argument in call.node.arguments if not argument.keyword and not argument.star]
        if symbol is not None and symbol.kind is Kind.SPLIT:
            if not item.path or not 0 <= index // 2 < len(plain):
                found.maybe_parts = True
                return
            found.steps.append(Step("part", call, part="test" if index % 2 else "train"))
            index //= 2
        elif symbol is not None and "function" in symbol.traits:
            scales = "scaler" in symbol.traits
            if scales or self._with_replacement(call, default=True):
                found.steps.append(Step("fit" if scales else "draw", call))
        elif name in _TOGETHER:
            for value in self._joined(call, plain):
                self._follow(value, call, item.frame, found, depth)
            return
        elif name not in _SAME_ROWS_FUNCTIONS:
            return
        if plain:
            self._follow(plain[index if index < len(plain) else 0], call, item.frame, found, depth)

    def _joined(self, call: CallSite, plain: list[Expression]) -> Iterator[Expression]:
        for value in plain[:2]:
            only = self._facts.origins(value, call).only
            if only is not None and isinstance(only.node, Collection) and only.site.scope is call.site.scope:
                yield from only.node.elements[:_WIDTH]
            elif not isinstance(value, Constant):
                yield value

    def _method(self, call: CallSite, item: Origin, found: Lineage, depth: int) -> None:
        method, receiver = call.method, call.receiver
        if receiver is None:
            return
        estimator = None
        if method in {"fit_transform", "transform", *_RESAMPLING}:
            estimator = self._estimators.of(receiver, call, item.frame)
        if estimator is not None:
            what: What = "fit" if method == "fit_transform" else "transform"
            found.steps.append(Step("resample" if method in _RESAMPLING else what, call, estimator))
            data = self._facts.passed(call, "X", 0).value
            if data is not None and (not item.path or item.path[0] == 0):
                self._follow(data, call, item.frame, found, depth)
        elif method in _SAME_ROWS:
            if method == "sample" and self._with_replacement(call, default=False):
                found.steps.append(Step("draw", call))
            self._follow(receiver, call, item.frame, found, depth)

    def _with_replacement(self, call: CallSite, *, default: bool) -> bool:
        passed = self._facts.passed(call, "replace", 2 if call.method == "sample" else None)
        if passed.absent:
            return default
        known = self._facts.known(passed.value, call)
        return known is not None and known.value is True

    def _subscript(self, node: Subscript, item: Origin, found: Lineage, depth: int) -> None:
        if self._facts.qualified(node.value, item.site) in _TOGETHER:
            for part in node.index[:_WIDTH]:
                self._follow(part, item.site, item.frame, found, depth)
            return
        for inner in self._index(node, item):
            name = dotted_name(inner) if isinstance(inner, (Name, Attribute)) else None
            if name is not None:
                found.names.add(name)
            if isinstance(inner, Attribute) and inner.attr in {"get_support", "support_"}:
                self._support(inner, item, found)
        self._follow(node.value, item.site, item.frame, found, depth)

    def _index(self, node: Subscript, item: Origin) -> Iterator[Node]:
        """Yield what an index is made of, one name deep."""
        for part in node.index:
            yield from walk(part)
            if isinstance(part, Name):
                for origin in self._facts.origins(part, item.site, item.frame).items[:_WIDTH]:
                    yield from walk(origin.node)

    def _support(self, node: Attribute, item: Origin, found: Lineage) -> None:
        """Take ``X[:, selector.get_support()]`` as what the selector does to the columns."""
        estimator = self._estimators.of(node.value, item.site, item.frame)
        fits = [fit for fit in self._estimators.fits if estimator is not None and fit.estimator.made is estimator.made]
        if len(fits) == 1:
            found.steps.append(Step("transform", fits[0].call, estimator))


def _is_number(index: Expression) -> bool:
    return isinstance(index, Constant) and isinstance(index.value, int)


__all__ = ["Key", "Lineage", "Lineages", "Step"]
