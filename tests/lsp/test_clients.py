"""One scenario with the real server over standard input and output, as each editor would live it."""

import asyncio
import json
import os
import sys
from pathlib import Path

import attrs
import pytest
import pytest_lsp
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

CODE = "parameters-not-called"
TEXT = """\
import torch
from torch import nn

name = "😀"; model = nn.Linear(4, 2)
first, second = "🧪", torch.optim.SGD(model.parameters, lr=0.1)
third = torch.optim.Adam(model.parameters, lr=0.001)
"""
FIXED = TEXT.replace("parameters", "parameters()")
ROW = 4
RECORDED = {path.stem: path for path in sorted(Path(__file__).parent.glob("clients/*.json"))}
CANNED = ("visual-studio-code", "neovim@v0.11", "neovim@v0.6", "emacs")


def capabilities(name):
    if name in RECORDED:
        data = json.loads(RECORDED[name].read_text())
        return default_converter().structure(data, types.ClientCapabilities)
    return client_capabilities(name)


def make_client():
    client = make_test_lsp_client()
    client.registered = []

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params):
        client.registered += [item.method for item in params.registrations]

    return client


@pytest_lsp.fixture(
    config=ClientServerConfig(
        client_factory=make_client,
        server_command=[sys.executable, "-m", "ml_architect", "server"],
        server_env={**os.environ, "PYTHONSAFEPATH": "1"},
    ),
    params=[*CANNED, *RECORDED],
)
async def client(request, lsp_client: LanguageClient, tmp_path):
    announced = capabilities(request.param)
    params = types.InitializeParams(capabilities=announced, root_uri=tmp_path.as_uri())
    lsp_client.editor = Editor(lsp_client, announced, await lsp_client.initialize_session(params), tmp_path)
    yield
    await lsp_client.shutdown_session()
    assert lsp_client._server.returncode == 0
    assert lsp_client.messages == []


class Editor:
    """A document, and what an editor does with it."""

    def __init__(self, client, announced, result, folder):
        self.client = client
        self.announced = announced
        self.server = result.capabilities
        self.encoding = types.PositionEncodingKind(self.server.position_encoding).value
        self.uri = (folder / "train.py").as_uri()
        self.config = folder / "pyproject.toml"
        self.version = 0
        self.text = ""

    async def open(self, text):
        self.version, self.text = 1, text
        item = types.TextDocumentItem(self.uri, "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    async def replace(self, text):
        self.version, self.text = self.version + 1, text
        identifier = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    @property
    def pulls(self):
        return self.server.diagnostic_provider is not None

    async def diagnostics(self, count):
        """Return the diagnostics once there are `count`."""
        for _ in range(300):
            if self.pulls:
                identifier = types.TextDocumentIdentifier(self.uri)
                report = await self.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(identifier))
                found = report.items
            else:
                found = self.client.diagnostics.get(self.uri)
            if found is not None and len(found) == count:
                return list(found)
            await asyncio.sleep(0.05)
        return pytest.fail(f"{count} diagnostics expected, got {found}")

    def units(self, text):
        codec, size = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[self.encoding]
        return len(text.encode(codec)) // size

    def position(self, row, needle):
        line = self.text.split("\n")[row]
        return types.Position(row, self.units(line[: line.index(needle)]))

    def offset(self, position):
        lines = self.text.split("\n")
        line = lines[position.line]
        column = next(i for i in range(len(line) + 1) if self.units(line[:i]) == position.character)
        return sum(len(before) + 1 for before in lines[: position.line]) + column

    async def actions(self, place, diagnostics=(), only=None, trigger=None):
        context = types.CodeActionContext(list(diagnostics), only, trigger)
        identifier = types.TextDocumentIdentifier(self.uri)
        params = types.CodeActionParams(identifier, place, context)
        answer = await self.client.text_document_code_action_async(params) or []
        # This client library takes an action with a command for a bare command.
        found = [action for action in answer if isinstance(action, types.CodeAction)]
        assert all(action.disabled is None for action in found) or self.shows_disabled
        return [action for action in found if action.disabled is None]

    @property
    def shows_disabled(self):
        return bool(self.announced.text_document.code_action.disabled_support)

    async def edited(self, action):
        """Return the text after an action is chosen."""
        if action.edit is None:
            resolve = self.announced.text_document.code_action.resolve_support
            assert "edit" in resolve.properties
            action = await self.client.code_action_resolve_async(action)
        edit = action.edit
        if edit.document_changes is not None:
            assert self.announced.workspace.workspace_edit.document_changes
            (change,) = edit.document_changes
            assert (change.text_document.uri, change.text_document.version) == (self.uri, self.version)
            edits = change.edits
        else:
            ((uri, edits),) = edit.changes.items()
            assert uri == self.uri
        text = self.text
        for item in sorted(edits, key=lambda item: (item.range.start.line, item.range.start.character), reverse=True):
            start, end = self.offset(item.range.start), self.offset(item.range.end)
            text = text[:start] + item.new_text + text[end:]
        return text


