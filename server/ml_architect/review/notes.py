"""What one analysed document says, as a value without its analysis."""

import re
from collections.abc import Iterator

from ml_architect.engine import Analysis
from ml_architect.engine.frameworks import FRAMEWORKS
from ml_architect.facts import ModuleFacts
from ml_architect.review.marks import classes_of, marks_of
from ml_architect.review.reader import Reader
from ml_architect.review.stages import architecture, data, evaluation, features, persistence, training, tuning
from ml_architect.review.values import FileNotes, FindingNote, Open, Place, Stage, Statement, Version
from ml_architect.rules import rule_named
from ml_architect.rules.api import Category
from ml_architect.syntax.nodes import Comparison, If, Name

__all__ = ["STAGE_OF", "notes_of"]

_EXTRACTORS = (data, features, architecture, training, evaluation, tuning, persistence)
STAGE_OF = {
    Category.DATA_LOADING: Stage.DATA,
    Category.LEAKAGE: Stage.DATA,
    Category.MODEL: Stage.ARCHITECTURE,
    Category.LOSS: Stage.TRAINING,
    Category.OPTIMIZER: Stage.TRAINING,
    Category.TRAINING_LOOP: Stage.TRAINING,
    Category.DEVICE: Stage.TRAINING,
    Category.PRECISION: Stage.TRAINING,
    Category.DISTRIBUTED: Stage.TRAINING,
    Category.REPRODUCIBILITY: Stage.TRAINING,
    Category.HYPERPARAMETER: Stage.TUNING,
    Category.EVALUATION: Stage.EVALUATION,
    Category.CHECKPOINT: Stage.PERSISTENCE,
    Category.SECURITY: Stage.PERSISTENCE,
    Category.UPGRADE: Stage.PERSISTENCE,
}
"""The stage that the findings of each category belong to."""

_HINTS = {
    "evaluation": r"eval|valid|test|metric|accura|score|predict|infer",
    "split": r"split|valid|test|fold|hold.?out|eval",
    "seed": r"seed|random_state|determin|manual_generator",
    "save": r"save|dump|checkpoint|ckpt|export|persist|pickle|\.h5|\.pt\b|\.pth|push_to",
    "scheduler": r"sched|warm.?up|decay|param_groups|anneal|adjust|plateau|cosine|lr_|cycl",
    "log": r"log|wandb|tensorboard|mlflow|writer|track|comet|neptune|report",
    "search": r"search|optuna|sweep|tune|tuning|grid|trial|hyperopt",
    "missing-values": r"isna|isnull|notna|notnull|dropna|fillna|imput|missing|nan\b|interpolate",
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _HINTS.items()}
"""Words that put an absence in doubt. They are searched in the whole text, comments included: to find one too many
makes a review say less, and never something wrong."""


def notes_of(analysis: Analysis, path: str) -> FileNotes:
    """Return what the document of `analysis` says; `path` is how it is called in the review. Pure, never raises."""
    text = analysis.source.text
    hints = frozenset(name for name, pattern in _PATTERNS.items() if pattern.search(text))
    if analysis.facts is None or analysis.module is None:
        return FileNotes(path, hints=hints, relevant=False)
    facts = analysis.facts
    reader = Reader(analysis, facts, analysis.module, path)
    statements = tuple(_merged(statement for part in _EXTRACTORS for statement in part.statements(reader)))
    frameworks = facts.imported_roots & frozenset(FRAMEWORKS)
    return FileNotes(
        path,
        statements=statements,
        findings=tuple(_findings(analysis, path)),
        opens=tuple(dict.fromkeys((*reader.opens, *_unread(analysis, path)))),
        classes=classes_of(facts),
        hints=hints,
        marks=marks_of(facts),
        frameworks=frameworks,
        versions=tuple(_versions(analysis, frameworks)),
        whole=not analysis.problems,
        is_test=facts.is_test,
        runs=_runs(facts),
    )


def _merged(statements: Iterator[Statement]) -> Iterator[Statement]:
    """Yield each statement once, with all its places."""
    found: dict[tuple[Stage, str, str], dict[Place, None]] = {}
    for item in statements:
        found.setdefault((item.stage, item.topic, item.text), {}).update(dict.fromkeys(item.places))
    for (stage, topic, text), places in found.items():
        yield Statement(stage, topic, text, tuple(sorted(places, key=lambda place: place.order)))


def _findings(analysis: Analysis, path: str) -> Iterator[FindingNote]:
    for item in analysis.diagnostics:
        rule = rule_named(item.code)
        if rule is not None:
            place = _place(analysis, path, item.span.start)
            yield FindingNote(STAGE_OF[rule.category], item.code, item.message, item.severity.value, place)


def _unread(analysis: Analysis, path: str) -> Iterator[Open]:
    for problem in analysis.problems:
        yield Open(
            Stage.DATA,
            "a statement is not valid Python, so nothing in it is known",
            _place(analysis, path, problem.start),
        )


def _place(analysis: Analysis, path: str, offset: int) -> Place:
    part = analysis.source.part(offset)
    return Place(path, part.source.location(max(0, offset - part.start)).row, part.number)


def _versions(analysis: Analysis, frameworks: frozenset[str]) -> Iterator[Version]:
    for library in sorted(frameworks):
        known = analysis.environment.version(library)
        if known is None:
            yield Version(library, "", "")
            continue
        low = f">={known.minimum}" if known.minimum else ""
        high = f"<{known.maximum}" if known.maximum else ""
        yield Version(library, known.exact or ",".join(part for part in (low, high) if part), known.origin)


def _runs(facts: ModuleFacts) -> bool:
    """Return whether the file has an ``if __name__ == "__main__"`` block."""
    for site in facts.statements(If):
        test = site.statement.test if isinstance(site.statement, If) else None
        if isinstance(test, Comparison) and isinstance(test.left, Name) and test.left.id == "__name__":
            return True
    return False
