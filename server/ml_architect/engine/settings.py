"""What a project or a person decides: a value, and how it is read from a table of a configuration file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TypeVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from ml_architect.engine.selectors import ALL, nearest, unknown_selectors
from ml_architect.policy.limits import ModelLimits
from ml_architect.policy.patterns import is_pattern
from ml_architect.policy.profile import Profile
from ml_architect.rules import rule_named
from ml_architect.rules.api import Severity

__all__ = ["ON_SAVE", "ON_TYPE", "OPEN_FILES", "WORKSPACE", "Settings"]

OPEN_FILES = "open-files"
WORKSPACE = "workspace"
"""The diagnostic modes."""

ON_TYPE = "on-type"
ON_SAVE = "on-save"
"""When an editor is told anew."""

_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Selectors are names of rules, categories, frameworks, or ``all``.

    Where selectors disagree on a rule, the closer one wins (a name over a group over ``all``), and among
    equals `ignore` wins over `select`. Patterns read as in a ``.gitignore`` that lies in `root`.
    """

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    preview: bool = False
    severity: tuple[tuple[str, Severity], ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    """Library and version: ``2.4`` means any 2.4 release, ``2.4.1`` that one, ``>=2.2,<3`` a range."""
    interpreter: str | None = None
    """A Python interpreter or a virtual environment, whose packages are looked up (nothing is run)."""
    architect: ModelLimits = field(default_factory=ModelLimits)
    """What the project forbids when a language model is asked."""
    profile: Profile = field(default_factory=Profile)
    """What only a person knows of the project: the table ``project``."""
    code_lens: bool = False
    """Whether an editor shows the number of findings above a training loop."""
    diagnostic_mode: str = OPEN_FILES
    """Whether an editor is told of the findings in open files only, or of those of the whole workspace."""
    enable: bool = True
    """Whether an editor is told of anything; the command line always tells."""
    run: str = ON_TYPE
    """Whether an editor is told of findings while its user types, or only when a document is opened and saved."""
    root: Path | None = None

    @classmethod
    def from_mapping(cls, table: Mapping[str, object], root: Path | None = None) -> "tuple[Settings, tuple[str, ...]]":
        """Return the settings that `table` (``[tool.ml-architect]``) asks for, and a line for each mistake in it.

        A key with a mistake keeps its default, as far as it is wrong; this never raises.
        """
        reader = _Reader(table)
        settings = cls(
            select=reader.selectors("select", (ALL,)),
            ignore=reader.selectors("ignore", ()),
            preview=reader.flag("preview"),
            severity=reader.severities("severity"),
            per_file_ignores=reader.per_file("per-file-ignores"),
            exclude=reader.patterns("exclude"),
            versions=reader.versions("versions"),
            interpreter=reader.string("interpreter"),
            architect=reader.limits("architect"),
            profile=reader.profile("project"),
            code_lens=reader.flag("code-lens"),
            diagnostic_mode=reader.choice("diagnostic-mode", (OPEN_FILES, WORKSPACE)),
            enable=reader.flag("enable", default=True),
            run=reader.choice("run", (ON_TYPE, ON_SAVE)),
            root=root,
        )
        reader.check_keys()
        reader.check_preview(settings)
        return settings, tuple(map(_one_line, reader.problems))

    def adjusted(
        self,
        *,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
        exclude: Iterable[str] = (),
        preview: bool | None = None,
    ) -> "Settings":
        """Return these settings under a command line: `select` replaces, `ignore` and `exclude` add."""
        return replace(
            self,
            select=tuple(select) or self.select,
            ignore=(*self.ignore, *ignore),
            exclude=(*self.exclude, *exclude),
            preview=self.preview if preview is None else preview,
        )


class _Reader:
    """Reads keys of one table and notes what is wrong with them."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self._table = table
        self.problems: list[str] = []

    def check_keys(self) -> None:
        known = {field.name.replace("_", "-") for field in fields(Settings)} - {"root", "profile"} | {"project"}
        for key in self._table:
            if key not in known:
                self.problems.append(f"unknown key '{key}'{nearest(key.replace('_', '-'), known)}")

    def check_preview(self, settings: Settings) -> None:
        if settings.preview:
            return
        for name in settings.select:
            rule = rule_named(name)
            if rule is not None and rule.preview:
                self.problems.append(f"rule '{name}' in 'select' is in preview and needs 'preview = true'")

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self._table.get(key, default)
        if isinstance(value, bool):
            return value
        return self._wrong(key, "true or false", default=default)

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """Return one of `known`, which editors write in camel case; the first is the default."""
        value = self._table.get(key, known[0])
        if isinstance(value, str) and (word := _CAPITAL.sub(r"-\1", value).lower()) in known:
            return word
        return self._wrong(key, " or ".join(f"'{word}'" for word in known), default=known[0])

    def string(self, key: str) -> str | None:
        value = self._table.get(key)
        if value is None or isinstance(value, str):
            return value
        return self._wrong(key, "a string", default=None)

    def strings(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self._table.get(key, default)
        found = _strings(value)
        return self._wrong(key, "a list of strings", default) if found is None else found

    def patterns(self, key: str) -> tuple[str, ...]:
        return tuple(text for text in self.strings(key, ()) if self._is_pattern(key, text))

    def selectors(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        asked = self.strings(key, default)
        known = self._known(asked, f"'{key}'")
        return known if known or not asked else default

    def severities(self, key: str) -> tuple[tuple[str, Severity], ...]:
        levels = {level.value: level for level in Severity}
        found: list[tuple[str, Severity]] = []
        for selector, value in self._pairs(key):
            if not isinstance(value, str) or value not in levels:
                self._wrong(f"{key}.{selector}", f"one of {', '.join(levels)}", default=None)
            elif self._known((selector,), f"'{key}'"):
                found.append((selector, levels[value]))
        return tuple(found)

    def per_file(self, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        found: list[tuple[str, tuple[str, ...]]] = []
        for pattern, value in self._pairs(key):
            selectors = _strings(value)
            if selectors is None:
                self._wrong(f"{key}.{pattern}", "a list of strings", default=None)
            elif self._is_pattern(key, pattern):
                found.append((pattern, self._known(selectors, f"'{key}'")))
        return tuple(found)

    def versions(self, key: str) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for library, value in self._pairs(key):
            if isinstance(value, str) and _is_version(value):
                found.append((library, value))
            else:
                self._wrong(f"{key}.{library}", 'a version or a range in quotes, such as "2.4"', default=None)
        return tuple(found)

    def limits(self, key: str) -> ModelLimits:
        limits, problems = ModelLimits.from_mapping(self._table.get(key, {}))
        self.problems += problems
        return limits

    def profile(self, key: str) -> Profile:
        profile, problems = Profile.from_mapping(self._table.get(key, {}))
        self.problems += problems
        return profile

    def _pairs(self, key: str) -> Iterable[tuple[str, object]]:
        value = self._table.get(key, {})
        return value.items() if isinstance(value, Mapping) else self._wrong(key, "a table", default=())

    def _is_pattern(self, key: str, text: str) -> bool:
        if is_pattern(text):
            return True
        self.problems.append(f"'{text}' in '{key}' is not a file pattern")
        return False

    def _known(self, selectors: tuple[str, ...], where: str) -> tuple[str, ...]:
        unknown = unknown_selectors(selectors, where)
        self.problems += unknown
        return (
            tuple(selector for selector in selectors if not unknown_selectors((selector,), where))
            if unknown
            else selectors
        )

    def _wrong(self, key: str, expected: str, default: _Value) -> _Value:
        self.problems.append(f"'{key}' must be {expected}")
        return default


def _one_line(text: str) -> str:
    """Return `text`, which quotes what a file holds, fit for a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _strings(value: object) -> tuple[str, ...] | None:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        try:
            return bool(SpecifierSet(text))
        except InvalidSpecifier:
            return False
    return True
