"""What became of one file, as a value that can travel between processes."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ml_architect.engine import BuiltIn, Diagnostic
from ml_architect.rewrite import Fix
from ml_architect.rules.api import Severity
from ml_architect.text import Source, Span

UNREADABLE_FILE = "unreadable-file"
UNREADABLE = BuiltIn(
    UNREADABLE_FILE,
    "a file cannot be read",
    Severity.ERROR,
    "The operating system refuses to open the file, so nothing in it is checked: it may lack a read permission, "
    "or not be a regular file. All other files are checked as usual.",
)


@dataclass(frozen=True, slots=True)
class FileReport:
    """The findings of one file, as it is now (after fixing, where that was asked)."""

    path: Path
    source: Source
    diagnostics: tuple[Diagnostic, ...]
    fixes: tuple[Fix | None, ...] | None = None
    """The verified fix of each finding, in their order; None where nobody asked."""
    applied: tuple[tuple[str, int], ...] = ()
    """Rule names with the number of findings that were fixed."""
    original: Source | None = None
    """The text before fixing, where fixing changed it."""
    problems: tuple[str, ...] = ()
    """What could not be done with the file, one line each: it cannot be written, say."""
    faults: tuple[str, ...] = ()
    """Faults of our own that left findings out."""

    @property
    def shown_path(self) -> str:
        """The path for people: relative to the working directory where it lies below it."""
        return shown_path(self.path)

    @property
    def filename(self) -> str:
        """The absolute path for programs; ``-`` for a document without a name."""
        return str(self.path) if str(self.path) == "-" else absolute(self.path)

    def with_faults(self, faults: Sequence[str]) -> "FileReport":
        """Return this report with `faults` noted."""
        return replace(self, faults=tuple(faults)) if faults else self


def place(source: Source, offset: int) -> str:
    """Return where `offset` stands, for people: ``row:column``, in a notebook ``cell 3:row:column``."""
    part = source.part(offset)
    row, column = part.source.location(offset - part.start)
    return f"{row}:{column}" if part.number is None else f"cell {part.number}:{row}:{column}"


def absolute(path: Path) -> str:
    """Return `path` from the root of the file system, its symbolic links kept."""
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow symbolic links


def shown_path(path: Path) -> str:
    """Return `path` relative to the working directory if it lies below it, else as it is."""
    place = Path(absolute(path))
    here = Path.cwd()
    return str(place.relative_to(here)) if place.is_relative_to(here) else str(path)


def fix_mark(diagnostic: Diagnostic) -> str:
    """Return ``[safe fix]``, ``[unsafe fix]`` or nothing."""
    return f"[{diagnostic.fix_safety.value} fix]" if diagnostic.fix_safety else ""


def unreadable_file(message: str) -> Diagnostic:
    """Return the finding for a file that cannot be opened."""
    return Diagnostic(UNREADABLE_FILE, message, UNREADABLE.severity, Span(0, 0))
