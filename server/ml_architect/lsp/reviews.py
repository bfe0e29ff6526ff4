"""Gathering what the files of a review say: open documents as they are now, all others from the disk."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ml_architect.lsp.documents import path_of
from ml_architect.lsp.reviewing import Noted, NoteDocument, NoteFiles, ReviewPage, WriteReview
from ml_architect.lsp.workspace import ListFiles
from ml_architect.review.values import Scope

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

__all__ = ["Gathered", "Report", "gather", "written"]

Report = Callable[[str, int], None]
"""Called with words for a progress display, and a percentage."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the files of a review say."""

    title: str
    place: Path
    scope: Scope
    files: tuple[Noted, ...]


async def gather(server: "Server", uri: str, place: Path, report: Report, *, wants_text: bool = False) -> Gathered:
    """Return what the document or file `uri`, or each file below that folder, says.

    Raises:
        WorkerError: if there is no answer.
    """
    if server.session.documents.find(uri) is None and await asyncio.to_thread(place.is_dir):
        return await _project(server, place, report, wants_text=wants_text)
    noted = await _note(server, uri, place, place.name, wants_text=wants_text)
    return Gathered(place.name, place, Scope.FILE, (noted,))


async def written(server: "Server", gathered: Gathered) -> ReviewPage:
    """Return the page of a review.

    Raises:
        WorkerError: if there is no answer.
    """
    notes = tuple(item.notes for item in gathered.files)
    job = WriteReview(gathered.title, gathered.place, notes, gathered.scope, server.session.overrides)
    return await server.remote.ask(job, urgent=True)


async def _note(server: "Server", uri: str, path: Path, shown: str, *, wants_text: bool) -> Noted:
    """Return what one file says: its unsaved text where it is open."""
    session = server.session
    snapshot = session.documents.snapshot(uri)
    if snapshot is not None:
        return await server.remote.ask(NoteDocument(session.subject(snapshot), shown, wants_text), urgent=True)
    (noted,) = await server.remote.ask(NoteFiles(((path, shown),), session.overrides, wants_text), urgent=True)
    return noted


async def _project(server: "Server", folder: Path, report: Report, *, wants_text: bool) -> Gathered:
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
    return Gathered(folder.name, folder, Scope.PROJECT, tuple(noted[path] for path in found.paths))


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
