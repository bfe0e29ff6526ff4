"""A decay factor makes the learning rate grow."""

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

_DECAYS = (
    "torch.optim.lr_scheduler.StepLR",
    "torch.optim.lr_scheduler.MultiStepLR",
    "torch.optim.lr_scheduler.ExponentialLR",
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a literal ``gamma`` above one; tests choose such factors to see them act."""
    for call in facts.calls_to(*_DECAYS) if not facts.is_test else ():
        passed = facts.passed(call, "gamma")
        known = facts.known(passed.value, call) if passed.given else None
        number = known.number() if known is not None and not known.overridable else None
        if number is not None and number > 1 and passed.value is not None:
            yield Finding(passed.value, f"a factor of {number:g} raises the learning rate at every decay")


RULE = Rule(
    name="scheduler-gamma-above-one",
    summary="the decay factor of a learning-rate schedule is above one",
    framework=Framework.TORCH,
    category=Category.HYPERPARAMETER,
    severity=Severity.WARNING,
    why=(
        "`gamma` multiplies the learning rate at each decay. Above one the rate grows exponentially: 1.1 per epoch is 117 times the first rate "
        "after 50 epochs, and training diverges. Often 0.1 was meant, or the factor by which to divide."
    ),
    tradeoffs={Cost.STABILITY: "a rate that falls lets training settle; one that grows ends in infinities"},
    starting_values=(
        StartingValue("gamma (StepLR)", "0.1", "0.1 to 0.5", "a few large steps over the whole run"),
        StartingValue(
            "gamma (ExponentialLR)",
            "0.97",
            "0.9 to 0.99",
            "applied each epoch; 0.97 halves the rate in about 23 epochs",
        ),
    ),
    references=(
        Reference(
            "torch.optim.lr_scheduler.StepLR",
            "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch

def schedule(model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=1.1)
"""
        ),
        Fires(
            """\
from torch.optim import SGD
from torch.optim.lr_scheduler import StepLR

DECAY = 10

def schedule(model):
    return StepLR(SGD(model.parameters(), lr=0.1), 30, DECAY)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch.optim import SGD
from torch.optim.lr_scheduler import StepLR

def schedule(model):
    return StepLR(SGD(model.parameters(), lr=0.1), step_size=30, gamma=0.1)
""",
            because="a tenth of the rate every 30 epochs",
        ),
        Quiet(
            """\
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR, ExponentialLR

def find_rate(model, steps, factor=1.1):
    optimizer = SGD(model.parameters(), lr=1e-7)
    return ExponentialLR(optimizer, gamma=factor), LambdaLR(optimizer, lambda step: 1.1**step)
""",
            because="a learning-rate finder grows the rate on purpose; here the factor is the caller's",
        ),
    ),
    fix=FixKind.NONE,
    evidence=Shown("tests/evidence/test_scheduler_gamma_above_one.py::test_rate_grows_instead_of_decaying"),
    detect=detect,
)
