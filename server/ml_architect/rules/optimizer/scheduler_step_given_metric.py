"""A scheduler that counts epochs is given a metric."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts, dotted_name, speaks_of
from ml_architect.facts.schedulers import Schedulers
from ml_architect.rewrite import remove_argument
from ml_architect.rules.api import (
    Allowance,
    Category,
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

_METRIC = frozenset(
    {"loss", "losses", "acc", "accuracy", "metric", "metrics", "auc", "f1", "iou", "dice", "map", "score", "mse", "mae"}
)
_COUNTER = frozenset(
    {"epoch", "epochs", "step", "steps", "iter", "iteration", "i", "batch", "idx", "index", "num", "n"}
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``step(metric)`` on a scheduler that takes its argument for an epoch number."""
    for scheduler in facts.group(Schedulers).all:
        if scheduler.plateau:
            continue
        for step in scheduler.steps:
            argument = step.node.arguments[0] if step.node.arguments else None
            if argument is None or argument.keyword not in {None, "metrics"} or argument.star:
                continue
            if not _is_metric(argument.value):
                continue
            name = scheduler.name.rpartition(".")[2]
            yield Finding(
                step.node,
                f"`{name}` takes `{facts.text(argument.value)}` for an epoch number, not for a metric",
                related=(Related(scheduler.call.node, "the scheduler is made here"),),
                fix=partial(_fix, facts, step),
            )


def _is_metric(value: Expression) -> bool:
    if isinstance(value, Call) and isinstance(value.func, Attribute) and value.func.attr in {"item", "mean"}:
        value = value.func.value
    name = dotted_name(value)
    return speaks_of(name, _METRIC) and not speaks_of(name, _COUNTER)


def _fix(facts: ModuleFacts, step: CallSite) -> Fix | None:
    edit = remove_argument(facts, step, step.node.arguments[0])
    return Fix("step without an argument", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="scheduler-step-given-metric",
    summary="a scheduler other than `ReduceLROnPlateau` is stepped with a metric",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.ERROR,
    why=(
        "Only `ReduceLROnPlateau.step` takes a metric. For all other schedulers the (deprecated) argument is the epoch number: with a loss of "
        "0.7 the schedule jumps to epoch 0.7 in every epoch and stays at its start, so the learning rate never decays as configured."
    ),
    tradeoffs={
        Cost.STABILITY: "the schedule advances, which late training depends on",
        Cost.GENERALISATION: "where the decay should follow a metric, use `ReduceLROnPlateau` instead",
    },
    references=(
        Reference(
            "How to adjust learning rate", "https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
        ),
        Reference(
            "torch.optim.lr_scheduler.ReduceLROnPlateau",
            "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

def fit(model, train, evaluate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = CosineAnnealingLR(optimizer, T_max=30)
    for epoch in range(30):
        train(model, optimizer)
        val_loss = evaluate(model)
        scheduler.step(val_loss)
""",
            """\
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

def fit(model, train, evaluate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = CosineAnnealingLR(optimizer, T_max=30)
    for epoch in range(30):
        train(model, optimizer)
        val_loss = evaluate(model)
        scheduler.step()
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
    scheduler = ReduceLROnPlateau(optimizer)
    for epoch in range(30):
        train(model, optimizer)
        val_loss = evaluate(model)
        scheduler.step(val_loss)
""",
            because="this scheduler takes the metric",
        ),
        Quiet(
            """\
import torch
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

def fit(model, loader, train):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=10)
    for epoch in range(30):
        for i, batch in enumerate(loader):
            train(model, optimizer, batch)
            scheduler.step(epoch + i / len(loader))
""",
            because="a fraction of an epoch is what this scheduler expects",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the learning rate begins to follow the schedule",
    architect=Allowance(
        rewrites={"$scheduler.step($metric)": "$scheduler.step()"},
        advice="Step the scheduler without an argument. Leave the evaluation that computes the metric where it is.",
    ),
    evidence=Shown("tests/evidence/test_scheduler_step_given_metric.py::test_schedule_freezes_near_epoch_zero"),
    detect=detect,
)
