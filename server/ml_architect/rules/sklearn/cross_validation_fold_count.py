"""Cross-validation with fewer than two folds."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.rules.api import (
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Rule,
    Severity,
    Shown,
    StartingValue,
)

_SEARCHES = (
    "sklearn.model_selection.cross_val_score",
    "sklearn.model_selection.cross_validate",
    "sklearn.model_selection.cross_val_predict",
    "sklearn.model_selection.GridSearchCV",
    "sklearn.model_selection.RandomizedSearchCV",
)
_LEAST = 2


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``n_splits`` or ``cv`` below two."""
    pairs = [(call, "n_splits") for call in facts.calls_of(Kind.CROSS_VALIDATOR) if _has_folds(facts, call)]
    pairs += [(call, "cv") for call in facts.calls_to(*_SEARCHES)]
    for call, parameter in pairs:
        passed = facts.passed(call, parameter)
        known = facts.known(passed.value, call) if passed.given else None
        number = known.number() if known is not None and not known.overridable else None
        if number is not None and number < _LEAST and passed.value is not None:
            yield Finding(passed.value, f"{number:g} folds raise: cross-validation needs at least two")


def _has_folds(facts: ModuleFacts, call: CallSite) -> bool:
    return (facts.call_name(call) or "").endswith("KFold")


RULE = Rule(
    name="cross-validation-fold-count",
    summary="cross-validation with fewer than two folds",
    framework=Framework.SKLEARN,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        "Each fold is tested on by a model that was trained on the others, so there have to be at least two. One fold raises `ValueError`; for a single division use `train_test_split` or "
        "`ShuffleSplit(n_splits=1)`."
    ),
    tradeoffs={Cost.COMPUTE: "each fold trains one model"},
    starting_values=(StartingValue("n_splits", "5", "3 to 10", "fewer for large data, more for small"),),
    references=(Reference("Cross-validation", "https://scikit-learn.org/stable/modules/cross_validation.html"),),
    fires=(
        Fires(
            """\
from sklearn.model_selection import KFold

folds = KFold(n_splits=1)
"""
        ),
        Fires(
            """\
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=1)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.model_selection import KFold, ShuffleSplit

folds = KFold(n_splits=2)
single = ShuffleSplit(n_splits=1, test_size=0.2)
""",
            because="two folds are enough, and this splitter may be used once",
        ),
        Quiet(
            """\
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

def search(folds):
    return GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=folds)
""",
            because="the caller decides",
        ),
    ),
    fix=FixKind.NONE,
    evidence=Shown("tests/evidence/test_cross_validation_fold_count.py::test_fewer_than_two_folds_raise"),
    detect=detect,
)
