"""Binary cross entropy with logits is given probabilities."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import ModuleFacts
from ml_architect.facts.losses import Losses, LossUse
from ml_architect.facts.outputs import Operation
from ml_architect.rewrite import drop_activation
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

_LOSSES = (
    "torch.nn.BCEWithLogitsLoss",
    "torch.nn.functional.binary_cross_entropy_with_logits",
    "torch.binary_cross_entropy_with_logits",
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a loss on logits whose input comes out of a sigmoid."""
    for operation, uses in facts.group(Losses).fed(*_LOSSES):
        if operation.has("sigmoid"):
            yield Finding(
                uses[0].input or uses[0].call.node,
                "the loss applies a sigmoid itself, and this input has been through one already",
                related=(
                    Related(operation.root, "the first sigmoid is here"),
                    *(Related(use.call.node, "and the loss is computed here as well") for use in uses[1:]),
                ),
                fix=partial(_fix, facts, uses, operation),
            )


def _fix(facts: ModuleFacts, uses: tuple[LossUse, ...], operation: Operation) -> Fix | None:
    edits = drop_activation(facts, uses, operation)
    return Fix("drop the sigmoid before the loss", edits, Safety.UNSAFE) if edits else None


RULE = Rule(
    name="sigmoid-before-bce-with-logits",
    summary="a binary loss on logits is given the result of a sigmoid",
    framework=Framework.TORCH,
    category=Category.LOSS,
    severity=Severity.ERROR,
    why=(
        "`BCEWithLogitsLoss` applies the sigmoid itself. Given probabilities, the second sigmoid maps them into 0.5 to 0.73: no negative can ever be "
        "predicted with confidence, the loss has a floor, and gradients are a fraction of what they should be.\n\n"
        "Let the model return logits and apply a sigmoid where probabilities are shown, or use `BCELoss` on probabilities where they are needed as they are."
    ),
    tradeoffs={
        Cost.STABILITY: "the fused form does not saturate for large logits, sigmoid and logarithm apart do",
        Cost.MAINTENANCE: "thresholds on the model's output move from 0.5 to 0",
    },
    references=(
        Reference(
            "torch.nn.BCEWithLogitsLoss",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(16, 32),
            nn.ReLU(),
            nn.Linear(32, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.net(x).squeeze(1)

detector = Detector()
criterion = nn.BCEWithLogitsLoss()

def step(x, y):
    return criterion(detector(x), y)
""",
            """\
import torch
from torch import nn

class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(16, 32),
            nn.ReLU(),
            nn.Linear(32, 1),
        )

    def forward(self, x):
        return self.net(x).squeeze(1)

detector = Detector()
criterion = nn.BCEWithLogitsLoss()

def step(x, y):
    return criterion(detector(x), y)
""",
        ),
        Fires(
            """\
import torch
import torch.nn.functional as F

def loss_of(model, x, y):
    return F.binary_cross_entropy_with_logits(torch.sigmoid(model(x)), y)
""",
            """\
import torch
import torch.nn.functional as F

def loss_of(model, x, y):
    return F.binary_cross_entropy_with_logits(model(x), y)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
import torch.nn.functional as F

def loss_of(model, x, y):
    return F.binary_cross_entropy(torch.sigmoid(model(x)), y)
""",
            because="this loss takes probabilities",
        ),
        Quiet(
            """\
import torch
import torch.nn.functional as F

def focal(logits, y):
    p = torch.sigmoid(logits)
    weight = (1 - p) ** 2
    return (weight * F.binary_cross_entropy_with_logits(logits, y, reduction="none")).mean()
""",
            because="the loss gets the logits, the sigmoid makes a weight",
        ),
        Quiet(
            """\
import torch
from torch import nn

class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(8, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        return self.out(torch.sigmoid(self.gate(x)) * x)

gate = Gate()
criterion = nn.BCEWithLogitsLoss()

def step(x, y):
    return criterion(gate(x), y)
""",
            because="the sigmoid is a gate inside, the output is linear",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the loss and its gradients change, and the model returns logits instead of probabilities",
    architect=Allowance(
        rewrites={
            "torch.sigmoid($x)": "$x",
            "torch.nn.functional.sigmoid($x)": "$x",
            "torch.nn.Sigmoid()($x)": "$x",
            "self.sigmoid($x)": "$x",
            "$x.sigmoid()": "$x",
            "torch.nn.Sequential($*layers, torch.nn.Sigmoid())": "torch.nn.Sequential($*layers)",
        },
        advice=(
            "Take the sigmoid away on the way to the loss. Where probabilities are used elsewhere too, keep a name for the "
            "logits and apply the sigmoid there."
        ),
    ),
    evidence=Shown("tests/evidence/test_sigmoid_before_bce_with_logits.py::test_loss_cannot_fall_below_a_floor"),
    detect=detect,
)
