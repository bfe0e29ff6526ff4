"""Settings come from the files as they are now and from the nearest folder, whatever the editor watches or opens."""

import json
import os
import subprocess
import sys

import pytest

CODE = "parameters-not-called"
OTHER = "hardcoded-cuda"
TEXT = """\
import torch

model = torch.nn.Linear(4, 2).to("cuda")
optimizer = torch.optim.SGD(model.parameters, lr=0.1)
"""
PULLS = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
TREE = {
    "train.py": "",
    "one/train.py": f'ignore = ["{OTHER}"]\n',
    "one/deep/train.py": f'ignore = ["{CODE}"]\n',
    "one/deep/deeper/train.py": None,
    "two/train.py": f'severity = {{ {CODE} = "hint" }}\n',
    "two/plain/train.py": None,
}
SEVERITIES = {1: "error", 2: "warning", 3: "info", 4: "hint"}


def write_settings(path, table, moment):
    """Write settings, and state when: file systems may not tell two writes in quick succession apart."""
    path.write_text(f"[tool.ml-architect]\n{table}")
    os.utime(path, ns=(moment, moment))


@pytest.mark.parametrize("how", ["typing", "saving", "pulling", "reopening"])
def test_settings_in_use_are_compared_before_each_analysis(client, how):
    """Neovim on Linux watches no files: nothing tells the server of the change."""
    config = client.folder / "pyproject.toml"
    write_settings(config, f'ignore = ["{OTHER}"]\n', 10**18)
    client.start(PULLS if how == "pulling" else {})
    assert client.all_of("client/registerCapability") == []
    uri = client.open(TEXT)

    def codes(version):
        if how == "pulling":
            found = client.result("textDocument/diagnostic", textDocument={"uri": uri})["items"]
        else:
            found = client.published(uri, version)
        return {item["code"] for item in found}

    assert codes(1) == {CODE}
    write_settings(config, f'ignore = ["{CODE}"]\n', 10**18 + 10**9)
    if how == "typing":
        client.change(uri, 2, {"text": TEXT + "\n"})
        assert codes(2) == {OTHER}
    elif how == "pulling":
        assert codes(1) == {OTHER}
    else:
        if how == "reopening":
            client.notify("textDocument/didClose", textDocument={"uri": uri})
            client.open(TEXT, version=9)
        else:
            client.notify("textDocument/didSave", textDocument={"uri": uri})
        client.wait(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics"
                and [item["code"] for item in message["params"]["diagnostics"]] == [OTHER]
            )
        )
    assert client.stop() == 0


def test_a_change_of_the_same_size_is_seen(client):
    config = client.folder / "pyproject.toml"
    tables = [(f'ignore = ["{CODE}"]', {OTHER}), (f'select = ["{CODE}"]', {CODE})]
    assert len({len(table) for table, _ in tables}) == 1
    client.start()
    uri = client.open(TEXT)
    for version, (table, expected) in enumerate(tables, start=2):
        write_settings(config, table, 10**18 + version)
        client.change(uri, version, {"text": TEXT + "\n" * version})
        assert {item["code"] for item in client.published(uri, version)} == expected


def write(folder):
    for name, table in TREE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT)
        if table is not None:
            (path.parent / "pyproject.toml").write_text(f"[tool.ml-architect]\n{table}")


