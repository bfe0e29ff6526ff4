"""The real server and the real engine, asked by a client that says what it likes."""

import os
import signal
import time
from pathlib import Path

import pytest

CODE = "parameters-not-called"
TEXT = "import torch\nmodel = torch.nn.Linear(4, 2)\noptimizer = torch.optim.SGD(model.parameters, lr=0.1)\n"
LOOP = """\
import torch

model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for inputs, labels in batches:
    loss = torch.nn.functional.mse_loss(model(inputs), labels)
    loss.backward()
    optimizer.step()
"""
LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}}}
LAZY = {**LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
PULLS = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}


def codes(diagnostics):
    return [item["code"] for item in diagnostics]


def config(folder, text):
    (folder / "pyproject.toml").write_text(f"[tool.ml-architect]\n{text}\n")


def pull(client, uri, previous=None):
    more = {"previousResultId": previous} if previous else {}
    return client.ask("textDocument/diagnostic", textDocument={"uri": uri}, **more)


def span(start, end):
    return {
        "start": {"line": start[0], "character": start[1]},
        "end": {"line": end[0], "character": end[1]},
    }


def actions(client, uri, place, **context):
    context = {"diagnostics": [], **context}
    return client.result("textDocument/codeAction", textDocument={"uri": uri}, range=place, context=context)


def test_what_the_server_offers(client):
    offered = client.start()
    assert "diagnosticProvider" not in offered
    assert offered["textDocumentSync"]["change"] == 2
    assert offered["textDocumentSync"]["openClose"] is True
    assert offered["codeActionProvider"]["codeActionKinds"] == [
        "quickfix",
        "source.fixAll.ml-architect",
        "notebook.source.fixAll.ml-architect",
        "refactor.rewrite",
    ]
    assert client.stop() == 0


def test_leaving_without_a_shutdown_is_an_error(client):
    client.start()
    client.notify("exit")
    assert client.leave() == 1


def test_a_lone_pull_capability_is_not_enough(client):
    assert "diagnosticProvider" not in client.start({"textDocument": {"diagnostic": {}}})
    uri = client.open(TEXT)
    assert codes(client.published(uri, 1)) == [CODE]


def test_pulling_says_when_nothing_has_changed(client):
    offered = client.start(PULLS)
    assert offered["diagnosticProvider"] == {
        "identifier": "ml-architect",
        "interFileDependencies": False,
        "workspaceDiagnostics": True,
    }
    uri = client.open(TEXT)
    first = client.answer(pull(client, uri))["result"]
    assert (first["kind"], codes(first["items"])) == ("full", [CODE])
    again = client.answer(pull(client, uri, first["resultId"]))["result"]
    assert again == {"kind": "unchanged", "resultId": first["resultId"]}
    client.change(uri, 2, {"text": TEXT + "\n"})
    moved = client.answer(pull(client, uri, first["resultId"]))["result"]
    assert moved["kind"] == "full"
    client.change(uri, 3, {"text": TEXT})
    back = client.answer(pull(client, uri, first["resultId"]))["result"]
    assert back["kind"] == "unchanged"
    assert client.all_of("textDocument/publishDiagnostics") == []


def test_a_pull_overtaken_by_typing_is_to_be_asked_again(client):
    client.start(PULLS)
    uri = client.open(TEXT)
    client.answer(pull(client, uri))
    with client.together():
        client.change(uri, 2, {"text": TEXT + "\n"})
        late = pull(client, uri)
        client.change(uri, 3, {"text": TEXT + "\n\n"})
    error = client.answer(late)["error"]
    assert (error["code"], error["data"]) == (-32802, {"retriggerRequest": True})
    assert codes(client.answer(pull(client, uri))["result"]["items"]) == [CODE]


def test_pulling_an_unknown_document_gives_nothing(client):
    client.start(PULLS)
    assert client.answer(pull(client, "file:///unknown.py"))["result"]["items"] == []


def test_a_document_without_a_file(client):
    client.start()
    config(client.folder, "")
    uri = client.open(TEXT, "untitled:Untitled-1")
    assert codes(client.published(uri, 1)) == [CODE]
    config(client.folder, f'ignore = ["{CODE}"]')
    client.change(uri, 2, {"text": TEXT})
    assert client.published(uri, 2) == []


