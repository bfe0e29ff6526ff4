"""One line for each finding: ``path:row:column: severity code: message``."""

from collections.abc import Iterator

from ml_architect.cli.report import FileReport, fix_mark, place
from ml_architect.cli.style import Painter, visible
from ml_architect.engine import Diagnostic


def lines(report: FileReport, paint: Painter) -> Iterator[str]:
    """Yield one line for each finding of `report`, in its order."""
    for diagnostic in report.diagnostics:
        yield line(report, diagnostic, paint)


def line(report: FileReport, diagnostic: Diagnostic, paint: Painter) -> str:
    """Return the line that says `diagnostic`; row and column (code points) count from 1, in notebooks in the cell."""
    where = f"{paint(visible(report.shown_path), bold=True)}:{place(report.source, diagnostic.span.start)}:"
    words = f"{paint.severity(diagnostic.severity.value)} {paint(diagnostic.code, bold=True)}:"
    parts = [where, words, visible(diagnostic.message)]
    if mark := fix_mark(diagnostic):
        parts.append(paint(mark, "cyan"))
    if diagnostic.stale:
        parts.append(paint("[from before the syntax error]", dim=True))
    return " ".join(parts)
