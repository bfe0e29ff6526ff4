"""Gathering what the files of a review say: open documents as they are now, all others from the disk."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ml_architect.architect.assessments import NOTHING_HOLDS, Assessment, Questioned
from ml_architect.architect.desk import Phase
from ml_architect.architect.model.access import Access
from ml_architect.architect.values import Brief, Refusal, Unfit, Verdict
from ml_architect.lsp.documents import path_of
from ml_architect.lsp.remote import Remote
from ml_architect.lsp.reviewing import (
    JudgeAssessment,
    Noted,
    NoteDocument,
    NoteFiles,
    Reviewed,
    ReviewPage,
    SecondQuestion,
    ShowQuestion,
    WriteQuestion,
    WriteReview,
)
from ml_architect.lsp.workspace import ListFiles
from ml_architect.review.values import Scope

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

__all__ = ["Report", "assessed", "gather", "prompted", "written"]

Report = Callable[[str, int], None]
"""Called with words for a progress display, and a percentage."""


async def gather(server: "Server", uri: str, place: Path, report: Report, *, wants_text: bool = False) -> Reviewed:
    """Return what the document or file `uri`, or each file below that folder, says.

    Raises:
        WorkerError: if there is no answer.
    """
    if server.session.documents.find(uri) is None and await asyncio.to_thread(place.is_dir):
        return await _project(server, place, report, wants_text=wants_text)
    noted = await _note(server, uri, place, place.name, wants_text=wants_text)
    return Reviewed(place.name, place, Scope.FILE, (noted,), server.session.overrides)


async def written(server: "Server", reviewed: Reviewed) -> ReviewPage:
    """Return the page of a review.

    Raises:
        WorkerError: if there is no answer.
    """
    return await server.remote.ask(WriteReview(reviewed), urgent=True)


async def prompted(server: "Server", reviewed: Reviewed, access: Access | None) -> str:
    """Return exactly what would be sent about a review; nothing is sent.

    Raises:
        WorkerError: if there is no answer.
    """
    budgets = (access.context_tokens, access.max_output_tokens) if access is not None else None
    return await server.remote.ask(ShowQuestion(reviewed, budgets), urgent=True)


async def assessed(
    server: "Server", reviewed: Reviewed, access: Access, report: Callable[[Phase, int], None]
) -> ReviewPage | str:
    """Return the page of a review with what a model writes about it, or why it writes nothing.

    Raises:
        WorkerError: if there is no answer.
    """
    case = _Case(server.remote, reviewed, access)
    outcome = await server.asking.desk(access).ask(case, report)
    if isinstance(case.result, Assessment) and not case.result.is_nothing:
        return await server.remote.ask(WriteReview(reviewed, case.result, access.model), urgent=True)
    reason = case.result.message if isinstance(case.result, Refusal) else outcome.problem
    return reason or NOTHING_HOLDS


class _Case:
    """A question to the analysis process; what holds of the first reply is kept for the second."""

    def __init__(self, remote: Remote, reviewed: Reviewed, access: Access) -> None:
        self._remote = remote
        self._reviewed = reviewed
        self._access = access
        self._questioned: Questioned | None = None
        self.result: Assessment | Refusal | None = None

    async def brief(self, nonce: str) -> Brief | Unfit:
        """Return what to ask."""
        access = self._access
        job = WriteQuestion(self._reviewed, nonce, access.context_tokens, access.max_output_tokens)
        found = await self._remote.ask(job, urgent=True)
        if isinstance(found, Unfit):
            return found
        self._questioned = found
        return found.brief

    async def judge(self, brief: Brief, reply: str) -> Verdict:  # noqa: ARG002 - the second is like the first
        """Return what a reply is worth."""
        assert self._questioned is not None  # noqa: S101 - asked before
        before = self.result if isinstance(self.result, Assessment) else None
        job = JudgeAssessment(self._reviewed, self._questioned, reply, before)
        self.result, verdict = await self._remote.ask(job, urgent=True)
        return verdict

    async def again(self, brief: Brief, reply: str, verdict: Verdict) -> Brief | None:  # noqa: ARG002
        """Return the second question."""
        assert self._questioned is not None  # noqa: S101 - asked before
        assert self.result is not None  # noqa: S101 - judged before
        return await self._remote.ask(SecondQuestion(self._questioned, reply, self.result), urgent=True)


async def _note(server: "Server", uri: str, path: Path, shown: str, *, wants_text: bool) -> Noted:
    """Return what one file says: its unsaved text where it is open."""
    session = server.session
    snapshot = session.documents.snapshot(uri)
    if snapshot is not None:
        return await server.remote.ask(NoteDocument(session.subject(snapshot), shown, wants_text), urgent=True)
    (noted,) = await server.remote.ask(NoteFiles(((path, shown),), session.overrides, wants_text), urgent=True)
    return noted


async def _project(server: "Server", folder: Path, report: Report, *, wants_text: bool) -> Reviewed:
    session = server.session
    found = await server.remote.ask(ListFiles((folder,), session.overrides, always=True), urgent=True)
    opened = {path: uri for uri in session.documents.uris if (path := path_of(uri)) is not None}
    noted: dict[Path, Noted] = {}
    rest = [path for path in found.paths if path not in opened]
    for path in found.paths:
        if path in opened:
            noted[path] = await _note(server, opened[path], path, _shown(path, folder), wants_text=wants_text)
    while rest:
        files = tuple((path, _shown(path, folder)) for path in rest)
        done = await server.remote.ask(NoteFiles(files, session.overrides, wants_text))
        noted.update(zip(rest, done, strict=False))
        rest = rest[len(done) :]
        report(f"{len(noted)} of {len(found.paths)} files", 100 * len(noted) // max(1, len(found.paths)))
    files_in_order = tuple(noted[path] for path in found.paths)
    return Reviewed(folder.name, folder, Scope.PROJECT, files_in_order, session.overrides)


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
