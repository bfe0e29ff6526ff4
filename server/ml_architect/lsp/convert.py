"""Our values as the protocol's. The one place where offsets become positions."""

from collections.abc import Iterable

from lsprotocol import types

from ml_architect.lsp.encoding import Encoding, to_units
from ml_architect.lsp.profile import ClientProfile
from ml_architect.lsp.report import Finding
from ml_architect.lsp.snapshot import CellVersion, Snapshot
from ml_architect.text import Edit, Source, Span

SOURCE = "ml-architect"

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}
_TAGS = {
    "unnecessary": types.DiagnosticTag.Unnecessary,
    "deprecated": types.DiagnosticTag.Deprecated,
}


def position(source: Source, offset: int, encoding: Encoding) -> types.Position:
    """Return the position of `offset`; one inside a line ending is the end of that line."""
    row = source.row_at(offset)
    line = source.line(row)
    return types.Position(row, to_units(line, offset - source.line_starts[row], encoding))


def range_of(source: Source, span: Span, encoding: Encoding) -> types.Range:
    """Return `span` as a range, in a notebook of the cell that it starts in."""
    part = source.part(span.start)
    local = part.local(span)
    return types.Range(position(part.source, local.start, encoding), position(part.source, local.end, encoding))


def diagnostic(finding: Finding, snapshot: Snapshot, profile: ClientProfile) -> types.Diagnostic:
    """Return `finding` with all that the editor can show of it."""
    source = snapshot.source
    tags = [_TAGS[tag] for tag in finding.tags if _TAGS[tag] in profile.tags]
    return types.Diagnostic(
        range=range_of(source, finding.span, profile.encoding),
        message=finding.message if profile.related_places else _with_places(finding, source),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(finding.url) if profile.code_links and finding.url else None,
        source=SOURCE,
        tags=tags or None,
        related_information=_related(finding, snapshot, profile),
        data={"finding": finding.fingerprint} if profile.diagnostic_data else None,
    )


def _related(
    finding: Finding,
    snapshot: Snapshot,
    profile: ClientProfile,
) -> list[types.DiagnosticRelatedInformation] | None:
    if not profile.related_places or not finding.related:
        return None
    return [
        types.DiagnosticRelatedInformation(
            types.Location(
                snapshot.document_at(span.start).uri,
                range_of(snapshot.source, span, profile.encoding),
            ),
            message,
        )
        for span, message in finding.related
    ]


def _with_places(finding: Finding, source: Source) -> str:
    """Return the message with the other places as lines of text, for editors that show one place only."""
    home = source.part(finding.span.start)
    lines = [finding.message]
    for span, message in finding.related:
        part = source.part(span.start)
        cell = "" if part.number == home.number else f"cell {part.number}, "
        lines.append(f"{cell}line {part.source.row_at(span.start - part.start) + 1}: {message}")
    return "\n".join(lines)


def workspace_edit(edits: Iterable[Edit], snapshot: Snapshot, profile: ClientProfile) -> types.WorkspaceEdit:
    """Return `edits` of one document, or of the cells of one; they name the versions where the editor looks at it."""
    changes: dict[CellVersion, list[types.TextEdit]] = {}
    whole = edits if snapshot.cells is not None else _before_the_end(edits, snapshot.source.text)
    for edit in whole:
        change = types.TextEdit(range_of(snapshot.source, edit.span, profile.encoding), edit.replacement)
        changes.setdefault(snapshot.document_at(edit.span.start), []).append(change)
    if not profile.document_changes:
        return types.WorkspaceEdit(changes={document.uri: own for document, own in changes.items()})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version), own)
            for document, own in changes.items()
        ]
    )


def joined_edits(edits: Iterable[types.WorkspaceEdit]) -> types.WorkspaceEdit:
    """Return one edit that makes all of `edits`, each of other documents and all of the same form."""
    parts = list(edits)
    if any(part.document_changes is None for part in parts):
        return types.WorkspaceEdit(changes={uri: own for part in parts for uri, own in (part.changes or {}).items()})
    return types.WorkspaceEdit(document_changes=[item for part in parts for item in part.document_changes or ()])


def _before_the_end(edits: Iterable[Edit], text: str) -> list[Edit]:
    """Return `edits` with what would be appended behind the last line break put before it, to the same effect.

    Neovim 0.11 was seen to add an empty line to what is inserted there.
    """
    last = next((end for end in ("\r\n", "\n", "\r") if text.endswith(end)), "")
    start = len(text) - len(last)
    found = list(edits)
    if not last or sum(edit.span.end >= start for edit in found) != 1:
        return found  # another edit touches the last line break
    return [
        Edit(Span(start, start), last + edit.replacement.removesuffix(last))
        if edit.span.start == len(text) and edit.replacement.endswith(last)
        else edit
        for edit in found
    ]
