"""Benchmarks as ratios measured in one run: ``python3 server/dev.py bench PATH [PATH ...]``.

Absolute times belong to a machine; a ratio against `libcst.parse_module` of the same text, or against a
peer on the same folder, does not. Each measurement is the best of several runs of both sides in turn. What runs in
one thread is measured in processor time, so that other work on the machine disturbs it less.
"""

import argparse
import statistics
import sys
from pathlib import Path

from editing import measure_edits
from heartbeat import measure_heartbeat, measure_reading
from parsing import measure_cold
from peers import measure_directory
from serving import measure_memory, measure_start

from architect import measure_architect

MINIMUM_LINES, MAXIMUM_LINES = 300, 2000
WORST = 3
TRAINING = (".backward(", ".fit(", "optimizer.step(", "GradientTape", "train_test_split")


def training_files(paths: list[Path]) -> list[Path]:
    """Return real training files of 300 to 2,000 lines below `paths`, larger ones first."""
    found = []
    for root in paths:
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            if MINIMUM_LINES <= text.count("\n") <= MAXIMUM_LINES and any(word in text for word in TRAINING):
                found.append(path)
    return sorted(found, key=lambda path: (-path.stat().st_size, path))


def quantile(values: list[float], share: float) -> float:
    """Return the value below which `share` of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(title: str, values: list[float], limits: str) -> None:
    """Print median, 95th percentile and maximum of some ratios."""
    middle = statistics.median(values)
    print(f"{title}: median {middle:.2f}x, p95 {quantile(values, 0.95):.2f}x, max {max(values):.2f}x  ({limits})")


def main() -> int:
    """Run all benchmarks on the folders of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path, help="a Python that has torchfix")
    parser.add_argument("--files", type=int, default=24, help="how many training files to measure")
    parser.add_argument("--edits", type=int, default=30, help="how many one-line edits for each file")
    parser.add_argument("paths", nargs="+", type=Path)
    options = parser.parse_args()
    files = training_files(options.paths)
    step = max(1, len(files) // options.files)
    chosen = files[::step][: options.files]
    if not chosen:
        print("no training file of 300 to 2,000 lines below these paths", file=sys.stderr)
        return 2
    print(f"{len(chosen)} training files of {len(files)}, all rules on, Python {sys.version.split()[0]}")
    cold = measure_cold(chosen)
    report("cold analysis / libcst.parse_module", cold, "limit 1.6x")
    for share, path in sorted(zip(cold, chosen, strict=True), reverse=True)[:WORST]:
        print(f"    {share:.2f}x {path}")
    edits = measure_edits(chosen, options.edits)
    report("re-analysis after a one-line edit / libcst.parse_module", edits, "limits: median 0.35x, p95 0.9x")
    for root in options.paths:
        if root.is_dir() and options.peer is not None:
            print(measure_directory(root, options.peer))
    print(measure_start(chosen))
    print(measure_memory(chosen[:20]))
    print(measure_heartbeat(chosen))
    print(measure_reading(chosen))
    for line in measure_architect():
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
