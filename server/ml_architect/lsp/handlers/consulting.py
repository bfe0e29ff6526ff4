"""Questions of the user's own: a request of our extension, which can really be cancelled, and a command for others."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.architect.answers import given_answer
from ml_architect.architect.consent import disclosure
from ml_architect.architect.model.access import Access, Missing
from ml_architect.lsp import dialogue
from ml_architect.lsp.consulting import Consultation, Page
from ml_architect.lsp.handlers.architect import reporter
from ml_architect.lsp.wishes import fields_of

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

REQUEST, COMMAND = "ml-architect/ask", "ml-architect.ask"
WHAT = "your question, and the code of the file that it is about,"
"""What the user agrees to send."""
_SEND, _SHOW_FIRST, _CANCEL = "Send", "Show what would be sent", "Cancel"
_NO_DOCUMENT = "this document is not open, or is no Python"


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_request(REQUEST, _asked, None)
    server.on_command(COMMAND, lambda argument: _command(server, argument))


async def _asked(server: "Server", params: object) -> dict[str, object] | None:
    """Answer a question; cancelling the request ends the call to the provider.

    Parameters: ``question``, ``uri`` (an open document that it is about), ``answers`` (to questions of the model, a
    list of ``key=value``), ``questions`` (false: the model may ask none), ``workDoneToken``, ``consent`` (true once
    the user has agreed to send to the host), ``prompt`` (true: return ``{"text"}``, exactly what would be sent, and
    send nothing).
    The result has ``title``, ``html``, ``markdown``, ``state`` (``answered``, ``questions``, ``pages``, ``failed``),
    ``message``, and ``consent`` (what the user has to agree to first) where that is so.
    """
    fields = fields_of(params)
    begun = await _begun(server, fields)
    if isinstance(begun, str):
        return _result(Page("failed", begun))
    consultation, access = begun
    if fields.get("prompt") is True:
        return {"text": await server.consulting.prompt(consultation, access)}
    if isinstance(access, Missing):
        return _result(await server.consulting.pages(consultation.question, access))
    if fields.get("consent") is True:
        server.asking.consent.give(access)
    if not server.asking.consent.given(access):
        return {**_result(Page("failed", "nothing may be sent yet")), "consent": disclosure(access, WHAT)}
    return _result(await server.consulting.ask(consultation, access, reporter(server, fields.get("workDoneToken"))))


async def _begun(server: "Server", fields: Mapping[str, object]) -> tuple[Consultation, Access | Missing] | str:
    """Return the question and the model that may be asked, or why there is none."""
    question, uri, answers = fields.get("question"), fields.get("uri"), fields.get("answers")
    if not isinstance(question, str) or not question.strip():
        return "there is no question"
    given = dict(filter(None, (given_answer(str(text)) for text in answers))) if isinstance(answers, list) else {}
    may_ask = fields.get("questions") is not False
    found = await server.consulting.begin(question, uri if isinstance(uri, str) else None, given, may_ask=may_ask)
    if found is None:
        return _NO_DOCUMENT
    consultation, current = found
    return consultation, server.asking.access(current)


def _result(page: Page) -> dict[str, object]:
    return {
        "title": page.title,
        "html": page.html,
        "markdown": page.markdown,
        "state": page.state,
        "message": page.message,
    }


# --- editors without our extension --------------------------------------------------------------------


async def _command(server: "Server", argument: object) -> None:
    """Begin to ask; the argument is ``{"question", "uri"}``. The command itself ends at once."""
    server.spawn("asking a model", _converse(server, fields_of(argument)))


async def _converse(server: "Server", fields: Mapping[str, object]) -> None:
    begun = await _begun(server, fields)
    if isinstance(begun, str):
        dialogue.say(server, begun, types.MessageType.Warning)
        return
    consultation, access = begun
    if isinstance(access, Missing):
        page = await server.consulting.pages(consultation.question, access)
    else:
        try:
            if not await _consents(server, consultation, access):
                return
        except dialogue.CannotAskError:
            text = f"this editor cannot ask you, so nothing is sent: {disclosure(access, WHAT)}"
            dialogue.say(server, text, types.MessageType.Warning)
            return
        work = asyncio.get_running_loop().create_task(_with_progress(server, consultation, access))
        try:
            page = await work
        except asyncio.CancelledError:
            return
    if page.markdown:
        await dialogue.show(server, page.markdown, ".md")
    if page.state in {"failed", "pages"}:
        dialogue.say(server, page.message, types.MessageType.Warning)


async def _with_progress(server: "Server", consultation: Consultation, access: Access) -> Page:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - this coroutine is only run as a task
    async with dialogue.Progress(server, f"asking {access.model}", task) as progress:
        return await server.consulting.ask(consultation, access, progress.report)


async def _consents(server: "Server", consultation: Consultation, access: Access) -> bool:
    """Ask once for each host whether anything may be sent there."""
    if server.asking.consent.given(access):
        return True
    while True:
        choice = await dialogue.choose(server, disclosure(access, WHAT), (_SEND, _SHOW_FIRST, _CANCEL))
        if choice != _SHOW_FIRST:
            break
        await dialogue.show(server, await server.consulting.prompt(consultation, access), ".txt")
    if choice == _SEND:
        server.asking.consent.give(access)
    return choice == _SEND
