"""Exit codes."""

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of a command says."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    CRASH = 3
