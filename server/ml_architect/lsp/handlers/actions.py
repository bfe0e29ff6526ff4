"""Code actions: repairs of single findings, of one rule, of all; and comments that silence."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import attrs
from lsprotocol import types

from ml_architect.lsp.convert import SOURCE, diagnostic, range_of, workspace_edit
from ml_architect.lsp.disabling import disabling_actions
from ml_architect.lsp.handlers.everywhere import FIX_RULE
from ml_architect.lsp.jobs import FixAll, FixEach, FixRule, Job, Suppress
from ml_architect.lsp.offers import architect_actions
from ml_architect.lsp.report import Finding, Repair
from ml_architect.lsp.session import Current
from ml_architect.lsp.snapshot import Snapshot

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

QUICK_FIX = types.CodeActionKind.QuickFix.value
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.{SOURCE}"
REWRITE = types.CodeActionKind.RefactorRewrite.value
NOTEBOOK_FIX_ALL = f"notebook.{FIX_ALL}"
"""For all cells at once. `FIX_ALL` is refused in a cell: editors ask it of every cell when they save a notebook."""

MOST_FINDINGS = 8
"""How many findings at most get repairs in one menu: each of them is verified before it is offered."""


class _Offer(NamedTuple):
    """An action before it has the editor's form. `order` is what it does: fix, rule, all, suppress or suppress-file."""

    order: str
    of: str
    title: str
    kind: str
    finding: Finding | None = None
    preferred: bool = False
    repair: Repair | None = None
    """The edits, where they are known already."""


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    options = types.CodeActionOptions(
        code_action_kinds=[QUICK_FIX, FIX_ALL, NOTEBOOK_FIX_ALL, REWRITE], resolve_provider=True
    )
    server.on_request(types.TEXT_DOCUMENT_CODE_ACTION, _offer, None, options)
    server.on_request(types.CODE_ACTION_RESOLVE, _resolve, None)


