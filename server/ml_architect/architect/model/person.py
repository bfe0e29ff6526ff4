"""What a person has decided about models, in the user's own configuration and environment, never in a project."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ml_architect.architect.model.hosts import Base, provider_of
from ml_architect.architect.model.ledger import Budget
from ml_architect.policy import reason

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Person", "PersonFile", "config_file", "read_person"]

_Value = TypeVar("_Value")

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_ENVIRONMENT = {
    "model": "ML_ARCHITECT_MODEL",
    "api-base": "ML_ARCHITECT_API_BASE",
    "api-key-env": "ML_ARCHITECT_API_KEY_ENV",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The table ``[architect]`` of the user's configuration. Without a model nothing is ever sent."""

    model: str | None = None
    """As litellm writes it, such as ``anthropic/claude-sonnet-4-5`` or ``ollama_chat/qwen3``."""
    api_base: str | None = None
    api_key_env: str | None = None
    """The name of the environment variable that holds the key."""
    local_only: bool = False
    deadline_seconds: float | None = None
    """For a whole call; None for 60, or 180 where the model runs on this machine."""
    first_token_seconds: float | None = None
    """Until the first piece of a reply; None for 20, or 120 where the model runs on this machine."""
    max_output_tokens: int = 1500
    context_tokens: int = 6000
    """The most that a prompt may have."""
    budget: Budget = field(default_factory=Budget)
    hosts: tuple[str, ...] = ()
    """Further hosts that may be called, for providers that we do not know."""
    environment: tuple[str, ...] = ()
    """Further environment variables for the model process, such as those of a cloud's credentials."""

    @classmethod
    def from_mapping(cls, table: Mapping[str, object]) -> "tuple[Person, tuple[str, ...]]":
        """Return what `table` says, and a line for each mistake in it; values are never quoted, one may be a key."""
        reader, usual = _Reader(table), cls()
        budget = Budget(
            requests=reader.count("requests", usual.budget.requests),
            input_tokens=reader.count("input-tokens", usual.budget.input_tokens),
            output_tokens=reader.count("output-tokens", usual.budget.output_tokens),
            money=reader.number("money"),
        )
        person = cls(
            model=reader.string("model"),
            api_base=reader.base("api-base"),
            api_key_env=reader.variable("api-key-env"),
            local_only=reader.flag("local-only", on_mistake=True),
            deadline_seconds=reader.number("deadline-seconds"),
            first_token_seconds=reader.number("first-token-seconds"),
            max_output_tokens=reader.count("max-output-tokens", usual.max_output_tokens),
            context_tokens=reader.count("context-tokens", usual.context_tokens),
            budget=budget,
            hosts=reader.strings("hosts"),
            environment=reader.strings("environment"),
        )
        reader.check_keys()
        return person, tuple(reader.problems)


class _Reader:
    """Reads keys of the table and notes what is wrong with them."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self._table = table
        self._asked: set[str] = set()
        self.problems: list[str] = []

    def check_keys(self) -> None:
        self.problems += [f"unknown key '{key}'" for key in self._table if key not in self._asked]

    def string(self, key: str) -> str | None:
        value = self._get(key)
        if value is None or (isinstance(value, str) and value.isprintable()):
            return value or None
        return self._wrong(key, "a string", None)

    def base(self, key: str) -> str | None:
        value = self.string(key)
        base = Base.read(value) if value else None
        if value and base is None:
            return self._wrong(
                key, "an address such as http://127.0.0.1:8000/v1, without a user name or password", None
            )
        return base.url if base else None

    def variable(self, key: str) -> str | None:
        value = self.string(key)
        if value is None or _VARIABLE.match(value):
            return value
        return self._wrong(key, "the name of an environment variable, not the key itself", None)

    def strings(self, key: str) -> tuple[str, ...]:
        value = self._get(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return self._wrong(key, "a list of strings", ())

    def flag(self, key: str, *, on_mistake: bool) -> bool:
        value = self._get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        return self._wrong(key, "true or false", on_mistake)

    def count(self, key: str, usual: int) -> int:
        value = self._get(key)
        if value is None:
            return usual
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        return self._wrong(key, "a whole number above 0", usual)

    def number(self, key: str) -> float | None:
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf"):
            return float(value)
        return self._wrong(key, "a number above 0", None)

    def _get(self, key: str) -> object:
        self._asked.add(key)
        return self._table.get(key)

    def _wrong(self, key: str, expected: str, value: _Value) -> _Value:
        self.problems.append(f"'{key}' must be {expected}")
        return value


@dataclass(frozen=True, slots=True)
class PersonFile:
    """What a person has decided, the file that says so (it need not exist), and lines about mistakes in it."""

    person: Person
    path: Path
    problems: tuple[str, ...] = ()


def config_file(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return where the user's configuration lies, by the custom of the platform."""
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or os.path.expanduser("~"))  # noqa: PTH111 - never raises
    if platform == "win32":
        folder = Path(environ["APPDATA"]) if environ.get("APPDATA") else home / "AppData" / "Roaming"
    elif platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(environ["XDG_CONFIG_HOME"]) if environ.get("XDG_CONFIG_HOME") else home / ".config"
    return folder / "ml-architect" / "config.toml"


def read_person(environ: Mapping[str, str] | None = None) -> PersonFile:
    """Return the user's settings: the file, under the variables ``ML_ARCHITECT_MODEL`` and the like.

    Never raises; a file that cannot be read is a problem, and counts as empty.
    """
    environ = os.environ if environ is None else environ
    path = config_file(environ)
    person, problems = _in_file(path)
    said = {key: environ[name] for key, name in _ENVIRONMENT.items() if environ.get(name)}
    over, mistakes = Person.from_mapping(said)
    problems = (
        *(f"{path}: {line}" for line in problems),
        *(f"environment: {line} ({', '.join(sorted(_ENVIRONMENT.values()))})" for line in mistakes),
    )
    return PersonFile(_overridden(person, over), path, problems)


def _in_file(path: Path) -> tuple[Person, tuple[str, ...]]:
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8")).get("architect", {})
    except FileNotFoundError:
        return Person(), ()
    except (OSError, ValueError, RecursionError) as error:
        return Person(), (f"{reason(error)}, no model is called",)
    if not isinstance(table, Mapping):
        return Person(), ("'architect' must be a table, no model is called",)
    return Person.from_mapping(table)


def _overridden(person: Person, over: Person) -> Person:
    """Return `person` under the environment. A key that the file names goes to no other place than the file's own."""
    model, base = over.model or person.model, over.api_base or person.api_base
    same_place = base == person.api_base and (base or _provider(model) == _provider(person.model))
    key = over.api_key_env or (person.api_key_env if same_place else None)
    return replace(person, model=model, api_base=base, api_key_env=key)


def _provider(model: str | None) -> str | None:
    return provider_of(model) if model else None
