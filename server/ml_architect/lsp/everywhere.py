"""Safe repairs of one rule in files that are not open; the jobs run in the worker process."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ml_architect.lsp.workspace import BATCH_SECONDS
from ml_architect.text import Edit, Source

if TYPE_CHECKING:
    from ml_architect.lsp.backend import Backend


@dataclass(frozen=True, slots=True)
class FileRepair:
    """What repairs a file; nothing if `edits` is empty, although something is to be repaired."""

    path: Path
    source: Source
    edits: tuple[Edit, ...]
    count: int
    """How many findings go."""


@dataclass(frozen=True, slots=True)
class FixFiles:
    """How are the findings of one rule in these files repaired, as far as that is safe?"""

    files: tuple[tuple[Path, Mapping[str, object]], ...]
    """Each with the settings that the editor has for it."""
    code: str

    def run(self, backend: "Backend") -> tuple[FileRepair | None, ...]:
        """Return what to do with the first files, as many as time permits but one; None where there is nothing."""
        end = time.monotonic() + BATCH_SECONDS
        done: list[FileRepair | None] = []
        for path, overrides in self.files:
            done.append(backend.file_repair(path, overrides, self.code))
            if time.monotonic() > end:
                break
        return tuple(done)


@dataclass(frozen=True, slots=True)
class AreUnchanged:
    """Do these files still have these texts?"""

    texts: Mapping[Path, str]

    def run(self, _: "Backend") -> bool:
        """Return whether all of them do."""
        from ml_architect.project import ReadProblem, read_source  # noqa: PLC0415 - only the worker has the engine

        found = {path: read_source(path) for path in self.texts}
        return all(not isinstance(read, ReadProblem) and read.text == self.texts[path] for path, read in found.items())
