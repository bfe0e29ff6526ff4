"""Asking a model: commands for any editor, and requests, which can really be cancelled, for our own extension."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ml_architect.architect.access import Access, Missing
from ml_architect.architect.desk import Phase
from ml_architect.architect.values import Task, Tier
from ml_architect.lsp import dialogue
from ml_architect.lsp.asking import Answer, Proposal, Question
from ml_architect.lsp.convert import range_of
from ml_architect.lsp.session import Current

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

PREFIX = "ml-architect.architect"
FIX, EXPLAIN, PROMPT, STATUS = (f"{PREFIX}.{name}" for name in ("fix", "explain", "prompt", "status"))
"""Commands; the argument is ``{"uri", "finding", "scope"}``, where the scope is ``finding``, ``loop`` or ``file``."""

ASK, SHOW, APPLY, DISCARD, SUMMARY = (
    f"ml-architect/architect/{name}" for name in ("ask", "prompt", "apply", "discard", "status")
)
"""Requests; see `_asked` and the functions after it for their parameters and results."""

_APPLY, _PREVIEW, _DISCARD = "Apply", "Preview", "Discard"
_SEND, _SHOW_FIRST, _CANCEL = "Send", "Show what would be sent", "Cancel"


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_command(FIX, lambda argument: _command(server, Task.FIX, argument))
    server.on_command(EXPLAIN, lambda argument: _command(server, Task.EXPLAIN, argument))
    server.on_command(PROMPT, lambda argument: _show_prompt(server, argument))
    server.on_command(STATUS, lambda _: _show_status(server))
    server.on_request(ASK, _asked, None)
    server.on_request(SHOW, _prompted, None)
    server.on_request(APPLY, _applied, None)
    server.on_request(DISCARD, _discarded, None)
    server.on_request(SUMMARY, _summarised, None)


# --- any editor: a command starts the work, dialogues end it --------------------------------------


async def _command(server: "Server", task: Task, argument: object) -> None:
    """Begin to ask; the command itself ends at once, because cancelling a command does not end its work."""
    question = _question(argument, task)
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
    if not await _consents(server, question, current, access):
        return
    title = f"{'fixing' if question.task is Task.FIX else 'explaining'} with {access.model}"
    work = asyncio.get_running_loop().create_task(_with_progress(server, title, question, current, access))
    try:
        answer = await work
    except asyncio.CancelledError:
        answer = Answer("cancelled", "cancelled")
    await _present(server, answer)


async def _with_progress(
    server: "Server", title: str, question: Question, current: Current, access: Access
) -> Answer:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - this coroutine is only run as a task
    async with dialogue.Progress(server, title, task) as progress:
        return await server.asking.ask(question, current, access, progress.report)


async def _consents(server: "Server", question: Question, current: Current, access: Access) -> bool:
    """Ask once for each host whether code may be sent there."""
    if server.asking.consent.given(access):
        return True
    while True:
        choice = await dialogue.choose(server, access.disclosure, (_SEND, _SHOW_FIRST, _CANCEL))
        if choice != _SHOW_FIRST:
            break
        await dialogue.show(server, await server.asking.prompt(question, current, access), ".txt")
    if choice == _SEND:
        server.asking.consent.give(access)
    return choice == _SEND


async def _present(server: "Server", answer: Answer) -> None:
    """Show how a question ended."""
    if answer.explanation and answer.proposal is None:
        await dialogue.show(server, answer.explanation, ".md")
    if answer.proposal is not None:
        await _offer(server, answer, answer.proposal)
    elif answer.state in {"failed", "declined"}:
        dialogue.say(server, answer.message, types.MessageType.Warning)


async def _offer(server: "Server", answer: Answer, proposal: Proposal) -> None:
    """Let the user apply, look at or discard a change; one that changes more than the finding is looked at first."""
    titles = [_APPLY, _PREVIEW, _DISCARD] if proposal.tier is Tier.PROVEN else [_PREVIEW, _DISCARD]
    choice = await dialogue.choose(server, answer.message, titles)
    if choice == _PREVIEW and server.profile.confirms_edits:
        problem = await dialogue.apply(server, proposal, confirm=True)
    elif choice == _PREVIEW:
        await dialogue.show(server, await server.asking.patch(answer), ".diff")
        choice = await dialogue.choose(server, f"apply this change? {answer.message}", (_APPLY, _DISCARD))
        problem = await dialogue.apply(server, proposal) if choice == _APPLY else ""
    else:
        problem = await dialogue.apply(server, proposal) if choice == _APPLY else ""
    if problem:
        dialogue.say(server, problem, types.MessageType.Warning)
    if choice in (None, _DISCARD):
        server.asking.discard(proposal.name)


async def _show_prompt(server: "Server", argument: object) -> None:
    question = _question(argument, Task.FIX)
    current = await server.session.current(question.uri) if question else None
    if question is not None and current is not None:
        access = server.asking.access(current)
        known = None if isinstance(access, Missing) else access
        await dialogue.show(server, await server.asking.prompt(question, current, known), ".txt")


async def _show_status(server: "Server") -> None:
    dialogue.say(server, server.asking.summary())


# --- our own extension: requests -------------------------------------------------------------------


async def _asked(server: "Server", params: object) -> dict[str, object] | None:
    """Answer a question; cancelling the request ends the call to the provider.

    Parameters: ``uri``, ``finding``, ``scope``, ``task`` (``fix`` or ``explain``), ``workDoneToken``, ``consent``
    (true once the user has agreed to send code to the host). The result has ``state``, ``message``, and where they
    apply ``explanation`` (Markdown), ``proposal`` (``id``, ``title``, ``tier``, ``also``, ``text``), ``consent``
    (what the user has to agree to first).
    """
    fields = _fields(params)
    question = _question(fields, Task.EXPLAIN if fields.get("task") == "explain" else Task.FIX)
    current = await server.session.current(question.uri) if question else None
    if question is None or current is None:
        return _result(Answer("failed", "there is no such finding in this version of the document"))
    access = server.asking.access(current)
    if isinstance(access, Missing):
        return _result(Answer("failed", f"{access.reason}; {access.remedy}"))
    if fields.get("consent") is True:
        server.asking.consent.give(access)
    if not server.asking.consent.given(access):
        return {**_result(Answer("failed", "code may not be sent yet")), "consent": access.disclosure}
    answer = await server.asking.ask(question, current, access, _reporter(server, fields.get("workDoneToken")))
    result = _result(answer)
    if answer.proposal is not None:
        result["proposal"] = {**_proposed(answer.proposal), "text": await server.asking.text(answer)}
    return result


async def _prompted(server: "Server", params: object) -> dict[str, object] | None:
    """Return ``{"text"}``: exactly what would be sent."""
    question = _question(_fields(params), Task.FIX)
    current = await server.session.current(question.uri) if question else None
    if question is None or current is None:
        return None
    access = server.asking.access(current)
    return {"text": await server.asking.prompt(question, current, None if isinstance(access, Missing) else access)}


async def _applied(server: "Server", params: object) -> dict[str, object] | None:
    """Apply the proposal ``id``; return ``{"applied", "reason"}``."""
    proposal = server.asking.proposal(str(_fields(params).get("id")))
    problem = "this change was discarded or is unknown" if proposal is None else await dialogue.apply(server, proposal)
    return {"applied": not problem, "reason": problem}


async def _discarded(server: "Server", params: object) -> None:
    """Forget the proposal ``id``."""
    server.asking.discard(str(_fields(params).get("id")))


async def _summarised(server: "Server", params: object) -> dict[str, object] | None:
    """Return ``{"model", "host", "problem", "ledger"}`` for the document ``uri``."""
    current = await server.session.current(str(_fields(params).get("uri")))
    if current is None:
        return {"model": None, "host": None, "problem": None, "ledger": server.asking.summary()}
    access = server.asking.access(current)
    missing = isinstance(access, Missing)
    return {
        "model": None if isinstance(access, Missing) else access.model,
        "host": None if isinstance(access, Missing) else access.host,
        "problem": f"{access.reason}; {access.remedy}" if isinstance(access, Missing) else None,
        "ledger": server.asking.summary(),
        "available": not missing,
    }


# --- code actions ----------------------------------------------------------------------------------


def offers(
    server: "Server", current: Current, findings: "list[Any]", known: Callable[[Any], types.Diagnostic]
) -> list[types.CodeAction]:
    """Return the actions that ask a model about `findings`: commands, never edits, so that looking costs nothing."""
    subjects = [finding for finding in findings if finding.eligible or finding.explainable]
    if not subjects:
        return []
    access = server.asking.access(current)
    if isinstance(access, Missing):
        return [_disabled(access, known(subjects[0]))] if server.profile.disables_actions and access.worth_saying else []
    actions = []
    for finding in subjects:
        uri = current.snapshot.uri
        titles = [(FIX, "finding", f"fix with {access.model}")] if finding.eligible else []
        titles += [(EXPLAIN, "finding", f"explain with {access.model}")]
        for command, scope, title in titles:
            actions.append(_action(server, f"ml-architect ({finding.code}): {title}", command, uri, finding, scope))
            actions[-1].diagnostics = [known(finding)]
    eligible = [finding for finding in current.report.findings if finding.eligible]
    first = next((finding for finding in subjects if finding.eligible), None)
    if first is not None and len(eligible) > 1:
        for scope, what in (("loop", "this training loop"), ("file", "this file")):
            title = f"ml-architect: repair {what} with {access.model}"
            actions.append(_action(server, title, FIX, current.snapshot.uri, first, scope))
    return actions


def _action(server: "Server", title: str, command: str, uri: str, finding: Any, scope: str) -> types.CodeAction:  # noqa: ANN401
    argument = {"uri": uri, "finding": finding.fingerprint, "scope": scope}
    kind = types.CodeActionKind.QuickFix if scope == "finding" else types.CodeActionKind.RefactorRewrite
    action = types.CodeAction(title=title, kind=kind, command=types.Command(title, command, [argument]))
    if server.profile.marks_llm_actions:
        action.tags = [types.CodeActionTag.LlmGenerated]
    return action


def _disabled(access: Missing, diagnostic: types.Diagnostic) -> types.CodeAction:
    return types.CodeAction(
        title="ml-architect: fix with the architect",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        disabled=types.CodeActionDisabled(f"{access.reason}; {access.remedy}"),
    )


# --- reading and writing ---------------------------------------------------------------------------


def _fields(params: object) -> Mapping[str, Any]:
    """Return the members of what came: a dict in commands, a named tuple in requests of our own."""
    if isinstance(params, Mapping):
        return params
    as_dict = getattr(params, "_asdict", None)
    return as_dict() if as_dict else {}


def _question(argument: object, task: Task) -> Question | None:
    fields = _fields(argument)
    uri, finding, scope = fields.get("uri"), fields.get("finding"), fields.get("scope", "finding")
    if isinstance(uri, str) and isinstance(finding, str) and scope in ("finding", "loop", "file"):
        return Question(uri, task, finding, scope)
    return None


def _reporter(server: "Server", token: object) -> Callable[[Phase, int], None]:
    """Return what reports to the extension's own progress display."""

    def report(phase: Phase, characters: int) -> None:
        if isinstance(token, str | int):
            words = f"{phase.value}, {characters} characters" if characters else phase.value
            server.work_done_progress.report(token, types.WorkDoneProgressReport(message=words))

    return report


def _result(answer: Answer) -> dict[str, object]:
    result: dict[str, object] = {"state": answer.state, "message": answer.message}
    if answer.explanation:
        result["explanation"] = answer.explanation
    return result


def _proposed(proposal: Proposal) -> dict[str, object]:
    return {
        "id": proposal.name,
        "title": proposal.title,
        "tier": proposal.tier.value,
        "also": list(proposal.also),
        "version": proposal.snapshot.version,
    }
