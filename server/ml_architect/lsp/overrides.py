"""Settings made in the editor, which may differ from folder to folder. Imports nothing of the protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Overrides:
    """The settings of each folder of the workspace, and those for what lies in none of them."""

    common: Mapping[str, object] = field(default_factory=dict)
    folders: Mapping[Path, Mapping[str, object]] = field(default_factory=dict)

    def with_folder(self, folder: Path, settings: Mapping[str, object]) -> "Overrides":
        """Return these settings and those of a folder, which are left out where they are those around it anyway."""
        if settings == self.of(folder):
            return self
        return Overrides(self.common, {**self.folders, folder: settings})

    def of(self, path: Path | None) -> Mapping[str, object]:
        """Return the settings for a file or folder: those of the deepest folder around it. None stands for no path."""
        around = [folder for folder in self.folders if path is not None and path.is_relative_to(folder)]
        return self.folders[max(around, key=lambda folder: len(folder.parts))] if around else self.common
