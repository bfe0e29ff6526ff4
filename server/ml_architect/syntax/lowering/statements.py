"""Lowering of simple statements."""

from collections.abc import Iterable

import libcst as cst

from ml_architect.syntax.lowering.cursor import Cursor, LoweringTable
from ml_architect.syntax.nodes import (
    Assert,
    Assign,
    AugmentedAssign,
    Collection,
    Delete,
    Expression,
    ExpressionStatement,
    Import,
    ImportedName,
    ImportFrom,
    Raise,
    Return,
    ScopeDeclaration,
    Simple,
    Statement,
    Unknown,
)


def simple_statements(at: Cursor, nodes: Iterable[cst.BaseSmallStatement]) -> list[Statement]:
    """Lower the simple statements of one line, with the semicolons between them."""
    result: list[Statement] = []
    for node in nodes:
        result.append(_TABLE[type(node)](at, node))
        at.accept(";")
    return result


def _expression(at: Cursor, node: cst.Expr) -> ExpressionStatement:
    start = at.start()
    value = at.expression(node.value)
    return ExpressionStatement(at.piece, start, at.end(), value)


def _assign(at: Cursor, node: cst.Assign) -> Assign:
    start = at.start()
    targets: list[Expression] = []
    for target in node.targets:
        targets.append(at.expression(target.target))
        at.index += 1
    value = at.expression(node.value)
    return Assign(at.piece, start, at.end(), tuple(targets), value, None)


def _annotated_assign(at: Cursor, node: cst.AnnAssign) -> Assign:
    start = at.start()
    target = at.expression(node.target)
    at.index += 1
    annotation = at.expression(node.annotation.annotation)
    value: Expression | None = None
    if node.value is not None:
        at.index += 1
        value = at.expression(node.value)
    return Assign(at.piece, start, at.end(), (target,), value, annotation)


def _augmented_assign(at: Cursor, node: cst.AugAssign) -> AugmentedAssign:
    start = at.start()
    target = at.expression(node.target)
    operator = at.take()[:-1]
    value = at.expression(node.value)
    return AugmentedAssign(at.piece, start, at.end(), target, operator, value)


def _return(at: Cursor, node: cst.Return) -> Return:
    start = at.start()
    at.index += 1
    value = at.optional(node.value)
    return Return(at.piece, start, at.end(), value)


def _raise(at: Cursor, node: cst.Raise) -> Raise:
    start = at.start()
    at.index += 1
    parts: list[Expression] = []
    if node.exc is not None:
        parts.append(at.expression(node.exc))
    if node.cause is not None:
        at.index += 1
        parts.append(at.expression(node.cause.item))
    return Raise(at.piece, start, at.end(), tuple(parts))


def _assert(at: Cursor, node: cst.Assert) -> Assert:
    start = at.start()
    at.index += 1
    test = at.expression(node.test)
    message: Expression | None = None
    if node.msg is not None:
        at.index += 1
        message = at.expression(node.msg)
    return Assert(at.piece, start, at.end(), test, message)


def _delete(at: Cursor, node: cst.Del) -> Delete:
    start = at.start()
    at.index += 1
    target = at.expression(node.target)
    targets = target.elements if isinstance(target, Collection) and target.kind == "tuple" else (target,)
    return Delete(at.piece, start, at.end(), targets)


def _keyword(at: Cursor, _node: cst.Pass | cst.Break | cst.Continue) -> Simple:
    start = at.start()
    keyword = at.take()
    return Simple(at.piece, start, at.end(), keyword)  # type: ignore[arg-type]  # the node's type says so


def _scope(at: Cursor, node: cst.Global | cst.Nonlocal) -> ScopeDeclaration:
    start = at.start()
    keyword = at.take()
    names: list[str] = []
    for item in node.names:
        names.append(item.name.value)
        at.index += 1
        at.accept(",")
    return ScopeDeclaration(at.piece, start, at.end(), keyword, tuple(names))  # type: ignore[arg-type]  # as above


def _import(at: Cursor, node: cst.Import) -> Import:
    start = at.start()
    at.index += 1
    names = _imported(at, node.names)
    return Import(at.piece, start, at.end(), names)


def _import_from(at: Cursor, node: cst.ImportFrom) -> ImportFrom:
    start = at.start()
    at.index += 1
    while at.accept(".") or at.accept("..."):
        pass
    module = None if node.module is None else _dotted(at)
    at.index += 1
    level = len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        at.index += 1
        return ImportFrom(at.piece, start, at.end(), module, level, (), star=True)
    at.accept("(")
    names = _imported(at, node.names)
    at.accept(")")
    return ImportFrom(at.piece, start, at.end(), module, level, names, star=False)


def _imported(at: Cursor, nodes: Iterable[cst.ImportAlias]) -> tuple[ImportedName, ...]:
    result: list[ImportedName] = []
    for node in nodes:
        start = at.start()
        name = _dotted(at)
        alias = None
        if node.asname is not None:
            at.index += 1
            alias = at.take()
        result.append(ImportedName(at.piece, start, at.end(), name, alias))
        at.accept(",")
    return tuple(result)


def _dotted(at: Cursor) -> str:
    parts = [at.take()]
    while at.accept("."):
        parts.append(at.take())
    return ".".join(parts)


def _type_alias(at: Cursor, node: cst.TypeAlias) -> Assign:
    """Lower ``type Name[T] = value``; the value is not evaluated there, so it says nothing."""
    start = at.start()
    at.index += 1
    target = at.expression(node.name)
    if node.type_parameters is not None:
        at.skip_brackets()
    at.index += 1
    value = at.expression(node.value)
    unevaluated = Unknown(at.piece, value.start, value.end, (value,))
    return Assign(at.piece, start, at.end(), (target,), unevaluated, None)


_TABLE: LoweringTable[Statement] = LoweringTable(
    {
        cst.AnnAssign: _annotated_assign,
        cst.Assert: _assert,
        cst.Assign: _assign,
        cst.AugAssign: _augmented_assign,
        cst.Break: _keyword,
        cst.Continue: _keyword,
        cst.Del: _delete,
        cst.Expr: _expression,
        cst.Global: _scope,
        cst.Import: _import,
        cst.ImportFrom: _import_from,
        cst.Nonlocal: _scope,
        cst.Pass: _keyword,
        cst.Raise: _raise,
        cst.Return: _return,
        cst.TypeAlias: _type_alias,
    }
)
