"""What only a person knows of a project: the table ``[tool.ml-architect.project]``, as a plain value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

__all__ = ["Profile", "answer_problem"]

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The answers of a project. None says that nobody has answered."""

    dataset_size: int | None = None
    """Examples in the training set."""
    dataset_gb: float | None = None
    """Size of the training data as it lies on disk, in gigabytes."""
    classes: int | None = None
    task: str | None = None
    """Such as "image classification" or "ranking"."""
    hardware: str | None = None
    """What the training runs on, such as "cpu" or "1x 24 GB GPU"."""
    gpu_memory_gb: float | None = None
    """Of one GPU."""
    gpus: int | None = None
    latency_ms: float | None = None
    """The longest that one prediction may take."""
    metric: str | None = None
    """The one that decides."""
    deployment: str | None = None
    """Where predictions are made, such as "batch job", "web service" or "phone"."""
    regulated: bool | None = None
    """Whether decisions have to be explained by law or by contract."""
    personal_data: bool | None = None
    grouped: bool | None = None
    """Whether several examples belong to one person, place or document."""
    time_ordered: bool | None = None
    """Whether predictions are about a later time than the training data."""
    imbalanced: bool | None = None
    """Whether one class is much more frequent than another."""

    @classmethod
    def from_mapping(cls, table: object) -> "tuple[Profile, tuple[str, ...]]":
        """Return the answers in `table`, and a line for each mistake in it; a wrong answer counts as none."""
        if not isinstance(table, Mapping):
            return cls(), ("'project' must be a table",)
        reader = _Reader(table)
        profile = cls(
            dataset_size=reader.count("dataset-size"),
            dataset_gb=reader.amount("dataset-gb"),
            classes=reader.count("classes"),
            task=reader.words("task"),
            hardware=reader.words("hardware"),
            gpu_memory_gb=reader.amount("gpu-memory-gb"),
            gpus=reader.count("gpus", least=0),
            latency_ms=reader.amount("latency-ms"),
            metric=reader.words("metric"),
            deployment=reader.words("deployment"),
            regulated=reader.flag("regulated"),
            personal_data=reader.flag("personal-data"),
            grouped=reader.flag("grouped"),
            time_ordered=reader.flag("time-ordered"),
            imbalanced=reader.flag("imbalanced"),
        )
        reader.check_keys()
        return profile, tuple(reader.problems)

    @property
    def without_gpu(self) -> bool:
        """Whether the project certainly trains without a GPU or another accelerator."""
        word = (self.hardware or "").strip().lower()
        return self.gpus == 0 or word in _WITHOUT_GPU

    def answers(self) -> tuple[tuple[str, object], ...]:
        """Return what was answered, by key."""
        found = ((item.name.replace("_", "-"), getattr(self, item.name)) for item in fields(self))
        return tuple((key, value) for key, value in found if value is not None)


def answer_problem(key: str, text: str) -> str | None:
    """Return why `text` cannot be what a person says of `key`, None where it can, or `key` is none of the profile.

    More than the configuration is let through: "about 10,000" is good enough for a reader.
    """
    kinds = {item.name.replace("_", "-"): item.type for item in fields(Profile)}
    if kinds.get(key) not in (int | None, float | None):
        return None
    if not any(sign.isdigit() for sign in text) or text.lstrip().startswith("-"):
        return f"'{key}' must be a number, not {text[:_MOST_SHOWN]!r}"
    return None


_MOST_SHOWN = 60
_WITHOUT_GPU = frozenset({"cpu", "cpu only", "cpus", "no gpu", "none"})
_MOST_WORDS = 200


class _Reader:
    """Reads keys of the table and notes what is wrong with them."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self._table = table
        self.problems: list[str] = []

    def check_keys(self) -> None:
        known = sorted(item.name.replace("_", "-") for item in fields(Profile))
        for key in self._table:
            if key not in known:
                self.problems.append(f"unknown key 'project.{key}', known are {', '.join(known)}")

    def count(self, key: str, least: int = 1) -> int | None:
        value = self._table.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= least):
            return value
        return self._wrong(key, f"a whole number, {least} or more", None)

    def amount(self, key: str) -> float | None:
        value = self._table.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf"):
            return float(value)
        return self._wrong(key, "a number above 0", None)

    def words(self, key: str) -> str | None:
        value = self._table.get(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip() and len(value) <= _MOST_WORDS:
            return "".join(sign if sign.isprintable() else " " for sign in value).strip()
        return self._wrong(key, f"a text of 1 to {_MOST_WORDS} characters", None)

    def flag(self, key: str) -> bool | None:
        value = self._table.get(key)
        if value is None or isinstance(value, bool):
            return value
        return self._wrong(key, "true or false", None)

    def _wrong(self, key: str, expected: str, value: _Value) -> _Value:
        self.problems.append(f"'project.{key}' must be {expected}")
        return value
