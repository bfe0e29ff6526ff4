"""ReduceLROnPlateau is stepped without the value that it watches."""

from collections.abc import Iterator

from ml_architect.facts import ModuleFacts
from ml_architect.facts.schedulers import Schedulers
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
    """Report ``step()`` without an argument on a plateau scheduler."""
    for scheduler in facts.group(Schedulers).all:
        if not scheduler.plateau:
            continue
        for step in scheduler.steps:
            if not step.node.arguments:
                yield Finding(
                    step.node,
                    "`ReduceLROnPlateau.step` needs the metric that it watches, so this call raises",
                    related=(Related(scheduler.call.node, "the scheduler is made here"),),
                )


RULE = Rule(
    name="plateau-step-without-metric",
    summary="`ReduceLROnPlateau` is stepped without a metric",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.ERROR,
    why=(
        "`ReduceLROnPlateau` lowers the learning rate when a metric has stopped improving, so `step(metrics)` has to be told the metric. "
        "Without it the call raises `TypeError`, usually at the end of the first epoch."
    ),
    tradeoffs={
        Cost.GENERALISATION: "watch a validation metric; the training loss keeps falling while the model overfits",
    },
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
        loss = evaluate(model)
        scheduler.step()
""",
            """\
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def fit(model, train, evaluate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = ReduceLROnPlateau(optimizer, patience=3)
    for epoch in range(30):
        train(model, optimizer)
        loss = evaluate(model)
        scheduler.step(loss)
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
    scheduler = ReduceLROnPlateau(optimizer, patience=3)
    for epoch in range(30):
        train(model, optimizer)
        scheduler.step(evaluate(model))
""",
            because="the metric is passed",
        ),
        Quiet(
            """\
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR

def fit(model, train, evaluate, plateau):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = ReduceLROnPlateau(optimizer) if plateau else StepLR(optimizer, 10)
    for epoch in range(30):
        train(model, optimizer)
        if plateau:
            scheduler.step(evaluate(model))
        else:
            scheduler.step()
""",
            because="the scheduler may be either, and each is stepped as it needs",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        rewrites={
            "$scheduler.step($metric)": "$scheduler.step()",
            "$scheduler.step(metrics=$metric)": "$scheduler.step()",
        },
        structural=True,
        advice=(
            "Pass the validation metric of this epoch that the code has already computed; it has to match the scheduler's "
            "`mode`. Decline where there is none."
        ),
    ),
    evidence=Shown("tests/evidence/test_plateau_step_without_metric.py::test_step_without_the_metric_raises"),
    detect=detect,
)
