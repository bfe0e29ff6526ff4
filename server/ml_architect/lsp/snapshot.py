"""One version of an open document. Imports nothing of the protocol, so that the worker can read it."""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from ml_architect.text import Source


class CellVersion(NamedTuple):
    """One version of a notebook's cell, which the editor treats as a document of its own."""

    uri: str
    version: int | None


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """One version of an open document, as an immutable value.

    `serial` is never given twice; `version` is the editor's own count. `cells` are those of a notebook, in the order
    of the cells of `source`; a document that is no notebook has None.
    """

    uri: str
    serial: int
    version: int | None
    source: Source
    is_python: bool
    cells: tuple[CellVersion, ...] | None = None

    def document_at(self, offset: int) -> CellVersion:
        """Return the document that the editor shows at `offset`: a cell, or this one."""
        if not self.cells or self.source.layout is None:
            return CellVersion(self.uri, self.version)
        return self.cells[self.source.layout.index_at(offset)]

    def start_of(self, uri: str) -> int | None:
        """Return where the text of the document `uri`, this one or a cell of it, starts; None if it is neither."""
        if self.cells is None:
            return 0
        names = [unquote(cell.uri) for cell in self.cells]
        layout = self.source.layout
        return layout.starts[names.index(unquote(uri))] if layout and unquote(uri) in names else None
