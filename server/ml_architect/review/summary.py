"""What a project is, in two sentences from facts, and what to do next."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ml_architect.review.gaps import TRAINING
from ml_architect.review.values import SEVERITIES, FileNotes, Scope, Stage

__all__ = ["leveled", "next_steps", "summary"]

_NAMES = {
    "torch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "tf_keras": "Keras",
    "sklearn": "scikit-learn",
    "transformers": "transformers",
    "pytorch_lightning": "Lightning",
    "lightning": "Lightning",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "catboost": "CatBoost",
    "accelerate": "Accelerate",
    "pandas": "pandas",
}
_ACTS = (
    (("model", "layers"), "defines or makes models"),
    (("pretrained",), "loads pretrained weights"),
    (("estimator",), "makes estimators"),
    (tuple(TRAINING), "trains"),
    (("evaluation", "held-out", "cross-validation", "metric"), "evaluates"),
    (("search",), "searches for hyperparameters"),
    (("save",), "saves what it learned"),
    (("export", "serve"), "exports or serves it"),
)
_MOST_STEPS = 5


def summary(title: str, files: Sequence[FileNotes], scope: Scope) -> str:
    """Return two sentences: what this is, and how it stands."""
    if not files:
        return f"`{title}` holds no code that imports a framework that is known here. There is nothing to review."
    roots = {root for notes in files for root in notes.frameworks}
    names = dict.fromkeys(name for root, name in _NAMES.items() if root in roots)
    libraries = _joined([*names]) if names else _joined(sorted(roots))
    topics = {topic for notes in files for topic in notes.topics}
    acts = [words for wanted, words in _ACTS if topics.intersection(wanted)]
    what = "a file" if scope is Scope.FILE else f"a project of {_counted(len(files), 'file')} with code"
    if scope is Scope.FILE and len(files) > 1:
        what = f"{len(files)} files with code"
    does = f"it {_joined(acts)}" if acts else "nothing in it trains, evaluates or keeps a model"
    return f"`{title}` is {what} for {libraries}: {does}. {_standing(files)}"


def _standing(files: Sequence[FileNotes]) -> str:
    counts = Counter(note.severity for notes in files for note in notes.findings)
    if not counts:
        return "No rule finds anything in it."
    total = sum(counts.values())
    parts = ", ".join(leveled(counts[level], level) for level in SEVERITIES if counts[level])
    return f"The rules find {_counted(total, 'thing')} in it ({parts})."


def leveled(number: int, level: str) -> str:
    """Return a number of findings of one severity in words."""
    return f"{number} info" if level == "info" else _counted(number, level)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _joined(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1] if words else ""


def next_steps(files: Sequence[FileNotes], missing: Sequence[tuple[Stage, str]]) -> tuple[str, ...]:
    """Return what to do first: the most severe findings, each rule once, then what is missing."""
    return (*_from_findings(files), *(f"decide on this: {text}" for _, text in missing))


def _from_findings(files: Sequence[FileNotes]) -> Iterator[str]:
    findings = sorted(
        (note for notes in files for note in notes.findings),
        key=lambda note: (SEVERITIES.index(note.severity), note.place.order, note.code),
    )
    codes = list(dict.fromkeys(note.code for note in findings))
    for code in codes[:_MOST_STEPS]:
        of_rule = [note for note in findings if note.code == code]
        more = f", and in {_counted(len(of_rule) - 1, 'other place')}" if len(of_rule) > 1 else ""
        yield f"{of_rule[0].place}{more}: {of_rule[0].message} (`ml-architect explain {code}`)"
