"""Lowering of expressions other than strings and comprehensions."""

from typing import Literal

import libcst as cst

from ml_architect.syntax.literals import number_value
from ml_architect.syntax.lowering.cursor import Cursor, LoweringTable
from ml_architect.syntax.nodes import (
    Argument,
    Attribute,
    Await,
    BinaryOperation,
    BooleanOperation,
    Call,
    Collection,
    Comparison,
    Conditional,
    Constant,
    Dictionary,
    Expression,
    Lambda,
    Name,
    NamedExpression,
    Parameter,
    Slice,
    Starred,
    Subscript,
    UnaryOperation,
    Unknown,
    Yield,
)

MAX_CHAIN = 50
"""Operators in a row that still become nested operations; a longer chain is one `Unknown`."""

_STARS = frozenset({"*", "**"})
_SINGLETONS = {"None": None, "True": True, "False": False}


def _name(at: Cursor, _node: cst.Name) -> Name | Constant:
    index = at.index
    at.index = index + 1
    value = at.texts[index]
    if value in _SINGLETONS:
        return Constant(at.piece, at.starts[index], at.ends[index], _SINGLETONS[value])
    return Name(at.piece, at.starts[index], at.ends[index], value)


def _number(at: Cursor, _node: cst.Integer | cst.Float | cst.Imaginary) -> Constant | Unknown:
    index = at.index
    at.index = index + 1
    value = number_value(at.texts[index])
    if value is None:
        return Unknown(at.piece, at.starts[index], at.ends[index], ())
    return Constant(at.piece, at.starts[index], at.ends[index], value)


def _ellipsis(at: Cursor, _node: cst.Ellipsis) -> Constant:
    start = at.start()
    while at.accept("."):
        pass
    at.accept("...")
    return Constant(at.piece, start, at.end(), ...)


def _attribute(at: Cursor, node: cst.Attribute) -> Attribute:
    start = at.starts[at.index]
    value = at.expression(node.value)
    index = at.index + 1
    at.index = index + 1
    attr = at.texts[index]
    dotted = None
    if isinstance(value, Name):
        dotted = f"{value.id}.{attr}"
    elif isinstance(value, Attribute) and value.dotted is not None:
        dotted = f"{value.dotted}.{attr}"
    return Attribute(at.piece, start, at.ends[index], value, attr, at.starts[index], dotted)


def _call(at: Cursor, node: cst.Call) -> Call:
    start = at.starts[at.index]
    func = at.expression(node.func)
    opening = at.starts[at.index]
    at.index += 1
    arguments = tuple([argument(at, item) for item in node.args])
    index = at.index
    at.index = index + 1
    return Call(at.piece, start, at.ends[index], func, arguments, opening, at.starts[index])


def argument(at: Cursor, node: cst.Arg) -> Argument:
    """Lower one argument of a call or class, and move past the comma behind it."""
    index = at.index
    star, keyword = "", None
    if at.texts[index] in _STARS:
        star = at.texts[index]
        at.index = index + 1
    elif at.texts[index + 1] == "=":
        keyword = at.texts[index]
        at.index = index + 2
    value = at.expression(node.value)
    result = Argument(at.piece, at.starts[index], at.ends[at.index - 1], value, keyword, star)
    at.accept(",")
    return result


def _starred(at: Cursor, node: cst.StarredElement) -> Starred:
    start = at.start()
    at.index += 1
    value = at.expression(node.value)
    return Starred(at.piece, start, at.end(), value)


def _elements(at: Cursor, nodes: tuple[cst.BaseElement, ...]) -> tuple[Expression, ...]:
    result: list[Expression] = []
    for node in nodes:
        result.append(at.expression(node if isinstance(node, cst.StarredElement) else node.value))
        at.accept(",")
    return tuple(result)


