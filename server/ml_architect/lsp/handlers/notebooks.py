"""Opening, changing, saving and closing notebooks. The texts of their cells are already up to date here.

Whoever asks for reports of cells gets none (see `diagnostics`): findings in cells are always sent unasked.
"""

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_notification(types.NOTEBOOK_DOCUMENT_DID_OPEN, _opened)
    server.on_notification(types.NOTEBOOK_DOCUMENT_DID_CHANGE, _changed)
    server.on_notification(types.NOTEBOOK_DOCUMENT_DID_SAVE, _saved)
    server.on_notification(types.NOTEBOOK_DOCUMENT_DID_CLOSE, _closed)


def _opened(server: "Server", params: types.DidOpenNotebookDocumentParams) -> None:
    server.checking.take_back(params.notebook_document.uri)
    server.session.analyze(params.notebook_document.uri)


def _changed(server: "Server", params: types.DidChangeNotebookDocumentParams) -> None:
    """Analyse the whole notebook anew; what is shown of cells that are gone is taken back at once."""
    if params.change.cells is None:
        return
    uri = params.notebook_document.uri
    server.session.touch(uri)
    snapshot = server.session.documents.snapshot(uri)
    if snapshot is not None:
        server.marks.sweep(uri, (cell.uri for cell in snapshot.cells or ()))
        server.session.analyze(uri, wait=True)


def _saved(server: "Server", params: types.DidSaveNotebookDocumentParams) -> None:
    server.session.save(params.notebook_document.uri)
    server.session.analyze(params.notebook_document.uri, again=True)


def _closed(server: "Server", params: types.DidCloseNotebookDocumentParams) -> None:
    uri = params.notebook_document.uri
    server.session.forget(uri)
    server.marks.sweep(uri)
