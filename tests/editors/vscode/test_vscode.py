"""The packaged extension in a real VS Code: installed from its vsix, driven through the extension API and by hand."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
import tools
import workbench
from endpoint import Endpoint, in_turn, says

from ml_architect.architect.model.access import litellm_is_installed

PATIENCE = 60
"""Seconds for what ends by itself, on a busy machine."""

CODE = "parameters-not-called"
KEY = "sk-scripted-0123456789"
STEP = "        optimizer.step()\n"
CLEAR = "        optimizer.zero_grad()\n"


def code_cell(name, text, *outputs):
    shared = {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None}
    return {**shared, "outputs": list(outputs), "source": text.splitlines(keepends=True)}


SECTIONS = """\
## approach
Clear the gradients after each step.
## values
none
## tradeoffs
maintenance: one more line
## verify
Check the file again.
## expect
The loss falls.
## next
Nothing.
"""
STAGES = ("data", "features", "architecture", "training", "evaluation", "tuning", "persistence")
JUDGED = {"training": "train it.py:5 | The optimizer gets no parameters."}
ASSESSMENT = "".join(f"## {stage}\n{JUDGED.get(stage, 'none')}\n" for stage in STAGES)
EDIT = f"<<<EDIT R1 line=11>>>\n<<<OLD>>>\n{STEP}<<<NEW>>>\n{STEP}{CLEAR}<<<DONE>>>\n"
PROGRAM = """\
import torch
from torch import nn

model = nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters, lr=0.1)
"""
HEAD, CALL = PROGRAM.rstrip().rsplit("\n", 1)
OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["seen\n"]}
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# A model"]},
        code_cell("head", HEAD, OUTPUT),
        code_cell("call", f"%matplotlib inline\n!pip list\n{CALL}"),
        code_cell("more", "%%time\nprint(model)"),
    ],
    "metadata": {"language_info": {"name": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
LOOP = f"""\
import torch
from torch import nn


def fit(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
{STEP}"""


SLOW = {"size": 210, "pause": 20.0}
"""A reply in pieces so large that each is told, and so far apart that there is time to cancel."""


def replies(blocks, opener, **pace):
    """Return a behaviour that answers in the envelope that the prompt asks for."""

    def behave(exchange):
        request = exchange.seen.body["messages"][-1]["content"]
        nonce = re.findall(r"<<<(?:FIX|EXPLAIN) (\w+)>>>", request)[-1]
        says(f"<<<{opener} {nonce}>>>\n{SECTIONS}{blocks}<<<END {nonce}>>>\n", **pace)(exchange)

    return behave


def letter(word, text, asked="ANSWER", **pace):
    """Return a behaviour that replies to a question of the user's own, or about a review."""

    def behave(exchange):
        nonce = re.findall(rf"<<<{asked} (\w+)>>>", exchange.seen.body["messages"][-1]["content"])[-1]
        says(f"<<<{word} {nonce}>>>\n{text}<<<END {nonce}>>>\n", **pace)(exchange)

    return behave


@pytest.fixture(scope="module")
def kit():
    try:
        kit = tools.provide()
        return kit, tools.build(kit.node)
    except tools.UnavailableError as problem:
        if os.environ.get("ML_ARCHITECT_TEST_VSCODE") == "required":
            raise
        pytest.skip(f"a real VS Code is not available: {problem}")


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    (folder / "train it.py").write_text(PROGRAM)
    (folder / "loop.py").write_text("import torch\n")
    (folder / "look at it.ipynb").write_text(json.dumps(NOTEBOOK, indent=1))
    return folder


@pytest.fixture
def program(tmp_path):
    """The server under test as a program, installed or not."""
    path = tmp_path / "ml-architect"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ml_architect "$@"\n')
    path.chmod(0o755)
    return path


def run(kit, folder, plan):
    made, vsix = kit
    ended = workbench.drive(made, vsix, folder, plan)
    for test in ended.tests:
        print(test.get("ms"), test["title"])
    assert ended.failures == [], ended.log
    assert ended.code == 0, ended.log
    assert left_behind(folder) == []
    return [str(test["title"]) for test in ended.tests], ended


def left_behind(folder):
    """Return the processes that still have something to do with a run, once they have had time to end."""
    deadline = time.monotonic() + PATIENCE
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def processes_of(folder):
    listing = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if str(folder) in line and " ps " not in line]


def test_a_session_in_vs_code(kit, project, program, tmp_path):
    plan = workbench.Plan("editing,person", project, {"ml-architect.path": str(program)})
    titles, _ = run(kit, tmp_path / "run", plan)
    assert len(titles) == 15


def test_notebooks_and_the_whole_workspace(kit, project, program, tmp_path):
    plan = workbench.Plan("checking,notebooks", project, {"ml-architect.path": str(program)})
    titles, _ = run(kit, tmp_path / "run", plan)
    assert len(titles) == 6


