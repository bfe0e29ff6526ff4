"""What one statement does by itself: the calls that it makes and the names that it binds.

A summary depends on nothing but its statement, so it is kept from one version of a document to the next
for every statement that an edit left alone.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from ml_architect.syntax.nodes import (
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ClassDef,
    Collection,
    Comprehension,
    Constant,
    Delete,
    Expression,
    For,
    FunctionDef,
    If,
    Import,
    ImportFrom,
    Lambda,
    Match,
    Name,
    NamedExpression,
    Node,
    Starred,
    Statement,
    Subscript,
    Try,
    While,
    With,
    child_fields,
)

InnerScope: TypeAlias = Lambda | Comprehension
Path: TypeAlias = tuple[int | None, ...]
"""How a value is taken apart before it is bound: indices, None where the index is not known."""


class BoundName(NamedTuple):
    """A name (or dotted target such as ``self.model``) that a statement binds.

    `how` is ``"assign"``, ``"augment"``, ``"element"`` (target of a loop), ``"enter"`` (target of a with item),
    ``"import"``, ``"function"``, ``"class"``, ``"capture"``, ``"parameter"`` or ``"delete"``. `value` is the
    expression that the value is taken from, at `path`; for imports `qualified` is the dotted name that the bound
    name stands for.
    """

    name: str
    how: str
    value: Expression | None
    path: Path
    target: Node
    qualified: str = ""


class InnerCall(NamedTuple):
    """A call and the lambdas and comprehensions of its statement that it stands in, outermost first."""

    call: Call
    inner: tuple[InnerScope, ...]


class Summary(NamedTuple):
    """Calls in order of evaluation (arguments before the call), and bindings in order."""

    calls: tuple[InnerCall, ...]
    bindings: tuple[BoundName, ...]
    item_stores: tuple[Subscript, ...]
    star_imports: tuple[str, ...]


EMPTY: tuple[()] = ()


def own_expressions(statement: Statement) -> Iterator[Node]:
    """Yield the expressions of a statement itself, not those of the statements in its body."""
    if statement.__class__ not in _WITH_BODY:
        yield from _fields_of(statement)
        return
    match statement:
        case FunctionDef():
            yield from statement.decorators
            yield from (item.default for item in statement.parameters if item.default is not None)
        case ClassDef():
            yield from statement.decorators
            yield from statement.arguments
        case If() | While():
            yield statement.test
        case For():
            yield statement.iterable
            yield statement.target
        case With():
            yield from statement.items
        case Try():
            yield from (handler.type for handler in statement.handlers if handler.type is not None)
        case Match():
            yield statement.subject
            for case_ in statement.cases:
                yield from case_.parts


_WITH_BODY = frozenset({FunctionDef, ClassDef, If, While, For, With, Try, Match})


def _fields_of(node: Node) -> Iterator[Node]:
    for name in child_fields(type(node)):
        value: Any = getattr(node, name)
        if value.__class__ is tuple:
            for item in value:
                if isinstance(item, Node):
                    yield item
        elif isinstance(value, Node):
            yield value


class _Collector:
    """Collects calls and walrus bindings below an expression, children first."""

    __slots__ = ("bindings", "calls")

    def __init__(self) -> None:
        self.calls: list[InnerCall] = []
        self.bindings: list[BoundName] = []

    def visit(self, node: Node, inner: tuple[InnerScope, ...]) -> None:
        kind = node.__class__
        if kind in _LEAVES or (kind is Attribute and node.dotted is not None):  # type: ignore[attr-defined]
            return
        if kind is Lambda or kind is Comprehension:
            inner = (*inner, node)  # type: ignore[arg-type]
        for name in child_fields(kind):
            value: Any = getattr(node, name)
            if value.__class__ is tuple:
                for item in value:
                    if item.__class__ not in _LEAVES:
                        self.visit(item, inner)
            elif value.__class__ not in _LEAVES:
                self.visit(value, inner)
        if kind is Call:
            self.calls.append(InnerCall(node, inner))  # type: ignore[arg-type]
        elif kind is NamedExpression:
            self.bindings += targets_of(node.target, "assign", node.value, ())  # type: ignore[attr-defined]


_LEAVES = frozenset({Name, Constant, str, type(None)})
"""What nothing is called in; strings and None stand in fields beside nodes."""


def targets_of(target: Expression, how: str, value: Expression | None, path: Path) -> list[BoundName]:
    """Return what an assignment of `value` (taken apart at `path`) to `target` binds."""
    match target:
        case Name():
            return [BoundName(target.id, how, value, path, target)]
        case Attribute(dotted=str(dotted)):
            return [BoundName(dotted, how, value, path, target)]
        case Starred():
            return targets_of(target.value, how, value, (*path[:-1], None))
        case Collection():
            starred = next((i for i, e in enumerate(target.elements) if isinstance(e, Starred)), len(target.elements))
            found: list[BoundName] = []
            for index, element in enumerate(target.elements):
                place = index if index <= starred else index - len(target.elements)
                found += targets_of(element, how, value, (*path, place))
            return found
    return []


def _imports(statement: Import | ImportFrom) -> list[BoundName]:
    found = []
    if isinstance(statement, Import):
        for item in statement.names:
            root = item.name.split(".", 1)[0]
            name, qualified = (item.alias, item.name) if item.alias else (root, root)
            found.append(BoundName(name, "import", None, (), item, qualified))
        return found
    prefix = "." * statement.level + (statement.module or "")
    for item in statement.names:
        qualified = f"{prefix}.{item.name}" if statement.module else prefix + item.name
        found.append(BoundName(item.alias or item.name, "import", None, (), item, qualified))
    return found


def _assign(statement: Assign) -> list[BoundName]:
    if statement.value is None:
        return []
    return [bound for target in statement.targets for bound in targets_of(target, "assign", statement.value, ())]


def _with(statement: With) -> list[BoundName]:
    found: list[BoundName] = []
    for item in statement.items:
        if item.target is not None:
            found += targets_of(item.target, "enter", item.context, ())
    return found


def _captures(statement: Try | Match) -> list[BoundName]:
    parts: list[tuple[str, Node]] = []
    if isinstance(statement, Try):
        parts = [(handler.name, handler) for handler in statement.handlers if handler.name]
    else:
        parts = [(name, case) for case in statement.cases for name in case.captures]
    return [BoundName(name, "capture", None, (), node) for name, node in parts]


_BINDERS: dict[type, Callable[[Any], list[BoundName]]] = {
    Assign: _assign,
    AugmentedAssign: lambda s: targets_of(s.target, "augment", s.value, ()),
    Import: _imports,
    ImportFrom: _imports,
    FunctionDef: lambda s: [BoundName(s.name, "function", None, (), s)],
    ClassDef: lambda s: [BoundName(s.name, "class", None, (), s)],
    For: lambda s: targets_of(s.target, "element", s.iterable, ()),
    With: _with,
    Try: _captures,
    Match: _captures,
    Delete: lambda s: [b for t in s.targets for b in targets_of(t, "delete", None, ())],
}


def _item_stores(statement: Statement) -> tuple[Subscript, ...]:
    if isinstance(statement, Assign):
        return tuple([target for target in statement.targets if isinstance(target, Subscript)])
    target = statement.target if isinstance(statement, AugmentedAssign) else None
    return (target,) if isinstance(target, Subscript) else EMPTY


def summarise(statement: Statement) -> Summary:
    """Return the summary of one statement, without the statements in its body."""
    kind = statement.__class__
    collector = _Collector()
    if kind in _WITH_BODY:
        for expression in own_expressions(statement):
            collector.visit(expression, ())
    else:
        collector.visit(statement, ())
    binder = _BINDERS.get(kind)
    bindings = [*binder(statement), *collector.bindings] if binder else collector.bindings
    star = isinstance(statement, ImportFrom) and statement.star and statement.level == 0
    modules = (statement.module,) if star and isinstance(statement, ImportFrom) and statement.module else EMPTY
    return Summary(tuple(collector.calls), tuple(bindings), _item_stores(statement), modules)


__all__ = ["BoundName", "InnerCall", "InnerScope", "Path", "Summary", "own_expressions", "summarise"]
