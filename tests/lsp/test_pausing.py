"""Settings by which a user has quiet: nothing at all, or nothing until a document is saved; live, wherever they come from."""

import pytest

CODE = "parameters-not-called"
GOOD = "import torch\nmodel = torch.nn.Linear(4, 2)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
BAD = GOOD.replace("parameters()", "parameters")
LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}
PULLS = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
PUBLISH = "textDocument/publishDiagnostics"


def codes(diagnostics):
    return [item["code"] for item in diagnostics]


def settings(client, **values):
    client.notify("workspace/didChangeConfiguration", settings={"ml-architect": values})


def save(client, uri):
    client.notify("textDocument/didSave", textDocument={"uri": uri})


def hover(client, uri):
    """Ask about the place of the finding, which needs a report on the present version."""
    return client.result("textDocument/hover", textDocument={"uri": uri}, position={"line": 2, "character": 35})


def shown(client, uri):
    """Return how often something was shown, and what was shown last."""
    found = [params for params in client.all_of(PUBLISH) if params["uri"] == uri]
    return len(found), codes(found[-1]["diagnostics"])


def pull(client, uri, previous=None):
    more = {"previousResultId": previous} if previous else {}
    return client.result("textDocument/diagnostic", textDocument={"uri": uri}, **more)


@pytest.mark.parametrize("where", ["editor", "project"])
def test_nothing_is_said_where_the_user_wants_none(client, where):
    if where == "project":
        (client.folder / "pyproject.toml").write_text("[tool.ml-architect]\nenable = false\n")
    client.start({"textDocument": {"codeAction": LITERALS}}, {"enable": False} if where == "editor" else None)
    uri = client.open(BAD)
    assert client.published(uri, 1) == []
    assert hover(client, uri) is None
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    found = client.result(
        "textDocument/codeAction", textDocument={"uri": uri}, range=place, context={"diagnostics": []}
    )
    assert found == []
    if where == "editor":
        settings(client, enable=True)
        client.wait(lambda message: message.get("params", {}).get("diagnostics"))
        assert hover(client, uri)
        settings(client, enable=False)
        client.wait(lambda _: client.all_of(PUBLISH)[-1]["diagnostics"] == [])
    assert client.all_of("window/showMessage") == []


@pytest.mark.parametrize("value", ["onSave", "on-save"])
def test_a_change_is_spoken_of_when_it_is_saved(client, value):
    client.start(options={"run": value})
    uri = client.open(GOOD)
    assert client.published(uri, 1) == []
    client.change(uri, 2, {"text": BAD})
    assert CODE in hover(client, uri)["contents"]["value"], "who asks is answered"
    assert shown(client, uri) == (1, [])
    save(client, uri)
    assert codes(client.published(uri, 2)) == [CODE]
    client.change(uri, 3, {"text": GOOD})
    assert hover(client, uri) is None
    assert shown(client, uri) == (2, [CODE])
    settings(client, run="onType")
    assert client.published(uri, 3) == []
    client.change(uri, 4, {"text": BAD})
    assert codes(client.published(uri, 4)) == [CODE]
    assert client.all_of("window/showMessage") == []


def test_an_editor_that_asks_hears_that_nothing_has_changed_until_it_is_saved(client):
    client.start(PULLS, {"run": "onSave"})
    uri = client.open(GOOD)
    first = pull(client, uri)
    client.change(uri, 2, {"text": BAD})
    assert pull(client, uri, first["resultId"]) == {"kind": "unchanged", "resultId": first["resultId"]}
    save(client, uri)
    client.wait(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    second = pull(client, uri, first["resultId"])
    assert codes(second["items"]) == [CODE]
    client.change(uri, 3, {"text": GOOD})
    assert pull(client, uri, second["resultId"])["kind"] == "unchanged"
    settings(client, run="onType")
    assert pull(client, uri, second["resultId"])["items"] == []


def test_an_unknown_time_to_run_is_told(client):
    client.start(options={"run": "sometimes", "enable": "perhaps"})
    assert codes(client.published(client.open(BAD), 1)) == [CODE]
    (told,) = client.all_of("window/showMessage")
    assert "'run' must be 'on-type' or 'on-save'" in told["message"]
    assert "'enable' must be true or false" in told["message"]
