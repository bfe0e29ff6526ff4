"""Where findings go: to standard output as they come, or at the end where the form needs all of them."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, TextIO

from ml_architect.cli import fix, statistics
from ml_architect.cli.options import Options
from ml_architect.cli.output import concise, full
from ml_architect.cli.output import json as json_output
from ml_architect.cli.report import FileReport
from ml_architect.cli.style import Painter
from ml_architect.text import Source

TEXT_FORMS: dict[str, Callable[[FileReport, Painter], Iterator[str]]] = {
    "concise": concise.lines,
    "full": full.blocks,
}


class Printer:
    """Prints the reports of one run in the form that `options` name, and keeps them for the summary.

    With `hold` nothing is printed before `close`, so that a progress bar stays in one piece.
    """

    def __init__(self, options: Options, hold: bool) -> None:
        self.options = options
        self.hold = hold
        self.reports: list[FileReport] = []
        self.paint = options.painter()
        self._held: list[bytes | str] = []

    def add(self, report: FileReport) -> None:
        """Take in the report of one file."""
        for piece in self._pieces(report):
            self._put(piece)
        needs_text = self.options.output_format == "json" and report.diagnostics
        self.reports.append(report if needs_text else _without_text(report))

    def close(self) -> None:
        """Print what is left to print."""
        self.hold = False
        for piece in self._held:
            self._put(piece)
        if self.options.diff:
            return
        if self.options.output_format == "json":
            counted = self.options.statistics
            document = (
                json_output.dump(statistics.records(self.reports)) if counted else json_output.document(self.reports)
            )
            self._put(f"{document}\n")
        elif self.options.statistics:
            self._put(statistics.as_table(self.reports, self.paint))

    def _pieces(self, report: FileReport) -> Iterator[bytes | str]:
        if self.options.diff:
            yield fix.patch(report, self.paint)
        elif self.options.output_format != "json" and not self.options.statistics:
            form = TEXT_FORMS[self.options.output_format]
            yield "".join(f"{piece}\n" for piece in form(report, self.paint))

    def _put(self, piece: bytes | str) -> None:
        if self.hold:
            self._held.append(piece)
        elif isinstance(piece, bytes):
            put_bytes(piece)
        else:
            self._stream.write(piece)

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self.options.writes_fixed_stdin else sys.stdout


def put_bytes(data: bytes) -> None:
    """Write `data` to standard output as it is, whatever line endings and encoding it has."""
    sys.stdout.flush()
    output: BinaryIO = sys.stdout.buffer
    output.write(data)
    output.flush()


def _without_text(report: FileReport) -> FileReport:
    """Return `report` without what is needed for printing only: texts of thousands of files add up."""
    return replace(report, source=Source(""), original=None, fixes=None)
