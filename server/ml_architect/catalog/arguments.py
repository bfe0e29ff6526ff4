"""What arguments of known calls do, read from ``arguments.toml``; rules lend their figures to it elsewhere."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ml_architect.catalog.model import Symbol

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Argument", "argument_of", "load_arguments"]

_DATA = Path(__file__).with_name("arguments.toml")


@dataclass(frozen=True, slots=True)
class Argument:
    """What one parameter of some callables does; sentences are without full stop, a missing text is empty.

    `start`, `range` and `reason` are empty where the rule named by `rule` states starting values for `setting`.
    """

    parameter: str
    does: str
    start: str
    range: str
    reason: str
    interacts: str
    rule: str | None
    setting: str
    source: str
    """The address of the documentation."""


@cache
def load_arguments() -> Mapping[str, Argument]:
    """Return all arguments by ``callee:parameter``, where the callee is a symbol's name or a kind.

    Raises:
        ValueError: if a use is listed twice.
    """
    found: dict[str, Argument] = {}
    for row in tomllib.loads(_DATA.read_text(encoding="utf-8"))["arguments"]:
        for use in row["uses"]:
            if use in found:
                message = f"argument is listed twice: {use}"
                raise ValueError(message)
            found[use] = _argument(use.partition(":")[2], row)
    return found


def argument_of(symbol: Symbol, parameter: str) -> Argument | None:
    """Return what is known of `parameter` of `symbol`, None where it is not described or not a parameter of it."""
    if all(spec.name != parameter for spec in symbol.parameters or ()):
        return None
    known = load_arguments()
    return known.get(f"{symbol.name}:{parameter}") or known.get(f"{symbol.kind.value}:{parameter}")


def _argument(parameter: str, row: Mapping[str, Any]) -> Argument:
    return Argument(
        parameter=parameter,
        does=row["does"],
        start=row.get("start", ""),
        range=row.get("range", ""),
        reason=row.get("reason", ""),
        interacts=row.get("interacts", ""),
        rule=row.get("rule"),
        setting=row.get("setting", parameter),
        source=row["source"],
    )