@pytest.mark.asyncio
async def test_the_whole_way(client):
    editor = client.editor
    await editor.open(TEXT)
    first, _ = await editor.diagnostics(2)
    assert (first.code, first.source, first.severity) == (CODE, "ml-architect", types.DiagnosticSeverity.Error)
    assert first.range.start.line == ROW
    assert editor.text[editor.offset(first.range.start) :].startswith("model.parameters")
    check_what_the_editor_shows(editor, first)
    await check_hover(editor)
    await check_quick_fix(editor, first)
    await check_fix_all(editor)
    await check_disabling(editor, first)
    await check_suppression(editor, first)
    await editor.replace(FIXED)
    assert await editor.diagnostics(0) == []


def check_what_the_editor_shows(editor, diagnostic):
    pushed = editor.announced.text_document.publish_diagnostics or types.PublishDiagnosticsClientCapabilities()
    pulled = editor.announced.text_document.diagnostic or types.DiagnosticClientCapabilities()
    assert (diagnostic.code_description is not None) == bool(
        pushed.code_description_support or pulled.code_description_support
    )
    assert (diagnostic.data is not None) == bool(pushed.data_support or pulled.data_support)
    if not pushed.related_information and not pulled.related_information:
        assert diagnostic.related_information is None


async def check_hover(editor):
    place = types.TextDocumentIdentifier(editor.uri)
    hover = await editor.client.text_document_hover_async(types.HoverParams(place, editor.position(ROW, "parameters")))
    formats = (editor.announced.text_document.hover or types.HoverClientCapabilities()).content_format
    assert hover.contents.kind == (formats[0] if formats else types.MarkupKind.PlainText)
    assert CODE in hover.contents.value
    assert ("**" in hover.contents.value) == (hover.contents.kind is types.MarkupKind.Markdown)
    assert await editor.client.text_document_hover_async(types.HoverParams(place, types.Position(0, 0))) is None
    keyword = types.HoverParams(place, editor.position(ROW + 1, "lr"))
    argument = await editor.client.text_document_hover_async(keyword)
    assert "Interacts with" in argument.contents.value
    assert editor.text[editor.offset(argument.range.start) : editor.offset(argument.range.end)] == "lr"


async def check_quick_fix(editor, diagnostic):
    actions = await editor.actions(diagnostic.range, [diagnostic], [types.CodeActionKind.QuickFix])
    assert {action.kind for action in actions} == {types.CodeActionKind.QuickFix}
    fix, everywhere, suppress, suppress_all = actions
    assert [item.code for item in fix.diagnostics] == [CODE]
    assert await editor.edited(fix) == TEXT.replace("parameters", "parameters()", 1)
    assert CODE in everywhere.title
    assert await editor.edited(everywhere) == FIXED
    assert await editor.edited(suppress_all) == f"# ml-architect: ignore-file[{CODE}]\n{TEXT}"
    preferred = editor.announced.text_document.code_action.is_preferred_support
    assert (bool(fix.is_preferred), bool(everywhere.is_preferred), bool(suppress.is_preferred)) == (
        bool(preferred),
        False,
        False,
    )


async def check_fix_all(editor):
    nowhere = types.Range(types.Position(0, 0), types.Position(0, 0))
    for only in ("source", "source.fixAll", "source.fixAll.ml-architect"):
        (action,) = await editor.actions(nowhere, only=[only])
        assert action.kind == "source.fixAll.ml-architect"
        assert await editor.edited(action) == FIXED
    assert not await editor.actions(nowhere, only=["source.fixAll.ruff"])
    assert not await editor.actions(nowhere, only=["refactor"])
    assert not await editor.actions(nowhere, trigger=types.CodeActionTriggerKind.Automatic)
    (invoked,) = await editor.actions(nowhere, trigger=types.CodeActionTriggerKind.Invoked)
    assert invoked.kind == "source.fixAll.ml-architect"


async def check_disabling(editor, diagnostic):
    """The last action is an edit of another file, which no version is known of."""
    editor.config.write_text("[tool.ml-architect]\n")
    actions = await editor.actions(diagnostic.range, [diagnostic], [types.CodeActionKind.QuickFix])
    edit = actions[-1].edit
    versioned = bool(edit.document_changes)
    assert versioned == bool(editor.announced.workspace.workspace_edit.document_changes)
    if versioned:
        ((document, edits),) = [(change.text_document, change.edits) for change in edit.document_changes]
        assert document.version is None
        uri = document.uri
    else:
        ((uri, edits),) = edit.changes.items()
    assert uri == editor.config.as_uri()
    assert [item.new_text.strip() for item in edits] == [f'ignore = ["{CODE}"]']
    editor.config.unlink()


async def check_suppression(editor, diagnostic):
    actions = await editor.actions(diagnostic.range, [diagnostic], [types.CodeActionKind.QuickFix])
    suppressed = await editor.edited(actions[-2])
    assert suppressed.split("\n")[ROW].endswith(f"  # ml-architect: ignore[{CODE}]")
    await editor.replace(suppressed)
    (other,) = await editor.diagnostics(1)
    assert other.range.start.line == ROW + 1
    hover = await editor.client.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(editor.uri), editor.position(ROW, CODE))
    )
    assert CODE in hover.contents.value


@pytest.mark.asyncio
async def test_an_action_for_an_older_version_changes_nothing(client):
    editor = client.editor
    if not editor.announced.text_document.code_action.resolve_support:
        return
    await editor.open(TEXT)
    (first, _) = await editor.diagnostics(2)
    fix = (await editor.actions(first.range, [first]))[0]
    await editor.replace(f"\n{TEXT}")
    assert (await client.code_action_resolve_async(attrs.evolve(fix))).edit is None
