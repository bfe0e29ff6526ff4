"""ReduceLROnPlateau waits for the wrong direction."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import ModuleFacts, dotted_name, words
from ml_architect.facts.schedulers import Scheduler, Schedulers
from ml_architect.rewrite import set_keyword
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Attribute, Call, Expression

_HIGHER = frozenset(
    {"acc", "accuracy", "f1", "auc", "auroc", "iou", "miou", "dice", "map", "precision", "recall", "r2", "bleu"}
)
_LOWER = frozenset({"loss", "losses", "error", "err", "rmse", "mse", "mae", "perplexity", "ppl", "wer", "cer", "nll"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a plateau scheduler whose mode contradicts the name of the metric that it is stepped with."""
    for scheduler in facts.group(Schedulers).all:
        if not scheduler.plateau or not scheduler.steps:
            continue
        mode = _mode(facts, scheduler)
        wanted = {_direction(step.node.arguments[0].value) for step in scheduler.steps if step.node.arguments}
        if mode is None or len(wanted) != 1 or wanted & {None, mode}:
            continue
        step = scheduler.steps[0]
        metric = facts.text(step.node.arguments[0].value)
        better = wanted.pop()
        yield Finding(
            scheduler.call.node,
            f'mode "{mode}" takes every improvement of `{metric}` for a plateau; it needs "{better}"',
            related=(Related(step.node, f"stepped with `{metric}` here"),),
            fix=partial(_fix, facts, scheduler, better or "max"),
        )


def _mode(facts: ModuleFacts, scheduler: Scheduler) -> str | None:
    passed = facts.passed(scheduler.call, "mode", 1)
    if passed.absent:
        return "min"
    known = facts.known(passed.value, scheduler.call) if passed.given else None
    return known.value if known is not None and isinstance(known.value, str) and not known.overridable else None


def _direction(value: Expression) -> str | None:
    """Return the direction in which a metric improves, by whole words of its name; None where they disagree."""
    while isinstance(value, Call) and isinstance(value.func, Attribute) and not value.arguments:
        value = value.func.value
    name = dotted_name(value)
    if name is None:
        return None
    higher, lower = words(name) & _HIGHER, words(name) & _LOWER
    if bool(higher) == bool(lower):
        return None
    return "max" if higher else "min"


def _fix(facts: ModuleFacts, scheduler: Scheduler, mode: str) -> Fix | None:
    passed = facts.passed(scheduler.call, "mode", 1)
    if passed.argument is not None and passed.argument.keyword is None:
        return None
    edit = set_keyword(facts, scheduler.call, "mode", f'"{mode}"')
    return Fix(f'set `mode="{mode}"`', (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="plateau-mode-mismatch",
    summary="`ReduceLROnPlateau` waits for a metric to move in the wrong direction",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.ERROR,
    why=(
        '`ReduceLROnPlateau` has `mode="min"` by default: it lowers the rate when the metric has not become smaller for `patience` '
        "epochs. An accuracy that rises looks like a plateau from the first epoch on, so the rate is cut again and again while the model "
        "improves, and training dies early."
    ),
    tradeoffs={Cost.STABILITY: "the rate is cut when progress stops, not while it lasts"},
    references=(
        Reference(
            "torch.optim.lr_scheduler.ReduceLROnPlateau",
            "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def fit(model, train, evaluate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = ReduceLROnPlateau(optimizer, patience=3)
    for epoch in range(30):
        train(model, optimizer)
        val_accuracy = evaluate(model)
        scheduler.step(val_accuracy)
""",
            """\
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def fit(model, train, evaluate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = ReduceLROnPlateau(optimizer, patience=3, mode="max")
    for epoch in range(30):
        train(model, optimizer)
        val_accuracy = evaluate(model)
        scheduler.step(val_accuracy)
""",
        ),
        Fires(
            """\
import torch

class Trainer:
    def __init__(self, model):
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimizer, mode="max", factor=0.5)

    def finish_epoch(self, val_loss):
        self.scheduler.step(val_loss)
""",
            """\
import torch

class Trainer:
    def __init__(self, model):
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimizer, mode="min", factor=0.5)

    def finish_epoch(self, val_loss):
        self.scheduler.step(val_loss)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def fit(model, train, evaluate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = ReduceLROnPlateau(optimizer, "max", patience=3)
    for epoch in range(30):
        train(model, optimizer)
        val_accuracy = evaluate(model)
        scheduler.step(val_accuracy)
""",
            because="the mode fits the metric",
        ),
        Quiet(
            """\
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def fit(model, train, evaluate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = ReduceLROnPlateau(optimizer, patience=3)
    for epoch in range(30):
        train(model, optimizer)
        score = evaluate(model)
        scheduler.step(score)
        scheduler.step(1.0 - evaluate(model))
""",
            because="nothing says in which direction these improve",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the learning rate is reduced at other times",
    architect=Allowance(
        keywords={"torch.optim.lr_scheduler.ReduceLROnPlateau:mode": Choice(("'min'", "'max'"))},
        strings=("min", "max"),
        advice="Set `mode` to the direction in which the metric that `step` gets becomes better.",
    ),
    evidence=Shown(
        "tests/evidence/test_plateau_mode_mismatch.py::test_learning_rate_collapses_while_accuracy_improves"
    ),
    detect=detect,
)
