"""Applying fixes: to files, to standard output, or to nothing but a patch."""

from collections.abc import Iterator

from ml_architect.cli.report import FileReport
from ml_architect.cli.style import Painter, visible
from ml_architect.text import Source, unified_patch


def patch(report: FileReport, paint: Painter) -> bytes:
    """Return the unified diff of what fixing changed in one file, cell by cell in a notebook, in its own encoding."""
    if report.original is None:
        return b""
    text = "".join(_patches(report, report.original))
    return paint.diff(text).encode(report.source.encoding, "backslashreplace")


def _patches(report: FileReport, original: Source) -> Iterator[str]:
    """Yield the patch of the file, in a notebook one for each cell."""
    for before, after in zip(original.parts, report.source.parts, strict=True):
        cell = "" if before.number is None else f":cell {before.number}"
        yield unified_patch(before.source.text, after.source.text, f"{visible(report.shown_path)}{cell}")


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
