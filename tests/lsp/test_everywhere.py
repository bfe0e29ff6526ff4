"""The command that repairs one rule in the whole workspace: it asks first, and changes nothing that it did not name."""

import json

import pytest

CODE = "parameters-not-called"
BAD = "import torch\nmodel = torch.nn.Linear(4, 2)\nface, o = '😀', torch.optim.SGD(model.parameters, lr=0.1)\n"
GOOD = BAD.replace("parameters", "parameters()")
OTHER = BAD + "torch.nn.utils.clip_grad_norm_(model.parameters, 1.0)\n"
CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "source": BAD}
NOTEBOOK = json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
ACTION = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}
CAPABILITIES = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True, "metadataSupport": True}},
    "window": {"showDocument": {"support": True}},
    "textDocument": {"codeAction": ACTION},
}
PLAIN = {"workspace": {"applyEdit": True}, "textDocument": {"codeAction": ACTION}}
ASK, SAY, APPLY = "window/showMessageRequest", "window/showMessage", "workspace/applyEdit"
EVERYWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}


@pytest.fixture
def tree(client):
    """A workspace with one open file, one that is not, one without findings and a notebook; the editor applies."""
    files = {"a.py": BAD, "pkg/b.py": OTHER, "pkg/good.py": GOOD, "pkg/c.ipynb": NOTEBOOK, "out/d.py": BAD}
    files["pyproject.toml"] = '[tool.ml-architect]\nexclude = ["out/"]\n'
    for name, text in files.items():
        path = client.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    client.replies[APPLY] = lambda _: {"applied": True}
    client.replies["window/showDocument"] = lambda _: {"success": True}
    return client.folder


def choosing(client, *titles):
    answers = iter(titles)
    client.replies[ASK] = lambda _: (title := next(answers)) and {"title": title}


def run(client, **argument):
    assert client.result("workspace/executeCommand", command="ml-architect.fixRule", arguments=[argument]) is None


def told(client, words):
    """Wait for a message to the user; all that could have been asked of the editor was asked before it."""
    return client.wait(lambda item: item.get("method") in (ASK, SAY) and words in item["params"]["message"])["params"]


def edits(client):
    """Return version and new texts for each document."""
    edit = client.wait(lambda item: item.get("method") == APPLY)["params"]["edit"]
    if "changes" in edit:
        return {uri: (None, [item["newText"] for item in found]) for uri, found in edit["changes"].items()}
    return {
        change["textDocument"]["uri"]: (
            change["textDocument"]["version"],
            [item["newText"] for item in change["edits"]],
        )
        for change in edit["documentChanges"]
    }


def test_the_menu_leads_to_it_where_the_editor_makes_edits(client, tree):
    client.start(CAPABILITIES)
    uri = (tree / "a.py").as_uri()
    client.published(client.open(BAD, "a.py"), 1)

    def titles(trigger):
        context = {"diagnostics": [], "triggerKind": trigger}
        found = client.result("textDocument/codeAction", textDocument={"uri": uri}, range=EVERYWHERE, context=context)
        return {item["title"]: item for item in found}

    action = titles(1)[f"ml-architect: fix all {CODE} in the workspace..."]
    assert action["command"]["arguments"] == [{"code": CODE}]
    assert "edit" not in action
    assert not any("workspace" in title for title in titles(2))


@pytest.mark.parametrize("capabilities", [CAPABILITIES, PLAIN], ids=["versions", "changes"])
def test_all_findings_of_the_rule_are_repaired_in_one_edit(client, tree, capabilities):
    choosing(client, "Apply")
    client.start(capabilities)
    opened = client.open(BAD, "a.py", version=7)
    run(client, code=CODE)
    versions = capabilities is CAPABILITIES
    assert edits(client) == {
        opened: (7 if versions else None, ["()"]),
        (tree / "pkg/b.py").as_uri(): (None, ["(), lr=0.1)\ntorch.nn.utils.clip_grad_norm_(model.parameters()"]),
    }
    (applied,) = client.all_of(APPLY)
    assert applied["label"] == f"fix all {CODE}"
    assert applied.get("metadata") == ({"isRefactoring": True} if versions else None)
    asked = told(client, CODE)
    assert asked["message"] == f"ml-architect: fix 3 findings of {CODE} in 2 files, 1 of them not open?"
    assert [item["title"] for item in asked["actions"]] == ["Apply", "Preview", "Cancel"]
    assert client.stop() == 0


def test_it_stays_in_the_folder_that_is_named(client, tree):
    choosing(client, "Apply")
    client.start(CAPABILITIES)
    client.open(BAD, "a.py")
    run(client, code=CODE, uri=(tree / "pkg").as_uri())
    assert set(edits(client)) == {(tree / "pkg/b.py").as_uri()}


@pytest.mark.parametrize("answers", [("Cancel",), (None,), ("Preview", "Cancel")])
def test_nothing_is_changed_unless_the_user_says_so(client, tree, answers):
    choosing(client, *answers)
    client.start(CAPABILITIES)
    run(client, code=CODE)
    client.wait(lambda _: len(client.all_of(ASK)) == len(answers))
    assert client.stop() == 0
    assert client.all_of(APPLY) == []
    assert (tree / "a.py").read_text(encoding="utf-8") == BAD


def test_the_preview_shows_every_change(client, tree):
    shown = []

    def show(params):
        shown.append(params["uri"])
        return {"success": True}

    choosing(client, "Preview", "Apply")
    client.replies["window/showDocument"] = show
    client.start(CAPABILITIES)
    run(client, code=CODE)
    assert set(edits(client)) == {(tree / name).as_uri() for name in ("a.py", "pkg/b.py")}
    assert [name.rpartition(".")[2] for name in shown] == ["diff"]


def test_a_file_that_changes_while_the_user_thinks_is_left_alone(client, tree):
    def think(_):
        (tree / "a.py").write_text(BAD + "\n", encoding="utf-8")
        return {"title": "Apply"}

    client.replies[ASK] = think
    client.start(CAPABILITIES)
    run(client, code=CODE)
    assert "has changed meanwhile" in told(client, "nothing is fixed")["message"]
    assert client.all_of(APPLY) == []


def test_an_editor_that_cannot_ask_changes_nothing(client, tree):
    assert tree
    client.refused.add(ASK)
    client.start(CAPABILITIES)
    run(client, code=CODE)
    assert "nothing is changed" in told(client, "cannot ask you")["message"]
    assert client.all_of(APPLY) == []


def test_where_there_is_nothing_to_do_it_says_so(client, tree):
    (tree / "a.py").write_text(GOOD, encoding="utf-8")
    (tree / "pkg/b.py").write_text(GOOD, encoding="utf-8")
    client.start(CAPABILITIES)
    run(client, code=CODE)
    assert told(client, "nothing of")["message"].endswith(
        "1 file can be fixed when opened: notebooks, and what is not UTF-8"
    )


@pytest.mark.parametrize("argument", [{}, {"code": 3}, {"code": "no-such-rule"}, {"code": CODE, "uri": "untitled:x"}])
def test_a_strange_wish_harms_nobody(client, argument):
    client.start(CAPABILITIES)
    run(client, **argument)
    assert client.stop() == 0
    assert client.all_of(APPLY) == []
