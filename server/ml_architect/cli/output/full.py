"""Each finding with the source it speaks of, the places that explain it, and where to read on."""

from collections.abc import Iterator

from ml_architect.cli.output import concise
from ml_architect.cli.output.frame import Mark, frame
from ml_architect.cli.report import FileReport
from ml_architect.cli.style import SEVERITY_COLORS, Painter
from ml_architect.engine import Diagnostic


def blocks(report: FileReport, paint: Painter) -> Iterator[str]:
    """Yield one block of lines for each finding of `report`, in its order, an empty line after each."""
    for diagnostic in report.diagnostics:
        yield block(report, diagnostic, paint) + "\n"


def block(report: FileReport, diagnostic: Diagnostic, paint: Painter) -> str:
    """Return the headline, the source frame and the help line of `diagnostic`."""
    parts = [concise.line(report, diagnostic, paint)]
    if report.source.text:
        marks = [Mark(diagnostic.span, "^", SEVERITY_COLORS[diagnostic.severity.value])]
        marks += (Mark(place.span, "-", "blue", place.message) for place in diagnostic.related)
        parts.append(frame(report.source, marks, paint))
    parts.append(f"{paint('help', 'cyan', bold=True)}: ml-architect explain {diagnostic.code}")
    return "\n".join(parts)
