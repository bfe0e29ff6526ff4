"""Applying fixes: to files, to standard output, or to nothing but a patch."""

import difflib
import re
from collections.abc import Iterator

from ml_architect.cli.report import FileReport
from ml_architect.cli.style import Painter, visible
from ml_architect.text import Source

LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""Lines as `patch` and `git apply` count them: a carriage return belongs to the text."""


def patch(report: FileReport, paint: Painter) -> bytes:
    """Return the unified diff of what fixing changed in one file, in the file's own encoding."""
    if report.original is None:
        return b""
    text = "".join(_patch_lines(report.original, report.source, visible(report.shown_path)))
    return paint.diff(text).encode(report.source.encoding, "backslashreplace")


def _patch_lines(before: Source, after: Source, name: str) -> Iterator[str]:
    for line in difflib.unified_diff(LINE.findall(before.text), LINE.findall(after.text), name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def summary(reports: list[FileReport], verb: str) -> Iterator[str]:
    """Yield what was fixed: one line for each file and rule, then the sum; `verb` is ``fixed`` or ``would fix``."""
    fixed = [report for report in reports if report.applied]
    total = 0
    for report in fixed:
        for name, count in report.applied:
            total += count
            yield f"{report.shown_path}: {verb} {count} x {name}"
    if total:
        yield f"{verb} {counted(total, 'finding')} in {counted(len(fixed), 'file')}"


def counted(number: int, noun: str) -> str:
    """Return `number` with `noun` in the right form."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
