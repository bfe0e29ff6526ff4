"""A cross-validator gets a seed although it does not shuffle."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.rewrite import set_keyword
from ml_architect.rules.api import (
    Category,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Rule,
    Safety,
    Severity,
    Shown,
    StartingValue,
)
from ml_architect.syntax.nodes import Constant

_SPLITTERS = ("sklearn.model_selection.KFold", "sklearn.model_selection.StratifiedKFold")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``random_state`` without ``shuffle=True``."""
    for call in facts.calls_to(*_SPLITTERS, "sklearn.model_selection.StratifiedGroupKFold"):
        seed, shuffle = facts.passed(call, "random_state"), facts.passed(call, "shuffle")
        if not seed.given or seed.argument is None or not (shuffle.absent or _is_false(shuffle.value)):
            continue
        known = facts.known(seed.value, call)
        if known is not None and known.value is not None and not known.overridable:
            yield Finding(
                seed.argument,
                "a seed without `shuffle=True` raises: these folds are not random",
                fix=partial(_fix, facts, call),
            )


def _is_false(value: object) -> bool:
    return isinstance(value, Constant) and value.value is False


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    edit = set_keyword(facts, call, "shuffle", "True")
    return Fix("shuffle the rows", (edit,), Safety.SAFE) if edit else None


RULE = Rule(
    name="kfold-seed-without-shuffle",
    summary="a cross-validator gets `random_state` without `shuffle=True`",
    framework=Framework.SKLEARN,
    category=Category.REPRODUCIBILITY,
    severity=Severity.ERROR,
    why=(
        "Without `shuffle=True` the folds are consecutive blocks of rows and there is nothing to seed; scikit-learn raises `ValueError`. The seed says that random folds were meant."
    ),
    tradeoffs={Cost.GENERALISATION: "consecutive folds are wrong for rows that are sorted, and right for time series"},
    starting_values=(StartingValue("n_splits", "5", "5 to 10", "more folds train on more rows and cost more"),),
    references=(Reference("Cross-validation", "https://scikit-learn.org/stable/modules/cross_validation.html"),),
    fires=(
        Fires(
            """\
from sklearn.model_selection import KFold

folds = KFold(n_splits=5, random_state=0)
""",
            """\
from sklearn.model_selection import KFold

folds = KFold(n_splits=5, random_state=0, shuffle=True)
""",
        ),
        Fires(
            """\
from sklearn.model_selection import StratifiedKFold

SEED = 7
folds = StratifiedKFold(5, shuffle=False, random_state=SEED)
""",
            """\
from sklearn.model_selection import StratifiedKFold

SEED = 7
folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.model_selection import KFold

folds = KFold(n_splits=5, shuffle=True, random_state=0)
""",
            because="random folds that can be repeated",
        ),
        Quiet(
            """\
from sklearn.model_selection import KFold, RepeatedKFold

folds = KFold(n_splits=5, random_state=None)
repeated = RepeatedKFold(n_splits=5, random_state=0)
""",
            because="no seed is given, and repeated folds always shuffle",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the call raises as it stands",
    evidence=Shown("tests/evidence/test_kfold_seed_without_shuffle.py::test_random_state_without_shuffle_raises"),
    detect=detect,
)
