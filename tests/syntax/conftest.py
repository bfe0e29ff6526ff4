from dataclasses import fields
from pathlib import Path

import pytest

from ml_architect.syntax.nodes import Node

PLACES = {"start", "end", "attr_start", "open", "close", "name_start"}
CASES = Path(__file__).parent / "cases"
PRODUCT = Path(__file__).parents[2] / "server" / "ml_architect"


def dumped(value, bases):
    """Everything about a tree with places in the document, so that two trees can be compared."""
    if isinstance(value, tuple):
        return tuple(dumped(item, bases) for item in value)
    if not isinstance(value, Node):
        return repr(value)
    base = bases(value.piece)
    parts = [type(value).__name__]
    for field in fields(value):
        content = getattr(value, field.name)
        if field.name in PLACES:
            parts.append((field.name, base + content))
        elif field.name != "piece":
            parts.append((field.name, dumped(content, bases)))
    return tuple(parts)


@pytest.fixture(scope="session")
def dump():
    return lambda module: dumped(module.body, module.bases.__getitem__)


@pytest.fixture(scope="session")
def dump_statements():
    return lambda statements: dumped(statements, lambda _piece: 0)


@pytest.fixture(scope="session")
def constructs():
    return (CASES / "constructs.py").read_text("utf-8")


@pytest.fixture(scope="session")
def training():
    return (CASES / "training.py").read_text("utf-8")


@pytest.fixture(scope="session")
def texts(constructs, training):
    own = [path.read_text("utf-8") for path in sorted((PRODUCT / "syntax").rglob("*.py"))]
    windows = training.replace("\n", "\r\n")
    tabs = training.replace("    ", "\t")
    return [constructs, training, windows, training.replace("\n", "\r"), tabs, *own]
