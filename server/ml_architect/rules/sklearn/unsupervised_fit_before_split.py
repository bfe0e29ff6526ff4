"""A scaler or imputer learns from all rows, before the rows are divided."""

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
    """Report a transformer that was fitted without labels on all rows before a split or a cross-validation."""
    for step in facts.group(Splits).early_steps:
        if step.nature == "unsupervised" and step.what not in {"resample", "draw"}:
            yield Finding(
                step.call.node,
                f"`{step.name}` learns from all rows, those of the later {step.division.kind} included",
                related=(Related(step.division.call.node, "rows are divided only here"),),
            )


RULE = Rule(
    name="unsupervised-fit-before-split",
    summary="a scaler, imputer or decomposition is fitted on all rows before the split",
    framework=Framework.SKLEARN,
    category=Category.LEAKAGE,
    severity=Severity.INFO,
    why=(
        "Statistics of the test rows enter the training data through the fitted transformer. Without labels the effect on the score is mostly small, and large where rows are "
        "few or the imputation is strong. Fitting on the training rows only (a `Pipeline` does it) costs nothing and keeps the question from arising."
    ),
    tradeoffs={
        Cost.GENERALISATION: "the score cannot be questioned; mostly it hardly moves",
        Cost.MAINTENANCE: "a `Pipeline` is also what has to be saved and deployed",
    },
    references=(
        Reference("Common pitfalls: data leakage", "https://scikit-learn.org/stable/common_pitfalls.html#data-leakage"),
    ),
    fires=(
        Fires(
            """\
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

def divide(X, y):
    X = StandardScaler().fit_transform(X)
    return train_test_split(X, y, random_state=0)
""",
            """\
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

def divide(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test), y_train, y_test
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

def divide(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test), y_train, y_test
""",
            because="fitted on the training rows",
        ),
        Quiet(
            """\
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder

def divide(X, labels):
    y = LabelEncoder().fit_transform(labels)
    return train_test_split(X, y, random_state=0)
""",
            because="numbering the classes of the target takes nothing from the features",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        imports=("sklearn.pipeline.make_pipeline",),
        calls=("sklearn.pipeline.make_pipeline", ".fit", ".fit_transform", ".transform"),
        may_remove_finding=True,
        structural=True,
        advice=(
            "Split first and fit the transformer on the training rows only; for cross-validation put the transformer and the model into a "
            "pipeline. Keep every argument."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_unsupervised_fit_before_split.py::test_scaler_fitted_before_the_split_carries_test_rows_into_training"
    ),
    detect=detect,
)
