"""Runs a repaired text of a case with its driver, in a process of its own with limits; only where the user asks."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ml_architect.trial.case import Case

__all__ = ["MISSING", "PASSED", "outcome_of", "outcomes_of"]

PASSED = "passed"
MISSING = "not installed"
"""The framework of the case cannot be imported here."""
SECONDS = 120
"""Wall-clock limit of one process; TensorFlow alone takes some ten seconds to import on a small machine."""
_SCRIPT = Path(__file__).with_name("sandbox.py")
_PASSED_ON = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV")


def outcome_of(case: Case, code: str, python: str = sys.executable) -> str:
    """Return `PASSED`, `MISSING`, or why the repaired `code` of `case` does not do what its driver checks."""
    return outcomes_of([(case, code)], python)[0]


def outcomes_of(pairs: Sequence[tuple[Case, str]], python: str = sys.executable, seconds: float = SECONDS) -> list[str]:
    """Return `outcome_of` for several texts that run one after the other in one process, within `seconds` together."""
    with tempfile.TemporaryDirectory() as folder:
        jobs: list[list[str]] = []
        for number, (case, code) in enumerate(pairs):
            candidate, driver = Path(folder, f"candidate{number}.py"), Path(folder, f"driver{number}.py")
            candidate.write_text(code, encoding="utf-8")
            driver.write_text(case.driver, encoding="utf-8")
            jobs.append([str(candidate), str(driver)])
        try:
            done = subprocess.run(  # noqa: S603 - our own script; the user asked for the code to be run
                (python, str(_SCRIPT)),
                input=json.dumps(jobs),
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
                cwd=folder,
                env=_environment(folder),
            )
        except subprocess.TimeoutExpired:
            return [f"not done within {seconds:g} s"] * len(pairs)
    found = [line.removeprefix(_RESULT) for line in done.stdout.splitlines() if line.startswith(_RESULT)]
    return [*found, *[f"the process ended with {done.returncode}"] * (len(pairs) - len(found))]


_RESULT = "@@trial-result "
"""Begins a line of the sandbox, so that nothing that code prints is taken for a result."""


def _environment(folder: str) -> dict[str, str]:
    """Return few variables: no key reaches the code, and it sees no GPU."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {
        **kept,
        "HOME": folder,
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
