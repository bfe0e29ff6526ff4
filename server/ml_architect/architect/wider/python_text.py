"""Whether a text is Python that can start: it parses, and each name that it reads has a meaning. Nothing is run.

CPython itself answers: `compile` without executing, and its own analysis of scopes (`symtable`).
"""

import ast
import builtins
import symtable
import warnings
from collections.abc import Iterator

from ml_architect.architect.answers import Fault, FaultKind

__all__ = ["parsed", "undefined_names"]

_ALWAYS = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__doc__",
    "__spec__",
    "__loader__",
    "__package__",
    "__annotations__",
    "__builtins__",
    "__class__",
    "__module__",
    "__qualname__",
    "__path__",
    "__debug__",
}


def parsed(text: str) -> ast.Module | Fault:
    """Return the syntax tree of `text`, or why Python does not take it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            compile(tree, "<answer>", "exec", dont_inherit=True)  # finds a return outside of a function, too
    except SyntaxError as error:
        return Fault(FaultKind.SYNTAX, error.msg or "no Python", error.lineno or 0)
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(FaultKind.SYNTAX, f"Python cannot read it ({type(error).__name__})")
    return tree


def undefined_names(text: str, tree: ast.Module) -> Iterator[Fault]:
    """Yield each name that is read although nothing in `text` gives it a meaning, where it is read first.

    A star import may give any name a meaning, so it is a fault of its own, and ends the search.
    """
    star = next((node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and _is_star(node)), None)
    if star is not None:
        yield Fault(FaultKind.NAMES, f"`from {star.module} import *` hides where names come from", star.lineno)
        return
    table = symtable.symtable(text, "<answer>", "exec")
    known = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    known |= {name for scope in _scopes(table) for name in _made_global(scope)} | _ALWAYS
    # from 3.13 on a scope no longer says that ``:=`` in a comprehension assigns to the scope around it
    known |= {node.target.id for node in ast.walk(tree) if isinstance(node, ast.NamedExpr)}
    missing = {name for scope in _scopes(table) for name in _read_globals(scope)} - known
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in missing:
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    for name in sorted(missing, key=lambda name: (lines.get(name, 0), name)):
        yield Fault(FaultKind.NAMES, f"`{name}` is defined or imported nowhere", lines.get(name, 0))


def _is_star(node: ast.ImportFrom) -> bool:
    return any(item.name == "*" for item in node.names)


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _made_global(scope: symtable.SymbolTable) -> Iterator[str]:
    for symbol in scope.get_symbols():
        if symbol.is_declared_global() and (symbol.is_assigned() or symbol.is_imported()):
            yield symbol.get_name()


def _read_globals(scope: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names that a scope reads and that no function around it defines."""
    for symbol in scope.get_symbols():
        own = scope.get_type() == "module" or symbol.is_global()
        if symbol.is_referenced() and own and not (symbol.is_assigned() or symbol.is_imported()):
            yield symbol.get_name()
