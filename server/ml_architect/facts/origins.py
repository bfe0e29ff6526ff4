"""Where a value comes from, as a value: origins, and the calls that were followed on the way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ml_architect.facts.structure import CallSite, Function, Scope, Site
from ml_architect.facts.summary import Path
from ml_architect.syntax.nodes import Call, Constant, Expression, Node, Parameter

At: TypeAlias = Site | CallSite
"""A place from which names are seen."""

SELF_RETURNING = frozenset(
    {"to", "cuda", "cpu", "float", "half", "double", "bfloat16", "eval", "train", "requires_grad_", "share_memory"}
)
"""Methods of a module that return the module itself."""

ITERATING = {
    "builtins.iter": 0,
    "builtins.list": 0,
    "builtins.tuple": 0,
    "builtins.reversed": 0,
    "itertools.islice": 0,
    "itertools.cycle": 0,
    "tqdm.tqdm": 0,
    "tqdm.auto.tqdm": 0,
    "tqdm.notebook.tqdm": 0,
    "tqdm.std.tqdm": 0,
    "rich.progress.track": 0,
    "fastprogress.progress_bar": 0,
}
"""Wrappers whose elements are those of one argument, by its position."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A call that was followed into a function of the module: parameters mean that call's arguments."""

    call: CallSite
    function: Function
    parent: "Frame | None" = None

    def chain(self) -> "Iterator[Frame]":
        """Yield this frame and the frames that it was called from."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.parent


class Origin(NamedTuple):
    """What makes a value: an expression, a parameter that no visible call fills, or a definition.

    `how` is ``"value"``, ``"element"`` (one item of iterating over `node`), ``"enter"`` (what a context manager
    gives), ``"parameter"``, ``"definition"``, ``"import"``, ``"item"`` or ``"changed"`` (augmented assignment).
    With a `path`, the value is that part of what `node` gives.
    """

    node: Node
    site: Site
    scope: Scope
    how: str = "value"
    path: Path = ()
    frame: Frame | None = None


class Origins(NamedTuple):
    """All places that a value may come from; `complete` says that there are no others in sight."""

    items: tuple[Origin, ...]
    complete: bool

    @property
    def only(self) -> Origin | None:
        """The origin, where there is exactly one and no other is possible."""
        return self.items[0] if len(self.items) == 1 and self.complete else None


NOWHERE = Origins((), complete=False)


def site_of(at: At) -> Site:
    """Return the statement's site of a place."""
    return at.site if isinstance(at, CallSite) else at


def bound_argument(node: Call, function: Function, parameter: Parameter) -> Expression | None:
    """Return the expression that `node` passes for `parameter` of `function`; None where it passes none in sight."""
    positional = [p for p in function.parameters if p.kind in {"positional", "positional_only"}]
    for index, argument in enumerate(node.arguments):
        if argument.keyword == parameter.name:
            return argument.value
        if argument.keyword is None and argument.star:
            return None
        if argument.keyword is None and index < len(positional) and positional[index] is parameter:
            return argument.value
    return None


def renamed(item: Origin, how: str) -> Origin:
    """Return the same origin, seen in another way."""
    return Origin(item.node, item.site, item.scope, how, item.path, item.frame)


def without_none(items: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """Drop ``None``, which often only holds a place until the real value is there."""
    kept = tuple(item for item in items if not (isinstance(item.node, Constant) and item.node.value is None))
    return kept or items


def join(parts: Iterable[Origins]) -> Origins:
    """Return all origins of `parts`, each once; complete only where all parts are."""
    items: dict[tuple[Node, str, Path], Origin] = {}
    complete = True
    for part in parts:
        complete = complete and part.complete
        for item in part.items:
            items.setdefault((item.node, item.how, item.path), item)
    return Origins(tuple(items.values()), complete and bool(items))
