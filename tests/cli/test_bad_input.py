"""Whatever is wrong with the input: one clear line, the right exit code, and all other files are checked."""

import errno
import os
from pathlib import Path

import pytest

from ml_architect.rules import rule_named

GOOD_LINE = "loader.py:4:"


def problem_lines(result):
    return [line for line in result.stderr.splitlines() if "found" not in line]


def test_missing_path(check):
    result = check("nowhere.py", "loader.py")
    assert result.exit_code == 2
    assert problem_lines(result) == ["ml-architect: nowhere.py: no such file or folder"]
    assert GOOD_LINE in result.stdout


@pytest.mark.parametrize("form", ["concise", "json"])
def test_exit_zero_does_not_hide_a_missing_path(check, form):
    assert check("--exit-zero", "--output-format", form, "nowhere.py").exit_code == 2


def test_folder_without_python_files(project, check):
    (project / "empty").mkdir()
    result = check("empty")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no Python files or notebooks found in empty" in result.stderr


def test_undecodable_file_is_a_finding(project, check):
    (project / "bytes.py").write_bytes(b"import torch\nname = '\xff\xfe'\n")
    result = check()
    assert result.exit_code == 1
    assert "bytes.py:1:1: error undecodable-file: byte 21 is not utf-8 text" in result.stdout
    assert GOOD_LINE in result.stdout


def test_unreadable_file_is_a_finding(project, check):
    pipe = project / "pipe.py"
    os.mkfifo(pipe)
    result = check("pipe.py", "loader.py")
    assert result.exit_code == 1
    assert "pipe.py:1:1: error unreadable-file: is not a regular file" in result.stdout
    assert GOOD_LINE in result.stdout


def test_unreadable_by_permission_is_a_finding(project, check, monkeypatch):
    path = project / "secret.py"
    path.write_text("import torch\n", encoding="utf-8")
    read = Path.read_bytes

    def refuse(self):
        if self.name == path.name:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)  # the superuser may read anything, whatever the mode says
    monkeypatch.setattr("os.access", lambda *_args, **_options: False)
    result = check("secret.py", "loader.py")
    assert result.exit_code == 1
    assert "secret.py:1:1: error unreadable-file: cannot be read: permission denied" in result.stdout
    assert GOOD_LINE in result.stdout


def test_broken_link_is_a_missing_file(project, check):
    (project / "link.py").symlink_to("nowhere.py")
    result = check("link.py", "loader.py")
    assert result.exit_code == 2
    assert "link.py: no such file" in result.stderr
    assert GOOD_LINE in result.stdout


def test_file_that_does_not_parse_is_a_finding_and_keeps_the_others(project, check):
    text = (project / "loader.py").read_text(encoding="utf-8")
    (project / "broken.py").write_text(f"{text}\ndef f(:\n    pass\n", encoding="utf-8")
    result = check("broken.py", "loader.py")
    assert result.exit_code == 1
    assert "broken.py:6:" in result.stdout
    assert " error syntax-error: " in result.stdout
    assert "broken.py:4:" in result.stdout, "the statements beside the broken one are checked"
    assert GOOD_LINE in result.stdout


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("[tool.ml-architect\n", "defaults are used"),
        ('[tool.ml-architect]\nselekt = ["torch"]\n', "unknown key 'selekt', did you mean 'select'?"),
        ('[tool.ml-architect]\nselect = "torch"\n', "'select' must be a list of strings"),
        ('[tool.ml-architect]\nignore = ["missing-zero-gard"]\n', "did you mean 'missing-zero-grad'?"),
        ("\xff", "defaults are used"),
    ],
)
def test_broken_configuration_is_one_line_and_code_2(project, check, config, words):
    (project / "pyproject.toml").write_bytes(config.encode("latin-1"))
    result = check()
    (line,) = problem_lines(result)
    assert result.exit_code == 2
    assert line.startswith(f"ml-architect: {project / 'pyproject.toml'}: ")
    assert words in line
    assert GOOD_LINE in result.stdout
    assert check("--isolated").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--select", "no-such-rule"], "unknown rule 'no-such-rule' in --select"),
        (["--ignore", "missing-zero-gard"], "did you mean 'missing-zero-grad'?"),
        (["-", "loader.py"], "'-' cannot be combined with other paths"),
        (["--stdin-filename", "x.py"], "--stdin-filename needs the path '-'"),
        (["--diff", "--output-format", "json"], "--diff prints a patch"),
        (["--output-format", "xml"], "'xml'"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_wrong_usage(check, arguments, words):
    result = check(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


@pytest.mark.usefixtures("quiet_guard")
def test_a_rule_that_fails_is_our_fault_and_the_other_rules_go_on(check):
    rule = rule_named("missing-zero-grad")

    def fail(_facts):
        message = "out of luck"
        raise RuntimeError(message)
        yield

    detect = rule.detect
    object.__setattr__(rule, "detect", fail)
    try:
        result = check()
    finally:
        object.__setattr__(rule, "detect", detect)
    assert result.exit_code == 3
    assert GOOD_LINE in result.stdout
    assert "internal error: rule missing-zero-grad failed" in result.stderr
    assert "(RuntimeError: out of luck)" in result.stderr
    assert "run again with --verbose" in result.stderr
    assert "Traceback" not in result.stderr
