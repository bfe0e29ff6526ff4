"""Findings counted by rule."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ml_architect.cli.report import FileReport, fix_mark
from ml_architect.cli.style import Painter
from ml_architect.engine import Diagnostic


def as_table(reports: Sequence[FileReport], paint: Painter) -> str:
    """Return one line for each rule, the most frequent first."""
    rows = _counted(reports)
    if not rows:
        return ""
    numbers = max(len(str(count)) for _, count in rows)
    names = max(len(diagnostic.code) for diagnostic, _ in rows)
    lines = []
    for diagnostic, count in rows:
        severity = diagnostic.severity.value
        padding = " " * (len("warning") - len(severity))
        name = paint(f"{diagnostic.code:<{names}}", bold=True)
        words = (
            f"{count:>{numbers}}  {paint.severity(severity)}{padding}  {name}  {paint(fix_mark(diagnostic), 'cyan')}"
        )
        lines.append(words.rstrip())
    return "\n".join(lines) + "\n"


def records(reports: Sequence[FileReport]) -> list[dict[str, Any]]:
    """Return the same as plain values."""
    return [
        {
            "code": diagnostic.code,
            "count": count,
            "severity": diagnostic.severity.value,
            "fix": diagnostic.fix_safety.value if diagnostic.fix_safety else None,
        }
        for diagnostic, count in _counted(reports)
    ]


def _counted(reports: Sequence[FileReport]) -> list[tuple[Diagnostic, int]]:
    found = [diagnostic for report in reports for diagnostic in report.diagnostics]
    counts = Counter(diagnostic.code for diagnostic in found)
    examples = {diagnostic.code: diagnostic for diagnostic in reversed(found)}
    return [(examples[code], count) for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
