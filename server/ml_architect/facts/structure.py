"""Where everything stands: scopes, blocks, functions, classes and calls of one module.

Built by one walk over the statements of a module. Nothing here knows a library.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ml_architect.facts.summary import BoundName, InnerScope, Summary, summarise, targets_of
from ml_architect.syntax import Module
from ml_architect.syntax.nodes import (
    Assert,
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ClassDef,
    Comprehension,
    Delete,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    Import,
    ImportFrom,
    Lambda,
    Match,
    Node,
    Parameter,
    Raise,
    Return,
    ScopeDeclaration,
    Simple,
    Statement,
    Try,
    While,
    With,
)

ScopeKind = Literal["module", "class", "function", "lambda", "comprehension"]


@dataclass(slots=True, eq=False)
class Binding:
    """One place where a name gets a value."""

    bound: BoundName
    site: "Site"
    parameter: Parameter | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """A namespace of Python."""

    kind: ScopeKind
    parent: "Scope | None"
    node: Node | None
    function: "Function | None" = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)
    """Names declared ``global`` or ``nonlocal`` here."""


@dataclass(slots=True, eq=False)
class Block:
    """A run of statements inside a compound one; `branch` says which: ``"body"``, ``"orelse"``, ``"handler0"``..."""

    parent: "Block | None"
    owner: "Site | None"
    branch: str
    scope: Scope

    def chain(self) -> "Iterator[Block]":
        """Yield this block and the blocks around it up to its function or module, innermost first."""
        block: Block | None = self
        while block is not None:
            yield block
            owner = block.owner
            if owner is None or isinstance(owner.statement, (FunctionDef, ClassDef)):
                return
            block = block.parent


@dataclass(slots=True, eq=False)
class Site:
    """A statement in its place. `order` counts statements of the module in source order."""

    statement: Statement
    block: Block
    order: int
    summary: Summary
    scope: Scope

    @property
    def function(self) -> "Function | None":
        """The function whose body the statement stands in (lambdas aside)."""
        return self.scope.function

    def enclosing(self, *kinds: type) -> "Iterator[Site]":
        """Yield the statements of `kinds` around this one within its function, innermost first."""
        for block in self.block.chain():
            if block.owner is not None and isinstance(block.owner.statement, kinds):
                yield block.owner

    @property
    def loops(self) -> "tuple[Site, ...]":
        """The ``for`` and ``while`` loops whose body this stands in, within its function, innermost first."""
        owners = (block.owner for block in self.block.chain() if block.branch == "body")
        return tuple(owner for owner in owners if owner and isinstance(owner.statement, (For, While)))

    def inside(self, other: "Site") -> bool:
        """Return whether this statement stands in the body of `other`, within the same function."""
        return any(block.owner is other for block in self.block.chain())

    def dominates(self, other: "Site") -> bool:
        """Return whether this statement certainly runs before `other` whenever `other` is reached in one pass."""
        if self.order >= other.order:
            return False
        block = self.block
        while block.owner is not None and block.branch == "body" and isinstance(block.owner.statement, (With, Try)):
            if block.parent is None or any(outer is block for outer in other.block.chain()):
                break
            block = block.parent
        return any(outer is block for outer in other.block.chain())


@dataclass(slots=True, eq=False)
class Function:
    """A function of the module."""

    node: FunctionDef
    site: Site
    scope: Scope
    owner: "Class | None"
    returns: list[Site] = field(default_factory=list)
    body: list[Site] = field(default_factory=list)
    """The statements directly in its body."""

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.node.name

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters without the instance or class that a method receives first."""
        plain = self.node.parameters
        if self.owner is not None and plain and not self.is_static:
            return plain[1:]
        return plain

    @property
    def is_static(self) -> bool:
        """Whether it is decorated with ``staticmethod``."""
        return any(getattr(item, "id", None) == "staticmethod" for item in self.node.decorators)

    @property
    def receiver(self) -> str | None:
        """The name of the instance parameter (``"self"``) of a method."""
        if self.owner is None or self.is_static or not self.node.parameters:
            return None
        return self.node.parameters[0].name


