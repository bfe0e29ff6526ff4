"""What happens in training code, in order: steps, backward passes, mode changes, synchronisations.

A stream of events runs through the statements of a function in source order, through ``with``, ``if`` and
loops, and into functions of the same module that are called (three levels deep).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ml_architect.catalog import Kind
from ml_architect.facts.answer import Answer
from ml_architect.facts.kinds import MODULES, SCHEDULERS, Kinds
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import Block, CallSite, Function, Site
from ml_architect.facts.values import Frame, Values
from ml_architect.syntax.nodes import (
    Assign,
    Attribute,
    Call,
    Constant,
    Expression,
    For,
    If,
    Match,
    Name,
    Node,
    Try,
    While,
    With,
)

_INLINE_DEPTH = 3


class EventKind(str, Enum):
    """The events that training rules speak of."""

    BACKWARD = "backward"
    ENGINE_BACKWARD = "engine_backward"
    OPTIMIZER_STEP = "optimizer_step"
    SCHEDULER_STEP = "scheduler_step"
    SCALER_STEP = "scaler_step"
    SCALER_UPDATE = "scaler_update"
    UNSCALE = "unscale"
    ZERO_GRAD = "zero_grad"
    CLIP = "clip"
    TRAIN_MODE = "train_mode"
    EVAL_MODE = "eval_mode"
    FORWARD = "forward"
    LOSS = "loss"
    SYNC = "sync"
    OTHER_STEP = "other_step"
    """A ``.step()`` whose receiver is not known."""
    UNSEEN = "unseen"
    """A call out of sight that receives objects of this module."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `blocks` are the blocks entered on the way, outermost first, through calls that were followed.

    `target` is the object that it happens to: the optimizer, scheduler, scaler or module, the loss of a
    backward pass, the tensor of a synchronisation. `scaler` is the gradient scaler of a scaled backward pass or step.
    `place` is the node to show.
    """

    kind: EventKind
    site: Site
    place: Node
    target: Expression | None
    blocks: tuple[Block, ...]
    call: CallSite | None = None
    frame: Frame | None = None
    scaler: Expression | None = None

    @property
    def loops(self) -> tuple[Site, ...]:
        """The loops around the event, outermost first, through calls that were followed."""
        return tuple(b.owner for b in self.blocks if b.owner and b.branch == "body" and _is_loop(b.owner))

    def conditional(self, since: Site | None = None) -> bool:
        """Return whether the event may be skipped in one pass of the body of loop `since` (default: of the stream)."""
        blocks = self.blocks_since(since)
        return any(_may_skip(block) for block in blocks)

    def path_since(self, since: Site | None) -> tuple[Block, ...]:
        """Return the branches (``if``, inner loops, handlers) that the event depends on, within the body of `since`."""
        return tuple(block for block in self.blocks_since(since) if _may_skip(block))

    def blocks_since(self, since: Site | None) -> tuple[Block, ...]:
        """Return the blocks entered after the body of `since`."""
        if since is None:
            return self.blocks
        index = next((i for i, b in enumerate(self.blocks) if b.owner is since and b.branch == "body"), -1)
        return self.blocks[index + 1 :]

    def inside(self, loop: Site) -> bool:
        """Return whether the event happens in the body of `loop`."""
        return any(b.owner is loop and b.branch == "body" for b in self.blocks)

    def directly_in(self, loop: Site) -> bool:
        """Return whether the event happens in the body of `loop`, in no further loop."""
        return self.inside(loop) and not any(
            b.branch == "body" and b.owner is not None and _is_loop(b.owner) for b in self.blocks_since(loop)
        )


def _is_loop(site: Site) -> bool:
    return isinstance(site.statement, (For, While))


def _may_skip(block: Block) -> bool:
    owner = block.owner
    if owner is None:
        return False
    statement = owner.statement
    if isinstance(statement, (If, Match, For, While)):
        return True
    return isinstance(statement, Try) and block.branch not in {"body", "final"}


class Events:
    """Event streams of functions and of the module's own body."""

    def __init__(self, values: Values, kinds: Kinds) -> None:
        self._values = values
        self._names = values.names
        self._structure = values.structure
        self._kinds = kinds
        self._streams: dict[Function | None, tuple[Event, ...]] = {}
        self._classified: dict[Call, tuple[EventKind, Expression | None, Expression | None] | None] = {}

    def stream(self, function: Function | None) -> tuple[Event, ...]:
        """Return the events of one function (None: of the module's own statements), callees included."""
        if function not in self._streams:
            body = function.body if function is not None else self._structure.body
            self._streams[function] = tuple(self._run(body, (), None, 0))
        return self._streams[function]

    def _run(self, sites: list[Site], blocks: tuple[Block, ...], frame: Frame | None, depth: int) -> Iterator[Event]:
        for site in sites:
            yield from self._at(site, blocks, frame, depth)
            for branch in _branches(site):
                inner = self._structure.blocks.get((site.statement, branch))
                if inner:
                    yield from self._run(inner, (*blocks, inner[0].block), frame, depth)

    def _at(self, site: Site, blocks: tuple[Block, ...], frame: Frame | None, depth: int) -> Iterator[Event]:
        for item in site.summary.calls:
            call = self._structure.site_of_call[item.call]
            found = self.classify(call)
            if found is not None:
                kind, target, scaler = found
                yield Event(kind, site, call.node, target, blocks, call, frame, scaler)
                if kind is not EventKind.UNSEEN:
                    continue
            function = self._values.called(call)
            if function is None or depth >= _INLINE_DEPTH or function.name == "__init__":
                continue
            if frame is not None and any(f.function is function for f in frame.chain()):
                continue
            yield from self._run(function.body, blocks, Frame(call, function, frame), depth + 1)
        if isinstance(site.statement, Assign):
            for target in site.statement.targets:
                if isinstance(target, Attribute) and target.attr == "grad" and _is_none(site.statement.value):
                    yield Event(EventKind.ZERO_GRAD, site, target, None, blocks, None, frame)

    # --- classification ----------------------------------------------------------------------------

    def classify(self, call: CallSite) -> tuple[EventKind, Expression | None, Expression | None] | None:
        """Return (kind, target, scaler) of the event that a call is, None for all other calls."""
        if call.node not in self._classified:
            self._classified[call.node] = self._classify(call)
        return self._classified[call.node]

    def _classify(self, call: CallSite) -> tuple[EventKind, Expression | None, Expression | None] | None:
        name = self._names.call_name(call)
        if name is not None:
            return self._of_library(name, call)
        method = call.method
        if method is not None:
            found = self._of_method(method, call)
            if found is not None:
                return found
        if self._values.called(call) is not None:
            return None
        func = call.node.func
        if isinstance(func, (Name, Attribute)) and self._structure.may_hold(func):
            if self._is(func, call, *MODULES):
                return EventKind.FORWARD, func, None
            if self._is(func, call, Kind.LOSS):
                return EventKind.LOSS, func, None
        return (EventKind.UNSEEN, None, None) if _hands_over(call) else None

    def _of_library(self, name: str, call: CallSite) -> tuple[EventKind, Expression | None, Expression | None] | None:
        arguments = call.node.arguments
        first = arguments[0].value if arguments else None
        if name in _CLIPS:
            return EventKind.CLIP, first, None
        if name in {"torch.autograd.backward", "torch.distributed.autograd.backward"}:
            return EventKind.ENGINE_BACKWARD, None, None
        if self._names.catalog.kind(name) is Kind.LOSS_FUNCTION:
            return EventKind.LOSS, None, None
        if name == "builtins.float" and first is not None and not isinstance(first, Constant):
            return EventKind.SYNC, first, None
        known = name.startswith("builtins.") or self._names.catalog.symbol(name) is not None or _is_library(name)
        return None if known or not _hands_over(call) else (EventKind.UNSEEN, None, None)

    def _of_method(self, method: str, call: CallSite) -> tuple[EventKind, Expression | None, Expression | None] | None:
        receiver = call.receiver
        if receiver is None:
            return None
        if method in {"item", "tolist", "numpy"} or (method == "cpu" and not call.node.arguments):
            return EventKind.SYNC, receiver, None
        handler = _METHODS.get(method)
        return handler(self, call, receiver) if handler is not None else None

    def _is(self, expression: Expression, call: CallSite, *kinds: Kind) -> bool:
        return self._kinds.is_kind(expression, call, *kinds) is Answer.YES

    def _backward(self, call: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, Expression | None]:
        if isinstance(receiver, Call) and isinstance(receiver.func, Attribute) and receiver.func.attr == "scale":
            loss = receiver.arguments[0].value if receiver.arguments else None
            return EventKind.BACKWARD, loss, receiver.func.value
        arguments = [a for a in call.node.arguments if a.keyword is None]
        name = dotted_name(receiver) or ""
        engine = self._is(receiver, call, Kind.ENGINE, *MODULES) or name.rpartition(".")[2] in _ENGINE_NAMES
        if engine or (
            arguments
            and self._kinds.is_kind(receiver, call, Kind.ENGINE) is not Answer.NO
            and _is_loss(arguments[0].value)
        ):
            return EventKind.ENGINE_BACKWARD, receiver, None
        return EventKind.BACKWARD, receiver, None

    def _manual_backward(self, call: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, None]:
        first = call.node.arguments[0].value if call.node.arguments else None
        return EventKind.ENGINE_BACKWARD, first or receiver, None

    def _step(self, call: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, Expression | None]:
        if self._is(receiver, call, Kind.OPTIMIZER):
            return EventKind.OPTIMIZER_STEP, receiver, None
        if self._is(receiver, call, *SCHEDULERS):
            return EventKind.SCHEDULER_STEP, receiver, None
        if self._is(receiver, call, Kind.GRAD_SCALER):
            first = call.node.arguments[0].value if call.node.arguments else None
            return EventKind.SCALER_STEP, first, receiver
        return EventKind.OTHER_STEP, receiver, None

    def _update(self, call: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, None] | None:
        return (EventKind.SCALER_UPDATE, receiver, None) if self._is(receiver, call, Kind.GRAD_SCALER) else None

    def _unscale(self, call: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, Expression | None]:
        first = call.node.arguments[0].value if call.node.arguments else None
        return EventKind.UNSCALE, first, receiver

    def _zero_grad(self, _: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, None]:
        return EventKind.ZERO_GRAD, receiver, None

    def _zero(self, _: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, None] | None:
        gradient = isinstance(receiver, Attribute) and receiver.attr in {"grad", "data"}
        return (EventKind.ZERO_GRAD, None, None) if gradient else None

    def _clip(self, call: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, Expression | None]:
        first = call.node.arguments[0].value if call.node.arguments else receiver
        return EventKind.CLIP, first, None

    def _mode(self, call: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, None] | None:
        if self._kinds.is_kind(receiver, call, *MODULES) is Answer.NO:
            return None
        arguments = call.node.arguments
        if call.method == "eval":
            return (EventKind.EVAL_MODE, receiver, None) if not arguments else None
        if not arguments:
            return EventKind.TRAIN_MODE, receiver, None
        value = arguments[0].value
        if isinstance(value, Constant):
            return (EventKind.TRAIN_MODE if value.value else EventKind.EVAL_MODE), receiver, None
        return EventKind.TRAIN_MODE, receiver, None

    def _forward(self, call: CallSite, receiver: Expression) -> tuple[EventKind, Expression | None, None] | None:
        return (EventKind.FORWARD, receiver, None) if self._is(receiver, call, *MODULES) else None


