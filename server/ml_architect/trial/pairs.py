"""Metamorphic pairs: two questions that differ in one thing, and what has to be true of the two replies."""

import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from ml_architect.trial.case import Case, Kind, all_cases, read_expectation
from ml_architect.trial.oracle.expectation import Expectation, Requirement
from ml_architect.trial.variants import surrounded, with_other_names, without_comments

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["PAIRS", "Pair", "all_pairs"]

PAIRS = Path(__file__).parent / "pairs.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A bundled case, and the same code with one change."""

    name: str
    base: str
    """The name of the case."""
    changed: Case
    relation: str
    """``same``, ``repaired`` (the first is declined, the other repaired), ``not-lower`` or ``not-higher``."""
    call: str = ""
    keyword: str = ""
    """Whose number is compared."""


@lru_cache(maxsize=1)
def all_pairs() -> tuple[Pair, ...]:
    """Return the bundled pairs in the order of their file. What is drawn at random is drawn from the pair's name."""
    data = tomllib.loads(PAIRS.read_text(encoding="utf-8"))
    cases = {case.name: case for case in all_cases()}
    return tuple(_read(each, cases[each["case"]]) for each in data["pair"])


def _read(data: dict[str, Any], base: Case) -> Pair:
    random = Random(data["name"])  # noqa: S311 - for variety
    case = replace(base, name=data["name"], code=_replaced(base.code, data.get("replace", ())))
    if data["how"] == "names":
        case = with_other_names(case, random)
    elif data["how"] == "surroundings":
        case = surrounded(case, random)
    elif data["how"] == "comments":
        case = replace(case, code=without_comments(case.code))
    kind = Kind(data.get("kind", base.kind))
    return Pair(
        name=data["name"],
        base=base.name,
        changed=replace(case, kind=kind, expectation=_expectation(data, case.expectation)),
        relation=data.get("relation", "same"),
        call=data.get("call", ""),
        keyword=data.get("keyword", ""),
    )


def _replaced(code: str, replacements: list[list[str]]) -> str:
    for old, new in replacements:
        if old not in code:
            message = f"not in the case: {old!r}"
            raise ValueError(message)
        code = code.replace(old, new)
    return code


def _expectation(data: dict[str, Any], base: Expectation) -> Expectation:
    if "must" in data or "free" in data:
        return read_expectation(data)
    banned = (entry.partition(":") for entry in data.get("without", ()))
    without = tuple(Requirement(kind="without", call=call, keyword=keyword) for call, _, keyword in banned)
    return replace(base, must=(*base.must, *without), facts={**base.facts, **data.get("facts", {})})
