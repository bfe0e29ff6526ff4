"""Training loops and what stands around them."""

from dataclasses import dataclass
from functools import cached_property

from ml_architect.facts.events import Event, EventKind, Events
from ml_architect.facts.structure import CallSite, Function, Site, Structure
from ml_architect.facts.values import Values
from ml_architect.syntax.nodes import For, Return, Simple, While

_BACKWARD = frozenset({EventKind.BACKWARD, EventKind.ENGINE_BACKWARD})
_BACKWARD_METHODS = ("backward", "manual_backward")


@dataclass(frozen=True, eq=False)
class Loop:
    """A ``for`` or ``while`` loop with the events of one pass of its body, callees included.

    `function` is where the loop stands. The events are found when first asked for, as most loops of a file have
    nothing to do with training; unless it `differentiates`, there is certainly no backward pass among them.
    `leaves_at_once` says whether it certainly ends in its first pass: a ``break`` or ``return`` stands directly in
    its body.
    """

    site: Site
    function: Function | None
    streams: Events
    differentiates: bool
    leaves_at_once: bool = False

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events of one pass, in the order in which the statements stand."""
        return tuple(event for event in self.streams.stream(self.function) if event.inside(self.site))

    def of(self, *kinds: EventKind) -> tuple[Event, ...]:
        """Return the events of `kinds`, those of inner loops included."""
        return tuple(event for event in self._among(kinds) if event.kind in kinds)

    def direct(self, *kinds: EventKind) -> tuple[Event, ...]:
        """Return the events of `kinds` that happen in no further loop inside this one."""
        return tuple(event for event in self._among(kinds) if event.kind in kinds and event.directly_in(self.site))

    def _among(self, kinds: tuple[EventKind, ...]) -> tuple[Event, ...]:
        """Return the events that those of `kinds` are among."""
        return self.events if self.differentiates or not _BACKWARD.issuperset(kinds) else ()

    @cached_property
    def trains(self) -> bool:
        """Whether a backward pass happens directly in each pass (a batch loop, not an epoch loop)."""
        return bool(self.direct(*_BACKWARD))

    @cached_property
    def backwards(self) -> tuple[Event, ...]:
        """The backward passes on a tensor that happen directly in the body."""
        return self.direct(EventKind.BACKWARD)

    @cached_property
    def by_engine(self) -> bool:
        """Whether some backward pass goes through an engine (Accelerate, Fabric, DeepSpeed...)."""
        return bool(self.of(EventKind.ENGINE_BACKWARD))


class Loops:
    """All loops of a module with their events."""

    def __init__(self, events: Events, values: Values) -> None:
        self._events = events
        self._values = values
        self._structure: Structure = values.structure

    @cached_property
    def all(self) -> tuple[Loop, ...]:
        """Every loop, outer ones before the loops inside them."""
        sites = self._structure.statements(For, While)
        return tuple(
            Loop(
                site,
                site.function,
                self._events,
                site.function in self._differentiating,
                self._leaves_at_once(site),
            )
            for site in sites
        )

    @cached_property
    def _differentiating(self) -> frozenset[Function | None]:
        """The functions (None: the module's own body) that call something named ``backward``, and their callers."""
        queue = [call.site.function for call in self._structure.calls if self._may_be_backward(call)]
        found: set[Function | None] = set()
        while queue:
            function = queue.pop()
            if function not in found:
                found.add(function)
                queue += [call.site.function for call in self._values.callers(function)] if function else []
        return frozenset(found)

    def _may_be_backward(self, call: CallSite) -> bool:
        name = self._values.names.call_name(call)
        return call.method in _BACKWARD_METHODS or (name is not None and name.endswith(".backward"))

    @cached_property
    def training(self) -> tuple[Loop, ...]:
        """The batch loops: a backward pass happens in each pass."""
        return tuple(loop for loop in self.all if loop.trains)

    def _leaves_at_once(self, loop: Site) -> bool:
        statements = (site.statement for site in self._structure.blocks.get((loop.statement, "body"), []))
        return any(isinstance(it, Return) or (isinstance(it, Simple) and it.keyword == "break") for it in statements)

    def around(self, loop: Loop) -> tuple[Site, ...]:
        """Return the loops around `loop`, in its function and around the visible calls of that function."""
        found = list(loop.site.loops)
        seen: set[Function] = set()
        functions = [loop.function]
        while functions:
            function = functions.pop()
            if function is None or function in seen:
                continue
            seen.add(function)
            for call in self._values.callers(function):
                found += [site for site in call.site.loops if site not in found]
                functions.append(call.site.function)
        return tuple(found)
