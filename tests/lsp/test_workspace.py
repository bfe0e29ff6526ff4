"""Findings in files that are not open: pulled where the settings ask for it, pushed by a command."""

import json

import pytest

CODE = "parameters-not-called"
BAD = "import torch\nmodel = torch.nn.Linear(4, 2)\nface, o = '😀', torch.optim.SGD(model.parameters, lr=0.1)\n"
GOOD = BAD.replace("parameters", "parameters()")
PULLS = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
WORKSPACE = '[tool.ml-architect]\ndiagnostic-mode = "workspace"\n'


@pytest.fixture
def tree(client):
    """A workspace in which two files are to be reported on."""
    files = {
        "pyproject.toml": WORKSPACE + 'exclude = ["left_out/"]\n',
        "a.py": BAD,
        "pkg/b.py": GOOD,
        "pkg/nested/pyproject.toml": f'[tool.ml-architect]\nignore = ["{CODE}"]\n',
        "pkg/nested/c.py": BAD,
        "left_out/d.py": BAD,
        "ignored/e.py": BAD,
        ".gitignore": "ignored/\n",
        ".git/HEAD": "",
        ".venv/pyvenv.cfg": "",
        ".venv/f.py": BAD,
    }
    for name, text in files.items():
        path = client.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return client.folder


def pull(client, known=(), **more):
    known = [{"uri": uri, "value": value} for uri, value in known]
    items = client.result("workspace/diagnostic", previousResultIds=known, **more)["items"]
    return {item["uri"]: item for item in items}


def names(folder, items):
    return {
        uri.removeprefix(folder.as_uri() + "/"): [item["code"] for item in found["items"]]
        for uri, found in items.items()
    }


def test_pulling_the_workspace(client, tree):
    assert client.start(PULLS)["diagnosticProvider"]["workspaceDiagnostics"] is True
    first = pull(client)
    assert names(tree, first) == {"a.py": [CODE], "pkg/b.py": [], "pkg/nested/c.py": []}
    bad = first[(tree / "a.py").as_uri()]["items"][0]
    assert bad["range"]["start"] == {"line": 2, "character": len("face, o = '😀', torch.optim.SGD(") + 1}, "in UTF-16"
    known = [(uri, item["resultId"]) for uri, item in first.items()]
    assert {item["kind"] for item in pull(client, known).values()} == {"unchanged"}
    (tree / "a.py").write_text(GOOD)
    (tree / "pkg/b.py").unlink()
    client.notify("workspace/didChangeWatchedFiles", changes=[])
    second = pull(client, known)
    assert {uri.rpartition("/")[2]: (item["kind"], item.get("items")) for uri, item in second.items()} == {
        "a.py": ("full", []),
        "b.py": ("full", []),
        "c.py": ("unchanged", None),
    }
    assert client.stop() == 0
    assert client.all_of("window/showMessage") == []


@pytest.mark.usefixtures("tree")
def test_an_open_file_is_left_to_its_own_request(client):
    client.start(PULLS)
    uri = client.open(BAD, "a.py")
    assert uri not in pull(client, [(uri, "what the editor has")])


@pytest.mark.usefixtures("tree")
def test_parts_are_sent_as_they_come(client):
    client.start(PULLS)
    answer = client.result("workspace/diagnostic", previousResultIds=[], partialResultToken="parts")
    assert answer == {"items": []}
    parts = [params["value"]["items"] for params in client.all_of("$/progress") if params["token"] == "parts"]
    assert sorted(item["uri"].rpartition("/")[2] for part in parts for item in part) == ["a.py", "b.py", "c.py"]


