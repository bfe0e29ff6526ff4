"""Reports on the files of the workspace that are not open, for editors that ask and for a command."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp.convert import diagnostic
from ml_architect.lsp.documents import path_of
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.lsp.workspace import CheckedFile, CheckFiles, FoundFiles, ListFiles
from ml_architect.text import Source

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

LISTING_SECONDS = 5.0
"""How long a list of files holds; an editor that asks for the whole workspace does so every other second."""


class Checking:
    """What one connection knows of files that are not open."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._listed: tuple[float, FoundFiles] | None = None
        self._pushed: set[str] = set()
        """URIs of files whose findings were pushed although they are not open."""
        self.task: asyncio.Task[int] | None = None
        """The check that a command began."""

    async def files(self, *, always: bool) -> FoundFiles:
        """Return the files to check that are not open; `always` does not ask for the diagnostic mode.

        Raises:
            WorkerError: if there is no answer.
        """
        now = asyncio.get_running_loop().time()
        if always or self._listed is None or now - self._listed[0] > LISTING_SECONDS:
            session = self._server.session
            job = ListFiles(session.documents.roots, session.overrides, always)
            found = await self._server.remote.ask(job)
            if not always:
                self._listed = now, found
        else:
            found = self._listed[1]
        opened = {path_of(uri) for uri in self._server.session.documents.uris}
        return FoundFiles(tuple(path for path in found.paths if path not in opened), found.is_all)

    def look_again(self) -> None:
        """Note that settings or files have changed."""
        self._listed = None
        self._server.session.look_again()

    async def reports(
        self, paths: tuple[Path, ...], known: Mapping[Path, str]
    ) -> AsyncIterator[tuple[CheckedFile | None, ...]]:
        """Yield reports on `paths` in their order, some at a time; None for a file that cannot be read.

        Raises:
            WorkerError: if there is no answer.
        """
        rest = paths
        while rest:
            done = await self._server.remote.ask(CheckFiles(rest, self._server.session.overrides, known))
            yield done
            rest = rest[len(done) :]

    def diagnostics(self, checked: CheckedFile, source: Source) -> list[types.Diagnostic]:
        """Return the findings in a file in the editor's form; of a notebook each says in which cell it is."""
        snapshot = Snapshot(checked.path.as_uri(), 0, None, source, is_python=True)
        found = []
        for finding in checked.report.findings:
            item = diagnostic(finding, snapshot, self._server.profile)
            number = source.part(finding.span.start).number
            if number is not None:  # the range counts in the cell, whose own URI only an editor knows
                item.message = f"cell {number}: {item.message}"
            found.append(item)
        return found

    def push(self, checked: CheckedFile) -> None:
        """Send the findings in a file that is not open, or take earlier ones back."""
        uri = checked.path.as_uri()
        documents = self._server.session.documents
        if checked.source is None or documents.snapshot(uri) is not None:
            return
        if checked.report.findings or uri in self._pushed:
            items = self.diagnostics(checked, checked.source)
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items))
            self._pushed.add(uri)

    def take_back(self, uri: str) -> None:
        """Withdraw what was pushed about a file that is opened now, and is reported on in another way."""
        if uri in self._pushed:
            self._pushed.discard(uri)
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def abandon(self) -> None:
        """End the check that a command began."""
        if self.task is not None:
            self.task.cancel()