def test_another_language_is_none_of_our_business(client):
    client.start()
    uri = (client.folder / "a.txt").as_uri()
    item = {"uri": uri, "languageId": "plaintext", "version": 1, "text": TEXT}
    client.notify("textDocument/didOpen", textDocument=item)
    other = client.open(TEXT)
    client.published(other, 1)
    assert {params["uri"] for params in client.all_of("textDocument/publishDiagnostics")} == {other}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_edits_below_odd_characters_hit_their_place(client, ending):
    """The classic: pygls' own text is out of step from the form feed on."""
    client.start({"general": {"positionEncodings": ["utf-16"]}})
    odd = 'import torch\n\f# page two\ns = "\u2028😀\u0085"\nmodel = torch.nn.Linear(4, 2)\n\nx = 1\n'
    uri = client.open(odd.replace("\n", ending))
    client.published(uri, 1)
    call = "s, o = '🧪', torch.optim.SGD(model.parameters, lr=1)"
    client.change(uri, 2, {"range": span((4, 0), (4, 0)), "text": call}, {"range": span((2, 5), (2, 6)), "text": "ab"})
    (found,) = client.published(uri, 2)
    start = call.index("model") + 1  # the test tube takes two units
    assert found["range"]["start"] == {"line": 4, "character": start}


def test_a_quick_fix_without_resolving_brings_its_edits(client):
    client.start({"textDocument": {"codeAction": LITERALS}})
    uri = client.open(TEXT)
    (found,) = client.published(uri, 1)
    fix, fix_all, suppress, everywhere = actions(client, uri, found["range"])
    ((edited, (edit,)),) = fix["edit"]["changes"].items()
    assert (edited, edit["newText"]) == (uri, "()")
    assert "edit" in fix_all
    assert "ignore[" in suppress["edit"]["changes"][uri][0]["newText"]
    assert "ignore-file[" in everywhere["edit"]["changes"][uri][0]["newText"]
    assert all("data" not in action for action in (fix, fix_all, suppress, everywhere))


def test_an_unsafe_fix_says_so_and_is_not_preferred(client):
    client.start({"textDocument": {"codeAction": {**LITERALS, "isPreferredSupport": True}}})
    uri = client.open(LOOP)
    (found,) = (item for item in client.published(uri, 1) if item["code"] == "missing-zero-grad")
    fix, *others = actions(client, uri, found["range"])
    assert fix["title"].endswith("(unsafe)")
    assert not any(action.get("isPreferred") for action in (fix, *others))
    assert {action["kind"] for action in others} == {"quickfix"}  # there is nothing to fix all of, safely
    assert "missing-zero-grad" in others[-1]["title"]


def test_what_does_not_parse_can_neither_be_fixed_nor_ignored(client):
    client.start({"textDocument": {"codeAction": LITERALS}})
    uri = client.open(TEXT + "def (:\n")
    found = {item["code"]: item for item in client.published(uri, 1)}
    assert set(found) == {CODE, "syntax-error"}
    assert not actions(client, uri, found["syntax-error"]["range"], only=["quickfix"])
    hover = {"textDocument": {"uri": uri}, "position": found["syntax-error"]["range"]["start"]}
    assert "cannot be read" in client.result("textDocument/hover", **hover)["contents"]["value"]


def test_an_editor_that_knows_only_commands_gets_no_actions(client):
    client.start()
    uri = client.open(TEXT)
    (found,) = client.published(uri, 1)
    assert actions(client, uri, found["range"]) is None


def test_findings_of_the_line_are_offered_when_the_editor_names_them(client):
    client.start({"textDocument": {"codeAction": LAZY, "publishDiagnostics": {"dataSupport": True}}})
    uri = client.open(TEXT)
    (found,) = client.published(uri, 1)
    nowhere = span((2, 0), (2, 0))
    assert not actions(client, uri, nowhere, only=["quickfix"])
    named = actions(client, uri, nowhere, only=["quickfix"], diagnostics=[found])
    assert named[0]["diagnostics"] == [found]
    without_data = {key: value for key, value in found.items() if key != "data"}
    assert len(actions(client, uri, nowhere, only=["quickfix"], diagnostics=[without_data])) == len(named)
    foreign = {**without_data, "source": "other", "code": "E1"}
    assert not actions(client, uri, nowhere, only=["quickfix"], diagnostics=[foreign])


@pytest.mark.parametrize(
    "action",
    [
        {"title": "of another server", "data": {"uri": "file:///a.py"}},
        {"title": "of another server", "data": "anything"},
        {"title": "a command", "command": {"title": "run", "command": "other.run"}},
        {"title": "ours, damaged", "data": {"server": "ml-architect", "do": "nonsense"}},
    ],
)
def test_an_action_that_is_not_ours_comes_back_unchanged(client, action):
    client.start({"textDocument": {"codeAction": LAZY}})
    assert client.result("codeAction/resolve", **action) == action


