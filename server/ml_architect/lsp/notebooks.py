"""Open notebooks, kept in step with the editor change by change, beside the documents that are their cells.

pygls keeps notebooks as well, but raises an error where one is not known, and loses a cell that is closed and opened
again in one change, as it happens when its language changes.
"""

import logging
from collections.abc import Sequence
from urllib.parse import unquote

from lsprotocol import types

from ml_architect.lsp.documents import Documents, path_of
from ml_architect.lsp.encoding import Encoding
from ml_architect.lsp.snapshot import CellVersion, Snapshot
from ml_architect.notebook import joined

__all__ = ["NotebookDocuments", "notebook_sync"]

logger = logging.getLogger(__name__)

_PYTHON = "python"


def notebook_sync() -> types.NotebookDocumentSyncOptions:
    """Return which notebooks to hear of: those of every kind, the interactive window's too, that have Python cells.

    A selector without a kind means the same, but clients that are built on lsprotocol cannot read it.
    """
    python = [types.NotebookCellLanguage(language=_PYTHON)]
    every = types.NotebookDocumentFilterWithNotebook(notebook="*", cells=python)
    return types.NotebookDocumentSyncOptions(notebook_selector=[every], save=True)


class _Notebook:
    """One open notebook; `snapshot` is its present version, if somebody has asked for it."""

    def __init__(self, uri: str, version: int, cells: Sequence[types.NotebookCell]) -> None:
        self.uri = uri
        self.version = version
        self.cells = list(cells)
        self.snapshot: Snapshot | None = None

    def reorder(self, change: types.NotebookCellArrayChange) -> None:
        """Take cells out of the row, and put others in their place."""
        self.cells[change.start : change.start + change.delete_count] = change.cells or ()

    def redescribe(self, cells: Sequence[types.NotebookCell]) -> None:
        """Take in what has changed about cells besides their texts."""
        fresh = {unquote(cell.document): cell for cell in cells}
        self.cells = [fresh.get(unquote(cell.document), cell) for cell in self.cells]


class NotebookDocuments(Documents):
    """The open documents and notebooks. A notebook's snapshot joins its Python cells; a cell alone has none."""

    def __init__(self, folders: Sequence[types.WorkspaceFolder], root_uri: str | None, encoding: Encoding) -> None:
        super().__init__(folders, root_uri, encoding)
        self._notebooks: dict[str, _Notebook] = {}

    def put_notebook_document(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Begin to follow a notebook and its cells."""
        notebook = params.notebook_document
        self._notebooks[unquote(notebook.uri)] = _Notebook(notebook.uri, notebook.version, notebook.cells)
        for cell in params.cell_text_documents:
            self.put_text_document(cell, notebook.uri)

    def update_notebook_document(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """Make one change in an open notebook: of its row of cells, of what cells are, and of their texts."""
        uri = params.notebook_document.uri
        notebook = self._notebooks.get(unquote(uri))
        if notebook is None:
            logger.warning("ignored a change of %s, which is not open", uri)
            return
        notebook.version = params.notebook_document.version
        notebook.snapshot = None
        change = params.change.cells
        if change is None:
            return
        if change.structure is not None:
            notebook.reorder(change.structure.array)
            for closed in change.structure.did_close or ():
                self.remove_text_document(closed.uri)
            for opened in change.structure.did_open or ():
                self.put_text_document(opened, notebook.uri)
        notebook.redescribe(change.data or ())
        for content in change.text_content or ():
            for edit in content.changes:
                self.update_text_document(content.document, edit)

    def remove_notebook_document(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """Forget a notebook and all its cells."""
        key = unquote(params.notebook_document.uri)
        self._notebooks.pop(key, None)
        for cell in [cell for cell, owner in self._cell_in_notebook.items() if owner == key]:
            self.remove_text_document(cell)

    @property
    def uris(self) -> tuple[str, ...]:
        """The URIs of what can be analysed: notebooks, and documents that are not cells."""
        alone = (uri for uri in super().uris if unquote(uri) not in self._cell_in_notebook)
        return (*alone, *self.notebook_uris)

    @property
    def notebook_uris(self) -> tuple[str, ...]:
        """The URIs of the open notebooks."""
        return tuple(notebook.uri for notebook in self._notebooks.values())

    def owner(self, uri: str) -> str:
        """Return the URI of the notebook that a cell belongs to, of anything else its own."""
        notebook = self._notebooks.get(self._cell_in_notebook.get(unquote(uri), ""))
        return uri if notebook is None else notebook.uri

    def snapshot(self, uri: str) -> Snapshot | None:
        """Return the present version of a notebook or of a document that is no cell."""
        key = unquote(uri)
        notebook = self._notebooks.get(key)
        if notebook is None:
            return None if key in self._cell_in_notebook else super().snapshot(uri)
        if notebook.snapshot is None:
            notebook.snapshot = self._joined(notebook)
        return notebook.snapshot

    def put_text_document(self, text_document: types.TextDocumentItem, notebook_uri: str | None = None) -> None:
        """Begin to follow a document or a cell."""
        super().put_text_document(text_document, notebook_uri)
        self._outdate(text_document.uri)

    def update_text_document(
        self,
        text_doc: types.VersionedTextDocumentIdentifier,
        change: types.TextDocumentContentChangeEvent,
    ) -> None:
        """Make one change in an open document or cell."""
        super().update_text_document(text_doc, change)
        self._outdate(text_doc.uri)

    def remove_text_document(self, doc_uri: str) -> None:
        """Forget a document or a cell."""
        self._outdate(doc_uri)
        super().remove_text_document(doc_uri)

    def _outdate(self, cell_uri: str) -> None:
        notebook = self._notebooks.get(self._cell_in_notebook.get(unquote(cell_uri), ""))
        if notebook is not None:
            notebook.snapshot = None

    def _joined(self, notebook: _Notebook) -> Snapshot:
        """Return the Python cells of `notebook` as one document."""
        texts: list[tuple[int, str]] = []
        versions: dict[str, CellVersion] = {}
        for number, cell in enumerate(notebook.cells, start=1):
            document = self.find(cell.document)
            is_code = cell.kind == types.NotebookCellKind.Code
            if document is None or not is_code or document.language_id != _PYTHON or document.uri in versions:
                continue
            texts.append((number, document.source))
            versions[document.uri] = CellVersion(document.uri, document.version)
        self._serial += 1
        source = joined(texts, path_of(notebook.uri), notebook.version)
        cells = tuple(versions.values())
        return Snapshot(notebook.uri, self._serial, notebook.version, source, is_python=True, cells=cells)
