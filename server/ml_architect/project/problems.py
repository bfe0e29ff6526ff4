"""Failures of reading and writing, in one line for people."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

__all__ = ["ProblemKind", "ReadProblem", "WriteError"]


class ProblemKind(str, Enum):
    """What kept a file or folder from being read."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    UNDECODABLE = "undecodable"
    """It was read but is not text in its encoding: a finding of that file, not a failure of ours."""


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """A file or folder that could not be read; `message` leaves out the path."""

    path: Path
    kind: ProblemKind
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class WriteError(Exception):
    """A file could not be written, and is as it was before; the message names it on one line."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: not written, {why}")
