"""The stored answers to the bundled cases: good ones, and wrong ones that look as if they might do."""

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ml_architect.trial.case import Case, Kind, all_cases

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent / "answers"
CASES = {case.name: case for case in all_cases()}
REPAIRS = [case for case in all_cases() if case.kind is not Kind.ABSTAIN]


@dataclass(frozen=True)
class Answers:
    """Whole texts."""

    good: tuple[str, ...]
    wrong: tuple[str, ...]


@cache
def answers_to(name: str) -> Answers:
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    code = CASES[name].code
    good = [data["good"]] if "good" in data else []
    return Answers(
        tuple(edited(code, edits) for edits in (*good, *data.get("other", ()))),
        tuple(edited(code, edits) for edits in data["wrong"]),
    )


def edited(code: str, edits: list[list[str]]) -> str:
    for old, new in edits:
        assert old in code, old
        code = code.replace(old, new)
    return code


def repaired(case: Case) -> str:
    return answers_to(case.name).good[0]
