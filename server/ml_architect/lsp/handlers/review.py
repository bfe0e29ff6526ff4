"""The review of a file or of a project's folder: a request for our own extension, a command for all editors."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.architect.consent import disclosure
from ml_architect.architect.model.access import Missing
from ml_architect.lsp import dialogue
from ml_architect.lsp.convert import SOURCE
from ml_architect.lsp.documents import path_of
from ml_architect.lsp.handlers.architect import reporter
from ml_architect.lsp.remote import WorkerError
from ml_architect.lsp.reviewing import Reviewed, ReviewPage
from ml_architect.lsp.reviews import Report, assessed, gather, prompted, written
from ml_architect.lsp.wishes import fields_of

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

REVIEW = f"{SOURCE}/review"
"""Request; parameters ``uri`` (a file, or a folder), ``workDoneToken``, ``consent``, ``model``, ``prompt``."""
COMMAND = f"{SOURCE}.review"
"""Command; argument ``{"uri"}``."""


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_request(REVIEW, _reviewed, None)
    server.on_command(COMMAND, lambda argument: _begin(server, argument))


async def _reviewed(server: "Server", params: object) -> dict[str, object] | None:
    """Answer with the page; cancelling the request ends the work between two files, and a call to a provider at once.

    The result has ``title``, ``html`` (a whole page), ``markdown``, ``message`` (why there is no page, or no written
    assessment; else empty), and ``consent`` where the user has to agree first before code is sent. With ``prompt`` it
    is ``{"text"}``, exactly what would be sent, and nothing is sent.
    """
    fields = fields_of(params)
    uri = fields.get("uri")
    place = path_of(uri) if isinstance(uri, str) else None
    if not isinstance(uri, str) or (place is None and server.session.documents.find(uri) is None):
        return _nothing("there is no file or folder to review")
    shows = fields.get("prompt") is True
    asks = fields.get("model") is True or shows
    report = _files_report(server, fields.get("workDoneToken"))
    try:
        gathered = await gather(server, uri, place or Path("untitled.py"), report, wants_text=asks)
        page = await written(server, gathered)
        server.tell(*page.problems)
        if shows:
            access = server.asking.access_under(page.limits)
            return {"text": await prompted(server, gathered, None if isinstance(access, Missing) else access)}
        return await _assessed(server, gathered, page, fields) if asks else _page(page)
    except WorkerError as error:
        return _nothing(str(error))


async def _assessed(
    server: "Server", gathered: Reviewed, page: ReviewPage, fields: Mapping[str, object]
) -> dict[str, object]:
    """Return the page with a written assessment, or without one and why."""
    access = server.asking.access_under(page.limits)
    if isinstance(access, Missing):
        return _page(page, f"{access.reason}; {access.remedy}")
    if fields.get("consent") is True:
        server.asking.consent.give(access)
    if not server.asking.consent.given(access):
        return {**_page(page, "code may not be sent yet"), "consent": disclosure(access)}
    found = await assessed(server, gathered, access, reporter(server, fields.get("workDoneToken")))
    return _page(page, f"there is no written assessment: {found}") if isinstance(found, str) else _page(found)


def _files_report(server: "Server", token: object) -> Report:
    """Return what reports the files that were read to the display of the request, where it has one."""

    def report(words: str, percentage: int) -> None:
        if isinstance(token, str | int):
            progress = types.WorkDoneProgressReport(message=words, percentage=percentage)
            server.work_done_progress.report(token, progress)

    return report


def _page(page: ReviewPage, message: str = "") -> dict[str, object]:
    return {"title": page.title, "html": page.html, "markdown": page.markdown, "message": message}


def _nothing(message: str) -> dict[str, object]:
    return {"title": "", "html": "", "markdown": "", "message": message}


async def _begin(server: "Server", argument: object) -> None:
    """Begin a review; the command itself ends at once, because cancelling a command does not end its work."""
    server.spawn(COMMAND, _show(server, {**fields_of(argument), "prompt": False}))


async def _show(server: "Server", fields: Mapping[str, object]) -> None:
    result = await _reviewed(server, fields)
    if result is None or result.get("message"):
        reason = str(result["message"]) if result else "the review failed, see the log"
        dialogue.say(server, reason, types.MessageType.Warning)
    if result is not None and result.get("markdown"):
        await dialogue.show(server, str(result["markdown"]), ".md")
