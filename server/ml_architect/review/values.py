"""What a review is made of: plain values, cheap to send between processes."""

from dataclasses import dataclass, field
from enum import Enum

from ml_architect.policy.profile import Profile

__all__ = [
    "FileNotes",
    "FindingNote",
    "Open",
    "Place",
    "Question",
    "Review",
    "Scope",
    "Stage",
    "StageReview",
    "Start",
    "Statement",
    "Version",
]


class Stage(str, Enum):
    """The stages of the work, in their order."""

    DATA = "data"
    FEATURES = "features"
    ARCHITECTURE = "architecture"
    TRAINING = "training"
    EVALUATION = "evaluation"
    TUNING = "tuning"
    PERSISTENCE = "persistence"

    @property
    def words(self) -> str:
        """The name for people."""
        return _TITLES[self.value]


_TITLES = {
    "data": "Data and validation",
    "features": "Features",
    "architecture": "Architecture",
    "training": "Training configuration",
    "evaluation": "Evaluation",
    "tuning": "Tuning",
    "persistence": "Persistence and deployment",
}


class Scope(str, Enum):
    """What was asked to be reviewed."""

    FILE = "file"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, in a notebook a line of a cell; both count from 1."""

    path: str
    line: int
    cell: int | None = None

    @property
    def order(self) -> tuple[str, int, int]:
        """Sorts places as they are read: by file, cell and line."""
        return self.path, self.cell or 0, self.line

    def __str__(self) -> str:
        """Return the place as the command line prints it."""
        return f"{self.path}:{self.line}" if self.cell is None else f"{self.path}:cell {self.cell}:{self.line}"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that the code does. `topic` groups statements and says which absences it answers."""

    stage: Stage
    topic: str
    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """Something that cannot be known from the code. `place` is None where it is about all that was read."""

    stage: Stage
    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class FindingNote:
    """A finding of a rule, or of a built-in check."""

    stage: Stage
    code: str
    message: str
    severity: str
    place: Place


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of the version of a library that the code imports; both are empty where nothing is."""

    library: str
    version: str
    origin: str


@dataclass(frozen=True, slots=True)
class Start:
    """A starting value that a rule states."""

    setting: str
    value: str
    range: str
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class FileNotes:
    """What one file says, with nothing of its analysis."""

    path: str
    statements: tuple[Statement, ...] = ()
    findings: tuple[FindingNote, ...] = ()
    opens: tuple[Open, ...] = ()
    classes: frozenset[int] = frozenset()
    """Numbers of classes that the output layers of the file have."""
    hints: frozenset[str] = frozenset()
    """Groups of words that occur in the text, by the name of the absence that they put in doubt."""
    marks: frozenset[str] = frozenset()
    """What the file is about, in the words of `marks.py`."""
    frameworks: frozenset[str] = frozenset()
    versions: tuple[Version, ...] = ()
    relevant: bool = True
    """Whether it imports a framework that we know, so that it was read at all."""
    whole: bool = True
    """Whether all of it could be parsed."""
    is_test: bool = False
    runs: bool = False
    """Whether it is a script: it has a block for being run as the main program."""

    @property
    def topics(self) -> frozenset[str]:
        """The topics that the file says something about."""
        return frozenset(statement.topic for statement in self.statements)


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person knows; `key` is the setting in ``[tool.ml-architect.project]`` that answers it."""

    key: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class StageReview:
    """One stage of a review."""

    stage: Stage
    statements: tuple[Statement, ...] = ()
    missing: tuple[str, ...] = ()
    findings: tuple[FindingNote, ...] = ()
    unknown: tuple[Open, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """The review of one file or of a project. `files` are those that were read, in order of their paths."""

    title: str
    scope: Scope
    summary: str
    stages: tuple[StageReview, ...]
    questions: tuple[Question, ...]
    profile: Profile = field(default_factory=Profile)
    files: tuple[FileNotes, ...] = ()
    others: int = 0
    """Files that import no framework that we know."""
    tests: int = 0
    """Tests and benchmarks, of which nothing is stated."""
    values: tuple[Start, ...] = ()
    versions: tuple[Version, ...] = ()
    next_steps: tuple[str, ...] = ()
    care: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[FindingNote, ...]:
        """All findings, the most severe first."""
        found = [note for stage in self.stages for note in stage.findings]
        return tuple(sorted(found, key=lambda note: (SEVERITIES.index(note.severity), note.place.order, note.code)))


SEVERITIES = ("error", "warning", "info", "hint")
"""From the most to the least severe."""
