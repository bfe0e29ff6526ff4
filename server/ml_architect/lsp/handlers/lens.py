"""A code lens above each training loop with findings that are safe to fix; off unless the settings ask for it."""

from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp import dialogue
from ml_architect.lsp.convert import SOURCE, position, workspace_edit
from ml_architect.lsp.jobs import FixThese
from ml_architect.lsp.wishes import fields_of

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

FIX_LOOP = f"{SOURCE}.fixLoop"
"""Command; the argument is ``{"uri", "findings"}`` with the fingerprints of what to fix."""


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_command(FIX_LOOP, lambda argument: _fix_loop(server, argument))


def offer_lenses(server: "Server") -> None:
    """Let the editor ask for code lenses; called while our capabilities are not yet computed."""
    server.on_request(types.TEXT_DOCUMENT_CODE_LENS, _lenses, None, types.CodeLensOptions(resolve_provider=False))


async def _lenses(server: "Server", params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """Return the lenses of the present version; a loop where nothing is safe to fix has none, so that none is idle."""
    uri = params.text_document.uri
    current = await server.session.current(uri, wait=True, again=True)
    if current is None or not server.session.is_present(current.snapshot):
        return None
    lenses = []
    for lens in current.report.lenses:
        if lens.safe:
            place = position(current.snapshot.source, lens.span.start, server.profile.encoding)
            count = f"{lens.findings} findings" if lens.findings > 1 else "1 finding"
            arguments = [{"uri": uri, "findings": list(lens.safe)}]
            command = types.Command(f"{SOURCE}: {count}, fix the safe ones", FIX_LOOP, arguments=arguments)
            lenses.append(types.CodeLens(types.Range(place, place), command))
    return lenses or None


async def _fix_loop(server: "Server", argument: object) -> None:
    """Begin to fix; the command itself ends at once."""
    fields = fields_of(argument)
    uri, findings = fields.get("uri"), fields.get("findings")
    if isinstance(uri, str) and isinstance(findings, list):
        server.spawn(FIX_LOOP, _fix(server, uri, tuple(str(item) for item in findings)))


async def _fix(server: "Server", uri: str, fingerprints: tuple[str, ...]) -> None:
    """Apply the safe repairs as one edit, so that one undo takes them back."""
    current = await server.session.current(uri)
    if current is None:
        return
    repair = await server.session.ask(FixThese(server.session.subject(current.snapshot), fingerprints))
    if repair is None or not server.session.is_present(current.snapshot):
        return
    edit = workspace_edit(repair.edits, current.snapshot, server.profile)
    problem = await dialogue.make(server, edit, repair.title)
    if problem:
        server.tell(problem)
