"""Files that are not open: which there are, and what is to be said about them. The jobs run in the worker process."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ml_architect.lsp.overrides import Overrides
from ml_architect.lsp.report import Report
from ml_architect.text import Source

if TYPE_CHECKING:
    from ml_architect.lsp.backend import Backend

MOST_FILES = 2000
"""How many files of a workspace are looked at; a larger one is better checked on the command line."""

BATCH_SECONDS = 0.1
"""How long one job goes on; what the user waits for comes between two jobs."""


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The Python files below some folders, at most `MOST_FILES`, in a fixed order."""

    paths: tuple[Path, ...]
    is_all: bool


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Which files are to be checked below these folders?"""

    folders: tuple[Path, ...]
    overrides: Overrides
    always: bool
    """Whether the diagnostic mode does not matter, because the user asks."""

    def run(self, backend: "Backend") -> FoundFiles:
        """Return the files of the folders whose settings ask for it."""
        found: dict[Path, None] = {}
        for folder in self.folders:
            found.update(dict.fromkeys(backend.files(folder, self.overrides.of(folder), always=self.always)))
        return FoundFiles(tuple(found)[:MOST_FILES], len(found) <= MOST_FILES)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What is to be said about a file; `source` is None where that is what the asker has already."""

    path: Path
    report: Report
    source: Source | None


@dataclass(frozen=True, slots=True)
class CheckFiles:
    """What is to be said about these files?"""

    paths: tuple[Path, ...]
    overrides: Overrides
    known: Mapping[Path, str]
    """Result ids of reports that the asker has."""

    def run(self, backend: "Backend") -> tuple[CheckedFile | None, ...]:
        """Return reports on the first files, as many as time permits but one; None for what cannot be read."""
        end = time.monotonic() + BATCH_SECONDS
        done: list[CheckedFile | None] = []
        for path in self.paths:
            found = backend.file(path, self.overrides.of(path))
            if found is None:
                done.append(None)
            else:
                source, report = found
                is_known = self.known.get(path) == report.result_id
                done.append(CheckedFile(path, report, None if is_known else source))
            if time.monotonic() > end:
                break
        return tuple(done)