def test_settings_are_those_of_the_nearest_project_file(client):
    client.start()
    inner = client.folder / "inner"
    inner.mkdir()
    config(client.folder, f'ignore = ["{CODE}"]')
    (inner / "pyproject.toml").write_text("[project]\nname = 'no settings of ours'\n")
    uri = client.open(TEXT, "inner/train.py")
    assert client.published(uri, 1) == []
    config(inner, f'severity = {{ {CODE} = "hint" }}')
    client.notify("textDocument/didSave", textDocument={"uri": uri})
    found = client.wait(lambda message: message.get("params", {}).get("diagnostics"))
    assert found["params"]["diagnostics"][0]["severity"] == 4


def test_a_changed_project_file_is_noticed_while_typing(client):
    """Neovim on Linux watches no files."""
    client.start()
    uri = client.open(TEXT)
    assert codes(client.published(uri, 1)) == [CODE]
    config(client.folder, f'ignore = ["{CODE}"]')
    client.change(uri, 2, {"text": TEXT})
    assert client.published(uri, 2) == []


def test_a_broken_project_file_is_told_once(client):
    client.start()
    (client.folder / "pyproject.toml").write_text("[tool.ml-architect\n")
    uri = client.open(TEXT)
    assert codes(client.published(uri, 1)) == [CODE]
    for version in range(2, 5):
        client.change(uri, version, {"text": TEXT})
        client.published(uri, version)
    (shown,) = client.all_of("window/showMessage")
    assert "pyproject.toml" in shown["message"]


@pytest.mark.parametrize(
    "options",
    [{"ignore": [CODE]}, {"settings": {"ignore": [CODE]}}, {"ml-architect": {"ignore": [CODE]}}],
)
def test_settings_may_come_with_the_greeting(client, options):
    client.start(options=options)
    assert client.published(client.open(TEXT), 1) == []


def test_settings_may_change_while_running(client):
    client.start(options={"ignore": [CODE]})
    uri = client.open(TEXT)
    assert client.published(uri, 1) == []
    client.notify("workspace/didChangeConfiguration", settings={"ml-architect": {"ignore": [], "preview": None}})
    found = client.wait(lambda message: message.get("params", {}).get("diagnostics"))
    assert codes(found["params"]["diagnostics"]) == [CODE]


def test_settings_are_fetched_where_the_editor_keeps_them(client):
    client.settings = {"ignore": [CODE]}
    client.start({"workspace": {"configuration": True}})
    uri = client.open(TEXT)
    assert client.wait(lambda message: message.get("params", {}).get("diagnostics") == [])
    client.settings = None
    client.notify("workspace/didChangeConfiguration", settings=None)
    found = client.wait(lambda message: message.get("params", {}).get("diagnostics"))
    assert (found["params"]["uri"], codes(found["params"]["diagnostics"])) == (uri, [CODE])


def test_mistakes_in_settings_of_the_editor_are_told(client):
    client.start(options={"selct": ["all"], "perFileIgnores": {}})
    client.published(client.open(TEXT), 1)
    (shown,) = client.all_of("window/showMessage")
    assert "'selct'" in shown["message"]


def test_an_editor_that_pulls_is_asked_to_pull_again(client):
    client.start(PULLS)
    uri = client.open(TEXT)
    client.answer(pull(client, uri))
    config(client.folder, f'ignore = ["{CODE}"]')
    file = {"uri": (client.folder / "pyproject.toml").as_uri(), "type": 1}
    client.notify("workspace/didChangeWatchedFiles", changes=[file])
    client.wait(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    assert client.answer(pull(client, uri))["result"]["items"] == []


def test_files_are_watched_where_the_editor_can(client):
    dynamic = {"dynamicRegistration": True}
    client.start({"workspace": {"didChangeWatchedFiles": dynamic, "didChangeConfiguration": dynamic}})
    asked = client.wait(lambda message: message.get("method") == "client/registerCapability")
    methods = [item["method"] for item in asked["params"]["registrations"]]
    assert methods == ["workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles"]


def test_an_excluded_file_has_no_findings(client):
    config(client.folder, 'exclude = ["old/"]')
    client.start()
    (client.folder / "old").mkdir()
    assert client.published(client.open(TEXT, "old/train.py"), 1) == []
    assert codes(client.published(client.open(TEXT), 1)) == [CODE]


def children(pid):
    """Return the processes that any thread of a process has started and that are still there."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(number) for file in files for number in file.read_text().split()]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
def test_a_killed_worker_is_replaced_and_nothing_is_left_behind(client):
    client.start()
    uri = client.open(TEXT)
    client.published(uri, 1)
    (worker,) = children(client.process.pid)
    os.kill(worker, signal.SIGKILL)
    client.change(uri, 2, {"text": TEXT})
    assert codes(client.published(uri, 2)) == [CODE]
    (worker,) = children(client.process.pid)
    client.process.kill()
    client.leave()
    deadline = time.monotonic() + 10
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(worker)
