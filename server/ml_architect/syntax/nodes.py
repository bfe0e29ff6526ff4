"""The tree that facts read: what LibCST parsed, lowered to meaning and places.

LibCST trees are lossless and large (20 to 40 MB for a script of 1,500 lines), so they live only
while a piece of a document is lowered. The nodes below keep meaning and places only.
A node belongs to a `Piece`, and its ``start``/``end`` count code points from the start of that piece's
text: pieces that an edit did not touch are shared between versions of a document, and only
`Module.span` knows where a piece stands in one version.

Nodes are never changed after lowering. They compare and hash by identity.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias


@dataclass(slots=True, eq=False)
class Piece:
    """A run of whole lines that is parsed on its own."""

    text: str
    indented: bool


@dataclass(slots=True, eq=False)
class Node:
    """Anything with a place. ``start`` and ``end`` are relative to the piece's text."""

    piece: Piece
    start: int
    end: int


# --- expressions ---------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Name(Node):
    """A bare name."""

    id: str


@dataclass(slots=True, eq=False)
class Constant(Node):
    """A literal: int, float, complex, str, bytes, bool, None or Ellipsis (implicit concatenation folded)."""

    value: object


@dataclass(slots=True, eq=False)
class FormattedString(Node):
    """An f-string; `parts` are literal text (`Constant`) and the replacement expressions, in order."""

    parts: "tuple[Expression, ...]"


@dataclass(slots=True, eq=False)
class Attribute(Node):
    """``value.attr``. `dotted` is the full text for a chain of plain names (``"self.model.fc"``), else None."""

    value: "Expression"
    attr: str
    attr_start: int
    dotted: str | None


@dataclass(slots=True, eq=False)
class Argument(Node):
    """One argument of a call, or base of a class. `star` is ``""``, ``"*"`` or ``"**"``."""

    value: "Expression"
    keyword: str | None
    star: str


@dataclass(slots=True, eq=False)
class Call(Node):
    """``func(arguments)``. `open` and `close` are the places of the parentheses' first characters."""

    func: "Expression"
    arguments: tuple[Argument, ...]
    open: int
    close: int


@dataclass(slots=True, eq=False)
class Collection(Node):
    """A list, tuple or set display."""

    kind: Literal["list", "tuple", "set"]
    elements: "tuple[Expression, ...]"


@dataclass(slots=True, eq=False)
class Dictionary(Node):
    """A dict display; a key of None marks ``**value``."""

    keys: "tuple[Expression | None, ...]"
    values: "tuple[Expression, ...]"


@dataclass(slots=True, eq=False)
class Slice(Node):
    """``lower:upper:step`` inside a subscript."""

    lower: "Expression | None"
    upper: "Expression | None"
    step: "Expression | None"


@dataclass(slots=True, eq=False)
class Subscript(Node):
    """``value[index, ...]``."""

    value: "Expression"
    index: "tuple[Expression, ...]"


