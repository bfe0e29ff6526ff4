"""Features and labels are shuffled one after the other, each in its own order."""

from collections.abc import Iterator
from itertools import pairwise

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, ModuleFacts, dotted_name
from ml_architect.facts.halves import part_of_name, role_of_name
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

_SHUFFLES = ("numpy.random.shuffle", "random.shuffle")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report two in-place shuffles in one block, of features and of labels, with no seed set between them."""
    calls = sorted(facts.calls_to(*_SHUFFLES), key=lambda call: call.site.order)
    for first, second in pairwise(calls):
        if first.site.block is not second.site.block or _is_seeded_between(facts, first, second):
            continue
        one, two = _name(first), _name(second)
        if one is None or two is None or one == two or part_of_name(one) != part_of_name(two):
            continue
        if {role_of_name(one), role_of_name(two)} == {"features", "labels"}:
            yield Finding(
                second.node,
                f"`{two}` is shuffled in another order than `{one}`, so rows and labels no longer belong together",
                related=(Related(first.node, f"`{one}` is shuffled here"),),
            )


def _name(call: CallSite) -> str | None:
    return dotted_name(call.node.arguments[0].value) if call.node.arguments else None


def _is_seeded_between(facts: ModuleFacts, first: CallSite, second: CallSite) -> bool:
    restored = facts.calls_to("numpy.random.set_state", "random.setstate")
    seeds = [*facts.calls_of(Kind.SEED), *restored]
    return any(first.site.order < call.site.order < second.site.order for call in seeds)


RULE = Rule(
    name="features-and-labels-shuffled-separately",
    summary="features and labels are shuffled by two calls, each in its own order",
    framework=Framework.SKLEARN,
    category=Category.DATA_LOADING,
    severity=Severity.ERROR,
    why=(
        "Each call of `shuffle` draws its own order. Afterwards row i of the features belongs to another sample than label i: the model is trained on random labels and learns "
        "nothing but the class frequencies. Shuffle an index once and apply it to both, or use `sklearn.utils.shuffle(X, y)`."
    ),
    tradeoffs={Cost.MEMORY: "an index permutation makes one copy of each array; shuffling in place makes none"},
    references=(
        Reference(
            "sklearn.utils.shuffle", "https://scikit-learn.org/stable/modules/generated/sklearn.utils.shuffle.html"
        ),
        Reference(
            "numpy.random.permutation",
            "https://numpy.org/doc/stable/reference/random/generated/numpy.random.permutation.html",
        ),
    ),
    fires=(
        Fires(
            """\
import numpy as np
from sklearn.linear_model import LogisticRegression

def train(X_train, y_train):
    np.random.shuffle(X_train)
    np.random.shuffle(y_train)
    return LogisticRegression().fit(X_train, y_train)
""",
            """\
import numpy as np
from sklearn.linear_model import LogisticRegression

def train(X_train, y_train):
    order = np.random.permutation(len(X_train))
    X_train, y_train = X_train[order], y_train[order]
    return LogisticRegression().fit(X_train, y_train)
""",
        ),
        Fires(
            """\
import random
import torch

def load(features, labels):
    random.shuffle(features)
    random.shuffle(labels)
    return torch.tensor(features), torch.tensor(labels)
""",
            """\
import random
import torch

def load(features, labels):
    pairs = list(zip(features, labels))
    random.shuffle(pairs)
    features, labels = zip(*pairs)
    return torch.tensor(features), torch.tensor(labels)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import numpy as np
from sklearn.linear_model import LogisticRegression

def train(X_train, y_train):
    order = np.random.permutation(len(X_train))
    return LogisticRegression().fit(X_train[order], y_train[order])
""",
            because="one order for both",
        ),
        Quiet(
            """\
import numpy as np
from sklearn.linear_model import LogisticRegression

def train(X_train, y_train):
    np.random.seed(0)
    np.random.shuffle(X_train)
    np.random.seed(0)
    np.random.shuffle(y_train)
    return LogisticRegression().fit(X_train, y_train)
""",
            because="the same seed gives the same order twice",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        rewrites={
            "$order = numpy.random.permutation(len($x))\n$x, $y = $x[$order], $y[$order]": (
                "numpy.random.shuffle($x)\nnumpy.random.shuffle($y)"
            ),
            "$x, $y = sklearn.utils.shuffle($x, $y)": "numpy.random.shuffle($x)\nnumpy.random.shuffle($y)",
            "$pairs = list(zip($x, $y))\nrandom.shuffle($pairs)\n$x, $y = zip(*$pairs)": (
                "random.shuffle($x)\nrandom.shuffle($y)"
            ),
        },
        imports=("sklearn.utils.shuffle",),
        may_remove_finding=True,
        advice="Draw one order for both, and use the generator that draws now, so that the seed keeps its effect.",
    ),
    evidence=Shown(
        "tests/evidence/test_features_and_labels_shuffled_separately.py::test_two_shuffles_break_the_pairs_of_rows_and_labels"
    ),
    detect=detect,
)
