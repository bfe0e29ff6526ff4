"""Lowering of comprehensions and generator expressions."""

from typing import Literal

import libcst as cst

from ml_architect.syntax.lowering.cursor import Cursor, LoweringTable
from ml_architect.syntax.nodes import Comprehension, ComprehensionFor, Expression


def _bracketed(at: Cursor, node: cst.ListComp | cst.SetComp) -> Comprehension:
    kind: Literal["list", "set"] = "list" if isinstance(node, cst.ListComp) else "set"
    start = at.start()
    at.index += 1
    element = at.expression(node.elt)
    generators = _generators(at, node.for_in)
    at.index += 1
    return Comprehension(at.piece, start, at.end(), kind, None, element, generators)


def _dict(at: Cursor, node: cst.DictComp) -> Comprehension:
    start = at.start()
    at.index += 1
    key = at.expression(node.key)
    at.index += 1
    value = at.expression(node.value)
    generators = _generators(at, node.for_in)
    at.index += 1
    return Comprehension(at.piece, start, at.end(), "dict", key, value, generators)


def _generator(at: Cursor, node: cst.GeneratorExp) -> Comprehension:
    """Lower a generator; its own parentheses belong to it, those of a call around it do not."""
    start = at.starts[at.index - 1] if node.lpar else at.start()
    element = at.expression(node.elt)
    generators = _generators(at, node.for_in)
    end = at.ends[at.index] if node.lpar else at.end()
    return Comprehension(at.piece, start, end, "generator", None, element, generators)


def _generators(at: Cursor, first: cst.CompFor) -> tuple[ComprehensionFor, ...]:
    result: list[ComprehensionFor] = []
    node: cst.CompFor | None = first
    while node is not None:
        start = at.start()
        at.accept("async")
        at.index += 1
        target = at.expression(node.target)
        at.index += 1
        iterable = at.expression(node.iter)
        conditions = []
        for condition in node.ifs:
            at.index += 1
            conditions.append(at.expression(condition.test))
        result.append(ComprehensionFor(at.piece, start, at.end(), target, iterable, tuple(conditions)))
        node = node.inner_for_in
    return tuple(result)


TABLE: LoweringTable[Expression] = LoweringTable(
    {
        cst.DictComp: _dict,
        cst.GeneratorExp: _generator,
        cst.ListComp: _bracketed,
        cst.SetComp: _bracketed,
    }
)
