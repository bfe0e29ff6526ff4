"""Layers and parameters that a module keeps in plain lists, tuples and dicts, where PyTorch does not see them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ml_architect.catalog import Kind
from ml_architect.facts.kinds import MODULES
from ml_architect.facts.modules import ModuleClasses
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import Binding, CallSite, Class, Function, Site
from ml_architect.syntax.nodes import (
    Argument,
    Attribute,
    AugmentedAssign,
    Collection,
    Comprehension,
    Constant,
    Dictionary,
    Expression,
    Name,
    Node,
    Starred,
)

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_REGISTERING = frozenset({"add_module", "register_module", "register_parameter", "__setattr__"})
_GROWING = frozenset({"append", "extend", "insert"})
_OVERRIDES = frozenset({"parameters", "named_parameters", "_apply", "__setattr__"})
_READERS = frozenset(
    f"builtins.{name}" for name in ("len", "enumerate", "zip", "range", "reversed", "print", "iter", "isinstance")
)
_STATE = frozenset({"parameterised", "mode_dependent", "container"})
_CONTAINERS = (Collection, Comprehension, Dictionary)
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Held:
    """An attribute that is a plain container of layers or of parameters.

    `value` is the expression that is assigned to it, `container` the display or comprehension that it is,
    `elements` the constructors in sight.
    """

    owner: Class
    name: str
    target: Node
    site: Site
    value: Expression
    container: Collection | Comprehension | Dictionary
    elements: tuple[CallSite, ...]


class PlainContainers:
    """Attributes of modules that hold layers or parameters which nothing registers."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    @cached_property
    def layers(self) -> tuple[Held, ...]:
        """Containers of layers with weights, running statistics or a mode."""
        return tuple(self._find(self.is_stateful))

    @cached_property
    def parameters(self) -> tuple[Held, ...]:
        """Containers of ``nn.Parameter`` objects."""
        return tuple(self._find(self.is_parameter))

    def is_parameter(self, call: CallSite) -> bool:
        """Return whether a call certainly makes an ``nn.Parameter``."""
        name = self._facts.call_name(call)
        return name is not None and self._facts.catalog.kind(name) is Kind.PARAMETER and name != "torch.nn.Buffer"

    def _find(self, wanted: Callable[[CallSite], bool]) -> Iterator[Held]:
        for info in self._facts.group(ModuleClasses).all:
            found = [self._held(info, name, bindings, wanted) for name, bindings in info.attributes.items()]
            held = [item for item in found if item is not None]
            if held and not self._registers_itself(info):
                yield from held

    def _registers_itself(self, info: Class) -> bool:
        classes, _, _ = self._facts.names.ancestry(info)
        if any(method in current.methods for current in classes for method in _OVERRIDES):
            return True
        for call in self._facts.calls:
            function = call.scope.function
            if function is None or function.owner not in classes:
                continue
            if call.method in _REGISTERING or self._facts.call_name(call) == "builtins.setattr":
                return True
        return False

    def _held(self, info: Class, name: str, bindings: list[Binding], wanted: Callable[[CallSite], bool]) -> Held | None:
        first: tuple[Binding, Collection | Comprehension | Dictionary] | None = None
        elements: list[Node] = []
        for binding in bindings:
            value = binding.bound.value
            if value is None or binding.bound.path or binding.bound.how not in {"assign", "augment"}:
                return None
            if isinstance(value, Constant) and value.value is None:
                continue
            container = self._container(value, binding)
            if container is None or not isinstance(binding.bound.target, Attribute):
                return None
            first = first or (binding, container)
            elements += _elements_of(container)
            if isinstance(value, Name) and self._is_used_up(value.id, binding.site.function):
                return None
            elements += self._appended(dotted_name(value), binding.site.function)
        if first is None or self._is_used_up(name, info):
            return None
        elements += self._appended(name, info)
        calls = [call for call in (self._constructor(element) for element in elements) if call is not None]
        made = tuple(call for call in calls if wanted(call))
        if not made or _is_hidden_on_purpose(elements, first[1]):
            return None
        binding, container = first
        assert binding.bound.value is not None  # noqa: S101 - checked for every binding
        return Held(info, name, binding.bound.target, binding.site, binding.bound.value, container, made)

    def _container(self, value: Expression, binding: Binding) -> Collection | Comprehension | Dictionary | None:
        if isinstance(value, Name):
            found = self._facts.names.lookup(value.id, binding.site.scope)
            if found is None or not any(isinstance(b.bound.value, _CONTAINERS) for b in found[1]):
                return None
            only = self._facts.origins(value, binding.site).only
            same = only is not None and only.how == "value" and only.site.function is binding.site.function
            if only is None or not same or only.path or not isinstance(only.node, _CONTAINERS):
                return None
            value = only.node
        if isinstance(value, Comprehension):
            return value if value.kind in {"list", "dict"} else None
        if isinstance(value, Collection):
            return value if value.kind in {"list", "tuple"} else None
        return value if isinstance(value, Dictionary) else None

    def _constructor(self, element: Node) -> CallSite | None:
        call = self._facts.call_at(element)
        return self._facts.construction(call.node, call) if call is not None else None

    def _appended(self, name: str | None, owner: Class | Function | None) -> list[Node]:
        """Return what is appended to the attribute `name` of a class, or to the local `name` of a function."""
        found: list[Node] = []
        if name is None:
            return found
        for call in self._facts.method_calls(*_GROWING):
            if _is_named(call.receiver, name, owner, call.scope.function) and call.node.arguments:
                last = call.node.arguments[-1].value
                found += _elements_of(last) if call.method == "extend" else [last]
        for site in self._facts.statements(AugmentedAssign):
            statement = site.statement
            if isinstance(statement, AugmentedAssign) and _is_named(statement.target, name, owner, site.function):
                found += _elements_of(statement.value)
        for site in self._facts.structure.item_stores.get(f"self.{name}" if isinstance(owner, Class) else name, ()):
            value = getattr(site.statement, "value", None)
            if value is not None and isinstance(owner, Class) and site.function in owner.methods.values():
                found.append(value)
        return found

    def _is_used_up(self, name: str, owner: Class | Function | None) -> bool:
        """Whether the container is handed to something that may register it, such as ``nn.ModuleList(layers)``."""
        for call in self._facts.calls:
            for argument in call.node.arguments:
                if _is_named(_plain(argument), name, owner, call.scope.function):
                    callee = self._facts.call_name(call)
                    if callee not in _READERS:
                        return True
        return False

    def is_stateful(self, call: CallSite, depth: int = 0) -> bool:
        """Return whether a constructed module has weights, running statistics or a mode (unknown counts as no)."""
        definition = self._facts.names.definition(call.node.func, call.scope)
        if isinstance(definition, Class):
            return depth < _DEPTH and self._class_is_stateful(definition, depth)
        name = self._facts.call_name(call)
        symbol = self._facts.catalog.symbol(name) if name is not None else None
        if symbol is None or symbol.kind not in MODULES:
            return False
        return symbol.kind is not Kind.MODULE or bool(symbol.traits & _STATE)

    def _class_is_stateful(self, info: Class, depth: int) -> bool:
        if self._facts.kinds.of_class(info)[0] is not Kind.MODULE:
            return False
        classes, _, _ = self._facts.names.ancestry(info)
        methods = {method.scope for current in classes for method in current.methods.values()}
        return any(
            self.is_parameter(call) or self.is_stateful(call, depth + 1)
            for call in self._facts.calls
            if call.site.scope in methods
        )


def _elements_of(container: Expression) -> list[Node]:
    match container:
        case Collection():
            parts: list[Node] = []
            for element in container.elements:
                parts += _elements_of(element) if isinstance(element, (Collection, Comprehension)) else [element]
            return parts
        case Comprehension():
            inner = container.element
            return _elements_of(inner) if isinstance(inner, (Collection, Comprehension)) else [inner]
        case Dictionary():
            return list(container.values)
        case Starred():
            return _elements_of(container.value)
    return []


def _is_hidden_on_purpose(elements: list[Node], container: Node) -> bool:
    """Whether one single element is put into a list display, the usual way to keep a module out of another one."""
    return len(elements) == 1 and isinstance(container, Collection) and len(container.elements) == 1


def _is_named(
    expression: Expression | None, name: str, owner: Class | Function | None, within: Function | None
) -> bool:
    if isinstance(owner, Class):
        root, _, attribute = (dotted_name(expression) or "").partition(".")
        return attribute == name and within is not None and root == within.receiver
    return isinstance(expression, Name) and expression.id == name and within is owner


def _plain(argument: Argument) -> Expression:
    return argument.value.value if isinstance(argument.value, Starred) else argument.value


__all__ = ["Held", "PlainContainers"]
