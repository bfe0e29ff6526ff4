"""Asks the installed packages of the user's interpreter whether what an answer calls exists, and takes its arguments.

Only when the user permits running code: to look into a package it has to be imported, in that other process.
"""

import ast
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ml_architect.architect.answers import CodeFile, Fault, FaultKind
from ml_architect.architect.reply.packages import unknown_imports
from ml_architect.architect.wider.dangers import Names
from ml_architect.architect.wider.running import RunLimits, executed
from ml_architect.catalog import load_catalog

__all__ = ["probed"]

_MOST = 60
"""Names that are looked up."""
_SECONDS = 60.0
_SCRIPT = """\
import importlib, inspect, json, sys

def found(name):
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            if count == 1:
                return "absent", None
            continue
        for part in parts[count:]:
            if not hasattr(value, part):
                return "missing", None
            value = getattr(value, part)
        return "there", value
    return "absent", None

def wrong(name, positional, keywords):
    state, value = found(name)
    if state == "missing":
        return "does not exist in the installed package"
    if state == "absent" or not callable(value):
        return ""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (ValueError, TypeError):
        return ""
    kinds = {item.kind for item in parameters}
    names = {item.name for item in parameters if item.kind in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY)}
    places = [item for item in parameters if item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD)]
    if not any(kind.name == "VAR_KEYWORD" for kind in kinds):
        for keyword in keywords:
            if keyword not in names:
                return "has no parameter `%s` in the installed package" % keyword
    if not any(kind.name == "VAR_POSITIONAL" for kind in kinds) and positional > len(places):
        return "takes %d positional arguments at most in the installed package" % len(places)
    return ""

calls = json.loads(open("calls.json", encoding="utf-8").read())
result = [wrong(*call) for call in calls]
open("wrong.json", "w", encoding="utf-8").write(json.dumps(result))
"""


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    positional: int
    keywords: tuple[str, ...]
    line: int


def probed(files: Sequence[CodeFile], interpreter: Path) -> tuple[CodeFile, ...]:
    """Return `files` with what the installed packages do not know; a file that is unsafe is left as it is."""
    calls: dict[str, list[_Call]] = {
        file.name: _calls(file)[:_MOST] for file in files if file.is_python and not file.is_unsafe
    }
    asked = [call for some in calls.values() for call in some]
    if not asked:
        return tuple(files)
    told = dict(zip(map(id, asked), _answers(asked, interpreter), strict=False))
    return tuple(_with(file, calls.get(file.name, []), told) for file in files)


def _with(file: CodeFile, calls: Sequence[_Call], told: Mapping[int, str]) -> CodeFile:
    wrong = [
        Fault(FaultKind.ARGUMENTS, f"`{call.name}` {told[id(call)]}", call.line) for call in calls if told.get(id(call))
    ]
    return replace(file, faults=tuple(dict.fromkeys((*file.faults, *wrong))))


def _calls(file: CodeFile) -> list[_Call]:
    """Return the calls of well-known packages that our catalogue does not describe."""
    try:
        tree = ast.parse(file.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    names, catalog = Names(tree), load_catalog()
    found: list[_Call] = []
    for node in ast.walk(tree):
        name = names.qualified(node.func) if isinstance(node, ast.Call) else None
        if not isinstance(node, ast.Call) or name is None or "." not in name or name.startswith("builtins."):
            continue
        symbol = catalog.symbol(name)
        described = symbol is not None and symbol.parameters is not None
        if described or unknown_imports({name.partition(".")[0]}):
            continue
        keywords = tuple(item.arg for item in node.keywords if item.arg)
        spread = any(isinstance(item, ast.Starred) for item in node.args)
        found.append(_Call(name, 0 if spread else len(node.args), keywords, node.lineno))
    return found


def _answers(calls: Sequence[_Call], interpreter: Path) -> list[str]:
    """Return what is wrong with each call, nothing where the packages could not be asked."""
    with tempfile.TemporaryDirectory(prefix="ml-architect-probe-", ignore_cleanup_errors=True) as folder:
        asked = json.dumps([[call.name, call.positional, call.keywords] for call in calls])
        Path(folder, "calls.json").write_text(asked, encoding="utf-8")
        Path(folder, "probe.py").write_text(_SCRIPT, encoding="utf-8")
        executed("probe", ("probe.py",), interpreter, Path(folder), RunLimits(seconds=_SECONDS))
        try:
            answers = json.loads(Path(folder, "wrong.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
    return [str(answer) for answer in answers]
