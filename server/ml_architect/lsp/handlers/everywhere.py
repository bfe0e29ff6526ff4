"""A command that repairs all findings of one rule in the workspace, once its user has seen what and where."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp import dialogue
from ml_architect.lsp.convert import SOURCE, joined_edits, workspace_edit
from ml_architect.lsp.documents import path_of
from ml_architect.lsp.everywhere import AreUnchanged, FixFiles
from ml_architect.lsp.jobs import FixRule
from ml_architect.lsp.remote import WorkerError
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.lsp.wishes import fields_of
from ml_architect.text import Edit, Source
from ml_architect.text.patch import unified_patch

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

FIX_RULE = f"{SOURCE}.fixRule"
"""Command; the argument is ``{"code"}`` with the name of a rule, and perhaps ``"uri"`` of a folder to stay in."""

_APPLY, _PREVIEW, _CANCEL = "Apply", "Preview", "Cancel"


@dataclass(frozen=True, slots=True)
class _Change:
    """What is to be changed in one document, which is open or is not."""

    snapshot: Snapshot
    edits: tuple[Edit, ...]
    count: int
    is_open: bool

    @property
    def patch(self) -> str:
        source = self.snapshot.source
        return unified_patch(source.written, source.edited(self.edits).written, self.snapshot.uri)


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_command(FIX_RULE, lambda argument: _begin(server, argument))


async def _begin(server: "Server", argument: object) -> None:
    """Begin to look; the command itself ends at once."""
    fields = fields_of(argument)
    code, uri = fields.get("code"), fields.get("uri")
    folder = path_of(uri) if isinstance(uri, str) else None
    if isinstance(code, str) and (uri is None or folder is not None):
        server.spawn(FIX_RULE, _fix(server, code, folder))


async def _fix(server: "Server", code: str, folder: Path | None) -> None:
    work = asyncio.get_running_loop().create_task(_changes(server, code, folder))
    try:
        changes, left_out = await work
        wanted = bool(changes) and await _consents(server, code, changes)
    except asyncio.CancelledError:
        return
    except WorkerError as error:
        server.tell(str(error))
        return
    except dialogue.CannotAskError:
        dialogue.say(
            server, f"this editor cannot ask you, so nothing is changed: ml-architect check --fix fixes {code}"
        )
        return
    if wanted:
        problem = await _apply(server, code, changes)
        if problem:
            dialogue.say(server, problem, types.MessageType.Warning)
    elif not changes:
        dialogue.say(server, f"nothing of {code} is safe to fix here{_but(left_out)}")


def _but(left_out: int) -> str:
    files = "1 file" if left_out == 1 else f"{left_out} files"
    return f"; {files} can be fixed when opened: notebooks, and what is not UTF-8" if left_out else ""


async def _changes(server: "Server", code: str, folder: Path | None) -> tuple[list[_Change], int]:
    """Return what is to be changed, and in how many files that would be possible only if they were open."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - this coroutine is only run as a task
    async with dialogue.Progress(server, f"{SOURCE}: looking for {code}", task, "looking for files") as progress:
        changes = [
            change for uri in server.session.documents.uris if (change := await _open(server, uri, code, folder))
        ]
        found = await server.checking.files(always=True)
        files = [path for path in found.paths if folder is None or path.is_relative_to(folder)]
        left_out, done = 0, 0
        while done < len(files):
            batch = tuple((path, _overrides(server, path)) for path in files[done:])
            answers = await server.remote.ask(FixFiles(batch, code))
            for repair in answers:
                if repair is not None and repair.edits:
                    snapshot = _closed(repair.path, repair.source)
                    changes.append(_Change(snapshot, repair.edits, repair.count, is_open=False))
                elif repair is not None:
                    left_out += 1
            done += len(answers)
            progress.say(f"{done} of {len(files)} files", 100 * done // len(files))
    return changes, left_out


async def _open(server: "Server", uri: str, code: str, folder: Path | None) -> _Change | None:
    """Return what is to be changed in an open document."""
    path = path_of(uri)
    if folder is not None and (path is None or not path.is_relative_to(folder)):
        return None
    current = await server.session.current(uri)
    if current is None:
        return None
    count = sum(finding.code == code and finding.safety == "safe" for finding in current.report.findings)
    repair = await server.session.ask(FixRule(server.session.subject(current.snapshot), code, unsafe=False))
    return _Change(current.snapshot, repair.edits, count, is_open=True) if repair else None


def _closed(path: Path, source: Source) -> Snapshot:
    return Snapshot(path.as_uri(), 0, None, source, is_python=True)


def _overrides(server: "Server", path: Path) -> "dict[str, object]":
    return dict(server.session.subject(_closed(path, Source("", path))).overrides)


async def _consents(server: "Server", code: str, changes: Sequence[_Change]) -> bool:
    """Ask the user, who may look first.

    Raises:
        CannotAskError: if the editor cannot ask.
    """
    count, closed = sum(change.count for change in changes), sum(not change.is_open for change in changes)
    findings = "1 finding" if count == 1 else f"{count} findings"
    files = "1 file" if len(changes) == 1 else f"{len(changes)} files"
    text = f"fix {findings} of {code} in {files}, {closed} of them not open?"
    choice = await dialogue.choose(server, text, (_APPLY, _PREVIEW, _CANCEL))
    if choice == _PREVIEW:
        await dialogue.show(server, "".join(change.patch for change in changes), ".diff")
        choice = await dialogue.choose(server, text, (_APPLY, _CANCEL))
    return choice == _APPLY


async def _apply(server: "Server", code: str, changes: Sequence[_Change]) -> str:
    """Make all changes as one edit; return why not, or an empty string."""
    documents = server.session.documents
    closed = [change.snapshot for change in changes if not change.is_open]
    texts = {path: snapshot.source.text for snapshot in closed if (path := path_of(snapshot.uri)) is not None}
    is_same = all(server.session.is_present(change.snapshot) for change in changes if change.is_open)
    is_same = is_same and all(documents.snapshot(snapshot.uri) is None for snapshot in closed)
    if not is_same or not await server.session.ask(AreUnchanged(texts)):
        return "a file has changed meanwhile, so nothing is fixed"
    edit = joined_edits(workspace_edit(change.edits, change.snapshot, server.profile) for change in changes)
    return await dialogue.make(server, edit, f"fix all {code}", many_files=True)
