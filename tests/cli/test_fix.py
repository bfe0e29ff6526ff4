"""What `--fix` and `--diff` change, and what they leave alone."""

import json
import os
import stat

import pytest


def test_fix_applies_safe_fixes_and_reports_the_rest(project, check):
    loop = (project / "loop.py").read_text(encoding="utf-8")
    result = check("--fix")
    assert result.exit_code == 1
    assert "shuffle=True" not in (project / "loader.py").read_text(encoding="utf-8")
    assert (project / "loop.py").read_text(encoding="utf-8") == loop
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["loop.py"]
    assert "loader.py: fixed 1 x dataloader-sampler-shuffle-conflict" in result.stderr
    assert "fixed 1 finding in 1 file" in result.stderr


def test_unsafe_fixes_are_applied_when_asked_and_then_nothing_is_left(project, check):
    assert check("--fix", "--unsafe-fixes").exit_code == 0
    assert "optimizer.zero_grad()\n" in (project / "loop.py").read_text(encoding="utf-8")
    again = check("--fix", "--unsafe-fixes")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "fixed" not in again.stderr


def test_fix_with_json_prints_json_only(check):
    result = check("--fix", "--output-format", "json")
    assert [item["code"] for item in json.loads(result.stdout)] == ["missing-zero-grad"]
    assert "fixed 1 finding" in result.stderr


def test_diff_prints_a_patch_and_writes_nothing(project, check):
    before = (project / "loader.py").read_bytes()
    result = check("--diff")
    assert result.exit_code == 1
    assert (project / "loader.py").read_bytes() == before
    lines = result.stdout.splitlines()
    assert lines[:2] == ["--- loader.py", "+++ loader.py"]
    assert [line for line in lines[2:] if line.startswith(("-", "+"))] == [
        "-    return DataLoader(dataset, batch_size=8, sampler=RandomSampler(dataset), shuffle=True)",
        "+    return DataLoader(dataset, batch_size=8, sampler=RandomSampler(dataset))",
    ]
    assert "would fix 1 finding in 1 file" in result.stderr


def test_diff_without_changes_is_empty_and_exits_with_zero(check):
    result = check("--diff", "loop.py")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_fix_keeps_line_endings_and_byte_order_mark(project, check, newline, mark):
    path = project / "loader.py"
    text = path.read_text(encoding="utf-8").replace("\n", newline)
    path.write_bytes(mark + text.encode())
    assert check("--fix", "loader.py").exit_code == 0
    assert path.read_bytes() == mark + text.replace(", shuffle=True", "").encode()


def test_fix_keeps_the_declared_encoding(project, check):
    path = project / "loader.py"
    text = "# -*- coding: latin-1 -*-\n" + path.read_text(encoding="utf-8") + "# café\n"
    path.write_bytes(text.encode("latin-1"))
    assert "café".encode("latin-1") in check("--diff", "loader.py").stdout_bytes
    assert check("--fix", "loader.py").exit_code == 0
    assert path.read_bytes() == text.replace(", shuffle=True", "").encode("latin-1")


def test_fix_keeps_permissions(project, check):
    path = project / "loader.py"
    path.chmod(0o750)
    check("--fix", "loader.py")
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def test_a_file_that_cannot_be_written_stays_and_its_findings_too(project, check, monkeypatch):
    path = project / "loader.py"
    before = path.read_bytes()
    path.chmod(0o444)
    if os.access(path, os.W_OK):  # the superuser may write anything
        monkeypatch.setattr("ml_architect.project.documents.os.access", lambda *_: False)
    result = check("--fix", "loader.py", "loop.py")
    assert result.exit_code == 2
    assert path.read_bytes() == before
    assert "loader.py: not written, the file is read-only" in result.stderr
    assert "Traceback" not in result.output
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["loader.py", "loop.py"]


def test_stdin_is_checked_under_its_name(project, check):
    text = (project / "loader.py").read_text(encoding="utf-8")
    result = check("-", "--stdin-filename", "there/x.py", stdin=text)
    assert result.exit_code == 1
    assert result.stdout.startswith("there/x.py:4:")
    assert check("-", stdin=text).stdout.startswith("-:4:")


def test_stdin_with_fix_prints_the_fixed_document_and_talks_on_stderr(project, check):
    text = (project / "loader.py").read_text(encoding="utf-8").replace("\n", "\r\n")
    result = check("-", "--fix", stdin=text.encode())
    assert result.exit_code == 0
    assert result.stdout_bytes == text.replace(", shuffle=True", "").encode()
    loop = (project / "loop.py").read_bytes()
    left = check("-", "--fix", stdin=loop)
    assert (left.exit_code, left.stdout_bytes) == (1, loop)
    assert "missing-zero-grad" in left.stderr


def test_stdin_that_is_no_text_comes_back_unchanged(check):
    result = check("-", "--fix", stdin=b"import torch\nx = '\xff'\n")
    assert (result.exit_code, result.stdout_bytes) == (1, b"import torch\nx = '\xff'\n")
    assert "undecodable-file" in result.stderr


def test_stdin_with_diff_prints_the_patch(project, check):
    text = (project / "loader.py").read_text(encoding="utf-8")
    result = check("-", "--diff", "--stdin-filename", "loader.py", stdin=text)
    assert result.exit_code == 1
    assert result.stdout.startswith("--- loader.py\n+++ loader.py\n")
