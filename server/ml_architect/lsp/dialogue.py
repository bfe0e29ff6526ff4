"""Talking to the user of an editor that has no extension of ours: progress, questions, documents, edits."""

import asyncio
import logging
import shutil
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ml_architect.architect.desk import Phase
from ml_architect.architect.values import Tier
from ml_architect.lsp.convert import SOURCE, workspace_edit
from ml_architect.lsp.outcomes import Proposal

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

logger = logging.getLogger(__name__)


class CannotAskError(Exception):
    """The editor has no way to ask its user."""


class Papers:
    """Documents that are shown to the user: files in a private folder, which goes with the server."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._number = 0

    def write(self, text: str, suffix: str) -> str:
        """Write a document and return its URI."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="ml-architect-"))
        self._number += 1
        path = self._folder / f"{self._number}{suffix}"
        path.write_text(text, encoding="utf-8", newline="")
        return path.as_uri()

    def close(self) -> None:
        """Remove all documents."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


class Progress:
    """A progress display with a cancel button, as far as the editor has one."""

    def __init__(
        self, server: "Server", title: str, task: "asyncio.Task[object]", first: str = Phase.BRIEFING.value
    ) -> None:
        self._server = server
        self._title = title
        self._first = first
        self._task = task
        self._token: str | None = None
        self._last = ""

    async def __aenter__(self) -> "Progress":  # noqa: PYI034 - Self is not there on Python 3.10
        """Begin to show progress; an editor that refuses sees none."""
        if not self._server.profile.shows_progress:
            return self
        token = str(uuid.uuid4())
        progress = self._server.work_done_progress
        try:
            await progress.create_async(token)
        except JsonRpcException as error:
            logger.info("the editor shows no progress: %s", error)
            return self
        self._token = token
        progress.tokens[token].add_done_callback(self._cancelled)
        begin = types.WorkDoneProgressBegin(title=self._title, cancellable=True, message=self._first)
        progress.begin(token, begin)
        return self

    def report(self, phase: Phase, characters: int) -> None:
        """Show the phase, and how much has come; the text itself is never shown before it was checked."""
        self.say(f"{phase.value}, {characters} characters" if characters else phase.value)

    def say(self, words: str, percentage: int | None = None) -> None:
        """Show `words`, and how much is done (0 to 100)."""
        if self._token is not None and words != self._last:
            self._last = words
            self._server.work_done_progress.report(
                self._token, types.WorkDoneProgressReport(message=words, percentage=percentage)
            )

    async def __aexit__(self, *_: object) -> None:
        """Take the display away."""
        if self._token is not None:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
            self._server.work_done_progress.tokens.pop(self._token, None)  # pygls never forgets one

    def _cancelled(self, future: object) -> None:
        if getattr(future, "cancelled", bool)() and not self._task.done():
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)


async def choose(server: "Server", text: str, titles: Sequence[str]) -> str | None:
    """Ask the user to choose; None if they close the question.

    Raises:
        CannotAskError: if the editor cannot ask, as Helix 25.01.
    """
    params = types.ShowMessageRequestParams(
        type=types.MessageType.Info,
        message=f"{SOURCE}: {text}",
        actions=[types.MessageActionItem(title) for title in titles],
    )
    try:
        answer = await server.window_show_message_request_async(params)
    except JsonRpcException as error:
        logger.warning("the editor asks no questions: %s", error)
        raise CannotAskError from error
    return answer.title if answer else None


async def show(server: "Server", text: str, suffix: str) -> None:
    """Show a document; in a message where the editor opens none."""
    if server.profile.shows_documents:
        try:
            params = types.ShowDocumentParams(uri=server.papers.write(text, suffix), take_focus=False)
            result = await server.window_show_document_async(params)
        except JsonRpcException as error:
            logger.warning("the editor opens no document: %s", error)
        else:
            if result is not None and result.success:
                return
    say(server, text)


def say(server: "Server", text: str, kind: types.MessageType = types.MessageType.Info) -> None:
    """Tell the user something."""
    server.window_show_message(types.ShowMessageParams(kind, f"{SOURCE}: {text}"))


async def apply(server: "Server", proposal: Proposal, *, confirm: bool = False) -> str:
    """Make a proposed change in the editor; return why not, or an empty string.

    It is one edit, so one undo takes it back. `confirm` asks the editor to let the user confirm each part.
    """
    if not server.session.is_present(proposal.snapshot):
        return "the document has changed since the model was asked, so the change is not applied"
    edit = workspace_edit(proposal.edits, proposal.snapshot, server.profile)
    if confirm:
        edit = _annotated(edit, proposal)
    problem = await make(server, edit, proposal.title)
    if not problem:
        server.asking.discard(proposal.name)
    return problem


async def make(server: "Server", edit: types.WorkspaceEdit, title: str, *, many_files: bool = False) -> str:
    """Let the editor make an edit, which one undo takes back; return why it did not, or an empty string.

    An edit of `many_files` is called a refactoring, after which VS Code saves what was not open; it would also save
    the one document that somebody is working on.
    """
    named = many_files and server.profile.edit_metadata
    metadata = types.WorkspaceEditMetadata(is_refactoring=True) if named else None
    try:
        result = await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, title, metadata))
    except JsonRpcException as error:
        return f"the editor did not apply the change: {error}"
    if result is None or not result.applied:
        reason = result.failure_reason if result is not None else None
        return f"the editor did not apply the change{f': {reason}' if reason else ''}"
    return ""


def _annotated(edit: types.WorkspaceEdit, proposal: Proposal) -> types.WorkspaceEdit:
    """Return `edit` with a mark that lets the editor ask before each part."""
    warning = "; ".join(proposal.also) if proposal.tier is Tier.STRUCTURAL else "checked by ml-architect"
    note = types.ChangeAnnotation(label=proposal.title, needs_confirmation=True, description=warning)
    changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = [
        types.TextDocumentEdit(
            change.text_document,
            [types.AnnotatedTextEdit("architect", part.range, _new_text(part)) for part in change.edits],
        )
        for change in edit.document_changes or ()
        if isinstance(change, types.TextDocumentEdit)
    ]
    return types.WorkspaceEdit(document_changes=changes, change_annotations={"architect": note})


def _new_text(edit: "types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit") -> str:
    return edit.snippet.value if isinstance(edit, types.SnippetTextEdit) else edit.new_text
