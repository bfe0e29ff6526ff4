"""Commands that show something: the page of a rule, and what is worth knowing when something goes wrong."""

import platform
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ml_architect import __version__
from ml_architect.lsp import dialogue
from ml_architect.lsp.convert import SOURCE
from ml_architect.lsp.wishes import fields_of

if TYPE_CHECKING:
    from ml_architect.lsp.backend import Backend
    from ml_architect.lsp.server import Server

SHOW_RULE = f"{SOURCE}.showRule"
"""Command; the argument is ``{"code"}`` with the name of a rule."""

DEBUG_INFORMATION = f"{SOURCE}.debugInformation"
"""Command without an argument."""


@dataclass(frozen=True, slots=True)
class RulePage:
    """Where is a rule explained?"""

    code: str

    def run(self, _: "Backend") -> str | None:
        """Return the URL of the page, None where there is no such rule."""
        from ml_architect.engine import BUILTINS, rule_url  # noqa: PLC0415 - only the worker has the engine
        from ml_architect.rules import rule_named  # noqa: PLC0415

        return rule_url(self.code) if rule_named(self.code) or self.code in BUILTINS else None


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_command(SHOW_RULE, lambda argument: _show_rule(server, argument))
    server.on_command(DEBUG_INFORMATION, lambda _: _show_debug_information(server))


async def _show_rule(server: "Server", argument: object) -> None:
    """Begin to show a page; the command itself ends at once."""
    code = fields_of(argument).get("code")
    if isinstance(code, str):
        server.spawn(SHOW_RULE, _open(server, code))


async def _open(server: "Server", code: str) -> None:
    """Open the page of a rule, or tell where it is; it was installed with the rule, so that no network is needed."""
    url = await server.session.ask(RulePage(code))
    if url is None:
        dialogue.say(server, f"there is no rule {code}", types.MessageType.Warning)
        return
    if server.profile.shows_documents:
        try:
            result = await server.window_show_document_async(types.ShowDocumentParams(uri=url))
        except JsonRpcException:
            result = None
        if result is not None and result.success:
            return
    dialogue.say(server, f"{code} is explained in {url}")


async def _show_debug_information(server: "Server") -> None:
    """Begin to show what to write into a report of a bug."""
    server.spawn(DEBUG_INFORMATION, dialogue.show(server, _debug_information(server), ".txt"))


def _debug_information(server: "Server") -> str:
    documents = server.session.documents
    lines = [
        f"ml-architect {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"analysis process {server.remote.pid}",
        "",
        "the editor:",
        *(f"  {field.name}: {getattr(server.profile, field.name)}" for field in fields(server.profile)),
        "",
        f"settings of the editor: {server.session.overrides}",
        f"folders: {', '.join(map(str, documents.roots)) or 'none'}",
        "",
        "open:",
        *(f"  {uri}" for uri in documents.uris),
    ]
    return "\n".join(lines) + "\n"