def test_the_selected_environment_is_used_and_followed(kit, project, tmp_path):
    calls = tmp_path / "calls"
    first, second = (interpreter(tmp_path / name, calls) for name in ("first", "second"))
    chosen = json.dumps({"": str(first)})
    variables = {"PYTHONS": chosen, "OTHER_PYTHON": str(second), "CALLS": str(calls)}
    titles, _ = run(kit, tmp_path / "run", workbench.Plan("selected", project, {}, variables, "python"))
    assert len(titles) == 2


@pytest.mark.parametrize("extension", ["environments", "python"])
def test_folders_of_one_workspace_have_their_own_settings_and_environments(kit, program, tmp_path, extension):
    """Both extensions that know the chosen environments are stubs here: theirs come from a marketplace only."""
    newer, older = (with_torch(tmp_path / version, version) for version in ("2.6.0", "2.1.0"))
    for name, ignored in (("one", [CODE]), ("two", [])):
        settings = tmp_path / name / ".vscode" / "settings.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"ml-architect.ignore": ignored}))
        (tmp_path / name / "train.py").write_text(f"{PROGRAM}scaler = torch.cuda.amp.GradScaler()\n")
    workspace = tmp_path / "both.code-workspace"
    workspace.write_text(json.dumps({"folders": [{"path": "one"}, {"path": "two"}]}))
    variables = {"PYTHONS": json.dumps({"one": newer, "two": older}), "NEWER_PYTHON": newer}
    plan = workbench.Plan("folders", workspace, {"ml-architect.path": str(program)}, variables, extension)
    titles, _ = run(kit, tmp_path / "run", plan)
    assert len(titles) == 3


def with_torch(folder, version):
    """Return the interpreter of an environment that says that it has this torch; it is never run."""
    (folder / "lib" / "python3.11" / "site-packages" / f"torch-{version}.dist-info").mkdir(parents=True)
    path = folder / "bin" / "python"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\nexit 1\n")
    return str(path)


def interpreter(folder, calls):
    """Return a Python that writes down how it was started: the name of its folder, its process, its arguments."""
    path = folder / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\necho "{folder.name} $$ $*" >> "{calls}"\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.skipif(not litellm_is_installed(), reason="litellm is not installed")
def test_the_architect_in_vs_code(kit, project, program, tmp_path):
    with Endpoint() as endpoint:
        endpoint.script("good", replies(EDIT, "FIX"))
        endpoint.script("explains", replies("", "EXPLAIN"))
        endpoint.script("slow", replies(EDIT, "FIX", **SLOW))
        variables = {"ENDPOINT": endpoint.base("openai/good"), "KEY": KEY}
        plan = workbench.Plan("architect", project, {"ml-architect.path": str(program)}, variables)
        titles, ended = run(kit, tmp_path / "run", plan)
        assert len(titles) == 9
        assert {seen.headers["authorization"] for seen in endpoint.requests} == {f"Bearer {KEY}"}
        assert [len(endpoint.of(model)) for model in ("good", "explains", "unscripted")] == [1, 1, 0]
        (slow,) = endpoint.of("slow")
        assert slow.done.wait(PATIENCE)
        assert slow.left is not None
    assert KEY not in ended.log
    assert holding(tmp_path / "run", KEY) == []


