"""What the editor shows of notebooks: the findings of each cell, and none of cells that are gone."""

from collections.abc import Callable, Iterable
from urllib.parse import unquote

from lsprotocol import types

from ml_architect.lsp.convert import diagnostic
from ml_architect.lsp.profile import ClientProfile
from ml_architect.lsp.session import Current

__all__ = ["CellMarks"]


class CellMarks:
    """Keeps account of which cells the editor may still show findings of; `send` publishes those of one cell.

    Findings in cells are always published, because an editor that asks for reports asks for one cell only, while a
    change of that cell changes what is said about the others.
    """

    def __init__(self, send: Callable[[types.PublishDiagnosticsParams], None]) -> None:
        self._send = send
        self._shown: dict[str, set[str]] = {}

    def show(self, current: Current, profile: ClientProfile) -> None:
        """Publish the findings of all cells of a version of a notebook."""
        snapshot = current.snapshot
        cells = snapshot.cells or ()
        found: dict[str, list[types.Diagnostic]] = {cell.uri: [] for cell in cells}
        for finding in current.report.findings:
            if cells:  # settings may be wrong in a notebook without cells, but that is no finding
                found[snapshot.document_at(finding.span.start).uri].append(diagnostic(finding, snapshot, profile))
        self.sweep(snapshot.uri, found)
        for cell in cells:
            self._send(types.PublishDiagnosticsParams(cell.uri, found[cell.uri], cell.version))
        self._shown[unquote(snapshot.uri)] = set(found)

    def sweep(self, notebook_uri: str, present: Iterable[str] = ()) -> None:
        """Take back what is shown of cells of a notebook that are not among those `present`."""
        shown = self._shown.pop(unquote(notebook_uri), set())
        kept = shown.intersection(present)
        for uri in sorted(shown - kept):
            self._send(types.PublishDiagnosticsParams(uri, []))
        if kept:
            self._shown[unquote(notebook_uri)] = kept
