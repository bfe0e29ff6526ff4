"""Code actions that ask a model: commands, so that looking at a menu costs nothing; and what waits from before."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.architect.model.access import Missing
from ml_architect.lsp.convert import workspace_edit
from ml_architect.lsp.outcomes import Proposal
from ml_architect.lsp.report import Finding
from ml_architect.lsp.session import Current
from ml_architect.lsp.wishes import EXPLAIN, FIX

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server


def architect_actions(
    server: "Server",
    current: Current,
    findings: Sequence[Finding],
    known: Callable[[Finding], types.Diagnostic],
    *,
    by_itself: bool,
) -> list[types.CodeAction]:
    """Return the actions that ask a model about `findings`: commands, never edits, so that looking costs nothing."""
    subjects = [finding for finding in findings if finding.eligible or finding.explainable]
    if not subjects or current.snapshot.cells is not None:  # a model is not asked about notebooks
        return []
    waiting = [_waiting(server, proposal) for proposal in server.asking.waiting(current.snapshot)]
    access = server.asking.access(current)
    if isinstance(access, Missing):
        repairable = next((finding for finding in subjects if finding.eligible), None)
        tells = server.profile.disables_actions and not by_itself
        return [_disabled(access, known(repairable))] if repairable is not None and tells else []
    actions = waiting
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


def _action(server: "Server", title: str, command: str, uri: str, finding: Finding, scope: str) -> types.CodeAction:
    argument = {"uri": uri, "finding": finding.fingerprint, "scope": scope}
    kind = types.CodeActionKind.QuickFix if scope == "finding" else types.CodeActionKind.RefactorRewrite
    action = types.CodeAction(title=title, kind=kind, command=types.Command(title, command, arguments=[argument]))
    if server.profile.marks_llm_actions:
        action.tags = [types.CodeActionTag.LlmGenerated]
    return action


def _waiting(server: "Server", proposal: Proposal) -> types.CodeAction:
    """Return an action that makes a change which was proposed before; nothing is asked any more."""
    action = types.CodeAction(
        title=f"ml-architect: apply the proposed change ({proposal.title})",
        kind=types.CodeActionKind.QuickFix,
        edit=workspace_edit(proposal.edits, proposal.snapshot, server.profile),
    )
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
