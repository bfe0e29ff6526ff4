"""Find the settings of a file: the nearest pyproject.toml above it that has a ``[tool.ml-architect]`` table."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ml_architect.engine import Settings
from ml_architect.policy import reason

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["ProjectSettings", "find_settings"]


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """The settings that hold for a file, and where they come from; `problems` are lines for people."""

    settings: Settings = field(default_factory=Settings)
    config_path: Path | None = None
    problems: tuple[str, ...] = ()


def find_settings(path: Path, isolated: bool = False) -> ProjectSettings:
    """Return the settings for the file or folder at `path`, which need not exist.

    The search goes by file path up to the root of the file system. A pyproject.toml that cannot be read ends it,
    with a problem and the default settings. `isolated` gives the default settings without a search.
    """
    if isolated:
        return ProjectSettings()
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow symbolic links
    for folder in (absolute, *absolute.parents):
        found = _in_folder(folder)
        if found is not None:
            return found
    return ProjectSettings()


def _in_folder(folder: Path) -> ProjectSettings | None:
    config = folder / "pyproject.toml"
    try:
        status = config.stat()
    except (OSError, ValueError):
        return None
    return _load(config, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=128)
def _load(config: Path, _modified: int, _size: int) -> ProjectSettings | None:
    """Return what `config` says, None where it says nothing; kept while the file does not change."""
    try:
        document = tomllib.loads(config.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        return ProjectSettings(config_path=config, problems=(f"{config}: {reason(error)}, defaults are used",))
    table = _table(document)
    if table is None:
        return None
    if not isinstance(table, Mapping):
        line = f"{config}: 'tool.ml-architect' must be a table, defaults are used"
        return ProjectSettings(config_path=config, problems=(line,))
    settings, problems = Settings.from_mapping(table, config.parent)
    return ProjectSettings(settings, config, tuple(f"{config}: {line}" for line in problems))


def _table(document: Mapping[str, Any]) -> object:
    tools = document.get("tool")
    return tools.get("ml-architect") if isinstance(tools, Mapping) else None
