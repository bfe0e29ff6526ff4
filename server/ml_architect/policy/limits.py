"""What a project decides about calls of a language model: it can only forbid and lower, never choose a host."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from ml_architect.policy.patterns import is_pattern

__all__ = ["ModelLimits"]

_Value = TypeVar("_Value")
_Number = TypeVar("_Number", int, float)

_FLAGS = ("enabled", "local-only")
_COUNTS = ("requests", "input-tokens", "output-tokens")
_KNOWN = frozenset((*_FLAGS, *_COUNTS, "money", "exclude"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLimits:
    """The table ``architect``. A budget of None leaves what the person has set."""

    enabled: bool = True
    local_only: bool = False
    """Only models on this machine may be called."""
    exclude: tuple[str, ...] = ()
    """Files that are never sent; patterns as in a ``.gitignore``."""
    requests: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    money: float | None = None
    """US dollars."""

    @classmethod
    def from_mapping(cls, table: object) -> "tuple[ModelLimits, tuple[str, ...]]":
        """Return the limits that `table` asks for, and a line for each mistake in it.

        A mistake never loosens: what should be a table but is not turns the models off.
        """
        if not isinstance(table, Mapping):
            return cls(enabled=False), ("'architect' must be a table, no model is called",)
        reader = _Reader(table)
        limits = cls(
            enabled=reader.flag("enabled", default=True, on_mistake=False),
            local_only=reader.flag("local-only", default=False, on_mistake=True),
            exclude=reader.patterns("exclude"),
            requests=reader.count("requests"),
            input_tokens=reader.count("input-tokens"),
            output_tokens=reader.count("output-tokens"),
            money=reader.money("money"),
        )
        reader.check_keys()
        return limits, tuple(reader.problems)

    def tightened(self, other: "ModelLimits") -> "ModelLimits":
        """Return what holds where both these and `other` limits hold."""
        return ModelLimits(
            enabled=self.enabled and other.enabled,
            local_only=self.local_only or other.local_only,
            exclude=(*self.exclude, *other.exclude),
            requests=_lower(self.requests, other.requests),
            input_tokens=_lower(self.input_tokens, other.input_tokens),
            output_tokens=_lower(self.output_tokens, other.output_tokens),
            money=_lower(self.money, other.money),
        )


def _lower(first: _Number | None, second: _Number | None) -> _Number | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)


class _Reader:
    """Reads keys of the table and notes what is wrong with them."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self._table = table
        self.problems: list[str] = []

    def check_keys(self) -> None:
        self.problems += [
            f"'architect.{key}' is ignored: a project may only forbid and lower, with {', '.join(sorted(_KNOWN))}"
            for key in self._table
            if key not in _KNOWN
        ]

    def flag(self, key: str, *, default: bool, on_mistake: bool) -> bool:
        value = self._table.get(key, default)
        return value if isinstance(value, bool) else self._wrong(key, "true or false", on_mistake)

    def count(self, key: str) -> int | None:
        value = self._table.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        return self._wrong(key, "a whole number, 0 or more", 0)

    def money(self, key: str) -> float | None:
        value = self._table.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
            return float(value)
        return self._wrong(key, "an amount in US dollars, 0 or more", 0.0)

    def patterns(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key, ())
        if isinstance(value, list | tuple) and all(isinstance(item, str) and is_pattern(item) for item in value):
            return tuple(value)
        return self._wrong(key, "a list of file patterns, no file is sent", ("*",))

    def _wrong(self, key: str, expected: str, value: _Value) -> _Value:
        self.problems.append(f"'architect.{key}' must be {expected}")
        return value
