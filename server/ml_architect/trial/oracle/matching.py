"""Finds code that a case speaks of: a snippet matches nodes of its shape, and ``ANY`` stands for any expression."""

import ast
from collections.abc import Iterable, Iterator

__all__ = [
    "ANY",
    "alternatives",
    "function_named",
    "is_one_of",
    "is_same",
    "matches",
    "nodes_in_order",
    "pattern",
    "patterns",
]

ANY = "ANY"
OR = "||"
"""Stands between codes of which one has to match."""
_IGNORED = frozenset({"ctx", "type_comment", "kind"})


def pattern(code: str) -> ast.AST:
    """Return the one statement that `code` holds, or its expression if it is nothing else.

    Raises:
        ValueError: if `code` is not one statement, or is no Python.
    """
    try:
        body = ast.parse(code).body
    except SyntaxError:
        body = []
    if len(body) != 1:
        message = f"not one statement: {code!r}"
        raise ValueError(message)
    only = body[0]
    return only.value if isinstance(only, ast.Expr) else only


def patterns(codes: Iterable[str]) -> tuple[ast.AST, ...]:
    """Return `pattern` of each."""
    return tuple(pattern(code) for code in codes)


def alternatives(code: str) -> tuple[ast.AST, ...]:
    """Return the patterns of codes with ``||`` between them."""
    return patterns(part.strip() for part in code.split(OR))


def is_one_of(wanted: Iterable[ast.AST], found: ast.AST) -> bool:
    """Return whether `found` has the shape of one of the patterns."""
    return any(is_same(one, found) for one in wanted)


def is_same(wanted: object, found: object) -> bool:
    """Return whether `found` has the shape of `wanted`; places and contexts of expressions do not count."""
    if isinstance(wanted, ast.Name) and wanted.id == ANY:
        return isinstance(found, ast.expr)
    if isinstance(wanted, ast.AST):
        if type(wanted) is not type(found):
            return False
        return all(
            is_same(getattr(wanted, name, None), getattr(found, name, None))
            for name in wanted._fields
            if name not in _IGNORED
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(wanted) == len(found)
            and all(is_same(one, other) for one, other in zip(wanted, found, strict=True))
        )
    return type(wanted) is type(found) and wanted == found


def nodes_in_order(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes below `tree` in the order of the text (parents before what they hold)."""
    waiting = list(ast.iter_child_nodes(tree))[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += list(ast.iter_child_nodes(node))[::-1]


def matches(code: str, tree: ast.AST) -> list[ast.AST]:
    """Return the nodes below `tree` that match `code`, or one of its alternatives, in the order of the text."""
    wanted = alternatives(code)
    return [node for node in nodes_in_order(tree) if is_one_of(wanted, node)]


def function_named(tree: ast.AST, name: str) -> ast.AST | None:
    """Return the function or method of this name, the whole `tree` for an empty one, None where there is none."""
    if not name:
        return tree
    return next(
        (
            node
            for node in nodes_in_order(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        ),
        None,
    )