def _tuple(at: Cursor, node: cst.Tuple) -> Collection:
    if not node.lpar:
        start = at.start()
        elements = _elements(at, tuple(node.elements))
        return Collection(at.piece, start, at.end(), "tuple", elements)
    start = at.starts[at.index - 1]
    elements = _elements(at, tuple(node.elements))
    return Collection(at.piece, start, at.ends[at.index], "tuple", elements)


def _list_or_set(at: Cursor, node: cst.List | cst.Set) -> Collection:
    start = at.start()
    at.index += 1
    elements = _elements(at, tuple(node.elements))
    at.index += 1
    return Collection(at.piece, start, at.end(), "list" if isinstance(node, cst.List) else "set", elements)


def _dict(at: Cursor, node: cst.Dict) -> Dictionary:
    start = at.start()
    at.index += 1
    keys: list[Expression | None] = []
    values: list[Expression] = []
    for element in node.elements:
        keys.append(at.expression(element.key) if isinstance(element, cst.DictElement) else None)
        at.index += 1
        values.append(at.expression(element.value))
        at.accept(",")
    at.index += 1
    return Dictionary(at.piece, start, at.end(), tuple(keys), tuple(values))


def _subscript(at: Cursor, node: cst.Subscript) -> Subscript:
    start = at.start()
    value = at.expression(node.value)
    at.index += 1
    index: list[Expression] = []
    for element in node.slice:
        index.append(_slice(at, element.slice))
        at.accept(",")
    at.index += 1
    return Subscript(at.piece, start, at.end(), value, tuple(index))


def _slice(at: Cursor, node: cst.BaseSlice) -> Expression:
    start = at.start()
    if isinstance(node, cst.Index):
        starred = at.accept("*")
        value = at.expression(node.value)
        return Starred(at.piece, start, at.end(), value) if starred else value
    assert isinstance(node, cst.Slice)  # noqa: S101  # there is no third kind
    lower = at.optional(node.lower)
    at.index += 1
    upper = at.optional(node.upper)
    at.accept(":")
    step = at.optional(node.step)
    return Slice(at.piece, start, at.end(), lower, upper, step)


def _binary(at: Cursor, node: cst.BinaryOperation | cst.BooleanOperation) -> Expression:
    """Lower a chain of operators that nests to the left without recursion, as `a + b + c`."""
    start = at.start()
    chain: list[cst.BinaryOperation | cst.BooleanOperation] = []
    left: cst.BaseExpression = node
    while isinstance(left, (cst.BinaryOperation, cst.BooleanOperation)) and (left is node or not left.lpar):
        chain.append(left)
        left = left.left
    result = at.expression(left)
    if len(chain) > MAX_CHAIN:
        return _long_chain(at, start, result, [item.right for item in reversed(chain)])
    for item in reversed(chain):
        operator = at.take()
        right = at.expression(item.right)
        if isinstance(item, cst.BooleanOperation):
            word: Literal["and", "or"] = "and" if operator == "and" else "or"
            result = BooleanOperation(at.piece, start, at.end(), word, result, right)
        else:
            result = BinaryOperation(at.piece, start, at.end(), operator, result, right)
    return result


def _long_chain(at: Cursor, start: int, first: Expression, others: list[cst.BaseExpression]) -> Unknown:
    parts = [first]
    for other in others:
        at.index += 1
        parts.append(at.expression(other))
    return Unknown(at.piece, start, at.end(), tuple(parts))


def _unary(at: Cursor, node: cst.UnaryOperation) -> UnaryOperation:
    start = at.start()
    operator = at.take()
    operand = at.expression(node.expression)
    return UnaryOperation(at.piece, start, at.end(), operator, operand)


def _comparison(at: Cursor, node: cst.Comparison) -> Comparison:
    start = at.start()
    left = at.expression(node.left)
    operators: list[str] = []
    comparators: list[Expression] = []
    for item in node.comparisons:
        operator = at.take()
        if isinstance(item.operator, (cst.NotIn, cst.IsNot)):
            operator += " " + at.take()
        operators.append(operator)
        comparators.append(at.expression(item.comparator))
    return Comparison(at.piece, start, at.end(), left, tuple(operators), tuple(comparators))


