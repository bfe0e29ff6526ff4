"""Disable a rule in pyproject.toml: the last action, an edit of a file that may be open."""

import pytest

from ml_architect.lsp.documents import path_of

CODE = "parameters-not-called"
TEXT = "import torch\nmodel = torch.nn.Linear(4, 2)\noptimizer = torch.optim.SGD(model.parameters, lr=0.1)\n"
LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}}}
LAZY = {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
ALL = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}


def capabilities(action=LITERALS, document_changes=True):
    return {
        "textDocument": {"codeAction": action},
        "workspace": {"workspaceEdit": {"documentChanges": document_changes}},
        "general": {"positionEncodings": ["utf-32"]},
    }


def offered(client, uri):
    context = {"diagnostics": [], "only": ["quickfix"]}
    return client.result("textDocument/codeAction", textDocument={"uri": uri}, range=ALL, context=context)


def applied(text, edits):
    rows = text.split("\n")
    starts = [sum(len(row) + 1 for row in rows[:index]) for index in range(len(rows))]
    for edit in sorted(edits, key=lambda edit: edit["range"]["start"]["line"], reverse=True):
        start, end = (
            starts[edit["range"][side]["line"]] + edit["range"][side]["character"] for side in ("start", "end")
        )
        text = text[:start] + edit["newText"] + text[end:]
    return text


@pytest.mark.parametrize("action", [LITERALS, LAZY])
def test_the_last_action_edits_the_file_and_the_finding_is_gone(client, action):
    config = client.folder / "pyproject.toml"
    text = '# a "😀" project\n[tool.ml-architect]\nignore = [\n  "hardcoded-cuda", # wanted\n]\n'
    config.write_text(text)
    client.start(capabilities(action))
    uri = client.open(TEXT)
    last = offered(client, uri)[-1]
    assert last["title"] == f"ml-architect: disable {CODE} in pyproject.toml"
    assert last["kind"] == "quickfix" and not last.get("isPreferred")
    assert [item["code"] for item in last["diagnostics"]] == [CODE]
    if "data" in last:
        assert client.result("codeAction/resolve", **last)["edit"] == last["edit"]
    (change,) = last["edit"]["documentChanges"]
    assert path_of(change["textDocument"]["uri"]) == config
    assert change["textDocument"]["version"] is None, "it is not open"
    after = applied(text, change["edits"])
    assert after == text.replace("# wanted\n", f'# wanted\n  "{CODE}",\n')
    config.write_text(after)
    client.notify("workspace/didChangeWatchedFiles", changes=[{"uri": config.as_uri(), "type": 2}])
    client.wait(
        lambda message: (
            message.get("method") == "textDocument/publishDiagnostics" and not message["params"]["diagnostics"]
        )
    )
    assert client.stop() == 0


def test_an_open_file_is_edited_as_it_stands_in_the_editor(client):
    config = client.folder / "pyproject.toml"
    config.write_text("[tool.ml-architect]\n")
    client.start(capabilities())
    newer = "[tool.ml-architect]\npreview = false\nignore = ['hardcoded-cuda']\n"
    item = {"uri": config.as_uri(), "languageId": "toml", "version": 7, "text": newer}
    client.notify("textDocument/didOpen", textDocument=item)
    (change,) = offered(client, client.open(TEXT))[-1]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": config.as_uri(), "version": 7}
    assert applied(newer, change["edits"]) == newer.replace("'hardcoded-cuda'", f"'hardcoded-cuda', \"{CODE}\"")


def test_an_editor_that_knows_no_versions_gets_plain_changes(client):
    config = client.folder / "pyproject.toml"
    config.write_text("[project]\nname = 'x'\n")
    client.start(capabilities(document_changes=False))
    ((uri, edits),) = offered(client, client.open(TEXT))[-1]["edit"]["changes"].items()
    assert path_of(uri) == config
    assert applied(config.read_text(), edits).endswith(f'\n\n[tool.ml-architect]\nignore = ["{CODE}"]\n')


@pytest.mark.parametrize(
    "text", ["no toml at all", "tool.ml-architect.preview = true\n", f'[tool.ml-architect]\nignore = "{CODE}"\n']
)
def test_what_cannot_be_edited_safely_is_not_offered(client, text):
    (client.folder / "pyproject.toml").write_text(text)
    client.start(capabilities())
    titles = [action["title"] for action in offered(client, client.open(TEXT))]
    assert titles and not any("pyproject" in title for title in titles)


def test_where_the_editor_says_what_is_ignored_the_project_is_not_edited(client):
    (client.folder / "pyproject.toml").write_text("[tool.ml-architect]\n")
    client.start(capabilities(), {"ignore": ["hardcoded-cuda"]})
    titles = [action["title"] for action in offered(client, client.open(TEXT))]
    assert titles and not any("pyproject" in title for title in titles)
