"""Folders are searched in a fixed order, without what is not the project's own."""

import os
from pathlib import Path

import pytest

from ml_architect.engine import Settings
from ml_architect.project import ProblemKind, files, python_files


@pytest.fixture
def tree(tmp_path):
    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        return tmp_path

    return make


def found(root, *paths, **settings):
    result = python_files([root / path for path in paths] or [root], Settings(root=root, **settings))
    assert result.problems == ()
    return [path.relative_to(root).as_posix() for path in result.files]


def test_files_come_folder_by_folder_and_sorted(tree):
    root = tree("b.py", "a.py", "z/a.py", "m/n/x.py", "m/b.py", "notes.txt", "gui.pyw", "stub.pyi", "A.PY")
    assert found(root) == ["a.py", "b.py", "gui.pyw", "m/b.py", "m/n/x.py", "z/a.py"]


def test_what_is_not_our_own_is_left_out(tree):
    root = tree(
        "a.py",
        ".hidden.py",
        ".git/hook.py",
        ".tox/x.py",
        "node_modules/x.py",
        "build/lib/x.py",
        "dist/x.py",
        "x.egg-info/x.py",
        "pkg/__pycache__/x.py",
        "myenv/pyvenv.cfg",
        "myenv/lib/x.py",
        "conda/conda-meta/history",
        "conda/x.py",
        "venv/x.py",
    )
    assert found(root) == ["a.py"]


def test_a_named_file_is_always_taken(tree):
    root = tree("build/x.py", "script", ".hidden.py", "skip/a.py", "skip/b.py")
    assert found(root, "build/x.py", "script", ".hidden.py", "skip/a.py", exclude=("skip/",)) == [
        "build/x.py",
        "script",
        ".hidden.py",
        "skip/a.py",
    ]


def test_a_named_folder_is_searched_whatever_its_name(tree):
    root = tree("build/x.py", ".hidden/y.py")
    assert found(root, "build", ".hidden") == ["build/x.py", ".hidden/y.py"]


def test_settings_exclude_by_patterns_below_their_root(tree):
    root = tree("a.py", "old/a.py", "new/old/a.py", "new/a_pb2.py", "keep/gen/a.py", "gen/a.py")
    assert found(root, exclude=("/old/", "*_pb2.py", "gen/")) == ["a.py", "new/old/a.py"]
    assert found(root, "new", exclude=("old/",)) == ["new/a_pb2.py"]


def test_ignore_files_count_from_the_root_of_the_repository_down(tree):
    root = tree("repo/.git/HEAD", "repo/a.py", "repo/out/a.py", "repo/sub/out/a.py", "repo/sub/b.py", "repo/sub/c.py")
    (root / ".gitignore").write_text("*\n")
    (root / "repo/.gitignore").write_text("out/\nb.py\n\n# remark\n")
    (root / "repo/sub/.gitignore").write_text("!b.py\nc.py\n")
    assert found(root, "repo") == ["repo/a.py", "repo/sub/b.py"]
    assert found(root, "repo/sub") == ["repo/sub/b.py"]
    assert found(root, "repo/out/a.py") == ["repo/out/a.py"]


def test_the_private_ignore_file_of_a_repository_counts_below_its_root(tree):
    root = tree(".git/info/exclude", "sub/a.py", "sub/b.py")
    (root / ".git/info/exclude").write_text("b.py\n")
    assert found(root, "sub") == ["sub/a.py"]
    assert found(root) == ["sub/a.py"]


def test_an_ignore_file_with_bad_lines_is_read_as_far_as_it_goes(tree):
    root = tree("a.py", "b.py")
    (root / ".gitignore").write_bytes(b"!\n\xff\xfe\nb.py\n")
    assert found(root) == ["a.py"]


def test_a_file_is_taken_once(tree):
    root = tree("a.py", "b.py")
    assert found(root, "b.py", ".", "a.py", "../" + root.name) == ["b.py", "a.py"]


def test_missing_paths_are_reported_and_the_rest_is_found(tree):
    root = tree("a.py")
    result = python_files([root / "nope", root, root / "nul\0"], Settings())
    assert result.files == (root / "a.py",)
    assert [(item.path, item.kind) for item in result.problems] == [
        (root / "nope", ProblemKind.MISSING),
        (root / "nul\0", ProblemKind.MISSING),
    ]
    assert str(result.problems[0]) == f"{root / 'nope'}: no such file or folder"


def test_a_folder_that_cannot_be_listed_is_reported(tree, monkeypatch):
    root = tree("a.py", "locked/b.py")
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(files.os, "scandir", refuse)
    result = python_files([root], Settings())
    assert result.files == (root / "a.py",)
    assert [str(item) for item in result.problems] == [f"{root / 'locked'}: folder cannot be listed: permission denied"]


def test_links_to_folders_are_not_followed_and_links_to_files_are(tree):
    root = tree("pkg/a.py")
    (root / "pkg/loop").symlink_to(root)
    (root / "pkg/link.py").symlink_to(root / "pkg/a.py")
    (root / "pkg/broken.py").symlink_to(root / "gone.py")
    assert found(root) == ["pkg/a.py", "pkg/link.py"]


def test_relative_paths_stay_relative(tree, monkeypatch):
    root = tree("pkg/a.py")
    monkeypatch.chdir(root)
    assert python_files([Path("pkg")], Settings()).files == (Path("pkg/a.py"),)
    assert python_files([Path()], Settings()).files == (Path("pkg/a.py"),)
