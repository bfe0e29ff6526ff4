"""Lowering of compound statements and of the blocks in them."""

from collections.abc import Sequence

import libcst as cst

from ml_architect.syntax.lowering.cursor import Cursor, LoweringTable
from ml_architect.syntax.lowering.expressions import argument, parameters
from ml_architect.syntax.lowering.patterns import Pattern
from ml_architect.syntax.lowering.statements import simple_statements
from ml_architect.syntax.nodes import (
    Argument,
    Case,
    ClassDef,
    Expression,
    For,
    FunctionDef,
    Handler,
    If,
    Match,
    Statement,
    Try,
    While,
    With,
    WithItem,
)


def statements(at: Cursor, nodes: Sequence[cst.CSTNode]) -> tuple[Statement, ...]:
    """Lower the statements of one block."""
    result: list[Statement] = []
    for node in nodes:
        if isinstance(node, cst.SimpleStatementLine):
            result += simple_statements(at, node.body)
        else:
            result.append(compound_statement(at, node))
    return tuple(result)


def compound_statement(at: Cursor, node: cst.CSTNode) -> Statement:
    """Lower one compound statement with all its clauses."""
    return _TABLE[type(node)](at, node)


def suite(at: Cursor, node: cst.BaseSuite) -> tuple[Statement, ...]:
    """Lower what stands behind a header: its colon, and a block or simple statements."""
    at.index += 1
    if isinstance(node, cst.SimpleStatementSuite):
        return tuple(simple_statements(at, node.body))
    return statements(at, tuple(node.body))


def _last_end(at: Cursor, *blocks: "Sequence[Statement | Handler | Case]") -> int:
    """Return where the last statement of the last block that has any ends (a semicolon is not part of it)."""
    for block in reversed(blocks):
        if block:
            return block[-1].end
    return at.end()


def clause(at: Cursor, node: cst.Else | cst.Finally | None) -> tuple[Statement, ...]:
    """Lower an ``else`` or ``finally`` that may be missing."""
    if node is None:
        return ()
    at.index += 1
    return suite(at, node.body)


def _decorators(at: Cursor, nodes: Sequence[cst.Decorator]) -> tuple[Expression, ...]:
    result: list[Expression] = []
    for node in nodes:
        at.index += 1
        result.append(at.expression(node.decorator))
    return tuple(result)


def _function(at: Cursor, node: cst.FunctionDef) -> FunctionDef:
    decorators = _decorators(at, node.decorators)
    start = at.start()
    is_async = at.accept("async")
    at.index += 1
    name_start = at.start()
    at.index += 1
    if node.type_parameters is not None:
        at.skip_brackets()
    at.index += 1
    accepted = parameters(at, node.params)
    at.index += 1
    returns: Expression | None = None
    if node.returns is not None:
        at.index += 1
        returns = at.expression(node.returns.annotation)
    body = suite(at, node.body)
    end = _last_end(at, body)
    return FunctionDef(at.piece, start, end, node.name.value, name_start, accepted, decorators, returns, body, is_async)


def _class(at: Cursor, node: cst.ClassDef) -> ClassDef:
    decorators = _decorators(at, node.decorators)
    start = at.start()
    at.index += 1
    name_start = at.start()
    at.index += 1
    if node.type_parameters is not None:
        at.skip_brackets()
    arguments: tuple[Argument, ...] = ()
    if at.accept("("):
        arguments = tuple([argument(at, item) for item in (*node.bases, *node.keywords)])
        at.index += 1
    body = suite(at, node.body)
    return ClassDef(at.piece, start, _last_end(at, body), node.name.value, name_start, arguments, decorators, body)


def if_statement(at: Cursor, node: cst.If) -> If:
    """Lower ``if`` or ``elif`` with what follows it."""
    chain: list[tuple[int, Expression, tuple[Statement, ...]]] = []
    rest: cst.If | cst.Else | None = node
    while isinstance(rest, cst.If):
        start = at.start()
        at.index += 1
        test = at.expression(rest.test)
        chain.append((start, test, suite(at, rest.body)))
        rest = rest.orelse
    orelse = clause(at, rest)
    end = _last_end(at, chain[-1][2], orelse)
    for start, test, body in reversed(chain):
        result = If(at.piece, start, end, test, body, orelse)
        orelse = (result,)
    return result


def _for(at: Cursor, node: cst.For) -> For:
    start = at.start()
    is_async = at.accept("async")
    at.index += 1
    target = at.expression(node.target)
    at.index += 1
    iterable = at.expression(node.iter)
    body = suite(at, node.body)
    orelse = clause(at, node.orelse)
    return For(at.piece, start, _last_end(at, body, orelse), target, iterable, body, orelse, is_async)


def _while(at: Cursor, node: cst.While) -> While:
    start = at.start()
    at.index += 1
    test = at.expression(node.test)
    body = suite(at, node.body)
    orelse = clause(at, node.orelse)
    return While(at.piece, start, _last_end(at, body, orelse), test, body, orelse)


def _with(at: Cursor, node: cst.With) -> With:
    start = at.start()
    is_async = at.accept("async")
    at.index += 1
    parentheses = int(isinstance(node.lpar, cst.LeftParen))
    at.index += parentheses
    items: list[WithItem] = []
    for item in node.items:
        item_start = at.start()
        context = at.expression(item.item)
        target: Expression | None = None
        if item.asname is not None:
            at.index += 1
            target = at.expression(item.asname.name)
        items.append(WithItem(at.piece, item_start, at.end(), context, target))
        at.accept(",")
    at.index += parentheses
    body = suite(at, node.body)
    return With(at.piece, start, _last_end(at, body), tuple(items), body, is_async)


def _try(at: Cursor, node: cst.Try | cst.TryStar) -> Try:
    start = at.start()
    at.index += 1
    body = suite(at, node.body)
    handlers = tuple([handler(at, item) for item in node.handlers])
    orelse = clause(at, node.orelse)
    final = clause(at, node.finalbody)
    return Try(at.piece, start, _last_end(at, body, handlers, orelse, final), body, handlers, orelse, final)


def handler(at: Cursor, node: cst.ExceptHandler | cst.ExceptStarHandler) -> Handler:
    """Lower one ``except`` clause."""
    start = at.start()
    at.index += 1
    at.accept("*")
    caught = at.optional(node.type)
    name = None
    if node.name is not None:
        at.index += 1
        name = at.take()
    body = suite(at, node.body)
    return Handler(at.piece, start, _last_end(at, body), caught, name, body)


def _match(at: Cursor, node: cst.Match) -> Match:
    start = at.start()
    at.index += 1
    subject = at.expression(node.subject)
    at.index += 1
    cases = tuple([_case(at, item) for item in node.cases])
    return Match(at.piece, start, _last_end(at, cases), subject, cases)


def _case(at: Cursor, node: cst.MatchCase) -> Case:
    start = at.start()
    at.index += 1
    pattern = Pattern()
    pattern.add(at, node.pattern)
    at.accept(",")
    if node.guard is not None:
        at.index += 1
        pattern.parts.append(at.expression(node.guard))
    body = suite(at, node.body)
    return Case(at.piece, start, _last_end(at, body), tuple(pattern.parts), tuple(pattern.captures), body)


_TABLE: LoweringTable[Statement] = LoweringTable(
    {
        cst.ClassDef: _class,
        cst.For: _for,
        cst.FunctionDef: _function,
        cst.If: if_statement,
        cst.Match: _match,
        cst.Try: _try,
        cst.TryStar: _try,
        cst.While: _while,
        cst.With: _with,
    }
)
