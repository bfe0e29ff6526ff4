"""The last code action of a finding: ignore its rule in the project's pyproject.toml."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp.convert import SOURCE, workspace_edit
from ml_architect.lsp.documents import path_of
from ml_architect.lsp.report import Finding, Subject
from ml_architect.lsp.session import Current
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.text import Edit, Source

if TYPE_CHECKING:
    from ml_architect.lsp.backend import Backend
    from ml_architect.lsp.server import Server

_CONFIGURATION = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class FileEdit:
    """Edits of a file, whose present text is `text`."""

    path: Path
    text: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class DisableRules:
    """How is each of these rules disabled in the project's configuration?"""

    subject: Subject
    codes: tuple[str, ...]
    unsaved: Mapping[Path, str]
    """Texts of configuration files that are open in the editor."""

    def run(self, _: "Backend") -> tuple[FileEdit | None, ...]:
        """Return the edits in the order of `codes`, None where there are none that are proven."""
        from ml_architect.project.ignoring import disable_rule  # noqa: PLC0415 - only the worker has the engine

        subject = self.subject
        place = subject.snapshot.source.path or subject.home / "untitled.py"
        found = (disable_rule(place, code, self.unsaved) for code in self.codes)
        return tuple(FileEdit(edit.path, edit.text, edit.edits) if edit else None for edit in found)


async def disabling_actions(
    server: "Server",
    current: Current,
    findings: Sequence[Finding],
    known: Callable[[Finding], types.Diagnostic],
) -> list[types.CodeAction]:
    """Return one action for each rule among `findings` that the project's configuration can be made to ignore."""
    first = {finding.code: finding for finding in reversed(findings) if finding.declinable}
    subject = server.session.subject(current.snapshot)
    if not first or "ignore" in subject.overrides:  # the editor's own list would hold over the project's
        return []
    open_files = _open_configurations(server)
    unsaved = {path: snapshot.source.text for path, snapshot in open_files.items()}
    codes = tuple(sorted(first))
    answers = await server.session.ask(DisableRules(subject, codes, unsaved)) or ()
    actions = []
    for code, change in zip(codes, answers, strict=False):
        if change is None:
            continue
        file = open_files.get(change.path) or Snapshot(change.path.as_uri(), 0, None, Source(change.text), False)
        actions.append(
            types.CodeAction(
                title=f"{SOURCE}: disable {code} in {_CONFIGURATION}",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[known(first[code])],
                edit=workspace_edit(change.edits, file, server.profile),
            ),
        )
    return actions


def _open_configurations(server: "Server") -> dict[Path, Snapshot]:
    """Return the configuration files that the editor has open, with what is not yet saved in them."""
    documents = server.session.documents
    found: dict[Path, Snapshot] = {}
    for uri in documents.uris:
        path = path_of(uri) if uri.endswith(_CONFIGURATION) else None
        snapshot = documents.snapshot(uri)
        if path is not None and snapshot is not None:
            found[path] = snapshot
    return found
