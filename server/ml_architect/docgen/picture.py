"""The README's picture: a real run of the command line on a bundled example, drawn as a terminal."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

COMMAND = ("check", "--output-format", "full", "--color", "always", "--select")
SHOWN = "train-mode-not-restored,accuracy-divided-by-batches,best-weights-aliased"
EXAMPLE = "server/examples/mistakes/image_classifier.py"
_WIDTH = 132


def terminal_picture(repository: Path) -> str:
    """Return an SVG of what ``ml-architect check`` prints for the bundled image classifier.

    Raises:
        RuntimeError: if the run did not end with findings.
    """
    arguments = [*COMMAND, SHOWN, EXAMPLE]
    run = subprocess.run(  # noqa: S603 - our own command on our own file
        [sys.executable, "-m", "ml_architect", *arguments],
        cwd=repository,
        env={**os.environ, "COLUMNS": str(_WIDTH)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode != 1:
        message = f"the run for the picture ended with {run.returncode}: {run.stderr}"
        raise RuntimeError(message)
    console = Console(record=True, width=_WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ ml-architect check --output-format full --select {SHOWN} \\"), style="bold")
    console.print(Text(f"    {EXAMPLE}"), style="bold")
    console.print(Text.from_ansi(run.stdout))
    console.print(Text.from_ansi(run.stderr))
    return console.export_svg(title="ml-architect", unique_id="ml-architect")
