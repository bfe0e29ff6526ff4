from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ml_architect.cli.main import cli

CONFLICT = "dataloader-sampler-shuffle-conflict"
ZERO_GRAD = "missing-zero-grad"

LOADER = """\
from torch.utils.data import DataLoader, RandomSampler

def loader(dataset):
    return DataLoader(dataset, batch_size=8, sampler=RandomSampler(dataset), shuffle=True)
"""
LOADER_FIXED = LOADER.replace(", shuffle=True", "")
LOOP = """\
import torch

def train(model: torch.nn.Module, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""
CLEAN = "import torch\n\nprint(torch.ones(3))\n"

Check = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with one safe fix to make, one unsafe, and a file without findings."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".git").mkdir()
    (tmp_path / "loader.py").write_text(LOADER, encoding="utf-8")
    (tmp_path / "loop.py").write_text(LOOP, encoding="utf-8")
    (tmp_path / "clean.py").write_text(CLEAN, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run() -> Check:
    def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(cli, arguments, input=stdin, catch_exceptions=False)

    return invoke


@pytest.fixture
def check(project: Path, run: Check) -> Check:  # noqa: ARG001 - the folder to work in
    """Run `check` in the project with two rules, so that rules to come change no test here."""

    def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return run("check", "--select", f"{CONFLICT},{ZERO_GRAD}", *arguments, stdin=stdin)

    return invoke
