"""Which Python a program of a project is run with."""

import sys
from pathlib import Path

import pytest

from ml_architect.engine import Settings
from ml_architect.project import interpreter_for


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    (tmp_path / ".git").mkdir()
    return tmp_path


def environment(folder: Path) -> Path:
    """Make what looks like a virtual environment; return its Python."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / "pyvenv.cfg").touch()
    return python


def test_without_any_environment_it_is_our_own(project):
    assert interpreter_for(project / "train.py", Settings()) == Path(sys.executable)


def test_the_environment_beside_the_project_decides(project):
    python = environment(project / ".venv")
    assert interpreter_for(project / "src" / "train.py", Settings()) == python
    assert interpreter_for(project, Settings()) == python


def test_the_active_environment_counts_where_the_project_has_none(project, tmp_path_factory, monkeypatch):
    python = environment(tmp_path_factory.mktemp("active") / "env")
    monkeypatch.setenv("VIRTUAL_ENV", str(python.parent.parent))
    assert interpreter_for(project / "train.py", Settings()) == python


@pytest.mark.parametrize("named", ["the folder", "the program"])
def test_what_the_project_names_comes_first(project, named):
    environment(project / ".venv")
    python = environment(project / "other")
    chosen = python.parent.parent if named == "the folder" else python
    assert interpreter_for(project / "train.py", Settings(interpreter=str(chosen), root=project)) == python
    relative = str(chosen.relative_to(project))
    assert interpreter_for(project / "train.py", Settings(interpreter=relative, root=project)) == python
