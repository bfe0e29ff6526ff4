"""The negative log likelihood is given something that is no log probability."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import ModuleFacts
from ml_architect.facts.losses import Losses, LossUse
from ml_architect.facts.outputs import Operation
from ml_architect.rewrite import rename_last, rename_losses
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

_LOSSES = ("torch.nn.NLLLoss", "torch.nn.functional.nll_loss")
_NEW_LOSS = {"NLLLoss": "CrossEntropyLoss", "nll_loss": "cross_entropy"}
_NEW_ACTIVATION = {"softmax": "log_softmax", "Softmax": "LogSoftmax"}


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a negative log likelihood of probabilities or of logits."""
    for operation, uses in facts.group(Losses).fed(*_LOSSES):
        if not operation.has("softmax", "sigmoid", "linear", "convolution"):
            continue
        what = "probabilities" if operation.has("softmax", "sigmoid") else "raw logits"
        yield Finding(
            uses[0].input or uses[0].call.node,
            f"the negative log likelihood expects log probabilities, these are {what}",
            related=(
                Related(operation.root, f"the {what} come from here"),
                *(Related(use.call.node, "and the loss is computed here as well") for use in uses[1:]),
            ),
            fix=partial(_fix, facts, uses, operation),
        )


def _fix(facts: ModuleFacts, uses: tuple[LossUse, ...], operation: Operation) -> Fix | None:
    """Logits: use cross entropy instead, which takes them. Probabilities: take their logarithm in the softmax."""
    if operation.has("linear", "convolution"):
        new = _NEW_LOSS[uses[0].symbol.name.rpartition(".")[2]]
        edits = rename_losses(facts, uses, new)
        return Fix(f"use `{new}`, which takes logits", edits, Safety.UNSAFE) if edits else None
    named = operation.made or facts.call_at(operation.place)
    new_name = _NEW_ACTIVATION.get(operation.name.rpartition(".")[2])
    edit = rename_last(facts, named, new_name) if named is not None and new_name is not None else None
    return Fix(f"use `{new_name}`", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="nll-without-log-softmax",
    summary="`NLLLoss` is given probabilities or logits instead of log probabilities",
    framework=Framework.TORCH,
    category=Category.LOSS,
    severity=Severity.ERROR,
    why=(
        "`NLLLoss` takes the input at the target's index and negates it; it takes no logarithm and normalises nothing. With log probabilities that is the "
        "likelihood. With probabilities the loss lies between -1 and 0 and its gradient does not depend on how wrong the model is; with logits it falls "
        "without bound, because raising all of them lowers it.\n\n"
        "End the model with `log_softmax`, or let it return logits and use `CrossEntropyLoss`, which is both in one."
    ),
    tradeoffs={Cost.STABILITY: "log-softmax computed in one step does not overflow, a logarithm of probabilities can"},
    references=(
        Reference("torch.nn.NLLLoss", "https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html"),
        Reference(
            "torch.nn.CrossEntropyLoss", "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"
        ),
    ),
    fires=(
        Fires(
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        return self.fc2(x)

net = Net()
criterion = nn.NLLLoss()

def step(images, labels):
    return criterion(net(images), labels)
""",
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        return self.fc2(x)

net = Net()
criterion = nn.CrossEntropyLoss()

def step(images, labels):
    return criterion(net(images), labels)
""",
        ),
        Fires(
            """\
import torch.nn.functional as F

def loss_of(model, x, y):
    output = F.softmax(model(x), dim=1)
    return F.nll_loss(output, y)
""",
            """\
import torch.nn.functional as F

def loss_of(model, x, y):
    output = F.log_softmax(model(x), dim=1)
    return F.nll_loss(output, y)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch.nn.functional as F

def loss_of(model, x, y):
    return F.nll_loss(F.log_softmax(model(x), dim=1), y)
""",
            because="the input holds log probabilities",
        ),
        Quiet(
            """\
import torch
import torch.nn.functional as F

def loss_of(model, x, y):
    probabilities = F.softmax(model(x), dim=1)
    return F.nll_loss(torch.log(probabilities.clamp(min=1e-8)), y)
""",
            because="the logarithm is taken afterwards",
        ),
        Quiet(
            """\
import torch.nn.functional as F

def loss_of(model, x, y):
    return F.nll_loss(model(x), y)
""",
            because="what the model ends with is not in sight",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the loss changes to the likelihood, and a model that ended with a softmax returns log probabilities",
    architect=Allowance(
        rewrites={
            "torch.nn.CrossEntropyLoss($*arguments)": "torch.nn.NLLLoss($*arguments)",
            "torch.nn.functional.cross_entropy($*arguments)": "torch.nn.functional.nll_loss($*arguments)",
            "torch.nn.LogSoftmax($*arguments)": "torch.nn.Softmax($*arguments)",
            "torch.nn.functional.log_softmax($*arguments)": "torch.nn.functional.softmax($*arguments)",
            "torch.log_softmax($*arguments)": "torch.softmax($*arguments)",
            "$x.log_softmax($*arguments)": "$x.softmax($*arguments)",
        },
        advice=(
            "Logits: use the cross entropy with the same arguments. Probabilities: let the softmax give their logarithm. "
            "Change one of the two, never both."
        ),
    ),
    evidence=Shown("tests/evidence/test_nll_without_log_softmax.py::test_loss_of_raw_logits_is_unbounded"),
    detect=detect,
)
