"""What there is to know about the finding, the rule name, or the argument of a known call, under the pointer."""

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp.convert import range_of
from ml_architect.lsp.jobs import Explain
from ml_architect.lsp.session import Current

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

_OUR_COMMENT = "ml-architect:"
_KEYWORD = re.compile(r"[^\W\d]\w*(?=\s*=(?!=))")


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_request(types.TEXT_DOCUMENT_HOVER, _hover, None)


async def _hover(server: "Server", params: types.HoverParams) -> types.Hover | None:
    """Return an explanation; None where there is no finding, so that other servers are heard."""
    session = server.session
    uri = session.documents.owner(params.text_document.uri)
    current = await session.current(uri)
    document = session.documents.find(params.text_document.uri)
    if current is None or document is None or not session.is_present(current.snapshot):
        return None
    start = current.snapshot.start_of(params.text_document.uri)
    if start is None:
        return None
    place = document.place(params.position)
    offset = start + document.offset(place)
    touched = any(finding.span.start <= offset <= finding.span.end for finding in current.report.findings)
    if not touched and not _may_be_ours(document.lines[place.row], place.column):
        return None
    plain = server.profile.hover is types.MarkupKind.PlainText
    explanation = await session.ask(Explain(session.subject(current.snapshot), offset, plain=plain))
    if explanation is None:
        return None
    notes = _notes(server, uri, current, offset, plain=plain)
    return types.Hover(
        types.MarkupContent(server.profile.hover, explanation.text + notes),
        range_of(current.snapshot.source, explanation.span, server.profile.encoding),
    )


def _may_be_ours(line: str, column: int) -> bool:
    """Return whether the worker is to be asked: in a comment of ours, or on what may be the keyword of an argument."""
    return _OUR_COMMENT in line or any(word.start() <= column <= word.end() for word in _KEYWORD.finditer(line))


def _notes(server: "Server", uri: str, current: Current, offset: int, *, plain: bool) -> str:
    """Return what a model has said about the findings here, when it was asked; nothing is asked by looking."""
    here = (finding for finding in current.report.findings if finding.span.start <= offset <= finding.span.end)
    notes = (server.asking.note(uri, finding.fingerprint) for finding in here)
    texts = dict.fromkeys((note.plain if plain else note.text) for note in notes if note is not None)
    rule = "\n\n" if plain else "\n\n---\n\n"
    return "".join(f"{rule}{text}" for text in texts)
