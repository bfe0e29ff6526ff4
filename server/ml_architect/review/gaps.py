"""What is missing: said only where the facts can know it, else it is unknown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ml_architect.review.values import FileNotes, Open, Scope, Stage

__all__ = ["Absent", "absences"]

TRAINING = frozenset({"loop", "fit", "trainer", "engine"})
"""Topics that show a training."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """Something that training code should have.

    It is looked for where one of the topics `where` is there, and answered by one of `by`. `hint` names the words
    that put its absence in doubt.
    """

    stage: Stage
    hint: str
    where: frozenset[str]
    by: frozenset[str]
    missing: str
    subject: str


_GAPS = (
    _Gap(
        Stage.DATA,
        "split",
        TRAINING,
        frozenset({"split", "held-out", "evaluation", "cross-validation"}),
        "no data are kept apart: nothing divides the examples into a part for training and one for evaluation",
        "whether data are kept apart for evaluation",
    ),
    _Gap(
        Stage.DATA,
        "missing-values",
        frozenset({"tables"}),
        frozenset({"missing-values"}),
        "missing values in the tables that are read are neither counted nor treated",
        "whether missing values are treated",
    ),
    _Gap(
        Stage.TRAINING,
        "seed",
        TRAINING,
        frozenset({"seed", "trainer"}),
        "no seed is set: what is drawn at random differs from run to run",
        "whether the random numbers are seeded",
    ),
    _Gap(
        Stage.TRAINING,
        "scheduler",
        frozenset({"loop"}),
        frozenset({"scheduler", "trainer"}),
        "the learning rate stays as it is: there is no scheduler",
        "whether the learning rate changes during training",
    ),
    _Gap(
        Stage.EVALUATION,
        "evaluation",
        TRAINING,
        frozenset({"evaluation", "held-out", "cross-validation", "metric", "search"}),
        "nothing evaluates the model: it is not applied to other data than it was trained on, no metric is computed",
        "whether the model is evaluated",
    ),
    _Gap(
        Stage.TUNING,
        "search",
        TRAINING,
        frozenset({"search"}),
        "no search over hyperparameters runs; their values are written down or given by hand",
        "whether hyperparameters are searched for",
    ),
    _Gap(
        Stage.PERSISTENCE,
        "save",
        TRAINING,
        frozenset({"save", "export", "trainer"}),
        "the trained model is not saved",
        "whether the trained model is saved",
    ),
    _Gap(
        Stage.PERSISTENCE,
        "log",
        TRAINING,
        frozenset({"log", "trainer"}),
        "no tracker or logger keeps what a run was configured with and what it measured",
        "whether runs are recorded",
    ),
)


@dataclass(frozen=True, slots=True)
class Absent:
    """What is certainly missing in a stage, and what is not known of it."""

    missing: tuple[tuple[Stage, str], ...]
    unknown: tuple[Open, ...]


def absences(stated: Sequence[FileNotes], read: Iterable[FileNotes], scope: Scope) -> Absent:
    """Return what is missing in the files `stated`; those of `read` may hold it out of our sight.

    Missing is said of a project only, all of whose files could be parsed, and where no word in them speaks of it:
    a file alone may be helped by others.
    """
    topics = frozenset(topic for notes in stated for topic in notes.topics)
    everything = tuple(read)
    hints = frozenset(hint for notes in everything for hint in notes.hints)
    is_whole = scope is Scope.PROJECT and all(notes.whole for notes in everything)
    found = tuple(_looked_for(topics))
    missing = tuple((gap.stage, gap.missing) for gap in found if is_whole and gap.hint not in hints)
    unknown = tuple(
        Open(gap.stage, f"{gap.subject}: {_reason(scope, gap.hint in hints)}")
        for gap in found
        if not (is_whole and gap.hint not in hints)
    )
    return Absent(missing, unknown)


def _looked_for(topics: frozenset[str]) -> Iterator[_Gap]:
    for gap in _GAPS:
        if not gap.where.isdisjoint(topics) and gap.by.isdisjoint(topics):
            yield gap


def _reason(scope: Scope, hinted: bool) -> str:
    if hinted:
        return "no call that is known does it, but words in the code speak of it"
    if scope is Scope.FILE:
        return "not in this file, and no other was read"
    return "not in what could be read, but some statements could not"
