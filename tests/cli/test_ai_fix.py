"""`check --ai-fix` and `architect`: the real worker and the real litellm against a scripted endpoint."""

import os
import subprocess
import sys

import pytest
from answering import block, declines, replies
from endpoint import Endpoint, fails

from ml_architect.architect.model.access import litellm_is_installed

MODEL = "scripted"
RULE = "onecycle-stepped-per-epoch"
TEXT = """\
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
OLD = "            optimizer.step()\n        scheduler.step()\n"
NEW = "            optimizer.step()\n            scheduler.step()\n"
FIXED = TEXT.replace(OLD, NEW)
GOOD = block(OLD, NEW, 12)


@pytest.fixture
def endpoint():
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    with Endpoint() as running:
        running.script(MODEL, replies(GOOD))
        yield running


@pytest.fixture
def start(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("ML_ARCHITECT_MODEL", "ML_ARCHITECT_API_BASE", "ML_ARCHITECT_API_KEY_ENV"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "train.py").write_text(TEXT, encoding="utf-8")

    def run(*arguments, **environment):
        return subprocess.run(
            (sys.executable, "-m", "ml_architect", *arguments),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **environment},
        )

    return run


@pytest.fixture
def ask(start, endpoint):
    """Run the command line with the scripted model chosen."""
    chosen = {
        "ML_ARCHITECT_MODEL": f"openai/{MODEL}",
        "ML_ARCHITECT_API_BASE": endpoint.base(f"openai/{MODEL}"),
    }
    return lambda *arguments: start(*arguments, **chosen)


def test_a_patch_is_printed_and_nothing_is_written(ask, endpoint, tmp_path):
    result = ask("check", "train.py", "--select", RULE, "--ai-fix")
    assert result.returncode == 1, result.stderr
    assert "-        scheduler.step()\n+            scheduler.step()\n" in result.stdout
    assert result.stdout.startswith("--- train.py\n+++ train.py\n")
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == TEXT
    assert "1 of 50 requests" in result.stderr
    assert len(endpoint.requests) == 1


def test_write_makes_the_change(ask, tmp_path):
    result = ask("check", "train.py", "--select", RULE, "--ai-fix", "--write")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == FIXED


def test_a_change_that_does_more_is_neither_printed_nor_written(ask, endpoint, tmp_path):
    endpoint.script(MODEL, replies(block(OLD, NEW + "        print(epoch)\n", 12)))
    result = ask("check", "train.py", "--select", RULE, "--ai-fix", "--write")
    assert result.returncode == 1
    assert result.stdout == ""
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == TEXT


def test_a_model_that_declines_is_quoted(ask, endpoint):
    endpoint.script(MODEL, declines("the schedule is stepped by a callback"))
    result = ask("check", "train.py", "--select", RULE, "--ai-fix")
    assert result.returncode == 1
    assert "the model declined: the schedule is stepped by a callback" in result.stderr


def test_a_refused_key_ends_the_run_with_one_line_and_code_2(ask, endpoint):
    endpoint.script(MODEL, fails(401))
    result = ask("check", "train.py", "--select", RULE, "--ai-fix")
    assert result.returncode == 2
    assert result.stderr.count("the provider refused the key") == 1
    assert len(endpoint.requests) == 1


def test_an_explanation_is_printed_after_it_was_checked(ask, endpoint):
    endpoint.script(MODEL, replies("", "EXPLAIN"))
    result = ask("architect", "explain", "train.py:13", "--rule", RULE)
    assert result.returncode == 0, result.stderr
    assert f"openai/{MODEL}" in result.stdout
    assert "Clear the gradients after each step." in result.stdout


def test_without_a_model_every_command_says_what_is_missing(start):
    for arguments in (
        ("check", "train.py", "--select", RULE, "--ai-fix"),
        ("architect", "explain", "train.py:13", "--rule", RULE),
    ):
        result = start(*arguments)
        assert result.returncode == 2
        assert "no model is chosen; set ML_ARCHITECT_MODEL" in result.stderr
        assert result.stdout == ""
    status = start("architect", "status")
    assert status.returncode == 2
    assert "none: no model is chosen" in status.stdout


def test_what_would_be_sent_is_printed_without_a_model(start):
    result = start("architect", "prompt", "train.py:13", "--rule", RULE)
    assert result.returncode == 0, result.stderr
    assert "scheduler.step()" in result.stdout
    assert "NONCE" in result.stdout


@pytest.mark.parametrize(
    "arguments", [("--write",), ("--ai-fix", "--fix"), ("--ai-fix", "--diff"), ("--ai-fix", "--output-format", "json")]
)
def test_contradicting_options_are_refused(start, arguments):
    result = start("check", "train.py", *arguments)
    assert result.returncode == 2
    assert "--ai-fix" in result.stderr


def test_a_finding_has_to_be_named(start):
    assert "there is no finding at train.py:1" in start("architect", "explain", "train.py:1").stderr
    assert "nowhere.py: no such file" in start("architect", "prompt", "nowhere.py").stderr
