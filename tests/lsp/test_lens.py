"""The code lens above a training loop: off by default, live when the settings change, and its command works."""

import pytest

LOOP = """\
import torch

model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    for inputs, labels in batches:
        loss = torch.nn.functional.mse_loss(model(inputs), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters, 1.0)
        optimizer.step()
"""
FIXED = LOOP.replace("model.parameters,", "model.parameters(),")
CAPABILITIES = {
    "textDocument": {"codeLens": {}},
    "workspace": {"codeLens": {"refreshSupport": True}, "workspaceEdit": {"documentChanges": True}},
}


def lenses(client, uri):
    return client.result("textDocument/codeLens", textDocument={"uri": uri})


@pytest.mark.parametrize("where", ["editor", "project"])
def test_the_lens_is_shown_when_asked_for(client, where):
    if where == "project":
        (client.folder / "pyproject.toml").write_text("[tool.ml-architect]\ncode-lens = true\n")
    offered = client.start(CAPABILITIES, {"codeLens": True} if where == "editor" else None)
    assert offered["codeLensProvider"] == {"resolveProvider": False}
    assert "ml-architect.fixLoop" in offered["executeCommandProvider"]["commands"]
    uri = client.open(LOOP)
    (lens,) = lenses(client, uri)
    assert lens["range"]["start"] == {"line": 4, "character": 0}, "the outer loop"
    assert lens["command"]["title"] == "ml-architect: 2 findings, fix the safe ones"
    assert client.stop() == 0


def test_an_editor_without_lenses_is_offered_none(client):
    assert "codeLensProvider" not in client.start()
    client.stop()


def test_a_change_of_settings_asks_the_editor_to_look_again(client):
    client.start(CAPABILITIES)
    uri = client.open(LOOP)
    assert lenses(client, uri) is None
    client.notify("workspace/didChangeConfiguration", settings={"ml-architect": {"codeLens": True}})
    client.wait(lambda message: message.get("method") == "workspace/codeLens/refresh")
    assert len(lenses(client, uri)) == 1
    client.change(uri, 2, {"text": FIXED})
    assert lenses(client, uri) is None, "what is left is not safe to fix"


def test_its_command_fixes_the_loop_in_one_edit(client):
    client.start(CAPABILITIES, {"code-lens": True})
    uri = client.open(LOOP, version=3)
    (lens,) = lenses(client, uri)
    client.replies["workspace/applyEdit"] = lambda _: {"applied": True}
    command = lens["command"]
    assert client.result("workspace/executeCommand", command=command["command"], arguments=command["arguments"]) is None
    asked = client.wait(lambda message: message.get("method") == "workspace/applyEdit")["params"]
    (change,) = asked["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 3}
    assert [edit["newText"] for edit in change["edits"]] == ["()"], "what is unsafe is left alone"
    assert client.stop() == 0
    assert client.all_of("window/showMessage") == []


@pytest.mark.parametrize(
    "argument", [None, 3, {}, {"uri": "file:///unknown.py", "findings": ["x"]}, {"uri": 3, "findings": 4}]
)
def test_a_command_about_nothing_does_nothing(client, argument):
    client.start(CAPABILITIES)
    assert client.result("workspace/executeCommand", command="ml-architect.fixLoop", arguments=[argument]) is None
    assert client.stop() == 0
    assert client.all_of("workspace/applyEdit") == []
