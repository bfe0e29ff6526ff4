"""The server object: who is connected, what is open, and the guard around each handler."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer

from ml_architect import __version__
from ml_architect.lsp.asking import Asking
from ml_architect.lsp.cells import CellMarks
from ml_architect.lsp.checking import Checking
from ml_architect.lsp.consulting import Consulting
from ml_architect.lsp.convert import diagnostic
from ml_architect.lsp.dialogue import Papers
from ml_architect.lsp.handlers import REGISTRATIONS
from ml_architect.lsp.notebooks import NotebookDocuments, notebook_sync
from ml_architect.lsp.profile import ClientProfile
from ml_architect.lsp.protocol import Protocol
from ml_architect.lsp.remote import Remote
from ml_architect.lsp.session import Current, Session

logger = logging.getLogger(__name__)

_Params = TypeVar("_Params")
_Result = TypeVar("_Result")


class Server(LanguageServer):
    """One connection to one editor."""

    protocol: Protocol

    def __init__(self, remote: Remote) -> None:
        super().__init__("ml-architect", __version__, protocol_cls=Protocol, notebook_document_sync=notebook_sync())
        self.profile = ClientProfile()
        self.remote = remote
        self.session: Session
        self.asking = Asking(lambda: self.session, remote, self.tell)
        self.consulting = Consulting(lambda: self.session, remote, self.asking)
        self.checking = Checking(self)
        self.papers = Papers()
        self.marks = CellMarks(self.text_document_publish_diagnostics)
        self.initial_settings: dict[str, object] = {}
        """What the editor sent with its greeting; settings that come later hold over it."""
        self.settings_asked = 0
        """How often the editor was asked for its settings; only the answer to the last question counts."""
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        for register in REGISTRATIONS:
            register(self)

    @property
    def was_shut_down(self) -> bool:
        """Whether the editor asked for a shutdown before it left."""
        return self.protocol.was_shut_down

    def greet(self, params: types.InitializeParams) -> None:
        """Take in what the editor announces, and put our own documents in the place of pygls'."""
        self.profile = ClientProfile.of(params.capabilities)
        self.protocol.trace = params.trace or types.TraceValue.Off  # pygls hears of later wishes only
        documents = NotebookDocuments(params.workspace_folders or (), params.root_uri, self.profile.encoding)
        self.protocol._workspace = documents  # noqa: SLF001 - pygls has no door for it
        self.session = Session(documents, self.remote, self.deliver, self.tell, self.spawn)
        self.session.whole_menus = self.profile.action_literals and not self.profile.resolves_edits

    def deliver(self, current: Current) -> None:
        """Send a report on its way, unless the editor asks for reports itself."""
        self.tell(*current.report.problems)
        self.trace(current)
        if current.snapshot.cells is not None:
            self.marks.show(current, self.profile)
        elif not self.profile.pulls:
            self.publish(current)

    def trace(self, current: Current) -> None:
        """Say what was analysed, if the user wants to follow the server's work (``$/setTrace``)."""
        wish = self.protocol.trace
        if wish is not types.TraceValue.Off:
            snapshot, findings = current.snapshot, current.report.findings
            codes = ", ".join(finding.code for finding in findings) if wish is types.TraceValue.Verbose else None
            count = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}"
            message = f"{snapshot.uri}, version {snapshot.version}: {count}"
            self.log_trace(types.LogTraceParams(message, codes))

    def publish(self, current: Current) -> None:
        """Send the findings of a version of a document."""
        snapshot = current.snapshot
        items = [diagnostic(finding, snapshot, self.profile) for finding in current.report.findings]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(snapshot.uri, items, snapshot.version),
        )

    def withdraw(self, uri: str) -> None:
        """Take back the findings of a document that is no longer open."""
        if not self.profile.pulls:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def tell(self, *problems: str) -> None:
        """Show problems to the user, in one message and each of them once in a session."""
        fresh = [problem for problem in problems if problem not in self._told]
        if fresh:
            self._told.update(fresh)
            text = "\n".join(fresh)
            logger.warning("%s", text)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"ml-architect: {text}"))

    def spawn(self, name: str, task: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run something beside the handlers, under the same guard."""

        async def guarded() -> None:
            with _Guard(self, name):
                await task

        running = asyncio.get_running_loop().create_task(guarded())
        self._tasks.add(running)  # the loop alone would let it be collected
        running.add_done_callback(self._tasks.discard)
        return running

    def report_server_error(self, error: Exception, source: type[PyglsError] | type[JsonRpcException]) -> None:
        """Log what went wrong outside of our handlers; pygls would open a pop-up each time."""
        logger.error("%s: %s", source.__name__, error, exc_info=error)

    def on_request(
        self,
        method: str,
        handler: "Callable[[Server, _Params], Awaitable[_Result]]",
        otherwise: _Result,
        options: object = None,
    ) -> None:
        """Answer requests with `handler`; if it fails, with `otherwise`."""

        async def guarded(params: _Params) -> _Result:
            with _Guard(self, method):
                return await handler(self, params)
            return otherwise

        self.feature(method, options)(guarded)

    def on_command(self, name: str, handler: Callable[[object], Awaitable[None]]) -> None:
        """Run a command with `handler`, which gets its first argument; it must be quick, as it cannot be cancelled."""

        async def guarded(*arguments: Any) -> None:  # noqa: ANN401 - whatever the editor sends
            with _Guard(self, name):
                await handler(arguments[0] if arguments else None)

        guarded.__annotations__.clear()  # pygls 2.1 takes them for classes, which Any is not on Python 3.10
        self.command(name)(guarded)

    def on_notification(
        self, method: str, handler: "Callable[[Server, _Params], None]", options: object = None
    ) -> None:
        """Take in notifications with `handler`. It runs before the next message is read, so it must be quick."""

        def guarded(params: _Params) -> None:
            with _Guard(self, method):
                handler(self, params)

        self.feature(method, options)(guarded)


class _Guard:
    """Keeps the server alive whatever a handler does; the only place in this process that does so.

    An answer that is an error on purpose, and a cancellation, pass.
    """

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _: object) -> bool:
        if not isinstance(error, Exception) or isinstance(error, JsonRpcException):
            return False
        logger.error("%s failed", self._name, exc_info=error)
        self._server.tell(f"{self._name} failed with {type(error).__name__}, see the log")
        return True
