"""A real Emacs with eglot opens a real file, with the configuration that our users copy."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SNIPPETS = HERE.parent.parent / "server" / "editors" / "emacs"
EMACS = shutil.which("emacs")


def has_eglot():
    probe = "(progn (package-initialize) (kill-emacs (if (require 'eglot nil t) 0 1)))"
    return EMACS and subprocess.run([EMACS, "-q", "--batch", "--eval", probe], check=False).returncode == 0


@pytest.fixture(scope="module")
def emacs():
    if not has_eglot():
        pytest.skip("no Emacs with eglot: python3 server/dev.py editors installs one, on Debian and its kin")
    return EMACS


@pytest.fixture
def session(emacs, desktop):
    """Return what runs one of our scripts in Emacs."""

    def run(script, **env):
        scripts = ("-l", HERE / "emacs" / "person.el", "-l", HERE / "emacs" / script)
        return desktop.run(emacs, "-q", "--batch", "-L", SNIPPETS, *scripts, LC_ALL="C.UTF-8", **env)

    return run


def test_a_session_in_emacs(session, desktop, expected):
    seen = session("editing.el")
    expected.editing(seen, desktop)
    expected.announcement(seen)
    assert seen["told"] == []


def test_a_model_is_asked_in_emacs(session, desktop, expected, model):
    seen = session("asking.el", **model)
    expected.asking(seen, desktop)
