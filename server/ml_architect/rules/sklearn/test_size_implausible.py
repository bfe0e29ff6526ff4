"""A test part that leaves hardly anything to train on."""

from collections.abc import Iterator

from ml_architect.facts import ModuleFacts
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

_LARGE = 0.5


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a fraction of one or more, or of more than a half."""
    for call in facts.calls_to("sklearn.model_selection.train_test_split"):
        passed = facts.passed(call, "test_size")
        known = facts.known(passed.value, call) if passed.given else None
        if known is None or known.overridable or not isinstance(known.value, float) or passed.value is None:
            continue
        if known.value >= 1.0:
            yield Finding(passed.value, f"a fraction of {known.value:g} raises; an int would be a number of rows")
        elif known.value > _LARGE:
            yield Finding(
                passed.value,
                f"{known.value:.0%} of the rows are held out, which leaves {1 - known.value:.0%} for training",
                severity=Severity.INFO,
            )


RULE = Rule(
    name="test-size-implausible",
    summary="a split holds out more than half of the rows, or a fraction of one and more",
    framework=Framework.SKLEARN,
    category=Category.HYPERPARAMETER,
    severity=Severity.ERROR,
    why=(
        "`test_size` as a float is the fraction that is held out. One or more raises; more than a half mostly is the training fraction by mistake (`test_size=0.8`), and the model "
        "learns from a fifth of the data."
    ),
    tradeoffs={Cost.GENERALISATION: "more rows train the model, fewer rows make the score noisier"},
    starting_values=(
        StartingValue(
            "test_size", "0.2", "0.1 to 0.3", "smaller for large data; use cross-validation where rows are few"
        ),
    ),
    references=(
        Reference(
            "train_test_split",
            "https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.train_test_split.html",
        ),
    ),
    fires=(
        Fires(
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    return train_test_split(X, y, test_size=20.0, random_state=0)
"""
        ),
        Fires(
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    return train_test_split(X, y, test_size=0.8, random_state=0)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    return train_test_split(X, y, test_size=0.2, random_state=0)
""",
            because="a fifth is held out",
        ),
        Quiet(
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    return train_test_split(X, y, test_size=2000, train_size=0.8)
""",
            because="an int is a number of rows",
        ),
    ),
    fix=FixKind.NONE,
    evidence=Shown("tests/evidence/test_test_size_implausible.py::test_fraction_of_one_or_more_raises"),
    detect=detect,
)
