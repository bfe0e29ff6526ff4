"""Versions that a project declares: requirements files, pyproject.toml, setup.cfg and setup.py."""

import ast
import configparser
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ml_architect.project.requirement import Declared, declared, declared_pin, poetry_specifier

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["DECLARATIONS", "REQUIREMENTS_PATTERNS", "included", "requirements"]

REQUIREMENTS_PATTERNS: Final = ("requirements*.txt", "requirements/*.txt")
_CONTINUED = re.compile(r"\\\r?\n")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_OPTION = re.compile(r"\s--?\w.*")
_INCLUDE = re.compile(r"^\s*(?:-r|--requirement)[ =]*([^\s#]+)", re.MULTILINE)


def requirements(text: str) -> Iterator[Declared]:
    """Yield what the lines of a requirements file say; options, links and editable installs do not count."""
    for line in _CONTINUED.sub(" ", text).splitlines():
        bare = _OPTION.sub("", _COMMENT.sub("", line)).strip()
        if bare and not bare.startswith("-"):
            yield from _known([bare])


def included(text: str) -> tuple[str, ...]:
    """Return the files that a requirements file takes in with ``-r``, as they are written: relative to its folder."""
    return tuple(_INCLUDE.findall(text))


def _pyproject(text: str) -> Iterator[Declared]:
    document = tomllib.loads(text)
    project = _table(document, "project")
    yield from _known(project.get("dependencies"))
    for group in _table(project, "optional-dependencies").values():
        yield from _known(group)
    for group in _table(document, "dependency-groups").values():
        yield from _known(group)
    poetry = _table(_table(document, "tool"), "poetry")
    yield from _poetry(_table(poetry, "dependencies"))
    for group in _table(poetry, "group").values():
        yield from _poetry(_table(group, "dependencies"))


def _poetry(table: Mapping[str, Any]) -> Iterator[Declared]:
    for name, entry in table.items():
        version = entry.get("version") if isinstance(entry, Mapping) else entry
        if isinstance(version, str):
            parts = ",".join(poetry_specifier(part) for part in version.split(",")) if "||" not in version else ""
            found = declared_pin(name, parts)
            if found:
                yield found


def _setup_cfg(text: str) -> Iterator[Declared]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    yield from _known(parser.get("options", "install_requires", fallback="").splitlines())
    if parser.has_section("options.extras_require"):
        for _, lines in parser.items("options.extras_require"):
            yield from _known(lines.splitlines())


def _setup_py(text: str) -> Iterator[Declared]:
    """Yield the literal ``install_requires`` of a call, given in place or by a name of the module."""
    try:
        module = ast.parse(text)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from error
    names = {
        target.id: statement.value
        for statement in module.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            value = names.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            if isinstance(value, ast.List | ast.Tuple):
                yield from _known([item.value for item in value.elts if isinstance(item, ast.Constant)])


def _known(lines: object) -> Iterator[Declared]:
    for line in lines if isinstance(lines, Iterable) and not isinstance(lines, str | bytes) else ():
        found = declared(line.strip()) if isinstance(line, str) else None
        if found:
            yield found


def _table(parent: Any, key: str) -> Mapping[str, Any]:  # noqa: ANN401 - whatever a file holds
    value = parent.get(key) if isinstance(parent, Mapping) else None
    return value if isinstance(value, Mapping) else {}


DECLARATIONS: Final[Mapping[str, Callable[[str], Iterator[Declared]]]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
}
"""Name of each kind of file and what reads its text; the readers raise ValueError where it is none."""