def from_command_line(folder):
    command = [sys.executable, "-m", "ml_architect", "check", "--output-format", "json", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    return {
        ((folder / item["filename"]).resolve().relative_to(folder).as_posix(), item["code"], item["severity"])
        for item in json.loads(done.stdout)
    }


@pytest.mark.parametrize("roots", [["."], ["one", "two"], ["one/deep", "one", "."], ["two/plain"]])
def test_the_nearest_settings_hold_however_folders_are_opened(client, roots):
    """Nested folders may be opened as roots of their own, and a file may lie outside of all of them."""
    write(client.folder)
    expected = from_command_line(client.folder)
    assert {name for name, _, _ in expected} == set(TREE)
    assert len({frozenset(item[1:] for item in expected if item[0] == name) for name in TREE}) == 4
    folders = [{"uri": (client.folder / root).resolve().as_uri(), "name": root} for root in roots]
    client.start(workspaceFolders=folders)
    found = {
        (name, item["code"], SEVERITIES[item["severity"]])
        for name in TREE
        for item in client.published(client.open(TEXT, name), 1)
    }
    assert found == expected
    assert client.stop() == 0


FOLDERS = ("one", "one/deep", "two")
ASKS = {"workspace": {"configuration": True}}


class Workshop:
    """A client with a document in each folder, and outside of all; the folders have settings of their own."""

    def __init__(self, client, capabilities):
        self.client = client
        self.uris = {}
        for name in FOLDERS:
            (client.folder / name).mkdir(parents=True)
        client.start(capabilities, workspaceFolders=[self.folder(name) for name in FOLDERS])
        client.wait(lambda message: message.get("method") == "workspace/configuration")
        for name in (*FOLDERS, "."):
            self.uris[name] = client.open(TEXT, f"{name}/train.py" if name != "." else "train.py")

    def folder(self, name):
        return {"uri": (self.client.folder / name).as_uri(), "name": name}

    def set(self, name, settings):
        self.client.scoped[self.folder(name)["uri"]] = settings
        self.client.notify("workspace/didChangeConfiguration", settings=None)

    def reports(self, name):
        """Return the codes of each report on a document, in their order."""
        pushed = self.client.all_of("textDocument/publishDiagnostics")
        return [{item["code"] for item in told["diagnostics"]} for told in pushed if told["uri"] == self.uris[name]]

    def wait(self, name, codes):
        self.client.wait(lambda _: self.reports(name)[-1:] == [codes])


def test_each_folder_has_its_own_settings_and_a_change_touches_that_folder_only(client):
    client.scoped = {
        (client.folder / "one").as_uri(): {"ignore": [CODE]},
        (client.folder / "two").as_uri(): {"ignore": [OTHER]},
    }
    shop = Workshop(client, ASKS)
    expected = {"one": {OTHER}, "one/deep": {CODE, OTHER}, "two": {CODE}, ".": {CODE, OTHER}}
    for name, codes in expected.items():
        shop.wait(name, codes)
    before = {name: len(shop.reports(name)) for name in expected}
    shop.set("one", {"ignore": [OTHER]})
    shop.wait("one", {CODE})
    shop.set("one/deep", {"ignore": [CODE]})
    shop.wait("one/deep", {OTHER})
    told = {name: len(shop.reports(name)) - before[name] for name in expected}
    assert told == {"one": 1, "one/deep": 1, "two": 0, ".": 0}
    assert client.stop() == 0


def test_an_editor_that_asks_for_reports_hears_that_the_other_folder_has_not_changed(client):
    shop = Workshop(client, {**PULLS, "workspace": {**PULLS["workspace"], **ASKS["workspace"]}})

    def report(name, known=None):
        return client.result("textDocument/diagnostic", textDocument={"uri": shop.uris[name]}, previousResultId=known)

    known = {name: report(name)["resultId"] for name in ("one", "two")}
    shop.set("one", {"ignore": [CODE, OTHER]})
    client.wait(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    assert report("one", known["one"])["items"] == []
    assert report("two", known["two"]) == {"kind": "unchanged", "resultId": known["two"]}
    assert client.stop() == 0


def test_a_folder_that_is_added_brings_its_settings(client):
    shop = Workshop(client, ASKS)
    name = "three"
    (client.folder / name).mkdir()
    client.scoped[shop.folder(name)["uri"]] = {"ignore": [CODE, OTHER]}
    shop.uris[name] = client.open(TEXT, f"{name}/train.py")
    shop.wait(name, {CODE, OTHER})
    client.notify("workspace/didChangeWorkspaceFolders", event={"added": [shop.folder(name)], "removed": []})
    shop.wait(name, set())
    client.notify("workspace/didChangeWorkspaceFolders", event={"added": [], "removed": [shop.folder(name)]})
    shop.wait(name, {CODE, OTHER})
    assert client.stop() == 0


def test_only_the_answer_to_the_last_question_for_settings_counts(client):
    """An editor may take longer over the first question than over the second."""
    client.held.add("workspace/configuration")
    client.start(ASKS)
    uri = client.open(TEXT)
    assert {item["code"] for item in client.published(uri, 1)} == {CODE, OTHER}
    client.notify("workspace/didChangeConfiguration", settings=None)

    def questions():
        return [message["id"] for message in list(client.received) if message.get("method") in client.held]

    client.wait(lambda _: len(questions()) == 2)
    first, second = questions()
    for number, codes in ((second, [CODE]), (first, [OTHER])):
        client.send({"jsonrpc": "2.0", "id": number, "result": [{"ignore": codes}]})
    client.wait(lambda _: len(client.all_of("textDocument/publishDiagnostics")) == 2)
    client.change(uri, 2, {"text": TEXT + "\n"})
    assert {item["code"] for item in client.published(uri, 2)} == {OTHER}
    assert client.stop() == 0


def test_a_review_goes_by_the_settings_of_its_folder(client):
    shop = Workshop(client, ASKS)
    for name in FOLDERS:
        (client.folder / name / "train.py").write_text(TEXT)
    shop.set("two", {"ignore": [CODE]})
    shop.wait("two", {OTHER})
    pages = {name: client.result("ml-architect/review", uri=shop.folder(name)["uri"])["markdown"] for name in FOLDERS}
    assert {name: CODE in page for name, page in pages.items()} == {"one": True, "one/deep": True, "two": False}
    assert client.stop() == 0
