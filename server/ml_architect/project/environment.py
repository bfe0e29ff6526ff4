"""Which versions of the libraries a file runs with, as far as the files around it say."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from ml_architect.engine import Settings
from ml_architect.facts.environment import Environment, LibraryVersion
from ml_architect.project.declarations import DECLARATIONS, REQUIREMENTS_PATTERNS, included, requirements
from ml_architect.project.interpreters import environment_prefixes, installed_versions
from ml_architect.project.lockfiles import LOCK_FILES
from ml_architect.project.requirement import Declared, declared_pin, merged, target_specifier

__all__ = ["environment_for", "interpreter_for"]


def environment_for(path: Path, settings: Settings | None = None) -> Environment:
    """Return the versions for the file or folder at `path`.

    For each library, the first of these decides that knows: the settings, a lock file, a declared requirement, the
    packages that are installed in a virtual environment. Of files of one kind the nearest above `path` decides; the
    search ends at the root of the repository.
    """
    settings = settings or Settings()
    folders = tuple(_folders(Path(os.path.abspath(path))))  # noqa: PTH100 - symbolic links stay
    sources = chain(
        [_from_settings(settings)],
        _locked(folders),
        _declared(folders),
        _installed(folders, settings),
    )
    versions: dict[str, LibraryVersion] = {}
    for source in sources:
        for library, version in source.items():
            versions.setdefault(library, version)
    return Environment(MappingProxyType(versions))


def interpreter_for(path: Path, settings: Settings) -> Path:
    """Return the Python that the project around `path` runs with; this process' own where it says nothing.

    Nothing is run here. Whoever runs it should say which it is: a project brings its own.
    """
    folders = tuple(_folders(Path(os.path.abspath(path))))  # noqa: PTH100 - symbolic links stay
    configured = _configured(settings)
    if configured is not None and configured.is_file():
        return configured
    for prefix in environment_prefixes(folders, configured, os.environ.get("VIRTUAL_ENV")):
        for name in _PROGRAMS:
            if (prefix / name).exists():
                return prefix / name
    return Path(sys.executable)


def _configured(settings: Settings) -> Path | None:
    if settings.interpreter is None:
        return None
    return (settings.root or Path.cwd()) / Path(settings.interpreter).expanduser()


def _folders(path: Path) -> Iterator[Path]:
    """Yield the folders from `path` up to the root of the repository, else of the file system."""
    for folder in (path, *path.parents) if path.is_dir() else path.parents:
        yield folder
        if (folder / ".git").exists():
            return


def _from_settings(settings: Settings) -> Mapping[str, LibraryVersion]:
    found = (declared_pin(library, target_specifier(version)) for library, version in settings.versions)
    return merged((item for item in found if item), "the settings")


def _locked(folders: Iterable[Path]) -> Iterator[Mapping[str, LibraryVersion]]:
    for folder in folders:
        for name, reader in LOCK_FILES.items():
            yield _read(folder / name, reader)


def _declared(folders: Iterable[Path]) -> Iterator[Mapping[str, LibraryVersion]]:
    for folder in folders:
        for pattern in REQUIREMENTS_PATTERNS:
            for path in sorted(folder.glob(pattern), key=lambda path: (len(path.name), path.name)):
                yield from _with_included(path, set())
        for name, reader in DECLARATIONS.items():
            yield _read(folder / name, reader)


def _with_included(path: Path, seen: set[Path]) -> Iterator[Mapping[str, LibraryVersion]]:
    """Yield what a requirements file says, then what the files say that it takes in, each once."""
    if path in seen or len(seen) > _INCLUDES or not path.is_file():
        return
    seen.add(path)
    yield _read(path, requirements)
    for name in included(_text(path)):
        yield from _with_included(Path(os.path.normpath(path.parent / name)), seen)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _installed(folders: Iterable[Path], settings: Settings) -> Iterator[Mapping[str, LibraryVersion]]:
    for prefix in environment_prefixes(folders, _configured(settings), os.environ.get("VIRTUAL_ENV")):
        yield installed_versions(prefix)


_PROGRAMS = ("bin/python", "Scripts/python.exe")
_INCLUDES = 20
_Reader = Callable[[str], Iterator[Declared]]
_NOTHING: Mapping[str, LibraryVersion] = MappingProxyType({})


def _read(path: Path, reader: _Reader) -> Mapping[str, LibraryVersion]:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return _NOTHING
    return _parsed(path, reader, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _parsed(path: Path, reader: _Reader, _modified: int, _size: int) -> Mapping[str, LibraryVersion]:
    """Return what the file at `path` says; nothing where it cannot be read. Kept while it does not change."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
        return MappingProxyType(merged(reader(text), path.name))
    except (OSError, ValueError, RecursionError):
        return _NOTHING
