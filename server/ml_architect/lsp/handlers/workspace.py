"""Findings in files that are not open: on request of the editor where the settings ask for it, and by a command."""

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp import dialogue
from ml_architect.lsp.convert import SOURCE
from ml_architect.lsp.documents import path_of
from ml_architect.lsp.remote import WorkerError
from ml_architect.lsp.workspace import MOST_FILES, CheckedFile

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

CHECK = f"{SOURCE}.checkWorkspace"
"""Command without an argument."""

_Report = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_command(CHECK, lambda _: _begin(server))


def offer_pull(server: "Server") -> None:
    """Let the editor ask for the whole workspace; called while our capabilities are not yet computed."""
    server.on_request(types.WORKSPACE_DIAGNOSTIC, _pull, types.WorkspaceDiagnosticReport(items=[]))


async def _pull(server: "Server", params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
    """Return reports on the files that are not open; in parts, if the editor takes them so."""
    known = {path: item for item in params.previous_result_ids if (path := path_of(item.uri)) is not None}
    ids = {path: item.value for path, item in known.items()}
    items: list[_Report] = []
    try:
        found = await server.checking.files(always=False)
        async for batch in server.checking.reports(found.paths, ids):
            items += [_report(server, checked) for checked in batch if checked is not None]
            if params.partial_result_token is not None and items:
                partial = types.WorkspaceDiagnosticReportPartialResult(items=items)
                server.protocol.notify(types.PROGRESS, types.ProgressParams(params.partial_result_token, partial))
                items = []
    except WorkerError as error:
        server.tell(str(error))
        return types.WorkspaceDiagnosticReport(items=items)
    documents = server.session.documents
    gone = [item for path, item in known.items() if path not in found.paths and documents.find(item.uri) is None]
    items += [types.WorkspaceFullDocumentDiagnosticReport(uri=item.uri, items=[]) for item in gone]
    return types.WorkspaceDiagnosticReport(items=items)


def _report(server: "Server", checked: CheckedFile) -> _Report:
    uri, name = checked.path.as_uri(), checked.report.result_id
    if checked.source is None:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=name)
    items = server.checking.diagnostics(checked, checked.source)
    return types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=items, result_id=name)


async def _begin(server: "Server") -> None:
    """Begin a check; the command itself ends at once, and a check that is still under way ends for the new one."""
    server.checking.abandon()
    server.spawn(CHECK, _check(server))


async def _check(server: "Server") -> None:
    server.checking.task = asyncio.get_running_loop().create_task(_push_all(server))
    try:
        findings = await server.checking.task
    except asyncio.CancelledError:
        return
    except WorkerError as error:
        server.tell(str(error))
        return
    finally:
        server.checking.task = None
    dialogue.say(
        server, f"{findings} finding{'' if findings == 1 else 's'} in the files of the workspace that are not open"
    )


async def _push_all(server: "Server") -> int:
    """Push the findings in all files that are not open, and return how many there are."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - this coroutine is only run as a task
    count = 0
    async with dialogue.Progress(server, f"{SOURCE}: checking the workspace", task, "looking for files") as progress:
        found = await server.checking.files(always=True)
        done = 0
        async for batch in server.checking.reports(found.paths, {}):
            for checked in batch:
                if checked is not None:
                    server.checking.push(checked)
                    count += len(checked.report.findings)
            done += len(batch)
            progress.say(f"{done} of {len(found.paths)} files", 100 * done // len(found.paths))
    if not found.is_all:
        server.tell(
            f"the workspace has more than {MOST_FILES} Python files, of which the first {MOST_FILES} were checked"
        )
    return count
