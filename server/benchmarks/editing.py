"""Re-analysis after random one-line edits, as a person types them."""

import gc
import random
from pathlib import Path

import libcst
from parsing import SETTINGS
from timing import seconds

from ml_architect.engine import Analysis, analyze
from ml_architect.facts import Environment
from ml_architect.text import Source


def measure_edits(files: list[Path], edits: int) -> list[float]:
    """Return the times of all re-analyses, each over the best time of ``libcst.parse_module`` on its file."""
    generator = random.Random(0)
    ratios = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        reference = min(seconds(lambda text=text: libcst.parse_module(text)) for _ in range(5))
        before = analyze(Source(text, path), SETTINGS, Environment())
        gc.collect()
        ratios += [reanalysis(before, edited(text, generator)) / reference for _ in range(edits)]
    return ratios


def reanalysis(before: Analysis, text: str) -> float:
    """Return the best of three re-analyses of `text` on top of `before`."""
    source = Source(text, before.source.path)
    return min(seconds(lambda: analyze(source, SETTINGS, Environment(), before)) for _ in range(3))


def edited(text: str, generator: random.Random) -> str:
    """Change one random line: a digit, a name, a comment behind it, or a deleted character, which may not parse."""
    lines = text.splitlines(keepends=True)
    row = generator.randrange(len(lines))
    line = lines[row].rstrip("\r\n")
    ending = lines[row][len(line) :]
    kind = generator.randrange(4)
    if kind == 0:
        line = line.replace("1", "2") if "1" in line else line + "  # edited"
    elif kind == 1:
        line += "  # edited"
    elif kind == 2 and line.strip():
        place = generator.randrange(len(line) - len(line.lstrip()), len(line))
        line = line[:place] + line[place + 1 :]
    else:
        line = line.replace("e", "ea", 1)
    return "".join([*lines[:row], line + ending, *lines[row + 1 :]])
