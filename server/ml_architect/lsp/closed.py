"""Analyses of files that are not open: read from disk, and kept while nothing changes that they depend on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts.environment import Environment
from ml_architect.lsp.report import Report
from ml_architect.policy.patterns import matches
from ml_architect.project import ReadProblem, environment_for, read_source
from ml_architect.text import Source

SHARED_SECONDS = 2.0
"""How long what is known of a folder's libraries holds for all of its files."""


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[int, int]
    """When the file was changed last, in nanoseconds, and its size in bytes."""
    source: Source
    settings: Settings
    environment: Environment
    report: Report


class ClosedFiles:
    """Texts and reports by path; the analyses themselves are not kept."""

    def __init__(self) -> None:
        self._kept: dict[Path, _Kept] = {}
        self._environments: dict[tuple[Path, Settings], tuple[float, Environment]] = {}

    def look_up(
        self, path: Path, settings: Settings, make: Callable[[Analysis], Report]
    ) -> tuple[Source, Report] | None:
        """Return text and report of the file at `path`, None where it cannot be read."""
        kept = self._kept.get(path)
        stamp = _stamp(path)
        source = kept.source if kept is not None and stamp == kept.stamp else read_source(path)
        if stamp is None or isinstance(source, ReadProblem):
            self._kept.pop(path, None)
            return None
        environment = self.environment(path, settings)
        if kept is None or (kept.source, kept.settings, kept.environment) != (source, settings, environment):
            blank = Analysis(source, settings, environment)
            excluded = not settings.enable or matches(settings.exclude, path, settings.root)
            report = make(blank if excluded else analyze(source, settings, environment))
            kept = self._kept[path] = _Kept(stamp, source, settings, environment, report)
        return kept.source, kept.report

    def environment(self, path: Path, settings: Settings) -> Environment:
        """Return the environment of a file; the files of one folder share the search for a moment."""
        key = path.parent, settings
        now = time.monotonic()
        made, environment = self._environments.get(key, (0.0, None))
        if environment is None or now - made > SHARED_SECONDS:
            environment = environment_for(path, settings)
            self._environments[key] = now, environment
        return environment


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size
