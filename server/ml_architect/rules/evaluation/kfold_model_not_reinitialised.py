"""Every fold goes on training the model of the fold before."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import MODULES, Answer, EventKind, ModuleFacts, Site
from ml_architect.facts.optimizers import Optimizers
from ml_architect.facts.origins import At
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
from ml_architect.syntax.nodes import Call, Expression, For, Node

_RESETS = ("load_state_dict", "set_weights", "load_weights", "apply", "reset_parameters", "reset", "build")
_CLONES = ("copy.deepcopy", "keras.models.clone_model", "sklearn.base.clone")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a model that is trained in a loop over folds and was made before it."""
    for site in facts.statements(For):
        if not _goes_over_folds(facts, site) or _starts_over(facts, site):
            continue
        trained = _trained_model(facts, site)
        if trained is None:
            continue
        model, made = trained
        yield Finding(
            model,
            f"`{facts.text(model)}` is made once, so later folds validate on samples that it was trained on before",
            related=(Related(made, "made here, before the folds"), Related(site.statement, "the folds")),
        )


def _goes_over_folds(facts: ModuleFacts, site: Site) -> bool:
    assert isinstance(site.statement, For)  # noqa: S101 - asked for
    for item in facts.iterated(site.statement.iterable, site):
        call = facts.call_at(item.node)
        if call is None or call.method != "split" or call.receiver is None:
            continue
        if facts.is_kind(call.receiver, call, Kind.CROSS_VALIDATOR) is Answer.YES:
            return True
    return False


def _starts_over(facts: ModuleFacts, loop: Site) -> bool:
    """Whether something in the loop may bring the first weights back."""
    calls = [*facts.method_calls(*_RESETS), *facts.calls_to(*_CLONES)]
    return any(call.site.inside(loop) for call in calls)


def _trained_model(facts: ModuleFacts, loop: Site) -> tuple[Expression, Node] | None:
    """Return a model that is trained in the loop, and the call before the loop that made it."""
    for fit in facts.method_calls("fit"):
        if not fit.site.inside(loop) or fit.receiver is None:
            continue
        made = _made_before(facts, fit.receiver, fit, loop)
        if made is not None and facts.is_kind(fit.receiver, fit, Kind.KERAS_MODEL) is Answer.YES:
            return fit.receiver, made
    stream = [event for event in facts.events(loop.function) if event.inside(loop)]
    for event in stream:
        if event.kind not in {EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP} or event.target is None:
            continue
        models = facts.group(Optimizers).models(event.target, event.call or event.site, event.frame)
        for model, at in models:
            if facts.is_kind(model, at, *MODULES) is Answer.YES:
                made = _made_before(facts, model, at, loop)
                if made is not None:
                    return model, made
    return None


def _made_before(facts: ModuleFacts, model: Expression, at: At, loop: Site) -> Call | None:
    call = facts.construction(model, at)
    if call is None or call.site.inside(loop) or call.scope.function is not loop.function:
        return None
    return call.node if call.site.order < loop.order else None


RULE = Rule(
    name="kfold-model-not-reinitialised",
    summary="cross-validation trains one and the same model in all folds",
    framework=Framework.ANY,
    category=Category.LEAKAGE,
    severity=Severity.ERROR,
    why=(
        "Each fold has to train a model of its own. A network that was made before the loop keeps its weights from fold to fold: from the second fold on it is "
        "validated on samples that it has already been trained on, and even random labels are 'predicted' far above chance.\n\n"
        "Estimators of scikit-learn start over in `fit` and are fine."
    ),
    tradeoffs={
        Cost.GENERALISATION: "the score says what to expect on new data",
        Cost.COMPUTE: "every fold trains from scratch, which is the price of cross-validation",
    },
    references=(Reference("Cross-validation", "https://scikit-learn.org/stable/modules/cross_validation.html"),),
    fires=(
        Fires(
            """\
import torch
from sklearn.model_selection import KFold
from torch import nn

def validate(x, y, criterion, score):
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    scores = []
    for train, test in KFold(5).split(x):
        for epoch in range(20):
            optimizer.zero_grad()
            criterion(model(x[train]), y[train]).backward()
            optimizer.step()
        scores.append(score(model, x[test], y[test]))
    return scores
""",
            """\
import torch
from sklearn.model_selection import KFold
from torch import nn

def validate(x, y, criterion, score):
    scores = []
    for train, test in KFold(5).split(x):
        model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
        for epoch in range(20):
            optimizer.zero_grad()
            criterion(model(x[train]), y[train]).backward()
            optimizer.step()
        scores.append(score(model, x[test], y[test]))
    return scores
""",
        ),
        Fires(
            """\
import keras
from sklearn.model_selection import StratifiedKFold

def validate(x, y):
    model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    scores = []
    for number, (train, test) in enumerate(folds.split(x, y)):
        model.fit(x[train], y[train], epochs=5)
        scores.append(model.evaluate(x[test], y[test]))
    return scores
""",
            """\
import keras
from sklearn.model_selection import StratifiedKFold

def validate(x, y):
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    scores = []
    for number, (train, test) in enumerate(folds.split(x, y)):
        model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.fit(x[train], y[train], epochs=5)
        scores.append(model.evaluate(x[test], y[test]))
    return scores
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from sklearn.model_selection import KFold
from torch import nn

def validate(x, y, criterion, score):
    scores = []
    for train, test in KFold(5).split(x):
        model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
        for epoch in range(20):
            optimizer.zero_grad()
            criterion(model(x[train]), y[train]).backward()
            optimizer.step()
        scores.append(score(model, x[test], y[test]))
    return scores
""",
            because="each fold has its own model",
        ),
        Quiet(
            """\
import keras
from sklearn.model_selection import KFold

def validate(x, y):
    model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    first = model.get_weights()
    for train, test in KFold(5).split(x):
        model.set_weights(first)
        model.fit(x[train], y[train])
        print(model.evaluate(x[test], y[test]))
""",
            because="the first weights are restored in each fold",
        ),
        Quiet(
            """\
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

def validate(x, y):
    model = LogisticRegression()
    for train, test in KFold(5).split(x):
        model.fit(x[train], y[train])
        print(model.score(x[test], y[test]))
""",
            because="estimators start over in `fit`",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        structural=True,
        advice=(
            "Make the model, and with it the optimizer (or the compilation), at the start of each fold. Move these lines as "
            "they are, and nothing else."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_kfold_model_not_reinitialised.py::test_random_labels_are_validated_far_above_chance"
    ),
    detect=detect,
)