@dataclass(slots=True, eq=False)
class Class:
    """A class of the module."""

    node: ClassDef
    site: Site
    scope: Scope
    methods: dict[str, Function] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    """Assignments to attributes of the instance in its methods, by attribute name."""

    @property
    def name(self) -> str:
        """The class's own name."""
        return self.node.name


@dataclass(slots=True, eq=False)
class CallSite:
    """A call in its place. `scope` is the innermost one, lambdas and comprehensions included."""

    node: Call
    site: Site
    scope: Scope
    inner: tuple[InnerScope, ...]

    @property
    def method(self) -> str | None:
        """The attribute name for ``receiver.method(...)``."""
        func = self.node.func
        return func.attr if isinstance(func, Attribute) else None

    @property
    def receiver(self) -> Expression | None:
        """The expression before the dot for ``receiver.method(...)``."""
        func = self.node.func
        return func.value if isinstance(func, Attribute) else None


class Structure:
    """All statements of a module in their places.

    Args:
        module: the parsed document.
        kept: summaries of an earlier version, by statement; those of unchanged statements are used again.
    """

    def __init__(self, module: Module, kept: Mapping[Statement, Summary] | None = None) -> None:
        self.module = module
        self.scope = Scope("module", None, None)
        self.root = Block(None, None, "body", self.scope)
        self.sites: list[Site] = []
        self.body: list[Site] = []
        self.calls: list[CallSite] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.summaries: dict[Statement, Summary] = {}
        self.site_of_call: dict[Call, CallSite] = {}
        self.function_of: dict[FunctionDef, Function] = {}
        self.class_of: dict[ClassDef, Class] = {}
        self.star_imports: list[str] = []
        self.item_stores: dict[str, list[Site]] = {}
        self.blocks: dict[tuple[Statement, str], list[Site]] = {}
        self._of_kind: dict[type, list[Site]] = {}
        self._kept = kept or {}
        self.body = self._walk(module.body, self.root)

    def _walk(self, body: tuple[Statement, ...], block: Block) -> list[Site]:
        return [self._visit(statement, block) for statement in body]

    def _visit(self, statement: Statement, block: Block) -> Site:
        summary = self._kept.get(statement)
        if summary is None:
            summary = summarise(statement)
        self.summaries[statement] = summary
        site = Site(statement, block, len(self.sites), summary, block.scope)
        self.sites.append(site)
        self._of_kind.setdefault(statement.__class__, []).append(site)
        if summary.calls:
            self._record_calls(site)
        if summary.bindings:
            self._record_bindings(site)
        for store in summary.item_stores:
            dotted = getattr(store.value, "dotted", None) or getattr(store.value, "id", None)
            if dotted:
                self.item_stores.setdefault(dotted, []).append(site)
        self.star_imports += summary.star_imports
        if statement.__class__ not in _PLAIN:
            self._enter(site)
        return site

    def _record_calls(self, site: Site) -> None:
        inner_scopes: dict[InnerScope, Scope] = {}
        for call in site.summary.calls:
            scope = site.scope
            for inner in call.inner:
                if inner not in inner_scopes:
                    inner_scopes[inner] = self._inner_scope(inner, scope, site)
                scope = inner_scopes[inner]
            call_site = CallSite(call.call, site, scope, call.inner)
            self.calls.append(call_site)
            self.site_of_call[call.call] = call_site

    def _inner_scope(self, inner: InnerScope, parent: Scope, site: Site) -> Scope:
        kind: ScopeKind = "lambda" if isinstance(inner, Lambda) else "comprehension"
        scope = Scope(kind, parent, inner, parent.function)
        if isinstance(inner, Lambda):
            for parameter in inner.parameters:
                bound = BoundName(parameter.name, "parameter", None, (), parameter)
                scope.bindings[parameter.name] = [Binding(bound, site, parameter)]
        elif isinstance(inner, Comprehension):
            for generator in inner.generators:
                for bound in targets_of(generator.target, "element", generator.iterable, ()):
                    scope.bindings.setdefault(bound.name, []).append(Binding(bound, site))
        return scope

    def _record_bindings(self, site: Site) -> None:
        for bound in site.summary.bindings:
            binding = Binding(bound, site)
            root, dot, attribute = bound.name.partition(".")
            function = site.scope.function
            if dot and function is not None and root == function.receiver and "." not in attribute:
                assert function.owner is not None  # noqa: S101 - a receiver exists in methods only
                function.owner.attributes.setdefault(attribute, []).append(binding)
            scope = site.scope
            if root in scope.outside:
                scope = self.scope if scope.outside[root] == "global" else scope.parent or scope
            scope.bindings.setdefault(bound.name, []).append(binding)

    def _enter(self, site: Site) -> None:
        statement = site.statement
        match statement:
            case FunctionDef():
                self._enter_function(site, statement)
            case ClassDef():
                scope = Scope("class", site.scope, statement, site.scope.function)
                info = Class(statement, site, scope)
                self.classes.append(info)
                self.class_of[statement] = info
                self._branch(site, "body", statement.body, scope)
            case If() | For() | While():
                self._branch(site, "body", statement.body)
                self._branch(site, "orelse", statement.orelse)
            case With():
                self._branch(site, "body", statement.body)
            case Try():
                self._branch(site, "body", statement.body)
                for index, handler in enumerate(statement.handlers):
                    self._branch(site, f"handler{index}", handler.body)
                self._branch(site, "orelse", statement.orelse)
                self._branch(site, "final", statement.final)
            case Match():
                for index, case in enumerate(statement.cases):
                    self._branch(site, f"case{index}", case.body)
            case Return():
                if site.function is not None:
                    site.function.returns.append(site)
            case ScopeDeclaration():
                site.scope.outside.update(dict.fromkeys(statement.names, statement.keyword))
            case _:
                pass

    def _branch(self, site: Site, branch: str, body: tuple[Statement, ...], scope: Scope | None = None) -> None:
        if body:
            block = Block(site.block, site, branch, scope or site.scope)
            self.blocks[site.statement, branch] = self._walk(body, block)

    def _enter_function(self, site: Site, node: FunctionDef) -> None:
        scope = Scope("function", site.scope, node)
        owner = self.class_of[site.scope.node] if isinstance(site.scope.node, ClassDef) else None
        function = Function(node, site, scope, owner)
        scope.function = function
        if owner is not None:
            owner.methods.setdefault(node.name, function)
        self.functions.append(function)
        self.function_of[node] = function
        for parameter in node.parameters:
            bound = BoundName(parameter.name, "parameter", None, (), parameter)
            scope.bindings[parameter.name] = [Binding(bound, site, parameter)]
        self._branch(site, "body", node.body, scope)
        function.body = self.blocks.get((node, "body"), [])

    def statements(self, *kinds: type) -> Iterator[Site]:
        """Yield the statements of `kinds` in source order."""
        found = [site for kind in kinds for site in self._of_kind.get(kind, ())]
        return iter(found if len(kinds) == 1 else sorted(found, key=lambda site: site.order))

    @cached_property
    def _stored(self) -> frozenset[str]:
        """The last words of the attributes that are assigned anywhere, and the names bound in classes."""
        assigned = (bound.name.rpartition(".") for site in self.sites for bound in site.summary.bindings)
        names = {last for _, dot, last in assigned if dot}
        return frozenset(names.union(*(info.scope.bindings for info in self.classes)))

    def may_hold(self, expression: Expression) -> bool:
        """Return whether `expression` may give a value that this module stores.

        An attribute that nothing in sight is stored under cannot; most methods that are called are such, and need
        not be followed.
        """
        return not isinstance(expression, Attribute) or expression.attr in self._stored


_PLAIN = frozenset({Assign, AugmentedAssign, ExpressionStatement, Import, ImportFrom, Assert, Delete, Raise, Simple})
"""Statements that hold no others and say nothing about their scope or function."""
