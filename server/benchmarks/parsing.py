"""Cold analysis with all rules against LibCST's own parser on the same text."""

import gc
from pathlib import Path

import libcst
from timing import ratio

from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment
from ml_architect.text import Source

SETTINGS = Settings(select=("all",), preview=True)


def measure_cold(files: list[Path]) -> list[float]:
    """Return, for each file, the time of a cold analysis over that of ``libcst.parse_module``."""
    analyze(Source("import torch\n"), SETTINGS, Environment())
    gc.freeze()  # as the server does when all is loaded, for the sake of both sides
    return [one(path) for path in files]


def one(path: Path) -> float:
    """Return the ratio of one file."""
    text = path.read_text(encoding="utf-8")
    return ratio(
        lambda: analyze(Source(text, path), SETTINGS, Environment()),
        lambda: libcst.parse_module(text),
    )
