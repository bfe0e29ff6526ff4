"""What a run may take, and what it cannot reach."""

import sys
import time
from pathlib import Path

import pytest

from ml_architect.architect.answers import CodeFile, Fault, FaultKind
from ml_architect.architect.wider import running
from ml_architect.architect.wider.probe import probed
from ml_architect.architect.wider.running import Ran, RunLimits, main_file, run_file

PYTHON = Path(sys.executable)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")


def run(text: str, *others: CodeFile, **limits) -> Ran:
    file = CodeFile("program.py", text)
    return run_file(file, (file, *others), PYTHON, RunLimits(**{"seconds": 60.0, **limits}))


def test_exit_code_time_and_last_lines_are_told():
    ran = run("import sys\nfor i in range(99):\n    print('line', i)\nsys.exit(3)\n")
    assert (ran.code, ran.problem, ran.went_well) == (3, "", False)
    assert ran.lines[-1] == "line 98" and len(ran.lines) == 20 and 0 < ran.seconds < 60


def test_it_runs_in_an_empty_folder_beside_the_other_good_files():
    good = CodeFile("data/part.py", "VALUE = 7\n")
    bad = CodeFile("bad.py", "x = 1\n", (Fault(FaultKind.UNSAFE, "no"),))
    ran = run("import os\nfrom data.part import VALUE\nprint(sorted(os.listdir()), VALUE)\n", good, bad)
    assert ran.lines == ("['data', 'program.py'] 7",)


def test_no_key_of_the_user_is_in_its_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-aVerySecretKey1234567890")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere.py")
    ran = run(
        "import os\nprint(sorted(os.environ))\nprint(os.environ['HOME'] == os.getcwd(), os.environ['HTTPS_PROXY'])\n"
    )
    assert "OPENAI" not in "".join(ran.lines) and "PYTHONSTARTUP" not in "".join(ran.lines)
    assert ran.lines[-1] == "True http://127.0.0.1:9"


def test_what_it_prints_is_harmless_and_without_secrets():
    ran = run(
        "print('token = \"hf_zecretzecretzecretzecret0123\"')\nprint('\\x1b[31mred\\x1b[0m', 'a\\u202eb', 'x' * 999)\n"
    )
    assert ran.lines[0] == 'token = "REDACTED_1"'
    assert ran.lines[1].startswith("red ab xxx") and len(ran.lines[1]) < 220


def test_it_is_stopped_when_it_takes_too_long():
    ran = run("import time\nprint('begun')\ntime.sleep(60)\n", seconds=2.0)
    assert ran.code is None and ran.problem == "it did not end within 2 seconds and was stopped"
    assert ran.lines == ("begun",) and ran.seconds < 20


def test_a_flood_of_output_is_stopped():
    ran = run("while True:\n    print('x' * 10_000)\n")
    assert ran.code is None and "printed far too much" in ran.problem


@POSIX
def test_limits_of_memory_files_and_processor_time_hold():
    assert "MemoryError" in run("x = bytearray(3 * 10**9)\n", address_bytes=10**9).lines[-1]
    assert "File too large" in run("open('x', 'wb').write(b'0' * 10**7)\n", file_bytes=10**6).lines[-1]
    assert run("while True:\n    pass\n", processor_seconds=1).code in {-9, -24}  # killed, or told that its time is up


@POSIX
def test_what_it_started_ends_with_it(tmp_path):
    mark = tmp_path / "alive"
    text = (
        "import subprocess, sys\n"
        f"child = {f'import time, pathlib; time.sleep(3); pathlib.Path({str(mark)!r}).touch()'!r}\n"
        "subprocess.Popen([sys.executable, '-c', child])\nprint('done')\n"
    )
    assert run(text).code == 0
    time.sleep(4)
    assert not mark.exists()


