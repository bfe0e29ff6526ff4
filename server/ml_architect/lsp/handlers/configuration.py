"""Settings made in the editor, and changes of the files that settings come from."""

import logging
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ml_architect.lsp.convert import SOURCE
from ml_architect.lsp.documents import path_of
from ml_architect.lsp.handlers import diagnostics
from ml_architect.lsp.overrides import Overrides

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
    server.on_notification(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, _folders_changed)


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
        _take(server, params.settings, {})


def _take(server: "Server", settings: object, scoped: Mapping[Path, object]) -> None:
    """Let `settings`, and those of folders, hold over what the editor sent at the start; renew what they change."""
    start, before = server.initial_settings, server.session.overrides
    after = Overrides({**start, **read_settings(settings)})
    for folder in sorted(scoped, key=lambda path: len(path.parts)):
        after = after.with_folder(folder, {**start, **read_settings(scoped[folder])})
    if after != before:
        server.session.overrides = after
        uris = server.session.documents.uris
        _look_again(server, [uri for uri in uris if before.of(path_of(uri)) != after.of(path_of(uri))])


def _files_changed(server: "Server", _: object) -> None:
    _look_again(server, server.session.documents.uris)


def _folders_changed(server: "Server", _: object) -> None:
    """Ask for the settings of new folders; what has no path may have another home now."""
    if server.profile.pulls_configuration:
        server.spawn("fetching settings", _pull(server))
    _look_again(server, server.session.documents.uris)


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
    """Ask for the settings that hold outside of all folders, and for those of each folder."""
    uris = [folder.uri for folder in server.session.documents.folders.values()]
    scopes = {uri: path for uri in uris if (path := path_of(uri)) is not None}
    items = [types.ConfigurationItem(scope_uri=uri, section=SOURCE) for uri in (None, *scopes)]
    server.settings_asked = asked = server.settings_asked + 1
    try:
        answers = await server.workspace_configuration_async(types.ConfigurationParams(items))
    except JsonRpcException as error:
        logger.warning("the editor did not tell its settings: %s", error)
        return
    if asked == server.settings_asked:
        common, *scoped = answers or (None,)
        _take(server, common, dict(zip(scopes.values(), scoped, strict=False)))


def _look_again(server: "Server", uris: Collection[str]) -> None:
    """Renew what is said about these open documents; what has not changed costs next to nothing."""
    server.checking.look_again()
    if server.profile.shows_lenses and server.profile.refreshes_lenses:
        server.spawn("refresh of code lenses", _refresh_lenses(server))
    if server.profile.pulls:
        server.spawn("refresh", diagnostics.refresh(server))
    for uri in server.session.documents.notebook_uris if server.profile.pulls else uris:
        if uri in uris:
            server.session.analyze(uri, again=True)


async def _refresh_lenses(server: "Server") -> None:
    try:
        await server.workspace_code_lens_refresh_async(None)
    except JsonRpcException as error:
        logger.warning("the editor did not ask for code lenses again: %s", error)
