"""Features are chosen by the labels of all rows, before the rows are divided."""

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
    """Report a transformer that was fitted with the labels of all rows before a split or a cross-validation."""
    for step in facts.group(Splits).early_steps:
        if step.nature == "supervised" and step.what not in {"resample", "draw"}:
            yield Finding(
                step.call.node,
                f"`{step.name}` sees the labels of all rows, the later {step.division.kind} cannot undo that",
                related=(Related(step.division.call.node, "rows are divided only here"),),
            )


RULE = Rule(
    name="supervised-selection-before-split",
    summary="features are selected with the labels of all rows before the split",
    framework=Framework.SKLEARN,
    category=Category.LEAKAGE,
    severity=Severity.ERROR,
    why=(
        "A selector that sees the labels of the test rows keeps the features that happen to agree with them. The test score then measures how well the "
        "selection memorised: with many features even random labels are predicted far above chance. Put the selector into a `Pipeline`, so that it is fitted on training rows only."
    ),
    tradeoffs={
        Cost.GENERALISATION: "the score says what to expect on new data",
        Cost.COMPUTE: "in cross-validation the selection runs once for each fold",
    },
    references=(
        Reference("Common pitfalls: data leakage", "https://scikit-learn.org/stable/common_pitfalls.html#data-leakage"),
    ),
    fires=(
        Fires(
            """\
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

def evaluate(X, y):
    X = SelectKBest(k=20).fit_transform(X, y)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    return LogisticRegression().fit(X_train, y_train).score(X_test, y_test)
""",
            """\
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

def evaluate(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = make_pipeline(SelectKBest(k=20), LogisticRegression())
    return model.fit(X_train, y_train).score(X_test, y_test)
""",
        ),
        Fires(
            """\
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

def evaluate(X, y):
    selector = SelectKBest(k=20)
    chosen = selector.fit_transform(X, y)
    return cross_val_score(LogisticRegression(), chosen, y, cv=5)
""",
            """\
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

def evaluate(X, y):
    selector = SelectKBest(k=20)
    return cross_val_score(make_pipeline(selector, LogisticRegression()), X, y, cv=5)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

def evaluate(X, y):
    return cross_val_score(make_pipeline(SelectKBest(k=20), LogisticRegression()), X, y, cv=5)
""",
            because="the pipeline fits the selector on the training rows of each fold",
        ),
        Quiet(
            """\
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

def evaluate(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    selector = SelectKBest(k=20).fit(X_train, y_train)
    model = LogisticRegression().fit(selector.transform(X_train), y_train)
    return model.score(selector.transform(X_test), y_test)
""",
            because="fitted on the training rows",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        imports=("sklearn.pipeline.make_pipeline",),
        calls=("sklearn.pipeline.make_pipeline", ".fit", ".fit_transform", ".transform"),
        may_remove_finding=True,
        structural=True,
        advice=(
            "Split first and fit the selector on the training rows only; for cross-validation put the selector and the model into a pipeline. "
            "Keep every argument."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_supervised_selection_before_split.py::test_selection_before_cross_validation_predicts_random_labels"
    ),
    detect=detect,
)