_CLIPS = frozenset(
    {
        "torch.nn.utils.clip_grad_norm_",
        "torch.nn.utils.clip_grad_value_",
        "torch.nn.utils.clip_grad_norm",
        "torch.nn.utils.clip_grad.clip_grad_norm_",
    }
)
_ENGINE_NAMES = frozenset({"accelerator", "fabric", "engine", "model_engine", "scaler", "loss_scaler", "amp"})
_METHODS = {
    "backward": Events._backward,  # noqa: SLF001
    "manual_backward": Events._manual_backward,  # noqa: SLF001
    "step": Events._step,  # noqa: SLF001
    "update": Events._update,  # noqa: SLF001
    "unscale_": Events._unscale,  # noqa: SLF001
    "zero_grad": Events._zero_grad,  # noqa: SLF001
    "zero_": Events._zero,  # noqa: SLF001
    "clip_grad_norm_": Events._clip,  # noqa: SLF001
    "clip_grad_value_": Events._clip,  # noqa: SLF001
    "train": Events._mode,  # noqa: SLF001
    "eval": Events._mode,  # noqa: SLF001
    "forward": Events._forward,  # noqa: SLF001
}
_LIBRARIES = ("torch.", "numpy.", "math.", "time.", "os.", "sys.", "torchvision.", "tensorflow.", "keras.", "sklearn.")


def _is_library(name: str) -> bool:
    return name.startswith(_LIBRARIES)


def _is_loss(expression: Expression) -> bool:
    return "loss" in (dotted_name(expression) or "").lower()


def _hands_over(call: CallSite) -> bool:
    return any(isinstance(a.value, (Name, Attribute)) or a.star for a in call.node.arguments)


def _is_none(expression: Expression | None) -> bool:
    return isinstance(expression, Constant) and expression.value is None


def _branches(site: Site) -> tuple[str, ...]:
    statement = site.statement
    if isinstance(statement, (If, For, While)):
        return ("body", "orelse")
    if isinstance(statement, Try):
        return ("body", *(f"handler{i}" for i in range(len(statement.handlers))), "orelse", "final")
    if isinstance(statement, Match):
        return tuple(f"case{i}" for i in range(len(statement.cases)))
    return ("body",) if isinstance(statement, With) else ()
