"""An answer to a question of the user's own: its parts, whole files with what is wrong in them, or questions."""

import re
from dataclasses import dataclass
from enum import Enum

from ml_architect.page.shape import Section

__all__ = ["Answer", "Asked", "CodeFile", "Fault", "FaultKind", "given_answer"]

_GIVEN = re.compile(r"\s*([a-z][a-z0-9-]{0,40})\s*=\s*(\S.*)", re.DOTALL)


class FaultKind(str, Enum):
    """What is wrong with a file that a model wrote; the value leads the line that the user reads."""

    SYNTAX = "does not parse"
    NAMES = "uses a name that nothing defines"
    PLACEHOLDER = "is not complete"
    ARGUMENTS = "calls a library in a way that it does not know"
    FINDING = "has a mistake that our own rules find"
    UNSAFE = "is not safe to run"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a file; `line` counts from 1, 0 where it is about the whole file."""

    kind: FaultKind
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{self.kind.value}: {place}{self.message}"


@dataclass(frozen=True, slots=True)
class CodeFile:
    """One whole file of an answer, its text made harmless to show, and what our checks found in it."""

    name: str
    text: str
    faults: tuple[Fault, ...] = ()

    @property
    def is_python(self) -> bool:
        """Whether it is Python, by its name."""
        return self.name.endswith(".py")

    @property
    def is_unsafe(self) -> bool:
        """Whether it must never be run."""
        return any(fault.kind is FaultKind.UNSAFE for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the model to the user, under the key by which it is answered, and what it decides."""

    key: str
    question: str
    decides: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer after our checks: the text of its parts, its files, and what is missing or was changed in it."""

    sections: tuple[tuple[Section, str], ...] = ()
    files: tuple[CodeFile, ...] = ()
    missing: tuple[Section, ...] = ()
    """Needed parts for which the model gave nothing."""
    remarks: tuple[str, ...] = ()
    questions: tuple[Asked, ...] = ()
    """What the model has to know first; then there is nothing else."""

    @property
    def demerits(self) -> int:
        """How far it is from what was asked for: a dangerous file weighs more than all else together."""
        faults = sum(len(file.faults) for file in self.files)
        unsafe = sum(file.is_unsafe for file in self.files)
        return 1000 * unsafe + 10 * faults + 10 * len(self.missing) + len(self.remarks)


def given_answer(text: str) -> tuple[str, str] | None:
    """Return key and value of a user's answer to a question, ``dataset-size=10000``; None where it has no such form."""
    found = _GIVEN.fullmatch(text)
    return (found[1], found[2].strip()) if found else None
