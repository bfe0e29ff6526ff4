"""When documents are analysed, and which results still count."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote

from ml_architect.lsp.documents import Documents
from ml_architect.lsp.jobs import Analyze, Job
from ml_architect.lsp.overrides import Overrides
from ml_architect.lsp.remote import Remote, WorkerError
from ml_architect.lsp.report import Report, Subject
from ml_architect.lsp.snapshot import Snapshot

DEBOUNCE_SECONDS = 0.15
"""How long typing must rest before a document is analysed; opening and saving do not wait."""

_Result = TypeVar("_Result")


class Current(NamedTuple):
    """A report, and the version of the document that it is about."""

    snapshot: Snapshot
    report: Report


class _Round:
    """One analysis of one version, from the wish for it to its end; several askers may wait for it."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.abandoned = False
        self.urgent = False
        self.hurry = asyncio.Event()
        self.done: asyncio.Future[Current | None] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None

    @property
    def failed(self) -> bool:
        return self.done.done() and self.done.result() is None

    def end(self, current: Current | None) -> None:
        """Give all askers their answer."""
        if not self.done.done():
            self.done.set_result(current)

    def abandon(self) -> None:
        """Let nobody wait any longer, and take the job off the queue if it has not begun."""
        self.abandoned = True
        self.end(None)
        if self.task is not None:
            self.task.cancel()


class Session:
    """The reports on all open documents. The newest version wins: what is late is dropped.

    `deliver` is called with each report that still counts when it arrives, `fail` with each reason
    why there is none; `spawn` runs a task under a name and a guard.
    """

    def __init__(
        self,
        documents: Documents,
        remote: Remote,
        deliver: Callable[[Current], None],
        fail: Callable[[str], None],
        spawn: Callable[[str, Coroutine[Any, Any, None]], "asyncio.Task[None]"],
    ) -> None:
        self.documents = documents
        self.overrides = Overrides()
        self.whole_menus = False
        """Whether the editor cannot ask for an edit once its action is chosen."""
        self._remote = remote
        self._deliver = deliver
        self._fail = fail
        self._spawn = spawn
        self._rounds: dict[str, _Round] = {}
        self._changed: dict[str, float] = {}
        self._unsaved: set[str] = set()
        self._on_save: set[str] = set()
        """Documents whose last report says that the next one is wanted when they are saved."""

    def touch(self, uri: str) -> None:
        """Note that a document has changed by typing: older rounds are over, the next one waits a little."""
        key = unquote(uri)
        self._changed[key] = asyncio.get_running_loop().time()
        self._unsaved.add(key)
        self._abandon(key)

    def save(self, uri: str) -> None:
        """Note that a document was saved."""
        self._unsaved.discard(unquote(uri))

    def waits_for_save(self, uri: str) -> bool:
        """Return whether nothing is to be shown of a document, which has changed, until it is saved."""
        return unquote(uri) in self._unsaved & self._on_save

    def look_again(self) -> None:
        """Note that settings may have changed, so that what was wanted by the old ones does not count."""
        self._on_save.clear()

    def forget(self, uri: str) -> None:
        """Note that a document was closed."""
        key = unquote(uri)
        self._changed.pop(key, None)
        self._unsaved.discard(key)
        self._on_save.discard(key)
        self._abandon(key)

    def analyze(self, uri: str, *, wait: bool = False, again: bool = False) -> None:
        """Begin the analysis of a document's present version, if it is Python.

        `wait` lets typing rest first. `again` asks anew although there is a report, because settings
        may have changed; that is cheap if they have not.
        """
        if wait and self.waits_for_save(uri):
            return
        if again:
            self._abandon(unquote(uri))  # one that is under way may have read the settings already
        round_ = self._round(uri, again=again)
        if round_ is not None and not wait:
            round_.hurry.set()

    async def current(self, uri: str, *, wait: bool = False, again: bool = False) -> Current | None:
        """Return the report on the present version; None if the document moves on before there is one.

        With `wait` a moment of rest is awaited, else somebody waits and it comes before all other work.
        """
        before = self.documents.snapshot(uri)
        while before is not None and self.is_present(before) and (round_ := self._round(uri, again=again)):
            if not wait:
                round_.urgent = True
                round_.hurry.set()
            current = await asyncio.shield(round_.done)
            if current is not None or not round_.abandoned:
                return current
        return None

    async def ask(self, job: Job[_Result]) -> _Result | None:
        """Return the answer to something that the user waits for; None if there is none."""
        try:
            return await self._remote.ask(job, urgent=True)
        except WorkerError as error:
            self._fail(str(error))
            return None

    def is_present(self, snapshot: Snapshot) -> bool:
        """Return whether the document is still what `snapshot` says."""
        return self.documents.snapshot(snapshot.uri) is snapshot

    def subject(self, snapshot: Snapshot) -> Subject:
        """Return `snapshot` with all that decides what is said about it."""
        return Subject(snapshot, self.documents.home, self.overrides.of(snapshot.source.path))

    def close(self) -> None:
        """End everything that is under way."""
        for round_ in self._rounds.values():
            round_.abandon()
        self._rounds.clear()

    def _round(self, uri: str, *, again: bool) -> _Round | None:
        snapshot = self.documents.snapshot(uri)
        if snapshot is None or not snapshot.is_python:
            return None
        key = unquote(uri)
        subject = self.subject(snapshot)
        last = self._rounds.get(key)
        if last is not None and last.subject == subject and not last.failed and not (again and last.done.done()):
            return last
        self._abandon(key)
        fresh = self._rounds[key] = _Round(subject)
        fresh.task = self._spawn("analysis", self._run(fresh, self._changed.get(key, 0.0)))
        return fresh

    def _abandon(self, key: str) -> None:
        if key in self._rounds:
            self._rounds.pop(key).abandon()

    def _show(self, current: Current) -> None:
        """Deliver a report, unless it was asked for by something else than its user's eyes."""
        uri = current.snapshot.uri
        held = self.waits_for_save(uri)
        (self._on_save.add if current.report.on_save else self._on_save.discard)(unquote(uri))
        if not held:
            self._deliver(current)

    async def _run(self, round_: _Round, changed: float) -> None:
        rest = changed + DEBOUNCE_SECONDS - asyncio.get_running_loop().time()
        if rest > 0 and not round_.hurry.is_set():
            with suppress(asyncio.TimeoutError):  # the typing has rested
                await asyncio.wait_for(round_.hurry.wait(), rest)
        try:
            report = await self._remote.ask(Analyze(round_.subject, self.whole_menus), urgent=round_.urgent)
            current = Current(round_.subject.snapshot, report)
            if self.is_present(current.snapshot):
                self._show(current)
            round_.end(current)
        except WorkerError as error:
            self._fail(str(error))
        finally:
            round_.end(None)  # whatever happens, nobody waits for ever
