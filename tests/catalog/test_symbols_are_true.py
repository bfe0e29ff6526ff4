"""The catalogue says of each symbol what the installed library says."""

import ast
from typing import Any

import pytest

from ml_architect.catalog import Symbol, load_catalog

pytestmark = pytest.mark.frameworks


def test_every_symbol_exists(installed):
    missing = [name for name, answer in installed.symbols.items() if answer["found"] is False]
    assert missing == []


def test_every_signature_is_the_installed_one(installed):
    wrong = {}
    for name, answer in installed.symbols.items():
        symbol = load_catalog().symbols[name]
        if symbol.parameters is not None and (difference := _difference(symbol, answer["signature"])):
            wrong[name] = difference
    assert wrong == {}


def _difference(symbol: Symbol, signature: dict[str, Any] | None) -> str | None:
    """Return how the catalogue differs from the library, None where the library hides its signature."""
    if signature is None or signature["bare"]:
        return None
    if symbol.accepts_extra is not signature["extra"]:
        return f"takes more: {symbol.accepts_extra} here, {signature['extra']} there"
    ours = [[spec.name, _same(spec.default), spec.keyword_only] for spec in symbol.parameters or ()]
    theirs = [[name, _same(default), keyword_only] for name, default, keyword_only in signature["parameters"]]
    if ours == theirs:
        return None
    return f"here {[x for x in ours if x not in theirs]}, there {[x for x in theirs if x not in ours]}"


def _same(default: str | None) -> str | None:
    """Return one spelling for equal literals."""
    if default is None or default == "...":
        return default
    try:
        return repr(ast.literal_eval(default))
    except (ValueError, SyntaxError):
        return default
