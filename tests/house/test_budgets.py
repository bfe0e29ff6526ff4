"""Small files, small functions, one guard each: the budgets of this house."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "server" / "ml_architect"
FILE_LINES = 460
VOCABULARIES = {"syntax/nodes.py"}  # some forty node classes of a few lines each, and nothing else
FUNCTION_LINES = 60
GUARDS = {"engine/guard.py", "cli/main.py", "lsp", "architect/model/worker.py", "trial/sandbox.py"}


def modules() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")


def test_files_are_small() -> None:
    sizes = {name: text.count("\n") for name, text in modules()}
    assert {name: size for name, size in sizes.items() if size > FILE_LINES and name not in VOCABULARIES} == {}


def test_functions_are_small() -> None:
    large = []
    for name, text in modules():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    large.append(f"{name}: {node.name} has {lines} lines")
    assert large == []


def test_broad_handlers_stand_in_the_guards_only() -> None:
    outside = []
    for name, text in modules():
        handlers = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler)]
        outside += [f"{name}:{node.lineno}" for node in handlers if is_broad(node) and not is_guard(name)]
    assert outside == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    raises_again = any(isinstance(node, ast.Raise) and node.exc is None for node in handler.body)
    named = handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}
    return named and not raises_again


def is_guard(name: str) -> bool:
    return name in GUARDS or name.partition("/")[0] in GUARDS


def test_no_rule_is_named_outside_of_its_own_file() -> None:
    names = {path.stem.replace("_", "-") for path in (PACKAGE / "rules").rglob("*/*.py") if path.stem != "__init__"}
    rooms = ("engine/", "project/", "lsp/", "facts/", "rewrite/", "syntax/", "text/", "catalog/")
    named = [
        f"{name}: {rule}" for name, text in modules() if name.startswith(rooms) for rule in names if f'"{rule}"' in text
    ]
    assert named == []
