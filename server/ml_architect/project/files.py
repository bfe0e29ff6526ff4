"""Find the Python files and notebooks below folders, in a fixed order."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pathspec import GitIgnoreSpec

from ml_architect.engine import Settings
from ml_architect.policy import reason
from ml_architect.policy.patterns import is_pattern, matches
from ml_architect.project.notebooks import NOTEBOOK_SUFFIX
from ml_architect.project.problems import ProblemKind, ReadProblem

__all__ = ["FoundFiles", "python_files"]

_SUFFIXES = (".py", ".pyw", NOTEBOOK_SUFFIX)
_SKIPPED = frozenset({"__pycache__", "__pypackages__", "build", "dist", "node_modules", "site-packages", "venv"})
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The files to check, and what was asked for but is not there or cannot be listed."""

    files: tuple[Path, ...]
    problems: tuple[ReadProblem, ...]


def python_files(paths: Iterable[Path], settings: Settings) -> FoundFiles:
    """Return the files in `paths` and what is found below the folders in them, sorted folder by folder, once each.

    Found are Python files and notebooks. A file that is named is always taken. Below folders, hidden files, virtual
    environments, build results, what a ``.gitignore`` names and what `settings` exclude are left out; links to folders
    are not followed.
    """
    walk = _Walk(settings)
    files: dict[str, Path] = {}
    for path in paths:
        for file in walk.start(path):
            files.setdefault(_absolute(file), file)
    return FoundFiles(tuple(files.values()), tuple(walk.problems))


class _Walk:
    """One search; keeps what went wrong."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.problems: list[ReadProblem] = []

    def start(self, path: Path) -> Iterator[Path]:
        try:
            is_folder = path.is_dir()
            exists = is_folder or path.exists() or path.is_symlink()
        except (OSError, ValueError):
            is_folder = exists = False
        if is_folder:
            yield from self._below(path)
        elif exists:
            yield path
        else:
            self.problems.append(ReadProblem(path, ProblemKind.MISSING, "no such file or folder"))

    def _below(self, start: Path) -> Iterator[Path]:
        absolute = Path(_absolute(start))
        pending = [(start, absolute, _ignores_above(absolute))]
        while pending:
            folder, absolute, ignores = pending.pop()
            own = _ignore_file(absolute)
            ignores = (*ignores, own) if own else ignores
            folders: list[tuple[Path, Path, tuple[_Ignore, ...]]] = []
            for entry in self._entries(folder):
                place = absolute / entry.name
                is_folder = entry.is_dir(follow_symlinks=False)
                if self._is_left_out(entry, place, ignores, is_folder=is_folder):
                    continue
                if is_folder:
                    folders.append((folder / entry.name, place, ignores))
                elif entry.name.endswith(_SUFFIXES) and _is_file(entry):
                    yield folder / entry.name
            pending += reversed(folders)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            message = f"folder cannot be listed: {reason(error)}"
            self.problems.append(ReadProblem(folder, ProblemKind.UNREADABLE, message))
            return []

    def _is_left_out(
        self, entry: "os.DirEntry[str]", place: Path, ignores: "tuple[_Ignore, ...]", *, is_folder: bool
    ) -> bool:
        if entry.name.startswith("."):
            return True
        if is_folder and (entry.name in _SKIPPED or entry.name.endswith(".egg-info") or _is_environment(place)):
            return True
        settings = self._settings
        return _is_ignored(place, ignores, is_folder=is_folder) or matches(
            settings.exclude, place, settings.root, folder=is_folder
        )


@dataclass(frozen=True, slots=True)
class _Ignore:
    """One ``.gitignore`` and the folder that its patterns are relative to."""

    folder: Path
    spec: GitIgnoreSpec


def _is_ignored(place: Path, ignores: tuple[_Ignore, ...], *, is_folder: bool) -> bool:
    """Return what the nearest ``.gitignore`` that has a say decides."""
    for ignore in reversed(ignores):
        text = place.relative_to(ignore.folder).as_posix()
        decision = ignore.spec.check_file(f"{text}/" if is_folder else text).include
        if decision is not None:
            return decision
    return False


def _ignores_above(folder: Path) -> tuple[_Ignore, ...]:
    """Return the ignore files from the root of the repository down to above `folder`; none outside a repository."""
    found: list[_Ignore] = []
    for current in (folder, *folder.parents):
        if current != folder and (own := _ignore_file(current)):
            found.append(own)
        if (current / ".git").exists():
            excluded = _read_ignore(current / ".git" / "info" / "exclude", current)
            return (*([excluded] if excluded else []), *reversed(found))
    return ()


def _ignore_file(folder: Path) -> _Ignore | None:
    return _read_ignore(folder / ".gitignore", folder)


def _read_ignore(path: Path, folder: Path) -> _Ignore | None:
    try:
        status = path.stat()
    except OSError:
        return None
    spec = _spec(path, status.st_mtime_ns, status.st_size)
    return _Ignore(folder, spec) if spec else None


@lru_cache(maxsize=256)
def _spec(path: Path, _modified: int, _size: int) -> GitIgnoreSpec | None:
    """Return the patterns in `path`, None where it cannot be read; lines that are no pattern do not count."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines(line for line in lines if is_pattern(line))


def _is_environment(folder: Path) -> bool:
    return any((folder / mark).exists() for mark in _ENVIRONMENT_MARKS)


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow symbolic links
