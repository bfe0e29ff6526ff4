"""A script that runs repaired code with its driver; started by `execution` and imported by nobody.

Reads a JSON list of pairs of paths (code, driver) and prints one line for each. The limits keep accidents small; they
are no wall against hostile code, which the architect's checks have to stop before anything is run.
"""

import contextlib
import importlib.util
import io
import json
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

_RESULT = "@@trial-result "
_CPU_SECONDS = 300
_MEMORY = 16 << 30
"""Bytes of address space: TensorFlow reserves several times what it uses."""
_LARGEST_FILE = 16 << 20


def main() -> None:
    """Run all pairs."""
    _limit()
    for code, driver in json.load(sys.stdin):
        with _quiet():
            result = _outcome(code, driver)
        sys.stdout.write(f"{_RESULT}{result}\n")
        sys.stdout.flush()


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    limits = (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
    )
    for name, value in limits:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (value, value))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _outcome(code: str, driver: str) -> str:
    try:
        check: Any = _loaded("driver", driver).check
        check(_loaded("candidate", code))
    except ModuleNotFoundError as problem:
        return "not installed" if (problem.name or "") in _FRAMEWORKS else f"there is no module {problem.name}"
    except AssertionError as problem:
        return (
            _one_line(str(problem)) or f"a check fails in line {traceback.extract_tb(problem.__traceback__)[-1].lineno}"
        )
    except Exception as problem:  # noqa: BLE001 - whatever the code raises is its result
        return f"{type(problem).__name__}: {_one_line(str(problem))}"
    return "passed"


_FRAMEWORKS = frozenset({"torch", "tensorflow", "keras", "sklearn", "numpy", "pandas"})
_LONGEST = 200


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def _loaded(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
