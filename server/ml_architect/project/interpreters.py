"""Versions of the packages that are installed for an interpreter, read from their metadata; nothing is run."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ml_architect.facts.environment import LibraryVersion
from ml_architect.project.requirement import known_library

__all__ = ["environment_prefixes", "installed_versions"]

_NAMES = (".venv", "venv", "env")
_PACKAGES = ("lib*/python3*/site-packages", "lib*/python3*/dist-packages", "Lib/site-packages")
_DIST_INFO = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)\.dist-info")
_VERSION_LINE = re.compile(r"^Version:\s*(\S+)", re.MULTILINE)
_METADATA_HEAD = 4096


def environment_prefixes(folders: Iterable[Path], interpreter: Path | None, active: str | None) -> Iterator[Path]:
    """Yield the environments to look into: the configured one alone, else those beside `folders`, then the active."""
    if interpreter is not None:
        yield interpreter if interpreter.is_dir() else interpreter.parent.parent
        return
    for folder in folders:
        for name in _NAMES:
            if (folder / name / "pyvenv.cfg").exists():
                yield folder / name
    if active:
        yield Path(active)


def installed_versions(prefix: Path) -> Mapping[str, LibraryVersion]:
    """Return the versions of the libraries that are installed below `prefix`, an environment's folder."""
    found: dict[str, LibraryVersion] = {}
    for pattern in _PACKAGES:
        for folder in sorted(prefix.glob(pattern)):
            try:
                modified = folder.stat().st_mtime_ns
            except OSError:
                continue
            for library, version in _packages(folder, modified):
                origin = f"{library} {version} installed in {prefix}"
                found.setdefault(library, LibraryVersion(origin, exact=version))
    return found


@lru_cache(maxsize=32)
def _packages(folder: Path, _modified: int) -> tuple[tuple[str, str], ...]:
    """Return library and version for each known package in `folder`; kept while the folder does not change."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return ()
    found: list[tuple[str, str]] = []
    for entry in entries:
        match = _DIST_INFO.fullmatch(entry.name)
        library = known_library(match["name"]) if match else None
        version = _version(entry, match["version"]) if match and library else None
        if library and version:
            found.append((library, version))
    return tuple(found)


def _version(folder: Path, named: str) -> str | None:
    """Return what the metadata in `folder` says, else the version in its name."""
    try:
        with (folder / "METADATA").open(encoding="utf-8", errors="replace") as file:
            match = _VERSION_LINE.search(file.read(_METADATA_HEAD))
    except OSError:
        match = None
    try:
        return str(Version(match[1] if match else named))
    except InvalidVersion:
        return None
