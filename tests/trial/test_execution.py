"""The drivers of the cases on real frameworks: repaired code passes, the code before does not; and the limits."""

import importlib.util
import sys
from collections import Counter
from dataclasses import replace

import pytest
from answering_cases import CASES, REPAIRS, repaired

from ml_architect.trial.execution import MISSING, PASSED, outcome_of, outcomes_of

DRIVEN = [case for case in REPAIRS if case.driver]
SLOW = {"keras-probabilities", "one-unit-softmax", "endless-training-data"}
"""`fit` of Keras takes tens of seconds on a small machine."""
PLAIN = replace(CASES["split-order"], driver="def check(candidate):\n    assert candidate.x == 1, 'x is not 1'\n")


def library(case):
    return "tensorflow" if case.framework == "keras" else case.framework


def installed(name):
    return importlib.util.find_spec(name) is not None


def test_there_are_drivers_for_three_frameworks():
    counts = Counter(map(library, DRIVEN))
    assert sum(counts.values()) >= 10
    assert min(counts[name] for name in ("torch", "tensorflow", "sklearn")) >= 3


@pytest.mark.frameworks
@pytest.mark.parametrize("framework", ["torch", "sklearn", "tensorflow"])
def test_repaired_code_passes_and_the_code_before_does_not(framework):
    if not installed(framework):
        pytest.skip(f"{framework} is not installed")
    chosen = [case for case in DRIVEN if library(case) == framework and case.name not in SLOW]
    jobs = [*((case, repaired(case)) for case in chosen), *((case, case.code) for case in chosen)]
    results = outcomes_of(jobs, seconds=240)
    passed = {case.name: result for case, result in zip(chosen, results, strict=False)}
    assert passed == dict.fromkeys(passed, PASSED)
    before = {case.name: result for case, result in zip(chosen, results[len(chosen) :], strict=True)}
    assert [name for name, result in before.items() if result in {PASSED, MISSING}] == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1\n", PASSED),
        ("x = 2\n", "x is not 1"),
        ("y = 1\n", "AttributeError: module 'candidate' has no attribute 'x'"),
        ("import no_such_module\n", "there is no module no_such_module"),
        ("raise ValueError('two\\nlines')\n", "ValueError: two lines"),
        ("print('@@trial-result passed')\nx = 2\n", "x is not 1"),
        ("x = (\n", "SyntaxError"),
        ("import os\nos._exit(7)\n", "the process ended with 7"),
        ("raise SystemExit(0)\n", "the process ended with 0"),
    ],
)
def test_what_becomes_of_code(code, expected):
    assert outcome_of(PLAIN, code).startswith(expected)


def test_a_framework_that_is_missing_is_no_fault_of_the_code(tmp_path):
    hidden = "import sys\nsys.modules['torch'] = None\nimport torch\n"
    assert outcome_of(PLAIN, hidden) == MISSING
    assert tmp_path.exists()


def test_time_is_limited():
    assert outcomes_of([(PLAIN, "while True:\n    pass\n")], seconds=1.0) == ["not done within 1 s"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of memory are those of POSIX")
def test_memory_is_limited():
    assert outcome_of(PLAIN, "x = bytearray(1 << 35)\n").startswith("MemoryError")


def test_code_sees_neither_keys_nor_the_folder_of_the_user(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    code = "import os\nx = 1 + ('OPENAI_API_KEY' in os.environ) + os.path.exists('pyproject.toml')\n"
    assert outcome_of(PLAIN, code) == PASSED


def test_one_failure_does_not_spoil_the_next():
    assert outcomes_of([(PLAIN, "x = 2\n"), (PLAIN, "x = 1\n")]) == ["x is not 1", PASSED]
