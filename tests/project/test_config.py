"""Settings come from the nearest pyproject.toml that has our table."""

import os

import pytest

from ml_architect.engine import Settings
from ml_architect.project import find_settings


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_table_wins_and_files_without_it_are_passed_over(tmp_path):
    outer = write(tmp_path / "pyproject.toml", "[tool.ml-architect]\nexclude = ['outer/']\n")
    inner = write(tmp_path / "a/b/pyproject.toml", "[tool.ml-architect]\nexclude = ['inner/']\n")
    write(tmp_path / "a/b/c/pyproject.toml", "[project]\nname = 'x'\n")
    write(tmp_path / "a/pyproject.toml", "tool = 3\n")
    near = find_settings(tmp_path / "a/b/c/train.py")
    assert (near.config_path, near.settings.exclude, near.settings.root) == (inner, ("inner/",), inner.parent)
    far = find_settings(tmp_path / "a/train.py")
    assert (far.config_path, far.settings.exclude, far.problems) == (outer, ("outer/",), ())


def test_a_folder_is_searched_itself(tmp_path):
    config = write(tmp_path / "pyproject.toml", "[tool.ml-architect]\n")
    assert find_settings(tmp_path).config_path == config
    assert find_settings(tmp_path / "not" / "there.py").config_path == config


def test_isolated_reads_nothing(tmp_path):
    write(tmp_path / "pyproject.toml", "[tool.ml-architect\n")
    found = find_settings(tmp_path / "train.py", isolated=True)
    assert (found.settings, found.config_path, found.problems) == (Settings(), None, ())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[tool.ml-architect\n", "defaults are used"),
        (b"\xff\xfe", "defaults are used"),
        (b"a = " + b"[" * 5000, "defaults are used"),
        (b"tool.ml-architect = 3", "'tool.ml-architect' must be a table, defaults are used"),
        (b"[tool.ml-architect]\nselct = []", "unknown key 'selct', did you mean 'select'?"),
    ],
)
def test_a_broken_file_is_one_clear_line_and_defaults(tmp_path, content, said):
    config = tmp_path / "pyproject.toml"
    config.write_bytes(content)
    found = find_settings(tmp_path / "train.py")
    (line,) = found.problems
    assert line.startswith(f"{config}: ")
    assert line.endswith(said)
    assert "\n" not in line
    assert found.settings == Settings(root=found.settings.root)


def test_a_config_that_is_a_folder_is_one_clear_line(tmp_path):
    (tmp_path / "pyproject.toml").mkdir()
    (line,) = find_settings(tmp_path / "train.py").problems
    assert "is a directory" in line


def test_an_edited_file_is_read_again(tmp_path):
    config = write(tmp_path / "pyproject.toml", "[tool.ml-architect]\npreview = true\n")
    first = find_settings(tmp_path)
    assert first.settings.preview
    assert find_settings(tmp_path) is first
    write(config, "[tool.ml-architect]\npreview = false\n")
    assert not find_settings(tmp_path).settings.preview
    config.unlink()
    assert find_settings(tmp_path).config_path != config


def test_a_change_of_the_same_size_is_seen_by_its_time(tmp_path):
    config = write(tmp_path / "pyproject.toml", "[tool.ml-architect]\nexclude = ['a']\n")
    assert find_settings(tmp_path).settings.exclude == ("a",)
    write(config, "[tool.ml-architect]\nexclude = ['b']\n")
    os.utime(config, ns=(1, 1))
    assert find_settings(tmp_path).settings.exclude == ("b",)


def test_the_path_decides_and_not_what_a_link_points_to(tmp_path):
    write(tmp_path / "real/pyproject.toml", "[tool.ml-architect]\nexclude = ['real/']\n")
    write(tmp_path / "real/train.py", "")
    write(tmp_path / "linked/pyproject.toml", "[tool.ml-architect]\nexclude = ['linked/']\n")
    (tmp_path / "linked/train.py").symlink_to(tmp_path / "real/train.py")
    assert find_settings(tmp_path / "linked/train.py").settings.exclude == ("linked/",)


def test_a_relative_path_is_below_the_working_directory(tmp_path, monkeypatch):
    config = write(tmp_path / "pyproject.toml", "[tool.ml-architect]\n")
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    from pathlib import Path

    assert find_settings(Path("train.py")).config_path == config
