"""Opening, changing, saving and closing documents. The texts themselves are already up to date here."""

from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp.handlers import diagnostics

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_notification(types.TEXT_DOCUMENT_DID_OPEN, _opened)
    server.on_notification(types.TEXT_DOCUMENT_DID_CHANGE, _changed)
    server.on_notification(types.TEXT_DOCUMENT_DID_SAVE, _saved, types.SaveOptions(include_text=False))
    server.on_notification(types.TEXT_DOCUMENT_DID_CLOSE, _closed)


def _opened(server: "Server", params: types.DidOpenTextDocumentParams) -> None:
    server.checking.take_back(params.text_document.uri)
    if not server.profile.pulls:
        server.session.analyze(params.text_document.uri)


def _changed(server: "Server", params: types.DidChangeTextDocumentParams) -> None:
    server.session.touch(params.text_document.uri)
    server.asking.drop(params.text_document.uri, "the document has changed")
    if not server.profile.pulls:
        server.session.analyze(params.text_document.uri, wait=True)


def _saved(server: "Server", params: types.DidSaveTextDocumentParams) -> None:
    """Analyse without waiting; the file may also be what another file's settings depend on."""
    uri = params.text_document.uri
    if not server.profile.pulls:
        server.session.save(uri)
        server.session.analyze(uri, again=True)
    elif server.session.waits_for_save(uri):
        server.session.save(uri)
        server.spawn("refresh", diagnostics.refresh(server))
    else:
        server.session.save(uri)


def _closed(server: "Server", params: types.DidCloseTextDocumentParams) -> None:
    server.session.forget(params.text_document.uri)
    server.asking.forget(params.text_document.uri)
    server.withdraw(params.text_document.uri)
