"""The parts of a split are bound to names in another order than they come in."""

from collections.abc import Iterator

from ml_architect.facts import ModuleFacts, dotted_name
from ml_architect.facts.halves import part_of_name, role_of_name
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
    Rule,
    Severity,
    Shown,
)

_SPLIT = "sklearn.model_selection.train_test_split"
_FOUR = 4
_ORDER = (("features", "train"), ("features", "test"), ("labels", "train"), ("labels", "test"))


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report four recognised names that stand in another order than features and labels, each train and test."""
    for split in facts.group(Splits).splits:
        if len(split.targets) != _FOUR or len(split.arrays) != _FOUR // 2:
            continue
        named = [(role_of_name(target.id), part_of_name(target.id)) for target in split.targets]
        if any(None in pair for pair in named) or len(set(named)) != _FOUR or tuple(named) == _ORDER:
            continue
        if role_of_name(dotted_name(split.arrays[0])) == "labels":
            continue
        wrong = next(t for t, pair, due in zip(split.targets, named, _ORDER, strict=True) if pair != due)
        yield Finding(
            wrong, f"the parts come as train and test of each array in turn, so `{wrong.id}` gets another part"
        )


RULE = Rule(
    name="split-unpacked-in-wrong-order",
    summary="the results of `train_test_split` are unpacked in the wrong order",
    framework=Framework.SKLEARN,
    category=Category.LEAKAGE,
    severity=Severity.ERROR,
    why=(
        "`train_test_split(X, y)` returns the training and test part of the first array, then those of the second: `X_train, X_test, y_train, y_test`. In another order labels "
        "and features change places: `fit` raises where the lengths differ, and with equal halves it learns nonsense silently."
    ),
    tradeoffs={Cost.MAINTENANCE: "the usual order is what every reader expects"},
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
    X_train, y_train, X_test, y_test = train_test_split(X, y, random_state=0)
    return X_train, y_train, X_test, y_test
""",
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    return X_train, y_train, X_test, y_test
""",
        ),
        Fires(
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    X_test, X_train, y_test, y_train = train_test_split(X, y, test_size=0.2, random_state=0)
    return X_train, y_train, X_test, y_test
""",
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
    return X_train, y_train, X_test, y_test
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    return X_train, y_train, X_test, y_test
""",
            because="the order in which the parts come",
        ),
        Quiet(
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    y_train, y_test, X_train, X_test = train_test_split(y, X, random_state=0)
    return X_train, y_train, X_test, y_test
""",
            because="the labels go in first and come out first",
        ),
        Quiet(
            """\
from sklearn.model_selection import train_test_split

def divide(X, y):
    a, b, c, d = train_test_split(X, y, random_state=0)
    return a, c, b, d
""",
            because="these names say nothing",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        rewrites={f"$a, $b, $c, $d = {_SPLIT}($*arrays)": f"{_SPLIT}($*arrays)"},
        advice="Write the names in the order in which `train_test_split` returns the parts; change nothing on the right side.",
    ),
    evidence=Shown(
        "tests/evidence/test_split_unpacked_in_wrong_order.py::test_wrong_order_binds_test_features_to_the_training_labels"
    ),
    detect=detect,
)