@pytest.mark.skipif(not litellm_is_installed(), reason="litellm is not installed")
def test_reviews_and_answers_are_pages(kit, project, program, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    answer = letter(
        "ANSWER", SECTIONS.replace("Clear the gradients after each step.", "Start at 0.001, and look at the loss.")
    )
    asks = letter("QUESTIONS", "dataset-size | How many examples are there? | the size of the steps\n")
    with Endpoint() as endpoint:
        endpoint.script("answers", answer)
        endpoint.script("asks", in_turn(asks, answer))
        endpoint.script("assesses", letter("REVIEW", ASSESSMENT, asked="REVIEW"))
        endpoint.script("waits", letter("ANSWER", SECTIONS, **SLOW))
        variables = {"ENDPOINT": endpoint.base("openai/answers")}
        plan = workbench.Plan("pages", project, {"ml-architect.path": str(program)}, variables)
        titles, _ = run(kit, tmp_path / "run", plan)
        assert len(titles) == 7
        assert len(endpoint.of("assesses")) == 1
        (cancelled,) = endpoint.of("waits")
        assert cancelled.done.wait(PATIENCE)
        assert cancelled.left is not None


def holding(folder, text):
    """Return the files of a run that hold `text` as it is."""
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_what_an_untrusted_workspace_names_is_not_started(kit, project, tmp_path, monkeypatch):
    without_server(monkeypatch)
    calls = tmp_path / "calls"
    evil = interpreter(tmp_path / "evil", calls)
    (project / ".vscode").mkdir()
    named = {"ml-architect.path": str(evil), "ml-architect.interpreter": str(evil)}
    (project / ".vscode" / "settings.json").write_text(json.dumps(named))
    plan = workbench.Plan("untrusted", project, variables={"CALLS": str(calls)}, trusted=False)
    titles, _ = run(kit, tmp_path / "run", plan)
    assert len(titles) == 1


@pytest.mark.skipif(not litellm_is_installed(), reason="litellm is not installed")
def test_a_person_reads_what_would_be_sent_and_does_not_send_it(kit, project, program, tmp_path):
    (project / "loop.py").write_text(LOOP)
    folder = tmp_path / "run"
    plan = workbench.Plan("", project, {"ml-architect.path": str(program)})
    variables = {"ML_ARCHITECT_MODEL": "openai/gpt-5", "OPENAI_API_KEY": KEY}
    seen = walk(kit, folder, plan, "consent.mjs", variables)
    assert "may code around your findings be sent to api.openai.com" in seen["dialog"]
    assert any(tab.startswith("what would be sent") for tab in seen["tabs"])
    assert (project / "loop.py").read_text() == LOOP


def walk(kit, folder, plan, script, variables):
    """Let a script do what a person does, and return what it has seen."""
    made, vsix = kit
    with workbench.installed(made, vsix, folder, plan, variables) as (address, env):
        options = {"url": f"http://{address}/?folder={quote(str(plan.project))}"}
        code = workbench.browse(made, folder, script, options, env, plan.patience, script.partition(".")[0])
    log = workbench.logs(folder)
    assert code == 0, log
    assert left_behind(folder) == []
    seen = json.loads((folder / "driver.log").read_text().strip().splitlines()[-1])
    assert seen["hosts"] == ["127.0.0.1"]
    return seen


@pytest.mark.skipif(not litellm_is_installed(), reason="litellm is not installed")
def test_a_person_goes_the_whole_way(kit, project, program, tmp_path):
    """Findings, hover, repairs, suppression, saving, a notebook, and a model that is scripted on this machine."""
    more = (
        "slower = torch.optim.SGD(model.parameters, lr=0.01)\nslowest = torch.optim.SGD(model.parameters, lr=0.001)\n"
    )
    (project / "train it.py").write_text(PROGRAM + more)
    for name in ("loop.py", "other loop.py"):
        (project / name).write_text(LOOP)
    (project / ".vscode").mkdir()
    on_save = {"editor.codeActionsOnSave": {"source.fixAll.ml-architect": "explicit"}}
    (project / ".vscode" / "settings.json").write_text(json.dumps(on_save))
    with Endpoint() as endpoint:
        endpoint.script("good", in_turn(replies(EDIT, "FIX"), replies("", "EXPLAIN", **SLOW)))
        plan = workbench.Plan("", project, {"ml-architect.path": str(program)})
        variables = {
            "ML_ARCHITECT_MODEL": "openai/good",
            "ML_ARCHITECT_API_BASE": endpoint.base("openai/good"),
            "OPENAI_API_KEY": KEY,
        }
        seen = walk(kit, tmp_path / "run", plan, "person.mjs", variables)
        _, cancelled = endpoint.of("good")
        assert cancelled.done.wait(PATIENCE)
        assert cancelled.left is not None
    assert not any("explanation" in tab for tab in seen["tabs"])
    fixed = PROGRAM.replace("parameters", "parameters()")
    silent, saved = more.splitlines()
    assert (project / "train it.py").read_text() == (
        f"{fixed}{silent}  # ml-architect: ignore[{CODE}]\n{saved.replace('parameters', 'parameters()')}\n"
    )
    assert (project / "loop.py").read_text() == LOOP.replace(STEP, STEP + CLEAR)
    assert (project / "other loop.py").read_text() == LOOP
    cells = json.loads((project / "look at it.ipynb").read_text())["cells"]
    repaired = code_cell("call", f"%matplotlib inline\n!pip list\n{CALL.replace('parameters', 'parameters()')}")
    assert cells == [*NOTEBOOK["cells"][:2], repaired, NOTEBOOK["cells"][3]]


def test_the_server_is_installed_from_the_extension(kit, project, tmp_path, monkeypatch):
    without_server(monkeypatch)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    titles, _ = run(kit, tmp_path / "run", workbench.Plan("managed", project, patience=420))
    assert len(titles) == 1


def without_server(monkeypatch):
    """Take folders with an ml-architect off the path."""
    folders = os.environ["PATH"].split(os.pathsep)
    kept = [folder for folder in folders if not (Path(folder) / "ml-architect").exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(kept))
