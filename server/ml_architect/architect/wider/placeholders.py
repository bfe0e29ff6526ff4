"""Whether a file is complete: no body that does nothing, and no comment that stands for code that was left out."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from ml_architect.architect.answers import Fault, FaultKind

__all__ = ["placeholders"]

_LEFT_OUT = re.compile(
    r"\b(?:TODO|FIXME|XXX)\b"
    r"|\byour\s+(?:own\s+)?(?:code|implementation|logic|model|dataset|data|training\s+loop)\s+(?:goes\s+|comes\s+)?here\b"
    r"|\b(?:code|implementation|logic|model|dataset|data|training\s+loop)\s+goes\s+here\b"
    r"|^#\s*(?:add|insert|put|write|implement|fill\s+in|replace)\b.{0,40}\bhere[\s.:!\u2026]*$"
    r"|\b(?:implement|fill\s+in|replace|complete)\s+this\s+(?:part|function|method|class)\b"
    r"|\brest\s+of\s+(?:the\s+|your\s+)?(?:code|file|script|class|function|training|implementation)\b"
    r"|\b(?:same|unchanged|as)\s+(?:as\s+)?(?:before|above)\b.{0,20}(?:\.\.\.|\u2026)"
    r"|\b(?:existing|previous|remaining|other)\s+(?:code|methods|layers|functions)\b"
    r".{0,20}(?:(?:\.\.\.|\u2026)[\s.]*$|\bhere[\s.]*$|\bunchanged[\s.]*$)"
    r"|\b(?:omitted|elided|left\s+out)\s+for\s+(?:brevity|clarity|length)\b"
    r"|^#\s*(?:\.\.\.|\u2026)",
    re.IGNORECASE,
)
_DELIBERATE = re.compile(r"\b(?:nothing|no-?op|not\s+needed|ignored?|discards?)\b", re.IGNORECASE)
"""Words of a docstring or comment that say that a body does nothing on purpose."""
_ABSTRACT = frozenset({"abstractmethod", "overload", "abstractproperty"})
_MAY_DO_NOTHING = frozenset({"__exit__", "__aexit__"})


def placeholders(text: str, tree: ast.Module) -> Iterator[Fault]:
    """Yield what stands in `text` in the place of code that is not there."""
    declared = _declared(tree)
    rows = text.split("\n")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            empty = _empty(node.body)
            if not empty:
                yield from _elided(node.body)
            elif not (node in declared or _is_abstract(node) or _is_deliberate(node, rows)):
                yield Fault(FaultKind.PLACEHOLDER, f"`{node.name}` has no body but {empty}", node.lineno)
        elif isinstance(node, ast.ClassDef):
            if not node.bases and not node.decorator_list and _empty(node.body):
                yield Fault(FaultKind.PLACEHOLDER, f"the class `{node.name}` is empty", node.lineno)
        elif isinstance(node, ast.Module | ast.If | ast.For | ast.While | ast.With | ast.Try):
            yield from _elided(node.body)
    yield from _comments(text)


def _declared(tree: ast.Module) -> set[ast.AST]:
    """Return the methods that are there to be written elsewhere: of protocols, and those that a subclass defines."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    written: dict[str, set[str]] = {}
    for node in classes:
        for base in _base_names(node):
            written.setdefault(base, set()).update(item.name for item in _methods(node))
    return {
        item
        for node in classes
        for item in _methods(node)
        if "Protocol" in _base_names(node) or item.name in written.get(node.name, ())
    }


def _base_names(node: ast.ClassDef) -> set[str]:
    """Return the last names of the bases, without what stands in brackets."""
    bare = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in bare}


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]


def _is_deliberate(node: ast.FunctionDef | ast.AsyncFunctionDef, rows: list[str]) -> bool:
    """Return whether a function without `...` or an error says that it does nothing, or may always do nothing."""
    if any(_is_ellipsis(item) or _is_not_implemented(item) for item in node.body):
        return False
    words = "\n".join(rows[node.lineno : node.end_lineno])
    return node.name in _MAY_DO_NOTHING or bool(_DELIBERATE.search(words))


def _elided(body: list[ast.stmt]) -> Iterator[Fault]:
    for item in body:
        if _is_ellipsis(item):
            yield Fault(FaultKind.PLACEHOLDER, "`...` stands in the place of code", item.lineno)


def _empty(body: list[ast.stmt]) -> str:
    """Return what a body that does nothing consists of, an empty text where it does something."""
    rest = [item for item in body if not _is_text(item)]
    if not rest:
        return "its description"
    if all(_is_ellipsis(item) for item in rest):
        return "`...`"
    if all(isinstance(item, ast.Pass) for item in rest):
        return "`pass`"
    return "`raise NotImplementedError`" if len(rest) == 1 and _is_not_implemented(rest[0]) else ""


def _is_text(item: ast.stmt) -> bool:
    return isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant) and isinstance(item.value.value, str)


def _is_ellipsis(item: ast.stmt) -> bool:
    return isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant) and item.value.value is ...


def _is_not_implemented(item: ast.stmt) -> bool:
    if not isinstance(item, ast.Raise) or item.exc is None:
        return False
    raised = item.exc.func if isinstance(item.exc, ast.Call) else item.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _is_abstract(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = (item.attr if isinstance(item, ast.Attribute) else getattr(item, "id", "") for item in node.decorator_list)
    return any(name in _ABSTRACT for name in names)


def _comments(text: str) -> Iterator[Fault]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):  # it parses, but not for the tokenizer of this version
        return
    for token in tokens:
        if token.type == tokenize.COMMENT and _LEFT_OUT.search(token.string):
            yield Fault(FaultKind.PLACEHOLDER, "a comment stands for code that is not there", token.start[0])
