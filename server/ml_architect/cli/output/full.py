"""Each finding with the source it speaks of, the places that explain it, and where to read on."""

from collections.abc import Iterator
from dataclasses import replace

from ml_architect.cli.output import concise
from ml_architect.cli.output.frame import Mark, frame
from ml_architect.cli.report import FileReport
from ml_architect.cli.style import SEVERITY_COLORS, Painter
from ml_architect.engine import Diagnostic
from ml_architect.text import Source


def blocks(report: FileReport, paint: Painter) -> Iterator[str]:
    """Yield one block of lines for each finding of `report`, in its order, an empty line after each."""
    for diagnostic in report.diagnostics:
        yield block(report, diagnostic, paint) + "\n"


def block(report: FileReport, diagnostic: Diagnostic, paint: Painter) -> str:
    """Return the headline, the source frame and the help line of `diagnostic`."""
    parts = [concise.line(report, diagnostic, paint)]
    if report.source.text:
        parts.append(_frames(report.source, diagnostic, paint))
    parts.append(f"{paint('help', 'cyan', bold=True)}: ml-architect explain {diagnostic.code}")
    return "\n".join(parts)


def _frames(source: Source, diagnostic: Diagnostic, paint: Painter) -> str:
    """Return the source that `diagnostic` speaks of, and behind it what of that stands in other cells."""
    marks = {
        source.part(diagnostic.span.start): [Mark(diagnostic.span, "^", SEVERITY_COLORS[diagnostic.severity.value])]
    }
    for place in diagnostic.related:
        marks.setdefault(source.part(place.span.start), []).append(Mark(place.span, "-", "blue", place.message))
    frames: list[str] = []
    for part, own in marks.items():
        if frames:
            frames.append(paint(f"in cell {part.number}:", "blue"))
        frames.append(frame(part.source, [replace(mark, span=part.local(mark.span)) for mark in own], paint))
    return "\n".join(frames)
