"""A whole directory, command against command."""

import sys
from pathlib import Path

from timing import of_command


def measure_directory(root: Path, peer: Path) -> str:
    """Return a line that compares ``ml-architect check`` with torchfix on `root`, as whole processes."""
    ours = [sys.executable, "-m", "ml_architect", "check", "--isolated", "--select", "all", str(root)]
    theirs = [str(peer), "-m", "torchfix", "--select", "ALL", str(root)]
    of_command(ours)  # compiles what is new, as an installation does
    pairs = [(of_command(ours), of_command(theirs)) for _ in range(2)]
    mine, other = (min(pair[side].clock for pair in pairs) for side in (0, 1))
    my_work, other_work = (min(pair[side].processor for pair in pairs) for side in (0, 1))
    files = sum(1 for _ in root.rglob("*.py"))
    clock = f"torchfix {other:.1f} s / ml-architect {mine:.2f} s = {other / mine:.1f}x"
    work = f"{other_work:.1f} s / {my_work:.2f} s = {other_work / my_work:.1f}x"
    return f"check of {root.name} ({files} files): {clock}; processor time {work}  (limit 10x)"
