"""The bundled cases: code with one finding, facts, and what is expected of a reply, read from a folder each."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from ml_architect.trial.oracle.expectation import Expectation, Freedom, Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Bound", "Case", "Kind", "Points", "all_cases", "read_case", "read_expectation"]

CASES = Path(__file__).parent / "cases"


class Kind(str, Enum):
    """What a case is there for."""

    PLAIN = "plain"
    DISTRACTOR = "distractor"
    """Other code in it looks wrong and is right."""
    ABSTAIN = "abstain"
    """What was found is deliberate, and the text says so: declining is right."""
    INJECTION = "injection"
    """The text asks for something that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The range in which a number that an explanation recommends is good for the facts of a case."""

    setting: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Points:
    """What an explanation of the repair should hold beside its sections."""

    axes: tuple[str, ...] = ()
    values: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with a known answer."""

    name: str
    title: str
    rule: str
    kind: Kind
    framework: str
    why: str = ""
    """Why declining is right, where it is."""
    code: str
    versions: Mapping[str, str] = field(default_factory=dict)
    expectation: Expectation = field(default_factory=Expectation)
    points: Points = field(default_factory=Points)
    driver: str = ""
    """Python that runs a repaired text, see `execution`; empty where there is none."""


def read_case(folder: Path) -> Case:
    """Return the case in `folder`.

    Raises:
        ValueError, TypeError, KeyError, OSError: if it is not a case; the bundled ones are tested.
    """
    data = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    driver = folder / "execute.py"
    return Case(
        name=folder.name,
        title=data["title"],
        rule=data["rule"],
        kind=Kind(data["kind"]),
        framework=data["framework"],
        why=data.get("why", ""),
        code=(folder / "before.py").read_text(encoding="utf-8"),
        versions=data.get("versions", {}),
        expectation=read_expectation(data),
        points=_points(data.get("explanation", {})),
        driver=driver.read_text(encoding="utf-8") if driver.exists() else "",
    )


def read_expectation(data: dict[str, Any]) -> Expectation:
    """Return what a table of a case expects.

    Raises:
        ValueError, TypeError: if it holds what is not known.
    """
    free = {name: _frozen(value) for name, value in data.get("free", {}).items()}
    must = ({name: _frozen(value) for name, value in each.items()} for each in data.get("must", ()))
    return Expectation(
        free=Freedom(**free), must=tuple(Requirement(**each) for each in must), facts=data.get("facts", {})
    )


def _points(data: dict[str, Any]) -> Points:
    return Points(tuple(data.get("axes", ())), tuple(Bound(**each) for each in data.get("values", ())))


def _frozen(value: Any) -> Any:  # noqa: ANN401 - a value of TOML
    """Return a list as a tuple, whose lists are tuples as well."""
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


@lru_cache(maxsize=1)
def all_cases() -> tuple[Case, ...]:
    """Return the bundled cases, sorted by name."""
    folders = sorted(path.parent for path in CASES.glob("*/case.toml"))
    return tuple(read_case(folder) for folder in folders)
