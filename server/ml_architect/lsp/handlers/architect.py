"""Asking a model in our own extension: requests, which can really be cancelled."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.architect.consent import disclosure
from ml_architect.architect.desk import Phase
from ml_architect.architect.model.access import Missing
from ml_architect.architect.values import Task
from ml_architect.lsp import dialogue
from ml_architect.lsp.outcomes import Answer, Proposal
from ml_architect.lsp.wishes import fields_of, question_of

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

ASK, SHOW, APPLY, DISCARD, SUMMARY = (
    f"ml-architect/architect/{name}" for name in ("ask", "prompt", "apply", "discard", "status")
)


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_request(ASK, _asked, None)
    server.on_request(SHOW, _prompted, None)
    server.on_request(APPLY, _applied, None)
    server.on_request(DISCARD, _discarded, None)
    server.on_request(SUMMARY, _summarised, None)


async def _asked(server: "Server", params: object) -> dict[str, object] | None:
    """Answer a question; cancelling the request ends the call to the provider.

    Parameters: ``uri``, ``finding``, ``scope``, ``task`` (``fix`` or ``explain``), ``workDoneToken``, ``consent``
    (true once the user has agreed to send code to the host). The result has ``state``, ``message``, and where they
    apply ``explanation`` (Markdown), ``rung`` (the check that refused the reply), ``proposal`` (``id``, ``title``,
    ``tier``, ``also``, ``text``), ``consent`` (what the user has to agree to first).
    """
    fields = fields_of(params)
    question = question_of(fields, Task.EXPLAIN if fields.get("task") == "explain" else Task.FIX)
    current = await server.session.current(question.uri) if question else None
    if question is None or current is None:
        return _result(Answer("failed", "there is no such finding in this version of the document"))
    access = server.asking.access(current)
    if isinstance(access, Missing):
        return _result(Answer("failed", f"{access.reason}; {access.remedy}"))
    if fields.get("consent") is True:
        server.asking.consent.give(access)
    if not server.asking.consent.given(access):
        return {**_result(Answer("failed", "code may not be sent yet")), "consent": disclosure(access)}
    answer = await server.asking.ask(question, current, access, reporter(server, fields.get("workDoneToken")))
    result = _result(answer)
    if answer.proposal is not None:
        result["proposal"] = {**_proposed(answer.proposal), "text": answer.proposal.text}
    return result


async def _prompted(server: "Server", params: object) -> dict[str, object] | None:
    """Return ``{"text"}``: exactly what would be sent."""
    question = question_of(fields_of(params), Task.FIX)
    current = await server.session.current(question.uri) if question else None
    if question is None or current is None:
        return None
    access = server.asking.access(current)
    return {"text": await server.asking.prompt(question, current, None if isinstance(access, Missing) else access)}


async def _applied(server: "Server", params: object) -> dict[str, object] | None:
    """Apply the proposal ``id``; return ``{"applied", "reason"}``."""
    proposal = server.asking.proposal(str(fields_of(params).get("id")))
    problem = "this change was discarded or is unknown" if proposal is None else await dialogue.apply(server, proposal)
    return {"applied": not problem, "reason": problem}


async def _discarded(server: "Server", params: object) -> None:
    """Forget the proposal ``id``."""
    server.asking.discard(str(fields_of(params).get("id")))


async def _summarised(server: "Server", params: object) -> dict[str, object] | None:
    """Return ``{"model", "host", "problem", "ledger"}`` for the document ``uri``."""
    current = await server.session.current(str(fields_of(params).get("uri")))
    if current is None:
        return {"model": None, "host": None, "problem": None, "ledger": server.asking.summary()}
    access = server.asking.access(current)
    missing = isinstance(access, Missing)
    return {
        "model": None if isinstance(access, Missing) else access.model,
        "host": None if isinstance(access, Missing) else str(access.host),
        "problem": f"{access.reason}; {access.remedy}" if isinstance(access, Missing) else None,
        "ledger": server.asking.summary(),
        "available": not missing,
    }


def reporter(server: "Server", token: object) -> Callable[[Phase, int], None]:
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
    verdict = answer.outcome.verdict if answer.outcome else None
    if verdict is not None and verdict.refusal is not None:
        result["rung"] = verdict.refusal.rung.value
    return result


def _proposed(proposal: Proposal) -> dict[str, object]:
    return {
        "id": proposal.name,
        "title": proposal.title,
        "tier": proposal.tier.value,
        "also": list(proposal.also),
        "version": proposal.snapshot.version,
    }
