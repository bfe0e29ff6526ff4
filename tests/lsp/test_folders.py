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
