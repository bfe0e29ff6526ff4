"""Other names for the variables of a case, in its code and in what is expected of it alike."""

import ast
import io
import tokenize
from collections.abc import Mapping
from dataclasses import fields, replace
from random import Random
from types import MappingProxyType
from typing import Any, TypeVar

from ml_architect.trial.oracle.expectation import Expectation

__all__ = ["NAMES", "choose_names", "renamed", "renamed_expectation"]

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "optimizer": ("opt", "updater"),
        "loss": ("objective", "batch_loss"),
        "criterion": ("loss_fn", "measured_loss"),
        "total": ("running", "summed"),
        "history": ("curve", "per_epoch"),
        "losses": ("loss_values", "all_losses"),
        "rates": ("used_rates", "lr_values"),
        "right": ("hits", "agreeing"),
        "seen": ("counted", "rows_seen"),
        "inputs": ("given", "batch_inputs"),
        "targets": ("wanted_out", "batch_targets"),
        "labels": ("classes_of", "marks"),
        "device": ("hardware", "compute_device"),
        "scaler": ("scaling", "fitted_scaler"),
        "schedule": ("lr_schedule", "one_cycle"),
        "decay": ("lr_decay", "step_decay"),
        "cosine": ("cosine_lr", "annealing"),
        "data": ("stream", "pipeline_data"),
        "forest": ("trees_model", "ensemble"),
        "scores": ("results", "measured"),
        "model": ("net", "estimator"),
        "network": ("net", "layers_stack"),
    }
)
"""Names that cases use for what they hold, and others that say as much."""

_Data = TypeVar("_Data", Expectation, Any)


def choose_names(code: str, random: Random) -> dict[str, str]:
    """Return new names for those of `code` that can safely have others."""
    tree = ast.parse(code)
    taken = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | _tied(tree)
    chosen: dict[str, str] = {}
    for old, others in NAMES.items():
        free = [name for name in others if name not in taken and name not in chosen.values()]
        if old in taken and old not in _tied(tree) and free:
            chosen[old] = random.choice(free)
    return chosen


def _tied(tree: ast.Module) -> set[str]:
    """Return names that must stay: in f-strings (one token before Python 3.12), with defaults, of definitions."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            with_default = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            found |= {node.name, *(each.arg for each in (*with_default, *node.args.kwonlyargs))}
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found


def renamed(code: str, names: Mapping[str, str]) -> str:
    """Return `code` with other names; attributes and the names of arguments stay."""
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    lines = code.splitlines(keepends=True)
    depth = 0
    places: list[tuple[int, int, str]] = []
    for index, token in enumerate(tokens):
        depth += (token.string in {"(", "[", "{"}) - (token.string in {")", "]", "}"})
        if token.type != tokenize.NAME or token.string not in names:
            continue
        is_attribute = index > 0 and tokens[index - 1].string == "."
        is_keyword = depth > 0 and tokens[index + 1].string == "="
        if not is_attribute and not is_keyword:
            places.append((token.start[0] - 1, token.start[1], token.string))
    for row, column, old in reversed(places):
        lines[row] = lines[row][:column] + names[old] + lines[row][column + len(old) :]
    return "".join(lines)


def renamed_expectation(expectation: Expectation, names: Mapping[str, str]) -> Expectation:
    """Return what is expected of code with other names."""
    must = tuple(_inside(each, names) for each in expectation.must)
    return replace(expectation, free=_inside(expectation.free, names), must=must)


_CODES = frozenset({"statements", "keywords", "contexts", "expressions", "code", "codes", "values", "call"})


def _inside(data: _Data, names: Mapping[str, str]) -> _Data:
    changes = {each.name: _value(getattr(data, each.name), names) for each in fields(data) if each.name in _CODES}
    return replace(data, **changes)


def _value(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - a text, or tuples of texts
    if isinstance(value, tuple):
        return tuple(_value(each, names) for each in value)
    return " || ".join(renamed(part.strip(), names) for part in value.split("||")) if value else value
