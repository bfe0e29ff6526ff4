"""The oracle: whether a repaired text is what a case expects."""

import ast
import io
import tokenize
from functools import lru_cache

from ml_architect.trial.oracle.erasing import rest_of
from ml_architect.trial.oracle.expectation import Expectation, Freedom
from ml_architect.trial.oracle.predicates import broken

__all__ = ["problems_of"]


def problems_of(before: str, after: str, expectation: Expectation) -> tuple[str, ...]:
    """Return what is wrong with `after` as a repair of `before`, nothing where it is right."""
    try:
        repaired = ast.parse(after)
    except (SyntaxError, ValueError):
        return ("it does not parse",)
    imported, comments, rest = _original(before, expectation.free)
    found = list(broken(repaired, expectation))
    if not imported <= _imported(repaired):
        found.append("an import is gone")
    if comments != _comments(after):
        found.append("comments were changed")
    if rest != rest_of(repaired, expectation.free):
        found.append("something else was changed")
    return tuple(found)


@lru_cache(maxsize=256)
def _original(before: str, free: Freedom) -> tuple[frozenset[str], list[str], str]:
    """Return imports, comments and the rest of a text, which is judged often."""
    tree = ast.parse(before)
    return frozenset(_imported(tree)), _comments(before), rest_of(tree, free)


def _imported(tree: ast.Module) -> set[str]:
    """Return what is imported, as ``module.name as alias``."""
    return {
        ast.unparse(each) if isinstance(node, ast.Import) else f"{node.module}.{ast.unparse(each)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for each in node.names
    }


def _comments(text: str) -> list[str]:
    """Return the comments of a text that parses, sorted, since a repair may move a line with its comment."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sorted(token.string for token in tokens if token.type == tokenize.COMMENT)
