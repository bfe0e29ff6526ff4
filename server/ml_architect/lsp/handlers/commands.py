"""Asking a model in any editor: a command starts the work, and dialogues of the protocol end it."""

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.architect.consent import disclosure
from ml_architect.architect.model.access import Access, Missing
from ml_architect.architect.values import Task, Tier
from ml_architect.lsp import dialogue
from ml_architect.lsp.asking import Question
from ml_architect.lsp.outcomes import Answer, Proposal
from ml_architect.lsp.session import Current
from ml_architect.lsp.wishes import EXPLAIN, FIX, PROMPT, STATUS, question_of

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

_APPLY, _PREVIEW, _DISCARD = "Apply", "Preview", "Discard"
_SEND, _SHOW_FIRST, _CANCEL = "Send", "Show what would be sent", "Cancel"


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_command(FIX, lambda argument: _command(server, Task.FIX, argument))
    server.on_command(EXPLAIN, lambda argument: _command(server, Task.EXPLAIN, argument))
    server.on_command(PROMPT, lambda argument: _show_prompt(server, argument))
    server.on_command(STATUS, lambda _: _show_status(server))


async def _command(server: "Server", task: Task, argument: object) -> None:
    """Begin to ask; the command itself ends at once, because cancelling a command does not end its work."""
    question = question_of(argument, task)
    if question is not None:
        server.spawn("asking a model", _converse(server, question))


async def _converse(server: "Server", question: Question) -> None:
    current = await server.session.current(question.uri)
    if current is None:
        return
    access = server.asking.access(current)
    if isinstance(access, Missing):
        dialogue.say(server, f"{access.reason}; {access.remedy}", types.MessageType.Warning)
        return
    try:
        if not await _consents(server, question, current, access):
            return
    except dialogue.CannotAskError:
        text = f"this editor cannot ask you, so nothing is sent: {disclosure(access)}"
        dialogue.say(server, text, types.MessageType.Warning)
        return
    title = f"{'fixing' if question.task is Task.FIX else 'explaining'} with {access.model}"
    work = asyncio.get_running_loop().create_task(_with_progress(server, title, question, current, access))
    try:
        answer = await work
    except asyncio.CancelledError:
        answer = Answer("cancelled", "cancelled")
    await _present(server, question, answer)


async def _with_progress(server: "Server", title: str, question: Question, current: Current, access: Access) -> Answer:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - this coroutine is only run as a task
    async with dialogue.Progress(server, title, task) as progress:
        return await server.asking.ask(question, current, access, progress.report)


async def _consents(server: "Server", question: Question, current: Current, access: Access) -> bool:
    """Ask once for each host whether code may be sent there."""
    if server.asking.consent.given(access):
        return True
    while True:
        choice = await dialogue.choose(server, disclosure(access), (_SEND, _SHOW_FIRST, _CANCEL))
        if choice != _SHOW_FIRST:
            break
        await dialogue.show(server, await server.asking.prompt(question, current, access), ".txt")
    if choice == _SEND:
        server.asking.consent.give(access)
    return choice == _SEND


async def _present(server: "Server", question: Question, answer: Answer) -> None:
    """Show how a question ended."""
    if answer.explanation and answer.proposal is None:
        await dialogue.show(server, answer.explanation, ".md")
    if answer.proposal is not None:
        try:
            await _offer(server, answer, answer.proposal)
        except dialogue.CannotAskError:
            await _keep(server, answer, answer.proposal)
    elif answer.state in {"failed", "declined"} or (question.task is Task.FIX and answer.state == "explained"):
        dialogue.say(server, answer.message, types.MessageType.Warning)


async def _offer(server: "Server", answer: Answer, proposal: Proposal) -> None:
    """Let the user apply, look at or discard a change; one that changes more than the finding is looked at first."""
    titles = [_APPLY, _PREVIEW, _DISCARD] if proposal.tier is Tier.PROVEN else [_PREVIEW, _DISCARD]
    choice = await dialogue.choose(server, answer.message, titles)
    if choice == _PREVIEW and server.profile.confirms_edits:
        problem = await dialogue.apply(server, proposal, confirm=True)
    elif choice == _PREVIEW:
        await dialogue.show(server, proposal.patch, ".diff")
        choice = await dialogue.choose(server, f"apply this change? {answer.message}", (_APPLY, _DISCARD))
        problem = await dialogue.apply(server, proposal) if choice == _APPLY else ""
    else:
        problem = await dialogue.apply(server, proposal) if choice == _APPLY else ""
    if problem:
        dialogue.say(server, problem, types.MessageType.Warning)
    if choice in (None, _DISCARD):
        server.asking.discard(proposal.name)


async def _keep(server: "Server", answer: Answer, proposal: Proposal) -> None:
    """Show a change, and let it wait for the user where they look for repairs."""
    server.asking.keep(proposal)
    await dialogue.show(server, proposal.patch, ".diff")
    dialogue.say(server, f"{answer.message}; this editor cannot ask you, so it waits among the code actions")


async def _show_prompt(server: "Server", argument: object) -> None:
    question = question_of(argument, Task.FIX)
    current = await server.session.current(question.uri) if question else None
    if question is not None and current is not None:
        access = server.asking.access(current)
        known = None if isinstance(access, Missing) else access
        await dialogue.show(server, await server.asking.prompt(question, current, known), ".txt")


async def _show_status(server: "Server") -> None:
    dialogue.say(server, server.asking.summary())
