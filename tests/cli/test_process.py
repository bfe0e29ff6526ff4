"""The command line as a process: exit codes, streams, start-up, and what it never touches."""

import os
import subprocess
import sys
import textwrap

import pytest

COMMAND = (sys.executable, "-m", "ml_architect")
LOADER = """\
from torch.utils.data import DataLoader, RandomSampler
loader = DataLoader(data, sampler=RandomSampler(data), shuffle=True)
"""


def start(*arguments, **options):
    command = (sys.executable, "-c", *arguments) if options.pop("code", False) else (*COMMAND, *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


@pytest.mark.parametrize(("text", "code"), [("import torch\n", 0), (LOADER, 1)])
def test_exit_code_says_whether_there_are_findings(tmp_path, text, code):
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    result = start("check", "--select", "dataloader-sampler-shuffle-conflict", cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert len(result.stdout.splitlines()) == code


def test_missing_file_and_wrong_usage_exit_with_2(tmp_path):
    assert start("check", "nowhere.py", cwd=tmp_path).returncode == 2
    assert start("check", "--nonsense", cwd=tmp_path).returncode == 2
    assert start("nonsense", cwd=tmp_path).returncode == 2


CRASH = """
import ml_architect.cli.check as check, ml_architect.cli.main as main, sys
def fail(options): raise RuntimeError("two\\nlines")
check.run_check = fail
sys.argv = ["ml-architect", "check", *sys.argv[1:]]
main.run()
"""


def test_a_crash_is_one_line_and_exits_with_3(tmp_path):
    result = start(CRASH, code=True, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (3, "")
    line = "ml-architect: internal error: RuntimeError: two lines; run again with --verbose for the traceback\n"
    assert result.stderr == line


def test_verbose_prints_the_traceback_of_a_crash(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", CRASH, "--verbose"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert result.returncode == 3
    assert "Traceback (most recent call last)" in result.stderr


GUARDED = """
import sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise AssertionError(event)
sys.addaudithook(refuse)
from ml_architect.cli.main import main
code = main(["check", "--select", "data-loading", "--output-format", sys.argv[1], "."])
heavy = {"litellm", "torch", "tensorflow", "sklearn", "numpy", "pygls", "lsprotocol", "rich", "asyncio"}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("form", ["full", "json"])
def test_check_opens_no_socket_and_imports_nothing_heavy(tmp_path, form):
    (tmp_path / "a.py").write_text(LOADER, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-c", GUARDED, form], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )
    assert result.returncode == 1, result.stderr
    assert result.stderr.splitlines()[-1] == "[]"


def test_version_loads_nothing_of_ours_but_the_options(tmp_path):
    code = """
        import sys
        from ml_architect.cli.main import main
        main(["--version"])
        ours = ("ml_architect.rules", "ml_architect.engine", "libcst")
        print([name for name in sys.modules if name.startswith(ours)])
    """
    result = start(textwrap.dedent(code), code=True, cwd=tmp_path)
    assert result.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_leaves_early_is_no_accident(tmp_path):
    process = subprocess.Popen([*COMMAND, "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert errors == b""
    assert process.returncode == 141


def test_output_survives_a_terminal_that_knows_ascii_only(tmp_path):
    (tmp_path / "naïve.py").write_text(LOADER.replace("True", "True  # é\n"), encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = start(
        "check", "--select", "data-loading", "--output-format", "full", "naïve.py", cwd=tmp_path, env=environment
    )
    assert result.returncode == 1, result.stderr
    assert "na\\xefve.py" in result.stdout
