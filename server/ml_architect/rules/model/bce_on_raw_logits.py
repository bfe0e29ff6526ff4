"""Binary cross entropy is given logits instead of probabilities."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import ModuleFacts
from ml_architect.facts.losses import Losses, LossUse
from ml_architect.rewrite import rename_losses
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
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)

_LOSSES = ("torch.nn.BCELoss", "torch.nn.functional.binary_cross_entropy")
_NEW_LOSS = {"BCELoss": "BCEWithLogitsLoss", "binary_cross_entropy": "binary_cross_entropy_with_logits"}


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a loss on probabilities whose input comes straight out of a linear layer or a convolution."""
    for operation, uses in facts.group(Losses).fed(*_LOSSES):
        if operation.has("linear", "convolution"):
            yield Finding(
                uses[0].input or uses[0].call.node,
                "this loss raises for values outside of 0 to 1, and these are raw logits",
                related=(
                    Related(operation.root, "the logits come from here"),
                    *(Related(use.call.node, "and the loss is computed here as well") for use in uses[1:]),
                ),
                fix=partial(_fix, facts, uses),
            )


def _fix(facts: ModuleFacts, uses: tuple[LossUse, ...]) -> Fix | None:
    new = _NEW_LOSS[uses[0].symbol.name.rpartition(".")[2]]
    edits = rename_losses(facts, uses, new)
    return Fix(f"use `{new}`, which takes logits", edits, Safety.SAFE) if edits else None


RULE = Rule(
    name="bce-on-raw-logits",
    summary="`BCELoss` is given logits instead of probabilities",
    framework=Framework.TORCH,
    category=Category.LOSS,
    severity=Severity.ERROR,
    why=(
        "`BCELoss` takes probabilities. A linear layer or a convolution gives any number, and the first value below 0 or above 1 raises "
        "`RuntimeError: all elements of input should be between 0 and 1` (a device assert on a GPU).\n\n"
        "`BCEWithLogitsLoss` takes the logits as they are and is the more stable of the two; the model's output is then compared with 0, not with 0.5."
    ),
    tradeoffs={
        Cost.STABILITY: "the form on logits never takes a logarithm of 0 and may run under autocast, where `BCELoss` is refused",
        Cost.MAINTENANCE: "code that reads probabilities has to apply a sigmoid",
    },
    references=(
        Reference("torch.nn.BCELoss", "https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html"),
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

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.BCELoss()

def step(x, y):
    return criterion(model(x).squeeze(1), y)
""",
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.BCEWithLogitsLoss()

def step(x, y):
    return criterion(model(x).squeeze(1), y)
""",
        ),
        Fires(
            """\
import torch.nn.functional as F
from torch import nn

class Tagger(nn.Module):
    def __init__(self, tags):
        super().__init__()
        self.embed = nn.Embedding(1000, 64)
        self.head = nn.Linear(64, tags)

    def forward(self, x):
        features = self.embed(x).mean(dim=1)
        return self.head(features), features

tagger = Tagger(12)

def step(x, y):
    scores, features = tagger(x)
    return F.binary_cross_entropy(scores, y)
""",
            """\
import torch.nn.functional as F
from torch import nn

class Tagger(nn.Module):
    def __init__(self, tags):
        super().__init__()
        self.embed = nn.Embedding(1000, 64)
        self.head = nn.Linear(64, tags)

    def forward(self, x):
        features = self.embed(x).mean(dim=1)
        return self.head(features), features

tagger = Tagger(12)

def step(x, y):
    scores, features = tagger(x)
    return F.binary_cross_entropy_with_logits(scores, y)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.BCELoss()

def step(x, y):
    return criterion(torch.sigmoid(model(x)).squeeze(1), y)
""",
            because="a sigmoid stands between model and loss",
        ),
        Quiet(
            """\
from torch import nn

layers = [nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1)]
layers.append(nn.Sigmoid())
model = nn.Sequential(*layers)
criterion = nn.BCELoss()

def step(x, y):
    return criterion(model(x), y)
""",
            because="the last layer is a sigmoid",
        ),
        Quiet(
            """\
from torch import nn

model = nn.Sequential(nn.Linear(10, 1))
model.add_module("probability", nn.Sigmoid())
criterion = nn.BCELoss()

def step(x, y):
    return criterion(model(x), y)
""",
            because="a sigmoid is added later",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the code raises as soon as a value leaves 0 to 1, and the loss on logits has the same arguments",
    evidence=Shown("tests/evidence/test_bce_on_raw_logits.py::test_bce_loss_raises_on_logits"),
    detect=detect,
)
