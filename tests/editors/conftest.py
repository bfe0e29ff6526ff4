"""A home and a project for a real editor, and what every editor has to have seen in them."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from answering import block, replies
from endpoint import Endpoint
from lsprotocol import types
from pygls.protocol import default_converter

from ml_architect.architect.model.access import litellm_is_installed
from ml_architect.lsp.profile import ClientProfile

CLIENTS = Path(__file__).parents[1] / "lsp" / "clients"

LIMIT = 240
"""Seconds that a whole session in an editor may take on a busy machine."""

PATIENCE = 20.0
"""Seconds after which a process that the editor has left behind counts as forgotten."""

CODE = "parameters-not-called"
TEXT = """\
import torch
from torch import nn

face, model = "😀", nn.Linear(4, 2)
face, optimizer = "😀", torch.optim.SGD(model.parameters, lr=0.1)
slower = torch.optim.SGD(model.parameters, lr=0.01)
"""
TYPED = TEXT.replace("import torch\n", "import torch\n# 😀 \f typed\n\n", 1)
REPAIRED = TYPED.replace("parameters", "parameters()", 1)
SILENT = REPAIRED.replace("lr=0.01)\n", f"lr=0.01)  # ml-architect: ignore[{CODE}]\n")

MODEL = "scripted"
LOOP_CODE = "missing-zero-grad"
LOOP = """\
import torch
from torch import nn


def fit(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""
STEP = "        optimizer.step()\n"
CLEAR = "        optimizer.zero_grad()\n"


class Desktop:
    """Runs editors on a project of their own, and lets none of their processes outlive them."""

    def __init__(self, folder):
        self.project = folder / "my project"
        self.project.mkdir()
        (self.project / "pyproject.toml").write_text("[project]\nname = 'p'\n")
        (self.project / "train it.py").write_text(TEXT, newline="")
        (self.project / "loop.py").write_text(LOOP, newline="")
        self._temporary = folder / "tmp"
        self._seen = folder / "seen.json"
        self._output = folder / "output.txt"
        homes = {
            name: folder / name.lower() for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        }
        for path in (self._temporary, *homes.values()):
            path.mkdir()
        # The snippets start `ml-architect`; it shall be the one under test, installed or not.
        command = folder / "ml-architect"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ml_architect "$@"\n')
        command.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ML_ARCHITECT_", "XDG_"))}
        self.env = {
            **kept,
            **{name: str(path) for name, path in homes.items()},
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONSAFEPATH": "1",
            "SEEN": str(self._seen),
            "TMPDIR": str(self._temporary),
        }

    def run(self, *command, **env):
        """Run an editor that writes what it saw to the file $SEEN as JSON; return that."""
        with self._output.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self.project,
                env={**self.env, **env},
                stdin=subprocess.PIPE,  # kept open: an editor may leave when it ends
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            code = process.wait(LIMIT)
            left = not is_over(process.pid)
        finally:
            process.stdin.close()
            end(process)
        seen = json.loads(self._seen.read_text()) if self._seen.exists() else {}
        assert code == 0, (seen.get("failure"), self._output.read_text(errors="replace")[-4000:])
        assert not left, "the editor left a process behind"
        assert list(self._temporary.glob("ml-architect*")) == [], "the server left a folder behind"
        return seen

    def read(self, name):
        """Return the text of a file of the project as it is on disk."""
        return (self.project / name).read_bytes().decode()


def is_over(group):
    """Return whether all processes of a group end by themselves."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def end(process):
    """Kill a process and all of its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def desktop(tmp_path):
    return Desktop(tmp_path)


@pytest.fixture
def model():
    """Yield the environment in which the scripted model is chosen, as a user would choose one."""
    if not litellm_is_installed():
        pytest.skip("litellm is not installed: pip install 'ml-architect[llm]'")
    with Endpoint() as endpoint:
        endpoint.script(MODEL, replies(block(STEP, STEP + CLEAR, 11)))
        name = f"openai/{MODEL}"
        yield {"ML_ARCHITECT_MODEL": name, "ML_ARCHITECT_API_BASE": endpoint.base(name)}
        assert len(endpoint.of(MODEL)) == 1  # the second and third question are the first one again


def profile_of(capabilities):
    return ClientProfile.of(default_converter().structure(capabilities, types.ClientCapabilities))


class Expected:
    """What has to be seen in every editor, whatever it can do."""

    @staticmethod
    def editing(seen, desktop):
        """Check the whole way: open, diagnostic, hover, quick fix, suppress, fix all, configuration change."""
        assert [(item["row"], item["source"]) for item in seen["diagnostics"]] == [
            (4, "ml-architect"),
            (5, "ml-architect"),
        ]
        assert {item["text"] for item in seen["diagnostics"]} == {"model.parameters"}
        assert CODE in seen["hover"]
        assert not seen.get("hover_elsewhere")
        assert len(seen["offered"]) >= 3
        assert CODE in seen["offered"][-1]
        assert seen["after_quick_fix"] == REPAIRED
        assert seen["after_suppressing"] == SILENT
        assert seen["after_fix_all"] == TYPED.replace("parameters", "parameters()")
        assert seen["after_undo"] == REPAIRED
        assert desktop.read("train it.py") == REPAIRED
        assert seen["counts"] == {"ignored in pyproject": 0, "ignored no longer": 1, "ignored in the editor": 0}

    @staticmethod
    def announcement(seen):
        """Check that what is recorded of this version of the editor still leads to the same choices."""
        recorded = CLIENTS / f"{seen['client']}.json"
        if recorded.exists():
            found, known = (profile_of(item) for item in (seen["capabilities"], json.loads(recorded.read_text())))
            assert found == known

    @staticmethod
    def asking(seen, desktop):
        """Check that a proposal is applied when the user says so, and never to a text that it was not made for."""
        assert f"ml-architect ({LOOP_CODE}): fix with openai/{MODEL}" in seen["offered"]
        assert f"ml-architect ({LOOP_CODE}): explain with openai/{MODEL}" in seen["offered"]
        assert "touches nothing else" in seen["asked"]["message"]
        assert seen["asked"]["choices"] == ["Apply", "Preview", "Discard"]
        assert seen["after_apply"] == LOOP.replace(STEP, STEP + CLEAR)
        assert seen["after_undo"] == LOOP
        assert "Clear the gradients after each step." in seen["hover"]
        assert f"+{CLEAR}" in seen["previewed"]
        assert seen["choices_after_preview"] == ["Apply", "Discard"]
        assert seen["after_discard"] == LOOP
        assert seen["after_stale"] == "# typed meanwhile\n" + LOOP
        assert "the document has changed" in seen["refusal"]
        assert desktop.read("loop.py") == LOOP


@pytest.fixture
def expected():
    return Expected
