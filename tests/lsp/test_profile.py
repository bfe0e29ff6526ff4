import json
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import client_capabilities

from ml_architect.lsp.profile import ClientProfile

CLIENTS = Path(__file__).parent / "clients"
BOTH_TAGS = frozenset(types.DiagnosticTag)
MARKDOWN, PLAIN = types.MarkupKind.Markdown, types.MarkupKind.PlainText


def profile(name):
    path = CLIENTS / f"{name}.json"
    if not path.exists():
        return ClientProfile.of(client_capabilities(name))
    return ClientProfile.of(default_converter().structure(json.loads(path.read_text()), types.ClientCapabilities))


@pytest.mark.parametrize(
    ("name", "encoding", "pulls", "hover", "document_changes", "watchers", "resolves"),
    [
        ("vscode-client-11", "utf-16", True, MARKDOWN, True, True, True),
        ("neovim-0.11.4", "utf-8", False, MARKDOWN, False, False, True),
        ("helix-25.01", "utf-8", False, MARKDOWN, True, True, True),
        ("emacs-30.1", "utf-32", False, PLAIN, True, True, True),
        ("emacs-28.2-eglot-1.9", "utf-16", False, PLAIN, True, True, False),
        ("visual-studio-code@v1.65.2", "utf-16", False, MARKDOWN, True, True, True),
    ],
)
def test_choices_for_known_editors(name, encoding, pulls, hover, document_changes, watchers, resolves):
    found = profile(name)
    assert (found.encoding, found.pulls, found.hover) == (encoding, pulls, hover)
    assert (found.document_changes, found.registers_watchers, found.resolves_edits) == (
        document_changes,
        watchers,
        resolves,
    )


@pytest.mark.parametrize(
    ("name", "related", "links", "data", "tags"),
    [
        ("vscode-client-11", True, True, True, BOTH_TAGS),
        ("neovim-0.11.4", True, False, True, BOTH_TAGS),
        ("helix-25.01", False, False, False, BOTH_TAGS),
        ("emacs-30.1", False, False, False, BOTH_TAGS),
        ("emacs-28.2-eglot-1.9", False, False, False, BOTH_TAGS),
    ],
)
def test_what_known_editors_show_of_a_diagnostic(name, related, links, data, tags):
    found = profile(name)
    assert (found.related_places, found.code_links, found.diagnostic_data, found.tags) == (related, links, data, tags)


def test_an_editor_that_announces_nothing_gets_the_least():
    assert ClientProfile.of(types.ClientCapabilities()) == ClientProfile()


def test_pulling_needs_a_way_to_ask_again():
    pull = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
    assert not ClientProfile.of(types.ClientCapabilities(text_document=pull)).pulls
    refresh = types.WorkspaceClientCapabilities(
        diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    )
    assert not ClientProfile.of(types.ClientCapabilities(workspace=refresh)).pulls
    assert ClientProfile.of(types.ClientCapabilities(workspace=refresh, text_document=pull)).pulls


def test_the_first_known_encoding_is_taken():
    general = types.GeneralClientCapabilities(position_encodings=["utf-7", "utf-32", "utf-8"])
    assert ClientProfile.of(types.ClientCapabilities(general=general)).encoding == "utf-32"
    general = types.GeneralClientCapabilities(position_encodings=["utf-7"])
    assert ClientProfile.of(types.ClientCapabilities(general=general)).encoding == "utf-16"
