"""The difference between two texts in the form that `patch` and `git apply` read."""

import difflib
import re

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""Lines as `patch` and `git apply` count them: a carriage return belongs to the text."""


def unified_patch(before: str, after: str, name: str) -> str:
    """Return the unified diff from `before` to `after`, both the file `name`; empty if they are equal."""
    lines = difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
