"""Settings made in the editor, and changes of the files that settings come from."""

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ml_architect.lsp.convert import SOURCE

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server

logger = logging.getLogger(__name__)

_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")
WATCHED = (
    "**/{pyproject,pylock}.toml",
    "**/{uv,poetry,pdm,Pipfile}.lock",
    "**/environment.{yml,yaml}",
    "**/setup.{cfg,py}",
    "**/requirements*.txt",
    "**/requirements/*.txt",
    "**/.gitignore",
)
"""Files that settings, library versions or the list of files come from."""


def register(server: "Server") -> None:
    """Register the handlers of this module."""
    server.on_notification(types.INITIALIZED, _initialized)
    server.on_notification(types.WORKSPACE_DID_CHANGE_CONFIGURATION, _settings_changed)
    server.on_notification(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, _files_changed)
    server.on_notification(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, _files_changed)


def read_settings(settings: object) -> dict[str, object]:
    """Return the settings in what an editor sends, in the spelling of the configuration file.

    Editors send the section alone or inside an object with its name; keys may be in camel case.
    """
    if not isinstance(settings, Mapping):
        return {}
    for name in (SOURCE, "mlArchitect", "ml_architect", "settings"):
        if isinstance(settings.get(name), Mapping):
            return read_settings(settings[name])
    return {_kebab(str(name)): value for name, value in settings.items() if value is not None}


def _kebab(name: str) -> str:
    return _CAPITAL.sub(r"-\1", name).lower().replace("_", "-")


def _initialized(server: "Server", _: types.InitializedParams) -> None:
    server.spawn("watching files", _watch(server))
    if server.profile.pulls_configuration:
        server.spawn("fetching settings", _pull(server))


def _settings_changed(server: "Server", params: types.DidChangeConfigurationParams) -> None:
    if server.profile.pulls_configuration:
        server.spawn("fetching settings", _pull(server))
    else:
        _take(server, params.settings)


def _take(server: "Server", settings: object) -> None:
    """Let `settings` hold over those that the editor sent at the start."""
    overrides = {**server.initial_settings, **read_settings(settings)}
    if overrides != server.session.overrides:
        server.session.overrides = overrides
        _look_again(server)


def _files_changed(server: "Server", _: object) -> None:
    _look_again(server)


async def _watch(server: "Server") -> None:
    """Ask to be told of changes, as far as the editor can."""
    registrations = []
    if server.profile.registers_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SOURCE)
        registrations.append(_registration(types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
    if server.profile.registers_watchers:
        watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
        files = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registrations.append(_registration(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, files))
    if registrations:
        try:
            await server.client_register_capability_async(types.RegistrationParams(registrations))
        except JsonRpcException as error:
            logger.warning("the editor does not tell of changes of files or settings: %s", error)


def _registration(method: str, options: object) -> types.Registration:
    return types.Registration(f"{SOURCE}:{method}", method, options)


async def _pull(server: "Server") -> None:
    try:
        answers = await server.workspace_configuration_async(
            types.ConfigurationParams([types.ConfigurationItem(section=SOURCE)]),
        )
    except JsonRpcException as error:
        logger.warning("the editor did not tell its settings: %s", error)
        return
    _take(server, answers[0] if answers else None)


def _look_again(server: "Server") -> None:
    """Renew what is said about all open documents; what has not changed costs next to nothing."""
    server.checking.look_again()
    if server.profile.shows_lenses and server.profile.refreshes_lenses:
        server.spawn("refresh of code lenses", _refresh_lenses(server))
    if server.profile.pulls:
        server.spawn("refresh", _refresh(server))
    documents = server.session.documents
    for uri in documents.notebook_uris if server.profile.pulls else documents.uris:
        server.session.analyze(uri, again=True)


async def _refresh(server: "Server") -> None:
    try:
        await server.workspace_diagnostic_refresh_async(None)
    except JsonRpcException as error:
        logger.warning("the editor did not ask again: %s", error)


async def _refresh_lenses(server: "Server") -> None:
    try:
        await server.workspace_code_lens_refresh_async(None)
    except JsonRpcException as error:
        logger.warning("the editor did not ask for code lenses again: %s", error)
