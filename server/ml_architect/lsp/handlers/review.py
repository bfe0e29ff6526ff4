"""The review of a file or of a project's folder: a request for our own extension, a command for all editors."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp import dialogue
from ml_architect.lsp.convert import SOURCE
from ml_architect.lsp.documents import path_of
from ml_architect.lsp.remote import WorkerError
from ml_architect.lsp.reviews import Gathered, gather, written
from ml_architect.lsp.wishes import fields_of

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

REVIEW = f"{SOURCE}/review"
"""Request; parameters ``uri`` (a file, or a folder), ``workDoneToken``, ``consent``, ``model``."""
COMMAND = f"{SOURCE}.review"
"""Command; argument ``{"uri"}``."""


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_request(REVIEW, _reviewed, None)
    server.on_command(COMMAND, lambda argument: _begin(server, argument))


async def _reviewed(server: "Server", params: object) -> dict[str, object] | None:
    """Answer with the page; cancelling the request ends the work between two files.

    The result has ``title``, ``html`` (a whole page), ``markdown``, ``message`` (why there is no page, or no written
    assessment; else empty), and ``consent`` where the user has to agree first before code is sent.
    """
    fields = fields_of(params)
    gathered = await _gathered(server, fields)
    if isinstance(gathered, str):
        return _nothing(gathered)
    try:
        page = await written(server, gathered)
    except WorkerError as error:
        return _nothing(str(error))
    server.tell(*page.problems)
    return {"title": page.title, "html": page.html, "markdown": page.markdown, "message": ""}


async def _gathered(server: "Server", fields: Mapping[str, object]) -> Gathered | str:
    """Return what the files of a request say, or why there is nothing to review."""
    uri = fields.get("uri")
    place = path_of(uri) if isinstance(uri, str) else None
    if not isinstance(uri, str) or (place is None and server.session.documents.find(uri) is None):
        return "there is no file or folder to review"
    token = fields.get("workDoneToken")

    def report(words: str, percentage: int) -> None:
        if isinstance(token, str | int):
            progress = types.WorkDoneProgressReport(message=words, percentage=percentage)
            server.work_done_progress.report(token, progress)

    try:
        return await gather(server, uri, place or Path("untitled.py"), report)
    except WorkerError as error:
        return str(error)


def _nothing(message: str) -> dict[str, object]:
    return {"title": "", "html": "", "markdown": "", "message": message}


async def _begin(server: "Server", argument: object) -> None:
    """Begin a review; the command itself ends at once, because cancelling a command does not end its work."""
    server.spawn(COMMAND, _show(server, fields_of(argument)))


async def _show(server: "Server", fields: Mapping[str, object]) -> None:
    result = await _reviewed(server, fields)
    if result is None or result["message"]:
        reason = str(result["message"]) if result else "the review failed, see the log"
        dialogue.say(server, reason, types.MessageType.Warning)
    if result is not None and result["markdown"]:
        await dialogue.show(server, str(result["markdown"]), ".md")