def _conditional(at: Cursor, node: cst.IfExp) -> Conditional:
    start = at.start()
    body = at.expression(node.body)
    at.index += 1
    test = at.expression(node.test)
    at.index += 1
    orelse = at.expression(node.orelse)
    return Conditional(at.piece, start, at.end(), test, body, orelse)


def _lambda(at: Cursor, node: cst.Lambda) -> Lambda:
    start = at.start()
    at.index += 1
    accepted = parameters(at, node.params)
    at.index += 1
    body = at.expression(node.body)
    return Lambda(at.piece, start, at.end(), accepted, body)


def _named(at: Cursor, node: cst.NamedExpr) -> NamedExpression:
    start = at.start()
    target = at.expression(node.target)
    assert isinstance(target, Name)  # noqa: S101  # the grammar allows nothing else
    at.index += 1
    value = at.expression(node.value)
    return NamedExpression(at.piece, start, at.end(), target, value)


def _await(at: Cursor, node: cst.Await) -> Await:
    start = at.start()
    at.index += 1
    value = at.expression(node.expression)
    return Await(at.piece, start, at.end(), value)


def _yield(at: Cursor, node: cst.Yield) -> Yield:
    start = at.start()
    at.index += 1
    value: Expression | None = None
    if isinstance(node.value, cst.From):
        at.index += 1
        value = at.expression(node.value.item)
    else:
        value = at.optional(node.value)
    return Yield(at.piece, start, at.end(), value)


def parameters(at: Cursor, node: cst.Parameters) -> tuple[Parameter, ...]:
    """Lower the parameters of a function or lambda, without the brackets around them."""
    result = [_parameter(at, item, "positional_only") for item in node.posonly_params]
    if isinstance(node.posonly_ind, cst.ParamSlash):
        at.index += 1
        at.accept(",")
    result += [_parameter(at, item, "positional") for item in node.params]
    if isinstance(node.star_arg, cst.Param):
        result.append(_parameter(at, node.star_arg, "*"))
    elif isinstance(node.star_arg, cst.ParamStar):
        at.index += 1
        at.accept(",")
    result += [_parameter(at, item, "keyword_only") for item in node.kwonly_params]
    if node.star_kwarg is not None:
        result.append(_parameter(at, node.star_kwarg, "**"))
    return tuple(result)


def _parameter(at: Cursor, node: cst.Param, kind: str) -> Parameter:
    start = at.start()
    if kind[0] == "*":
        at.index += 1
    at.index += 1
    annotation = default = None
    if node.annotation is not None:
        at.index += 1
        annotation = at.expression(node.annotation.annotation)
    if node.default is not None:
        at.index += 1
        default = at.expression(node.default)
    result = Parameter(at.piece, start, at.end(), node.name.value, kind, default, annotation)  # type: ignore[arg-type]
    at.accept(",")
    return result


TABLE: LoweringTable[Expression] = LoweringTable(
    {
        cst.Attribute: _attribute,
        cst.Await: _await,
        cst.BinaryOperation: _binary,
        cst.BooleanOperation: _binary,
        cst.Call: _call,
        cst.Comparison: _comparison,
        cst.Dict: _dict,
        cst.Ellipsis: _ellipsis,
        cst.Float: _number,
        cst.IfExp: _conditional,
        cst.Imaginary: _number,
        cst.Integer: _number,
        cst.Lambda: _lambda,
        cst.List: _list_or_set,
        cst.Name: _name,
        cst.NamedExpr: _named,
        cst.Set: _list_or_set,
        cst.StarredElement: _starred,
        cst.Subscript: _subscript,
        cst.Tuple: _tuple,
        cst.UnaryOperation: _unary,
        cst.Yield: _yield,
    }
)