def test_it_is_off_by_default(client, tree):
    (tree / "pyproject.toml").write_text("[tool.ml-architect]\n")
    client.start(PULLS)
    assert pull(client) == {}
    client.notify("workspace/didChangeConfiguration", settings={"diagnosticMode": "workspace"})
    client.wait(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    assert names(tree, pull(client)) == {"a.py": [CODE], "left_out/d.py": [CODE], "pkg/b.py": [], "pkg/nested/c.py": []}


def published(client):
    found = {}
    for params in client.all_of("textDocument/publishDiagnostics"):
        found[params["uri"].rpartition("/")[2]] = [item["code"] for item in params["diagnostics"]]
    return found


def test_the_command_pushes_once_with_progress(client, tree):
    (tree / "pyproject.toml").write_text("[tool.ml-architect]\n")
    client.start({"window": {"workDoneProgress": True}})
    uri = client.open(GOOD, "pkg/b.py")
    client.published(uri, 1)
    assert client.result("workspace/executeCommand", command="ml-architect.checkWorkspace") is None
    said = client.wait(lambda message: message.get("method") == "window/showMessage")["params"]
    assert said["message"] == "ml-architect: 2 findings in the files of the workspace that are not open"
    assert published(client) == {"b.py": [], "a.py": [CODE], "d.py": [CODE]}
    kinds = [params["value"]["kind"] for params in client.all_of("$/progress")]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    client.open(BAD, "a.py", version=4)
    client.published((tree / "a.py").as_uri(), 4)
    assert client.stop() == 0


def test_a_notebook_is_reported_on_by_its_cells_once_it_is_open(client):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": BAD}
    text = {"cell_type": "markdown", "metadata": {}, "source": "# Words"}
    path = client.folder / "train.ipynb"
    path.write_text(json.dumps({"cells": [text, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    client.start({"notebookDocument": {"synchronization": {}}})
    client.result("workspace/executeCommand", command="ml-architect.checkWorkspace")
    client.wait(lambda message: message.get("method") == "window/showMessage")
    (closed,) = client.all_of("textDocument/publishDiagnostics")
    assert closed["uri"] == path.as_uri()
    assert closed["diagnostics"][0]["message"].startswith("cell 2: ")
    assert closed["diagnostics"][0]["range"]["start"]["line"] == 2
    document = {"uri": path.as_uri(), "version": 1, "notebookType": "jupyter-notebook"}
    document["cells"] = [{"kind": 2, "document": "cell:1"}]
    item = {"uri": "cell:1", "languageId": "python", "version": 1, "text": BAD}
    client.notify("notebookDocument/didOpen", notebookDocument=document, cellTextDocuments=[item])
    assert [found["code"] for found in client.published("cell:1", 1)] == [CODE]
    assert published(client) == {"train.ipynb": [], "cell:1": [CODE]}


def test_the_command_can_be_cancelled(client, tree):
    for number in range(300):
        (tree / f"file{number}.py").write_text(BAD * 20)
    client.start({"window": {"workDoneProgress": True}})
    client.result("workspace/executeCommand", command="ml-architect.checkWorkspace")
    begun = client.wait(
        lambda message: message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "report"
    )
    client.notify("window/workDoneProgress/cancel", token=begun["params"]["token"])
    client.wait(lambda message: message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "end")
    uri = client.open(BAD, "new.py")
    assert len(client.published(uri, 1)) == 1
    assert client.stop() == 0
    assert client.all_of("window/showMessage") == [], "who cancels is not told so"
    assert len(client.all_of("textDocument/publishDiagnostics")) < 300


def test_a_second_command_takes_the_place_of_the_first_and_shutdown_ends_it(client, tree):
    for number in range(200):
        (tree / f"file{number}.py").write_text(BAD * 20)
    client.start()
    for _ in range(3):
        client.result("workspace/executeCommand", command="ml-architect.checkWorkspace")
    assert client.stop() == 0


def test_without_a_folder_there_is_nothing_to_check(client_for):
    client = client_for()
    client.result("initialize", processId=None, rootUri=None, capabilities=PULLS)
    client.notify("initialized")
    assert pull(client) == {}
    client.result("workspace/executeCommand", command="ml-architect.checkWorkspace")
    client.wait(lambda message: message.get("method") == "window/showMessage")
    assert client.stop() == 0