@POSIX
def test_what_it_detached_ends_with_it_or_that_is_said(tmp_path):
    mark = tmp_path / "alive"
    text = (
        "import subprocess, sys\n"
        f"child = {f'import time, pathlib; time.sleep(3); pathlib.Path({str(mark)!r}).touch()'!r}\n"
        "subprocess.Popen([sys.executable, '-c', child], start_new_session=True, stdout=subprocess.DEVNULL, stderr=-3)\n"
    )
    ran = run(text)
    assert ran.code == 0
    time.sleep(5)
    assert mark.exists() == any("could outlive it" in line for line in ran.open_ends)


@POSIX
@pytest.mark.parametrize("apart", [True, False])
def test_signals_and_codes_are_told_in_a_namespace_and_without_one(monkeypatch, apart):
    if not apart:
        monkeypatch.setattr(running, "_apart", tuple)
    assert run("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n").code == -15
    assert run("import os\nos.abort()\n").code == -6
    assert run("raise SystemExit(7)\n").code == 7
    assert run("import subprocess\nsubprocess.Popen(['true'])\nprint(1)\n").code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux")
def test_it_has_no_network_where_the_system_permits_that():
    ran = run("import socket\nsocket.create_connection(('127.0.0.1', 9), 3)\n")
    assert ran.code == 1
    if running._apart():
        assert "Network is unreachable" in ran.lines[-1] and len(ran.open_ends) == 2 - ("--pid" in running._apart())
    else:
        assert any("did not let us cut off the network" in line for line in ran.open_ends)


def test_without_namespaces_it_says_what_is_not_isolated(monkeypatch):
    monkeypatch.setattr(running, "_apart", tuple)
    ran = run("print(1)\n")
    assert ran.code == 0 and any("did not let us cut off the network" in line for line in ran.open_ends)


@POSIX
def test_where_cuda_is_memory_is_not_limited_and_that_is_said(monkeypatch):
    monkeypatch.setattr(running, "_has_cuda", lambda: True)
    ran = run("import resource\nprint(resource.getrlimit(resource.RLIMIT_AS)[0] > 10**12 or -1)\n", address_bytes=10**9)
    assert ran.lines[0] in {"True", "-1"} and any("memory was not limited" in line for line in ran.open_ends)
    assert run("print(len(bytearray(2 * 10**9)))\n", address_bytes=10**9).lines == ("2000000000",)


def test_an_interpreter_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setattr(running, "_apart", tuple)
    file = CodeFile("a.py", "print(1)\n")
    ran = run_file(file, [file], Path("/no/such/python"))
    assert ran.code is None and "cannot be started" in ran.problem


def test_which_file_is_run():
    plain, program = CodeFile("lib.py", "X = 1\n"), CodeFile("train.py", "if __name__ == '__main__':\n    print(1)\n")
    text, bad = CodeFile("requirements.txt", "torch\n"), CodeFile("b.py", "x", (Fault(FaultKind.SYNTAX, "no"),))
    assert main_file([plain, program, text]) is program
    assert main_file([plain, text]) is plain
    assert main_file([plain, CodeFile("c.py", "Y = 1\n")]) is None
    assert main_file([program, bad]) is None and main_file([text]) is None and main_file([]) is None


@pytest.mark.frameworks
def test_installed_packages_say_what_they_do_not_know():
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    text = (
        "import torch\nfrom torch import nn\nfrom sklearn import metrics\nlayer = nn.Conv2D(3, 4, 3)\n"
        "print(metrics.nonsense([1]), nn.utils.rnn.pack_sequence([], sort=1), nn.Linear(2, 2), torch.ones(2))\n"
    )
    unsafe = CodeFile("bad.py", text, (Fault(FaultKind.UNSAFE, "no"),))
    found, left = probed([CodeFile("a.py", text), unsafe], PYTHON)
    assert [fault.message for fault in found.faults] == [
        "`torch.nn.Conv2D` does not exist in the installed package",
        "`sklearn.metrics.nonsense` does not exist in the installed package",
        "`torch.nn.utils.rnn.pack_sequence` has no parameter `sort` in the installed package",
    ]
    assert left == unsafe
