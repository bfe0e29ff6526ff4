"""`ModuleFacts`: everything that rules ask about one module, in one place."""

from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

from ml_architect.catalog import Catalog, Kind, Symbol
from ml_architect.facts.answer import Answer
from ml_architect.facts.arguments import Arguments, Passed, mapping_items
from ml_architect.facts.constants import Constants, Known
from ml_architect.facts.environment import Environment
from ml_architect.facts.events import Event, Events
from ml_architect.facts.gradmode import GradMode
from ml_architect.facts.kinds import Kinds
from ml_architect.facts.loaders import DataLoader, Loaders, iterated
from ml_architect.facts.names import Names, dotted_name
from ml_architect.facts.structure import CallSite, Class, Function, Site, Structure
from ml_architect.facts.training import Loop, Loops
from ml_architect.facts.values import At, Frame, Origin, Origins, Values
from ml_architect.policy.profile import Profile
from ml_architect.syntax import Module
from ml_architect.syntax.nodes import Call, Expression, Node
from ml_architect.text.span import Span

Group = TypeVar("Group")


class ModuleFacts:
    """The facts of one version of one module.

    Groups of facts are computed when first asked for. Every question is answered yes, no or unknown, and answers
    carry the nodes that are their evidence.

    Args:
        module: the parsed document.
        catalog: what is known of the libraries.
        environment: the versions that the project uses.
        previous: facts of an earlier version of the document, whose statement summaries are used again.
        profile: what the project states that no code can say, such as its hardware.
    """

    def __init__(
        self,
        module: Module,
        catalog: Catalog,
        environment: Environment,
        previous: "ModuleFacts | None" = None,
        profile: Profile | None = None,
    ) -> None:
        self.module = module
        self.catalog = catalog
        self.environment = environment
        self.profile = profile or Profile()
        self.structure: Structure = Structure(module, previous.structure.summaries if previous is not None else None)
        self.names = Names(self.structure, catalog)
        self.values = Values(self.names)
        self.arguments = Arguments(self.values)
        self.constants = Constants(self.values, self.arguments)
        self.kinds = Kinds(self.values)
        self._groups: dict[type, object] = {}

    # --- places -------------------------------------------------------------------------------------

    def span(self, node: Node) -> Span:
        """Return where `node` stands in the document, in code points."""
        return self.module.span(node)

    def text(self, node: Node) -> str:
        """Return the source text of `node`."""
        return self.module.text_of(node)

    def statements(self, *kinds: type) -> Iterator[Site]:
        """Yield the statements of `kinds` with their places, in source order."""
        return self.structure.statements(*kinds)

    @property
    def functions(self) -> list[Function]:
        """All functions, methods and nested functions included."""
        return self.structure.functions

    @property
    def classes(self) -> list[Class]:
        """All classes."""
        return self.structure.classes

    @cached_property
    def is_test(self) -> bool:
        """Whether the file is a test or a benchmark, where odd code is often meant.

        The path says so; a name such as ``portrait_test.py`` alone does not, since inference scripts have such names.
        """
        path = self.module.source.path
        if path is None:
            return False
        stem = path.stem
        folders = set(path.parts[:-1]) & {"test", "tests", "testing", "benchmark", "benchmarks"}
        if folders or stem.startswith(("bench", "profile")):
            return True
        named = stem.startswith("test_") or stem.endswith("_test")
        tests = self.imports("pytest", "unittest") or any(item.name.startswith("test_") for item in self.functions)
        return named and tests

    # --- names and calls ----------------------------------------------------------------------------

    @property
    def calls(self) -> list[CallSite]:
        """All calls, in order of evaluation within a statement."""
        return self.structure.calls

    @cached_property
    def _calls_by_name(self) -> dict[str, list[CallSite]]:
        found: dict[str, list[CallSite]] = {}
        for call in self.calls:
            name = self.names.call_name(call)
            if name is not None:
                found.setdefault(name, []).append(call)
        return found

    @cached_property
    def _calls_by_method(self) -> dict[str, list[CallSite]]:
        found: dict[str, list[CallSite]] = {}
        for call in self.calls:
            if call.method is not None:
                found.setdefault(call.method, []).append(call)
        return found

    @cached_property
    def _calls_by_kind(self) -> dict[Kind, list[CallSite]]:
        found: dict[Kind, list[CallSite]] = {}
        for name, calls in self._calls_by_name.items():
            kind = self.catalog.kind(name)
            if kind is not None:
                found.setdefault(kind, []).extend(calls)
        for calls in found.values():
            calls.sort(key=lambda call: (call.site.order, self.span(call.node).start))
        return found

    def calls_to(self, *names: str) -> list[CallSite]:
        """Return the calls whose callee certainly has one of these canonical qualified names."""
        return [call for name in names for call in self._calls_by_name.get(name, ())]

    def calls_of(self, *kinds: Kind) -> list[CallSite]:
        """Return the calls of library callables of these kinds (a constructor of an optimizer, for example)."""
        return [call for kind in kinds for call in self._calls_by_kind.get(kind, ())]

    def method_calls(self, *names: str) -> list[CallSite]:
        """Return the calls of the form ``receiver.name(...)``, whatever the receiver is."""
        return [call for name in names for call in self._calls_by_method.get(name, ())]

    def call_name(self, call: CallSite) -> str | None:
        """Return the canonical qualified name of what is called, None where it is not certain."""
        return self.names.call_name(call)

    def qualified(self, expression: Expression, at: At) -> str | None:
        """Return the canonical qualified name that an expression certainly means."""
        return self.names.qualified(expression, at.scope)

    def symbol(self, call: CallSite) -> Symbol | None:
        """Return what the catalogue knows of the callee."""
        name = self.names.call_name(call)
        return self.catalog.symbol(name) if name is not None else None

    @cached_property
    def imported_roots(self) -> frozenset[str]:
        """The top-level packages that the module imports anywhere."""
        found = {
            binding.qualified.partition(".")[0]
            for site in self.structure.sites
            for binding in site.summary.bindings
            if binding.how == "import"
        }
        return frozenset(found) | {name.partition(".")[0] for name in self.structure.star_imports}

    def imports(self, *packages: str) -> bool:
        """Return whether the module imports one of these top-level packages."""
        return not self.imported_roots.isdisjoint(packages)

    # --- values -------------------------------------------------------------------------------------

    def passed(self, call: CallSite, parameter: str, position: int | None = None) -> Passed:
        """Return what a call passes for a parameter: given, absent or unknown."""
        return self.arguments.passed(call, parameter, position)

    def known(self, expression: Expression | None, at: At, frame: Frame | None = None) -> Known | None:
        """Return the value of an expression where there is only one in sight, else None."""
        return self.constants.known(expression, at, frame)

    def call_at(self, node: Node) -> CallSite | None:
        """Return the place of a call node, None for a node that is no call."""
        return self.structure.site_of_call.get(node) if isinstance(node, Call) else None

    def construction(self, expression: Expression, at: At, frame: Frame | None = None) -> CallSite | None:
        """Return the one call that makes the value of an expression (its constructor, mostly), None if not certain."""
        only = self.values.origins(expression, at, frame).only
        return self.call_at(only.node) if only is not None and only.how == "value" and not only.path else None

    def origins(self, expression: Expression, at: At, frame: Frame | None = None) -> Origins:
        """Return where the value of an expression comes from."""
        return self.values.origins(expression, at, frame)

    def mapping(self, expression: Expression, at: At) -> dict[str, Expression] | None:
        """Return the entries of the one dict that an expression is, if nothing changes it in sight."""
        return mapping_items(self.values, expression, at) if isinstance(at, CallSite) else None

    def is_kind(self, expression: Expression, at: At, *kinds: Kind, frame: Frame | None = None) -> Answer:
        """Return whether the value of an expression is of one of `kinds`."""
        return self.kinds.is_kind(expression, at, *kinds, frame=frame)

    def instance_class(self, expression: Expression, at: At) -> Class | None:
        """Return the class of this module that an expression is certainly an instance of."""
        only = self.values.origins(expression, at).only
        return self.values.instance_class(only) if only is not None else None

    def same_object(
        self, first: Expression, first_at: At, second: Expression, second_at: At, *, frames: "Frames | None" = None
    ) -> Answer:
        """Return whether two expressions give the same object, by their origins, else by their text in one scope."""
        frame_1, frame_2 = frames or (None, None)
        one, two = self.origins(first, first_at, frame_1), self.origins(second, second_at, frame_2)
        keys_1, keys_2 = _keys(one), _keys(two)
        if len(keys_1) == 1 and keys_1 == keys_2 and next(iter(keys_1))[1] != "element":
            return Answer.YES
        text = dotted_name(first)
        if text is not None and text == dotted_name(second) and (keys_1 == keys_2 or not keys_1 or not keys_2):
            if first_at.scope.function is second_at.scope.function or "." in text:
                return Answer.YES
            return Answer.UNKNOWN
        if keys_1 and keys_2 and keys_1.isdisjoint(keys_2) and one.complete and two.complete:
            return Answer.NO
        return Answer.UNKNOWN

    def iterated(self, iterable: Expression, at: At) -> list[Origin]:
        """Return what a loop iterates over, behind ``enumerate``, ``zip``, ``tqdm`` and the like."""
        return iterated(self.values, iterable, at)

    def callers(self, function: Function) -> tuple[CallSite, ...]:
        """Return the visible calls of a function of this module."""
        return self.values.callers(function)

    # --- training -----------------------------------------------------------------------------------

    @cached_property
    def event_streams(self) -> Events:
        """Event streams per function."""
        return Events(self.values, self.kinds)

    def events(self, function: Function | None) -> tuple[Event, ...]:
        """Return the events of a function (None: of the module's own statements), callees included."""
        return self.event_streams.stream(function)

    @cached_property
    def _loops(self) -> Loops:
        return Loops(self.event_streams, self.values)

    @property
    def loops(self) -> tuple[Loop, ...]:
        """All loops with their events."""
        return self._loops.all

    @property
    def training_loops(self) -> tuple[Loop, ...]:
        """The batch loops that train: a backward pass happens in each pass."""
        return self._loops.training

    def loops_around(self, loop: Loop) -> tuple[Site, ...]:
        """Return the loops around a loop, through visible callers."""
        return self._loops.around(loop)

    @cached_property
    def grad_mode(self) -> GradMode:
        """Whether autograd records, at any place."""
        return GradMode(self.values)

    @cached_property
    def data_loaders(self) -> tuple[DataLoader, ...]:
        """The PyTorch data loaders."""
        return Loaders(self.values, self._loops).of(self.calls_of(Kind.DATA_LOADER))

    # --- further groups -----------------------------------------------------------------------------

    def group(self, kind: "type[Group]") -> Group:
        """Return the facts of a further group, such as `KerasModels`, computed once: ``kind(facts)``."""
        if kind not in self._groups:
            self._groups[kind] = kind(self)  # type: ignore[call-arg]
        return self._groups[kind]  # type: ignore[return-value]


Frames = tuple[Frame | None, Frame | None]


def _keys(origins: Origins) -> frozenset[tuple[Node, str, object]]:
    return frozenset((item.node, item.how, item.path) for item in origins.items)
