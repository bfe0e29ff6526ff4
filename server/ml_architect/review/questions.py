"""What only a person knows, asked where it would change what is said about this code."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ml_architect.policy.profile import Profile
from ml_architect.review.gaps import TRAINING
from ml_architect.review.values import FileNotes, Question

__all__ = ["questions_about"]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the files say together."""

    topics: frozenset[str]
    marks: frozenset[str]
    classes: frozenset[int]
    metrics: int
    profile: Profile

    def has(self, *topics: str) -> bool:
        return not self.topics.isdisjoint(topics)

    @property
    def deep(self) -> bool:
        return self.has("loop", "trainer", "engine") or (self.has("fit") and "deep" in self.marks)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question; `why` gives the reason for this code, empty where there is none to ask."""

    key: str
    text: str
    why: Callable[[_Known], str]


def _size(known: _Known) -> str:
    if known.has("pretrained"):
        return "a small set is better served by frozen pretrained layers, a large one by training all of them"
    if known.has("estimator") and not known.has("cross-validation"):
        return "with few examples one split says little, and cross-validation is needed"
    return "batch size, epochs and regularisation are judged by it"


def _gigabytes(known: _Known) -> str:
    return "data that fits into memory is cached, else it is read in workers" if known.has("loader") else ""


def _hardware(known: _Known) -> str:
    if not known.deep:
        return ""
    if known.has("device"):
        return "the code chooses or names a device, and precision and batch size depend on it"
    return "precision, batch size and the number of workers depend on it"


def _memory(known: _Known) -> str:
    wanted = known.has("pretrained", "precision") and known.deep and not known.profile.without_gpu
    return "it limits batch size, and decides on accumulation and checkpointing of activations" if wanted else ""


def _gpus(known: _Known) -> str:
    return (
        "the code can train on several devices, which changes the effective batch size"
        if known.has("distributed")
        else ""
    )


def _classes(known: _Known) -> str:
    wanted = "multiclass" in known.marks and not known.classes
    return "the size of the output layer is not a fixed number in the code" if wanted else ""


def _task(known: _Known) -> str:
    return "" if known.has("loss", "estimator", "metric") else "neither a loss nor a metric in the code says it"


def _metric(known: _Known) -> str:
    if known.metrics == 1:
        return ""
    return "the code computes several metrics" if known.metrics else "no metric in the code says what counts as better"


def _deployment(known: _Known) -> str:
    return "" if known.has("export", "serve") else "nothing is exported or served, so the target decides on the format"


def _latency(known: _Known) -> str:
    wanted = known.has("export", "serve") or known.profile.deployment is not None
    return "it decides on model size, batching and quantisation of what is served" if wanted else ""


def _personal(known: _Known) -> str:
    wanted = not known.marks.isdisjoint({"tabular", "text"})
    return "tables and texts often hold it; models can give it away again" if wanted else ""


def _regulated(known: _Known) -> str:
    return (
        "it calls for models that can be explained, and for records of what was trained on"
        if known.has("estimator")
        else ""
    )


def _grouped(known: _Known) -> str:
    return "a random split would then put parts of one group on both sides" if known.has("split") else ""


def _ordered(known: _Known) -> str:
    wanted = known.has("split") and "tabular" in known.marks
    return "a random split would then train on the future of its test rows" if wanted else ""


def _imbalanced(known: _Known) -> str:
    wanted = "accuracy" in known.marks and not known.has("balance")
    return "accuracy says little where one class is much more frequent" if wanted else ""


_QUESTIONS = (
    _Asked("dataset-size", "how many examples are in the training set?", _size),
    _Asked("dataset-gb", "how many gigabytes are the training data?", _gigabytes),
    _Asked("classes", "how many classes are there?", _classes),
    _Asked("task", "what is predicted?", _task),
    _Asked("metric", "which one metric decides?", _metric),
    _Asked("imbalanced", "is one class much more frequent than another?", _imbalanced),
    _Asked("grouped", "do several examples belong to one person, place or document?", _grouped),
    _Asked("time-ordered", "are predictions about a later time than the training data?", _ordered),
    _Asked("hardware", "what does the training run on?", _hardware),
    _Asked("gpu-memory-gb", "how much memory has one GPU, in gigabytes?", _memory),
    _Asked("gpus", "how many GPUs are there?", _gpus),
    _Asked("deployment", "where are predictions made?", _deployment),
    _Asked("latency-ms", "how many milliseconds may one prediction take?", _latency),
    _Asked("personal-data", "are there personal data in the training set?", _personal),
    _Asked("regulated", "do decisions have to be explained by law or contract?", _regulated),
)


def questions_about(files: Sequence[FileNotes], profile: Profile) -> tuple[Question, ...]:
    """Return what to ask; nothing where no file trains, and nothing that the code or `profile` answers."""
    topics = frozenset(topic for notes in files for topic in notes.topics)
    if topics.isdisjoint(TRAINING):
        return ()
    metrics = {item.text for notes in files for item in notes.statements if item.topic == "metric"}
    known = _Known(
        topics,
        frozenset(mark for notes in files for mark in notes.marks),
        frozenset(number for notes in files for number in notes.classes),
        len(metrics),
        profile,
    )
    return tuple(_open(known, {key for key, _ in profile.answers()}))


def _open(known: _Known, answered: set[str]) -> Iterator[Question]:
    for asked in _QUESTIONS:
        why = asked.why(known) if asked.key not in answered else ""
        if why:
            yield Question(asked.key, asked.text, why)
