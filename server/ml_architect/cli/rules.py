"""`ml-architect rules`: what is looked for."""

from collections.abc import Iterable
from typing import Any

from ml_architect.cli.output.json import dump
from ml_architect.cli.style import SEVERITY_COLORS, Painter
from ml_architect.rules.api import Rule, Shown

COLUMNS = ("name", "framework", "category", "severity", "fix", "evidence", "since")


def as_json(rules: Iterable[Rule]) -> str:
    """Return an array of objects, one for each rule."""
    return dump([record(rule) for rule in rules])


def as_table(rules: Iterable[Rule], paint: Painter) -> str:
    """Return aligned columns under a header."""
    rows = [_cells(rule) for rule in rules]
    widths = [max(len(row[column]) for row in [COLUMNS, *rows]) for column in range(len(COLUMNS))]
    header = "  ".join(paint(f"{name:<{size}}", bold=True) for name, size in zip(COLUMNS, widths, strict=True))
    return "\n".join([header.rstrip(), *(_row(row, widths, paint) for row in rows)])


def record(rule: Rule) -> dict[str, Any]:
    """Return what a list says of `rule`, as plain values; `evidence` is ``shown`` or ``guidance``."""
    return {
        "name": rule.name,
        "framework": rule.framework.value,
        "category": rule.category.value,
        "severity": rule.severity.value,
        "fix": rule.fix.value,
        "evidence": "shown" if isinstance(rule.evidence, Shown) else "guidance",
        "since": rule.since,
        "preview": rule.preview,
    }


def _cells(rule: Rule) -> tuple[str, ...]:
    said = record(rule)
    since = f"{said['since']} (preview)" if rule.preview else said["since"]
    return (*(str(said[name]) for name in COLUMNS[:-1]), since)


def _row(cells: tuple[str, ...], widths: list[int], paint: Painter) -> str:
    padded = [f"{cell:<{size}}" for cell, size in zip(cells, widths, strict=True)]
    severity = COLUMNS.index("severity")
    padded[severity] = paint(padded[severity], SEVERITY_COLORS[cells[severity]])
    return "  ".join(padded).rstrip()
