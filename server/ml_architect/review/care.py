"""Privacy, bias and security: the notes that apply to this code, and no others."""

from collections.abc import Iterator, Sequence

from ml_architect.policy.profile import Profile
from ml_architect.review.values import FileNotes

__all__ = ["cautions"]

_NOTES = (
    ("pickle", "A pickle is loaded: it runs the code that is in it, so load none whose origin is not certain."),
    (
        "torch-load",
        "`torch.load` reads pickles: with `weights_only=True`, the default from PyTorch 2.6 on, it refuses code.",
    ),
    ("remote-code", "`trust_remote_code=True` runs Python that the repository of the model holds: pin its revision."),
    (
        "credential",
        "A fixed text is passed as a token or password: take it from the environment, and change it if it was shared.",
    ),
    ("tracker", "Runs are sent to a service: keep personal data and secrets out of configurations and logged samples."),
)


def cautions(files: Sequence[FileNotes], profile: Profile) -> tuple[str, ...]:
    """Return the notes that apply."""
    marks = frozenset(mark for notes in files for mark in notes.marks)
    topics = frozenset(topic for notes in files for topic in notes.topics)
    return tuple(_applying(marks, topics, profile))


def _applying(marks: frozenset[str], topics: frozenset[str], profile: Profile) -> Iterator[str]:
    yield from (text for mark, text in _NOTES if mark in marks)
    if "pretrained" in topics:
        yield "Pretrained weights bring the bias and the licence of what they were trained on: read their model card."
    if profile.personal_data:
        yield (
            "The training set holds personal data: keep only what is needed, restrict who reads it, "
            "and count on a model giving some of it away again."
        )
        yield "Measure the metric for each group of persons, not only over all: an average hides who is served badly."
    if profile.regulated:
        yield "Decisions have to be explained: prefer models that can be, and record data, code and versions of a run."