async def _offer(server: "Server", params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """Return what can be done about the findings that the editor asks about."""
    context = params.context
    by_itself = context.trigger_kind == types.CodeActionTriggerKind.Automatic
    if not server.profile.action_literals:
        return None
    owner = server.session.documents.owner(params.text_document.uri)
    current = await server.session.current(owner, wait=by_itself and not context.only)
    if current is None:
        return None
    kind = FIX_ALL if current.snapshot.cells is None else NOTEBOOK_FIX_ALL
    wanted = [known for known in (QUICK_FIX, REWRITE, kind) if _wants(context, known)]
    findings = _asked_about(server, current, params) if wanted not in ([], [kind]) else []
    quick = findings if QUICK_FIX in wanted else []
    fixes = await _fixes(server, current, quick)
    offers = [*fixes, *_of_one_rule(current, fixes)]
    offers += _fix_all(current, kind) if kind in wanted else []

    def known(finding: Finding) -> types.Diagnostic:
        return _known_or_new(finding, current.snapshot, server, context.diagnostics)

    actions = [await _action(server, current, offer, context.diagnostics) for offer in offers]
    actions += [] if by_itself else _everywhere(server, fixes, known)
    actions += architect_actions(server, current, findings, known, by_itself=by_itself)
    silencing = _suppressions(current, quick)  # what makes a finding go without a repair comes last
    actions += [await _action(server, current, offer, context.diagnostics) for offer in silencing]
    actions += await disabling_actions(server, current, quick, known)
    if not server.session.is_present(current.snapshot):
        return None
    return [action for action in actions if action is not None and action.kind in wanted]


def _wants(context: types.CodeActionContext, kind: str) -> bool:
    """Return whether the editor asks for `kind`, for a wider kind, or for one inside it.

    One that names none gets quick fixes while its user only moves about, and everything when they ask.
    """
    if context.only:
        return any(_is_within(kind, only) or _is_within(only, kind) for only in context.only)
    return kind == QUICK_FIX or context.trigger_kind != types.CodeActionTriggerKind.Automatic


def _is_within(kind: str, wider: str) -> bool:
    return wider in (kind, "") or kind.startswith(f"{wider}.")


def _asked_about(server: "Server", current: Current, params: types.CodeActionParams) -> list[Finding]:
    """Return the findings that touch the range, and those that the editor names (some name all of a line)."""
    snapshot, source = current.snapshot, current.snapshot.source
    uri = params.text_document.uri
    document = server.session.documents.find(uri)
    base = snapshot.start_of(uri)
    if document is None or base is None:
        return []
    start, end = (base + document.offset(document.place(place)) for place in (params.range.start, params.range.end))
    named = [known for known in params.context.diagnostics if known.source in (SOURCE, None)]
    return [
        finding
        for finding in current.report.findings
        if source.part(finding.span.start).start == base
        and (
            (finding.span.start <= end and start <= finding.span.end)
            or any(_is_same(known, finding, range_of(source, finding.span, server.profile.encoding)) for known in named)
        )
    ]


def _is_same(known: types.Diagnostic, finding: Finding, place: types.Range) -> bool:
    """Return whether the editor's diagnostic is our finding; not every editor sends our `data` back."""
    if isinstance(known.data, dict) and "finding" in known.data:
        return bool(known.data["finding"] == finding.fingerprint)
    return known.code == finding.code and known.range == place


async def _fixes(server: "Server", current: Current, findings: Sequence[Finding]) -> list[_Offer]:
    """Return the verified repairs of single findings, the safe ones first."""
    fixable = [finding for finding in findings if finding.safety is not None][:MOST_FINDINGS]
    if not fixable:
        return []
    names = tuple(finding.fingerprint for finding in fixable)
    repairs = await server.session.ask(FixEach(server.session.subject(current.snapshot), names)) or ()
    offers = [
        _Offer(
            "fix",
            finding.fingerprint,
            f"{SOURCE} ({finding.code}): {repair.title}{'' if repair.safe else ' (unsafe)'}",
            QUICK_FIX,
            finding,
            preferred=repair.safe,
            repair=repair,
        )
        for finding, repair in zip(fixable, repairs, strict=False)
        if repair is not None
    ]
    return sorted(offers, key=lambda offer: not offer.preferred)


def _of_one_rule(current: Current, fixes: Iterable[_Offer]) -> Iterator[_Offer]:
    """Offer to repair everywhere what has a repair here, once for each rule."""
    seen: set[str] = set()
    for offer in fixes:
        finding = offer.finding
        if finding is None or finding.code in seen:
            continue
        seen.add(finding.code)
        alike = [other for other in current.report.findings if other.code == finding.code and other.safety]
        if len(alike) > 1:
            mark = "" if all(other.safety == "safe" for other in alike) else " (unsafe)"
            title = f"{SOURCE}: fix all {finding.code} in this {_what(current)}{mark}"
            yield _Offer("rule", finding.code, title, QUICK_FIX, finding)


def _everywhere(
    server: "Server", fixes: Iterable[_Offer], known: Callable[[Finding], types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """Offer the command that makes the safe repairs of a rule in the whole workspace, after a question."""
    if not server.profile.applies_edits or not server.session.documents.roots:
        return
    safe = {offer.finding.code: offer.finding for offer in fixes if offer.finding and offer.preferred}
    for code, finding in safe.items():
        title = f"{SOURCE}: fix all {code} in the workspace..."
        command = types.Command(title, FIX_RULE, arguments=[{"code": code}])
        yield types.CodeAction(title=title, kind=QUICK_FIX, command=command, diagnostics=[known(finding)])


def _suppressions(current: Current, findings: Sequence[Finding]) -> Iterator[_Offer]:
    declinable = [finding for finding in findings if finding.declinable]
    for finding in declinable:
        title = f"{SOURCE}: ignore {finding.code} here with a comment"
        yield _Offer("suppress", finding.fingerprint, title, QUICK_FIX, finding)
    for code, finding in {finding.code: finding for finding in reversed(declinable)}.items():
        title = f"{SOURCE}: ignore {code} in this {_what(current)}"
        yield _Offer("suppress-file", finding.fingerprint, title, QUICK_FIX, finding)


def _fix_all(current: Current, kind: str) -> list[_Offer]:
    if any(finding.safety == "safe" for finding in current.report.findings):
        where = "" if current.snapshot.cells is None else f" in this {_what(current)}"
        return [_Offer("all", "", f"{SOURCE}: fix all that is safe to fix{where}", kind)]
    return []


def _what(current: Current) -> str:
    return "file" if current.snapshot.cells is None else "notebook"


async def _action(
    server: "Server",
    current: Current,
    offer: _Offer,
    known: Sequence[types.Diagnostic],
) -> types.CodeAction | None:
    """Return `offer` in the editor's form, with edits unless it asks for them later; None if there are none."""
    snapshot, profile = current.snapshot, server.profile
    action = types.CodeAction(title=offer.title, kind=offer.kind)
    if offer.finding is not None:
        action.diagnostics = [_known_or_new(offer.finding, snapshot, server, known)]
    if profile.preferred_actions and offer.preferred:
        action.is_preferred = True
    if profile.resolves_edits:
        action.data = {
            "server": SOURCE,
            "uri": snapshot.uri,
            "serial": snapshot.serial,
            "do": offer.order,
            "of": offer.of,
        }
        return action
    repair = offer.repair or await _repair(server, snapshot, offer.order, offer.of)
    if repair is None:
        return None
    action.edit = workspace_edit(repair.edits, snapshot, profile)
    return action


def _known_or_new(
    finding: Finding,
    snapshot: Snapshot,
    server: "Server",
    known: Sequence[types.Diagnostic],
) -> types.Diagnostic:
    """Return the editor's own diagnostic for `finding` if it sent it, so that it knows it again."""
    place = range_of(snapshot.source, finding.span, server.profile.encoding)
    same = (item for item in known if _is_same(item, finding, place))
    return next(same, None) or diagnostic(finding, snapshot, server.profile)


async def _resolve(server: "Server", action: types.CodeAction) -> types.CodeAction:
    """Return `action` with its edits; unchanged if it is not ours, or the document has moved on."""
    data = action.data
    if action.edit is not None or not isinstance(data, dict) or data.get("server") != SOURCE:
        return action
    snapshot = server.session.documents.snapshot(str(data.get("uri")))
    if snapshot is None or snapshot.serial != data.get("serial"):
        return action
    repair = await _repair(server, snapshot, str(data.get("do")), str(data.get("of")))
    if repair is None or not server.session.is_present(snapshot):
        return action
    return attrs.evolve(action, edit=workspace_edit(repair.edits, snapshot, server.profile))


async def _repair(server: "Server", snapshot: Snapshot, order: str, of: str) -> Repair | None:
    subject = server.session.subject(snapshot)
    if order == "fix":
        answer = await server.session.ask(FixEach(subject, (of,)))
        return answer[0] if answer else None
    jobs: dict[str, Job[Repair | None]] = {
        "rule": FixRule(subject, of),
        "all": FixAll(subject),
        "suppress": Suppress(subject, of),
        "suppress-file": Suppress(subject, of, whole_file=True),
    }
    return await server.session.ask(jobs[order]) if order in jobs else None
