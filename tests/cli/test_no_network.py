"""With the network really off, in a namespace without even a loopback device that is up, nothing is missing but models."""

import os
import shutil
import subprocess
import sys

import pytest

from ml_architect.architect.model.access import litellm_is_installed
from ml_architect.architect.model.provider import ErrorKind

COMMAND = (sys.executable, "-m", "ml_architect")
CUT_OFF = ("unshare", "--net") if os.name == "posix" and not os.geteuid() else ("unshare", "--map-root-user", "--net")
NETWORK = """
import socket, sys
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2.0)
except OSError as error:
    print(error.errno)
"""
TEXT = """\
import torch
from torch.utils.data import DataLoader, RandomSampler

loader = DataLoader(data, sampler=RandomSampler(data), shuffle=True)
weights = torch.load("weights.pt", weights_only=False)
"""
UNFIXED = "onecycle-stepped-per-epoch"
WITHOUT_FIX = """\
import torch
from torch.optim.lr_scheduler import OneCycleLR


def fit(model, loader, criterion, epochs=20):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = OneCycleLR(optimizer, max_lr=1.0, epochs=epochs, steps_per_epoch=len(loader))
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
"""
RULE = "dataloader-sampler-shuffle-conflict"
COMMANDS = (
    ("check", "train.py"),
    ("check", "train.py", "--output-format", "json"),
    ("check", "train.py", "--output-format", "full"),
    ("check", "train.py", "--diff"),
    ("check", "train.py", "--fix"),
    ("rules",),
    ("explain", RULE),
    ("architect", "status"),
    ("architect", "prompt", "train.py:5"),
)
REMOTE = {"ML_ARCHITECT_MODEL": "openai/gpt-x", "OPENAI_API_KEY": "sk-nothing"}


def is_possible() -> bool:
    return shutil.which("unshare") is not None and run("true", cut_off=True).returncode == 0


def run(*command, cut_off=False, **options):
    whole = (*CUT_OFF, *command) if cut_off else command
    return subprocess.run(whole, capture_output=True, text=True, timeout=120, check=False, **options)


pytestmark = pytest.mark.skipif(not is_possible(), reason="this system lets us make no network namespace")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("ML_ARCHITECT_MODEL", "ML_ARCHITECT_API_BASE", "ML_ARCHITECT_API_KEY_ENV"):
        monkeypatch.delenv(name, raising=False)

    def make(name):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "train.py").write_text(TEXT, encoding="utf-8")
        return folder

    return make


def test_the_namespace_has_no_network_not_even_to_itself():
    found = run(sys.executable, "-c", NETWORK, "9", cut_off=True)
    assert found.stdout.strip().isdigit(), "a connection was made"
    assert int(found.stdout) != 111, "a loopback device answered"  # ECONNREFUSED


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_deterministic_command_works_the_same(project, arguments):
    on, off = project("on"), project("off")
    first = run(*COMMAND, *arguments, cwd=on)
    second = run(*COMMAND, *arguments, cwd=off, cut_off=True)
    assert second.stdout.replace(str(off), str(on)) == first.stdout
    assert (second.returncode, second.stderr.replace(str(off), str(on))) == (first.returncode, first.stderr)
    assert second.returncode in ({2} if "status" in arguments else {0, 1}), second.stderr  # 2: no model is chosen
    assert second.stdout or "--fix" in arguments
    assert (off / "train.py").read_text(encoding="utf-8") == (on / "train.py").read_text(encoding="utf-8")


def test_a_model_elsewhere_is_out_of_reach_in_one_line_and_nothing_else_changes(project):
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    folder = project("asked")
    (folder / "train.py").write_text(WITHOUT_FIX, encoding="utf-8")
    environment = {**os.environ, **REMOTE}
    plain = run(*COMMAND, "check", "train.py", cwd=folder, cut_off=True, env=environment)
    assert plain.returncode == 1
    assert UNFIXED in plain.stdout
    result = run(*COMMAND, "check", "train.py", "--ai-fix", "--write", cwd=folder, cut_off=True, env=environment)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = [line for line in result.stderr.splitlines() if UNFIXED in line]
    assert line.endswith(ErrorKind.UNKNOWN_HOST.value)
    assert "Traceback" not in result.stderr
    assert (folder / "train.py").read_text(encoding="utf-8") == WITHOUT_FIX
