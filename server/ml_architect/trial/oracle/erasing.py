"""Takes out of a syntax tree what a repair may touch, so that two trees can be compared in all the rest."""

import ast

from ml_architect.trial.oracle.expectation import Freedom
from ml_architect.trial.oracle.matching import is_same, pattern, patterns

__all__ = ["dotted", "rest_of"]


def rest_of(tree: ast.Module, free: Freedom) -> str:
    """Return a dump of `tree` without what is `free`; `tree` is changed."""
    return ast.dump(_Eraser(free).visit(tree))


def dotted(node: ast.expr) -> str:
    """Return the dotted name that an expression is, empty if it is none; calls within it count as their callee."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return ""


class _Eraser(ast.NodeTransformer):
    """Removes statements, arguments, contexts and imports, and writes one name for each group of expressions."""

    def __init__(self, free: Freedom) -> None:
        self._statements = patterns(free.statements)
        self._keywords = [tuple(entry.split(":")) for entry in free.keywords]
        self._contexts = patterns(free.contexts)
        self._groups = [patterns(group) for group in free.expressions]
        self._imports = frozenset(free.imports)

    def visit(self, node: ast.AST) -> ast.AST:
        """Return what is left of `node`."""
        for number, group in enumerate(self._groups):
            if isinstance(node, ast.expr) and any(is_same(one, node) for one in group):
                return ast.Name(f"<group {number}>", ast.Load())
        kept = self.generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(kept, name, None)
            if isinstance(block, list):
                setattr(kept, name, self._block(block))
        return self._without(kept)

    def _block(self, block: list[ast.stmt]) -> list[ast.stmt]:
        """Return the statements of a block that stay; those under a free context stand in its place."""
        left: list[ast.stmt] = []
        for statement in block:
            if isinstance(statement, ast.With | ast.AsyncWith) and not statement.items:
                left += statement.body
            elif not self._is_free(statement):
                left.append(statement)
        return left

    def _is_free(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return not statement.names
        if isinstance(statement, ast.Pass):
            return True
        content = statement.value if isinstance(statement, ast.Expr) else statement
        return any(is_same(one, content) for one in self._statements)

    def _without(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Call):
            callee = dotted(node.func)
            node.keywords = [one for one in node.keywords if not self._owns(callee, one.arg)]
        elif isinstance(node, ast.With | ast.AsyncWith):
            node.items = [item for item in node.items if item.optional_vars or not self._is_context(item.context_expr)]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.decorator_list = [one for one in node.decorator_list if not self._is_context(one)]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            node.names = [one for one in node.names if prefix + one.name not in self._imports]
        return node

    def _owns(self, callee: str, keyword: str | None) -> bool:
        return any(keyword == name and (callee == end or callee.endswith(f".{end}")) for end, name in self._keywords)

    def _is_context(self, node: ast.expr) -> bool:
        return any(is_same(one, node) for one in self._contexts)


def check(free: Freedom) -> None:
    """Refuse data that cannot be read.

    Raises:
        ValueError: if a code is no single statement, or a keyword names no callee.
    """
    for code in (*free.statements, *free.contexts, *(one for group in free.expressions for one in group)):
        pattern(code)
    for entry in free.keywords:
        if len(entry.split(":")) != 2:  # noqa: PLR2004 - callee and keyword
            message = f"not callee:keyword: {entry!r}"
            raise ValueError(message)
