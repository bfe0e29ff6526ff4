"""Rows are drawn again before the split, so copies land on both sides."""

from collections.abc import Iterator

from ml_architect.facts import ModuleFacts
from ml_architect.facts.splits import Splits
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a resampler, or drawing with replacement, whose result is divided later."""
    for step in facts.group(Splits).early_steps:
        if step.what in {"resample", "draw"}:
            yield Finding(
                step.call.node,
                f"rows are resampled before the {step.division.kind}, so the test part is neither separate nor as data will come",
                related=(Related(step.division.call.node, "rows are divided only here"),),
                severity=Severity.WARNING if step.estimator and step.estimator.has("undersampler") else None,
            )


RULE = Rule(
    name="resampling-before-split",
    summary="rows are over-sampled before they are split",
    framework=Framework.SKLEARN,
    category=Category.LEAKAGE,
    severity=Severity.ERROR,
    why=(
        "Over-sampling copies rows, or makes new ones between neighbours. Done before the split, copies of one row lie in the training and in the test part: the model has seen its "
        "test rows, and the score rises for nothing. Resample the training part only, or put the resampler into an imbalanced-learn pipeline."
    ),
    tradeoffs={
        Cost.GENERALISATION: "the test part keeps the class balance of the real world and shares no row with training",
        Cost.COMPUTE: "class weights often do the same without more rows",
    },
    references=(
        Reference("Common pitfalls of imbalanced-learn", "https://imbalanced-learn.org/stable/common_pitfalls.html"),
        Reference("Common pitfalls: data leakage", "https://scikit-learn.org/stable/common_pitfalls.html#data-leakage"),
    ),
    fires=(
        Fires(
            """\
from imblearn.over_sampling import RandomOverSampler
from sklearn.model_selection import train_test_split

def divide(X, y):
    X, y = RandomOverSampler(random_state=0).fit_resample(X, y)
    return train_test_split(X, y, random_state=0)
""",
            """\
from imblearn.over_sampling import RandomOverSampler
from sklearn.model_selection import train_test_split

def divide(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    X_train, y_train = RandomOverSampler(random_state=0).fit_resample(X_train, y_train)
    return X_train, X_test, y_train, y_test
""",
        ),
        Fires(
            """\
from imblearn.over_sampling import SMOTE
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

def evaluate(X, y):
    X_more, y_more = SMOTE().fit_resample(X, y)
    return cross_val_score(LogisticRegression(), X_more, y_more)
""",
            """\
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

def evaluate(X, y):
    return cross_val_score(make_pipeline(SMOTE(), LogisticRegression()), X, y)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from imblearn.over_sampling import RandomOverSampler
from sklearn.model_selection import train_test_split

def divide(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    X_train, y_train = RandomOverSampler(random_state=0).fit_resample(X_train, y_train)
    return X_train, X_test, y_train, y_test
""",
            because="only training rows are multiplied",
        ),
        Quiet(
            """\
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

def evaluate(X, y):
    return cross_val_score(make_pipeline(SMOTE(), LogisticRegression()), X, y)
""",
            because="the pipeline resamples the training rows of each fold",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        imports=("imblearn.pipeline.make_pipeline",),
        calls=("imblearn.pipeline.make_pipeline", "sklearn.model_selection.train_test_split", ".fit_resample"),
        may_remove_finding=True,
        structural=True,
        advice=(
            "Split first and resample the training rows only; for cross-validation put the resampler and the model into "
            "`imblearn.pipeline.make_pipeline`. Keep every argument."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_resampling_before_split.py::test_oversampling_before_the_split_puts_copies_on_both_sides"
    ),
    detect=detect,
)
