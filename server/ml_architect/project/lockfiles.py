"""Versions that lock files pin."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ml_architect.project.requirement import Declared, declared, declared_pin, poetry_specifier

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["LOCK_FILES"]

_CONDA_LINE = re.compile(
    r"^\s*-\s*[\"']?(?:[\w.-]+::)?(?P<name>[\w.-]+)\s*(?P<version>[=<>!~][^#\"'\s]*(?:\s*,\s*[^#\"'\s]+)*)?"
)
_CONDA_BUILD = re.compile(r"^(=[^=,<>]+)=.*$")


def _toml_packages(text: str) -> Iterator[Declared]:
    """Yield the pins of uv.lock, poetry.lock, pdm.lock (``package``) and pylock.toml (``packages``)."""
    document = tomllib.loads(text)
    packages = document.get("package") or document.get("packages") or []
    for package in packages if isinstance(packages, list) else []:
        yield from _pin(package)


def _pin(package: object) -> Iterator[Declared]:
    if isinstance(package, Mapping):
        name, version = package.get("name"), package.get("version")
        if isinstance(name, str) and isinstance(version, str):
            found = declared_pin(name, version)
            if found:
                yield found


def _pipfile_packages(text: str) -> Iterator[Declared]:
    document = json.loads(text)
    for section in ("default", "develop"):
        packages: Any = document.get(section) if isinstance(document, dict) else None
        for name, entry in packages.items() if isinstance(packages, dict) else ():
            version = entry.get("version") if isinstance(entry, dict) else None
            found = declared_pin(name, version) if isinstance(version, str) else None
            if found:
                yield found


def _conda_packages(text: str) -> Iterator[Declared]:
    """Yield the simple entries of an environment.yml: ``- pytorch=2.4.1`` and, below ``- pip:``, ``- torch==2.4.1``."""
    for line in text.splitlines():
        match = _CONDA_LINE.match(line)
        if match is None or not match["version"]:
            continue
        version = _CONDA_BUILD.sub(r"\1", match["version"].replace(" ", ""))
        found = declared(match["name"] + poetry_specifier(version))
        if found:
            yield found


LOCK_FILES: Final[Mapping[str, Callable[[str], Iterator[Declared]]]] = {
    "uv.lock": _toml_packages,
    "poetry.lock": _toml_packages,
    "pdm.lock": _toml_packages,
    "pylock.toml": _toml_packages,
    "Pipfile.lock": _pipfile_packages,
    "environment.yml": _conda_packages,
    "environment.yaml": _conda_packages,
}
"""Name of each kind of lock file and what reads its text; the readers raise ValueError where it is none."""
