"""Diagnostics for editors that ask for them."""

import logging
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ml_architect.lsp.convert import SOURCE, diagnostic
from ml_architect.lsp.protocol import RefusalError

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

logger = logging.getLogger(__name__)

_EMPTY: types.DocumentDiagnosticReport = types.RelatedFullDocumentDiagnosticReport(items=())


class SupersededError(RefusalError):
    """The document has changed, or the analysis failed, while the editor waited."""

    CODE = int(types.LSPErrorCodes.ServerCancelled)

    def __init__(self, *, retrigger: bool) -> None:
        data = types.DiagnosticServerCancellationData(retrigger_request=retrigger)
        super().__init__("there is no report on this version", data=data)


def register(server: "Server") -> None:
    """Register nothing: whether reports can be asked for depends on the editor."""


def offer_pull(server: "Server") -> None:
    """Let the editor ask for reports; called while our capabilities are not yet computed."""
    options = types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier=SOURCE)
    server.on_request(types.TEXT_DOCUMENT_DIAGNOSTIC, _pull, _EMPTY, options)


async def refresh(server: "Server") -> None:
    """Let the editor ask for all reports again."""
    try:
        await server.workspace_diagnostic_refresh_async(None)
    except JsonRpcException as error:
        logger.warning("the editor did not ask again: %s", error)


async def _pull(server: "Server", params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """Return the findings, or that they are still those that the editor has.

    Raises:
        SupersededError: if the document has changed while the editor waited.
    """
    uri = params.text_document.uri
    before = server.session.documents.snapshot(uri)
    if before is None or not before.is_python:
        return _EMPTY
    if params.previous_result_id is not None and server.session.waits_for_save(uri):
        return types.RelatedUnchangedDocumentDiagnosticReport(params.previous_result_id)
    current = await server.session.current(uri, wait=True, again=True)
    if current is None or not server.session.is_present(current.snapshot):
        raise SupersededError(retrigger=not server.session.is_present(before))
    if params.previous_result_id == current.report.result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(current.report.result_id)
    return types.RelatedFullDocumentDiagnosticReport(
        items=[diagnostic(finding, current.snapshot, server.profile) for finding in current.report.findings],
        result_id=current.report.result_id,
    )