@dataclass(slots=True, eq=False)
class BinaryOperation(Node):
    """``left operator right`` for an arithmetic or bitwise operator, such as ``"+"`` or ``"%"``."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(slots=True, eq=False)
class UnaryOperation(Node):
    """``operator operand`` with ``"not"``, ``"-"``, ``"+"`` or ``"~"``."""

    operator: str
    operand: "Expression"


@dataclass(slots=True, eq=False)
class BooleanOperation(Node):
    """``left and right`` or ``left or right``."""

    operator: Literal["and", "or"]
    left: "Expression"
    right: "Expression"


@dataclass(slots=True, eq=False)
class Comparison(Node):
    """``left op right [op right ...]``; operators such as ``"=="``, ``"is not"``, ``"not in"``."""

    left: "Expression"
    operators: tuple[str, ...]
    comparators: "tuple[Expression, ...]"


@dataclass(slots=True, eq=False)
class Conditional(Node):
    """``body if test else orelse``."""

    test: "Expression"
    body: "Expression"
    orelse: "Expression"


@dataclass(slots=True, eq=False)
class Lambda(Node):
    """``lambda parameters: body``."""

    parameters: "tuple[Parameter, ...]"
    body: "Expression"


@dataclass(slots=True, eq=False)
class ComprehensionFor(Node):
    """One ``for target in iterable if ...`` of a comprehension."""

    target: "Expression"
    iterable: "Expression"
    conditions: "tuple[Expression, ...]"


@dataclass(slots=True, eq=False)
class Comprehension(Node):
    """A comprehension; `key` is set for dicts only, `element` is the value there."""

    kind: Literal["list", "set", "dict", "generator"]
    key: "Expression | None"
    element: "Expression"
    generators: tuple[ComprehensionFor, ...]


@dataclass(slots=True, eq=False)
class Starred(Node):
    """``*value`` in a display or target."""

    value: "Expression"


@dataclass(slots=True, eq=False)
class NamedExpression(Node):
    """``target := value``."""

    target: Name
    value: "Expression"


@dataclass(slots=True, eq=False)
class Await(Node):
    """``await value``."""

    value: "Expression"


@dataclass(slots=True, eq=False)
class Yield(Node):
    """``yield value`` or ``yield from value``."""

    value: "Expression | None"


@dataclass(slots=True, eq=False)
class Unknown(Node):
    """An expression that facts say nothing about; `parts` are the expressions inside it."""

    parts: "tuple[Expression, ...]"


Expression: TypeAlias = (
    Name
    | Constant
    | FormattedString
    | Attribute
    | Call
    | Collection
    | Dictionary
    | Slice
    | Subscript
    | BinaryOperation
    | UnaryOperation
    | BooleanOperation
    | Comparison
    | Conditional
    | Lambda
    | Comprehension
    | Starred
    | NamedExpression
    | Await
    | Yield
    | Unknown
)

# --- statements ----------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class ExpressionStatement(Node):
    """An expression whose value is dropped."""

    value: Expression


@dataclass(slots=True, eq=False)
class Assign(Node):
    """``a = b = value`` or ``a: annotation = value`` (`value` is None for a bare annotation)."""

    targets: tuple[Expression, ...]
    value: Expression | None
    annotation: Expression | None


@dataclass(slots=True, eq=False)
class AugmentedAssign(Node):
    """``target operator= value``; `operator` is without the equals sign."""

    target: Expression
    operator: str
    value: Expression


@dataclass(slots=True, eq=False)
class Return(Node):
    """``return value``."""

    value: Expression | None


@dataclass(slots=True, eq=False)
class Raise(Node):
    """``raise exception from cause``; `parts` are the expressions that are there."""

    parts: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Assert(Node):
    """``assert test, message``."""

    test: Expression
    message: Expression | None


@dataclass(slots=True, eq=False)
class Delete(Node):
    """``del targets``."""

    targets: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Simple(Node):
    """``pass``, ``break`` or ``continue``."""

    keyword: Literal["pass", "break", "continue"]


@dataclass(slots=True, eq=False)
class ScopeDeclaration(Node):
    """``global names`` or ``nonlocal names``."""

    keyword: Literal["global", "nonlocal"]
    names: tuple[str, ...]


@dataclass(slots=True, eq=False)
class ImportedName(Node):
    """``name`` or ``name as alias`` in an import; `name` is dotted after ``import``."""

    name: str
    alias: str | None


@dataclass(slots=True, eq=False)
class Import(Node):
    """``import names``."""

    names: tuple[ImportedName, ...]


@dataclass(slots=True, eq=False)
class ImportFrom(Node):
    """``from module import names``; `level` counts leading dots, a star import has no names."""

    module: str | None
    level: int
    names: tuple[ImportedName, ...]
    star: bool


@dataclass(slots=True, eq=False)
class Parameter(Node):
    """One parameter of a function."""

    name: str
    kind: Literal["positional_only", "positional", "keyword_only", "*", "**"]
    default: Expression | None
    annotation: Expression | None


@dataclass(slots=True, eq=False)
class FunctionDef(Node):
    """A function; `name_start` is the place of its name."""

    name: str
    name_start: int
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expression, ...]
    returns: Expression | None
    body: "tuple[Statement, ...]"
    is_async: bool


@dataclass(slots=True, eq=False)
class ClassDef(Node):
    """A class; `arguments` are its bases and keywords."""

    name: str
    name_start: int
    arguments: tuple[Argument, ...]
    decorators: tuple[Expression, ...]
    body: "tuple[Statement, ...]"


@dataclass(slots=True, eq=False)
class If(Node):
    """``if test: body``; an ``elif`` is an `If` alone in `orelse`."""

    test: Expression
    body: "tuple[Statement, ...]"
    orelse: "tuple[Statement, ...]"


@dataclass(slots=True, eq=False)
class For(Node):
    """``for target in iterable: body``."""

    target: Expression
    iterable: Expression
    body: "tuple[Statement, ...]"
    orelse: "tuple[Statement, ...]"
    is_async: bool


@dataclass(slots=True, eq=False)
class While(Node):
    """``while test: body``."""

    test: Expression
    body: "tuple[Statement, ...]"
    orelse: "tuple[Statement, ...]"


@dataclass(slots=True, eq=False)
class WithItem(Node):
    """``context as target``."""

    context: Expression
    target: Expression | None


@dataclass(slots=True, eq=False)
class With(Node):
    """``with items: body``."""

    items: tuple[WithItem, ...]
    body: "tuple[Statement, ...]"
    is_async: bool


@dataclass(slots=True, eq=False)
class Handler(Node):
    """``except type as name: body``."""

    type: Expression | None
    name: str | None
    body: "tuple[Statement, ...]"


@dataclass(slots=True, eq=False)
class Try(Node):
    """``try: body`` with handlers, ``else`` and ``finally``."""

    body: "tuple[Statement, ...]"
    handlers: tuple[Handler, ...]
    orelse: "tuple[Statement, ...]"
    final: "tuple[Statement, ...]"


@dataclass(slots=True, eq=False)
class Case(Node):
    """``case pattern if guard: body``; `parts` are the expressions in pattern and guard, `captures` bound names."""

    parts: tuple[Expression, ...]
    captures: tuple[str, ...]
    body: "tuple[Statement, ...]"


@dataclass(slots=True, eq=False)
class Match(Node):
    """``match subject: cases``."""

    subject: Expression
    cases: tuple[Case, ...]


Statement: TypeAlias = (
    ExpressionStatement
    | Assign
    | AugmentedAssign
    | Return
    | Raise
    | Assert
    | Delete
    | Simple
    | ScopeDeclaration
    | Import
    | ImportFrom
    | FunctionDef
    | ClassDef
    | If
    | For
    | While
    | With
    | Try
    | Match
)

# --- walking -------------------------------------------------------------------------------------


_CHILD_FIELDS: dict[type, tuple[str, ...]] = {}


def child_fields(kind: type[Node]) -> tuple[str, ...]:
    """Return the names of the fields of `kind` that may hold nodes, in source order."""
    known = _CHILD_FIELDS.get(kind)
    if known is None:
        known = _CHILD_FIELDS[kind] = _find_child_fields(kind)
    return known


def _find_child_fields(kind: type[Node]) -> tuple[str, ...]:
    plain = {"piece", "start", "end", "id", "attr", "attr_start", "dotted", "keyword", "star", "open", "close"}
    plain |= {"kind", "operator", "operators", "is_async", "name", "name_start", "names_start", "alias", "level"}
    plain |= {"module", "captures"}
    names = tuple(item.name for item in fields(kind) if item.name not in plain)
    if kind is Constant:
        return ()
    return ("func", "arguments") if kind is Call else names


def children(node: Node) -> Iterator[Node]:
    """Yield the direct child nodes of `node`, in source order as far as fields have one."""
    for name in child_fields(type(node)):
        value: Any = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and every node below it, parents first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A piece that does not parse: where (offsets in the document) and what the parser said."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its text from the ``#`` on, and where it starts in the document."""

    start: int
    text: str
    alone: bool = field(default=False)
    """Whether nothing but white space stands before it on its line."""
