"""What the truth tests ask about the installed libraries, one process per library.

A test that takes `installed` runs once for each library of which the catalogue states a verified version.
"""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from ml_architect.catalog import Deprecation, load, load_catalog

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DATA = Path(load.__file__).parent / "data"
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "HF_HUB_OFFLINE": "1", "KERAS_BACKEND": "tensorflow"}
VERIFIED: dict[str, str] = {
    library: version
    for path in sorted(DATA.glob("*.toml"))
    for library, version in tomllib.loads(path.read_text(encoding="utf-8")).get("verified", {}).items()
}


def is_removed(row: Deprecation) -> bool:
    """Return whether the row says that the verified version has this no more."""
    return row.removed is not None and Version(VERIFIED[row.library]) >= Version(row.removed)


@dataclass(frozen=True)
class Installed:
    """One installed library, and what it says about our symbols and rows of it."""

    name: str
    symbols: dict[str, dict[str, Any]]
    rows: tuple[tuple[Deprecation, dict[str, Any]], ...]
    names: dict[str, bool]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "installed" in metafunc.fixturenames:
        metafunc.parametrize("installed", sorted(VERIFIED), indirect=True, scope="session")


@pytest.fixture(scope="session")
def installed(request: pytest.FixtureRequest) -> Installed:
    """Ask the library that this test is about; skip where its version is not the verified one."""
    library: str = request.param
    catalog = load_catalog()
    symbols = sorted(name for name in catalog.symbols if catalog.symbols[name].library == library)
    version = _version(library)
    if version is None:
        pytest.skip(f"{library} is not installed: {len(symbols)} symbols are not compared, as {symbols[0]}")
    if Version(version).release[:2] != Version(VERIFIED[library]).release[:2]:
        pytest.skip(f"{library} {version} is installed, the catalogue was verified with {VERIFIED[library]}")
    return _asked(library, symbols, _rows(library))


def _version(library: str) -> str | None:
    if library == "python":
        return platform.python_version()
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def _rows(library: str) -> list[Deprecation]:
    return [row for group in load_catalog().deprecations.values() for row in group if row.library == library]


def _asked(library: str, symbols: list[str], rows: list[Deprecation]) -> Installed:
    questions = {
        "library": library,
        "symbols": symbols,
        "uses": [
            {"symbol": row.symbol, "keyword": row.keyword, "value": row.value, "removed": is_removed(row)}
            for row in rows
        ],
        "names": sorted({row.replacement.partition("(")[0] for row in rows if row.fix.value == "rename_symbol"}),
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("inspect_library.py"))],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **QUIET},
    )
    if done.returncode != 0:
        pytest.fail(done.stderr)
    answers = json.loads(done.stdout)
    return Installed(library, answers["symbols"], tuple(zip(rows, answers["uses"], strict=True)), answers["names"])
