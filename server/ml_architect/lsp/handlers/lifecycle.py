"""The beginning and the end of a connection."""

from typing import TYPE_CHECKING

from lsprotocol import types

from ml_architect.lsp.handlers import diagnostics, lens, workspace
from ml_architect.lsp.handlers.configuration import read_settings
from ml_architect.lsp.overrides import Overrides

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_notification(types.INITIALIZE, _initialize)
    server.on_request(types.SHUTDOWN, _shutdown, None)


def _initialize(server: "Server", params: types.InitializeParams) -> None:
    """Adapt to the editor; pygls computes our capabilities right after this."""
    server.greet(params)
    server.initial_settings = read_settings(params.initialization_options)
    server.session.overrides = Overrides(server.initial_settings)
    if server.profile.pulls:
        diagnostics.offer_pull(server)
        workspace.offer_pull(server)
    if server.profile.shows_lenses:
        lens.offer_lenses(server)


async def _shutdown(server: "Server", _: object) -> None:
    server.session.close()
    server.checking.abandon()
    server.papers.close()
    await server.asking.close()
