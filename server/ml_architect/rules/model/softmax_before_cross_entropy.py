"""Cross entropy is given probabilities instead of logits."""

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

_LOSSES = ("torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report cross entropy whose input comes out of a softmax."""
    for operation, uses in facts.group(Losses).fed(*_LOSSES):
        if operation.has("softmax") and not operation.has("random"):
            yield Finding(
                uses[0].input or uses[0].call.node,
                "cross entropy applies a softmax itself, and this input has been through one already",
                related=(
                    Related(operation.root, "the first softmax is here"),
                    *(Related(use.call.node, "and the loss is computed here as well") for use in uses[1:]),
                ),
                fix=partial(_fix, facts, uses, operation),
            )


def _fix(facts: ModuleFacts, uses: tuple[LossUse, ...], operation: Operation) -> Fix | None:
    edits = drop_activation(facts, uses, operation)
    return Fix("drop the softmax before the loss", edits, Safety.UNSAFE) if edits else None


RULE = Rule(
    name="softmax-before-cross-entropy",
    summary="cross entropy is given the result of a softmax instead of logits",
    framework=Framework.TORCH,
    category=Category.LOSS,
    severity=Severity.ERROR,
    why=(
        "`CrossEntropyLoss` takes logits: it applies `log_softmax` itself. Given probabilities it normalises twice. The second softmax sees "
        "numbers between 0 and 1, so the loss cannot fall below a floor (0.31 for two classes, 1.46 for ten) even when every prediction is right, and "
        "gradients are weak where the model is most wrong.\n\n"
        "Let the model return logits, and apply a softmax only where probabilities are shown or stored; `argmax` is the same for both."
    ),
    tradeoffs={
        Cost.STABILITY: "the fused log-softmax of the loss does not overflow and keeps full gradients",
        Cost.MAINTENANCE: "code that reads probabilities from the model has to apply a softmax itself",
    },
    references=(
        Reference(
            "torch.nn.CrossEntropyLoss", "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10), nn.Softmax(dim=1))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())

def train(loader):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())

def train(loader):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
        ),
        Fires(
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)

def loss_of(batch, labels):
    net = Net()
    output = net(batch)
    return F.cross_entropy(output, labels)
""",
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc(x)

def loss_of(batch, labels):
    net = Net()
    output = net(batch)
    return F.cross_entropy(output, labels)
""",
        ),
        Fires(
            """\
import torch
from torch import nn

class Trainer:
    def __init__(self, model):
        self.model = model
        self.loss = nn.CrossEntropyLoss()

    def step(self, x, y):
        probabilities = torch.softmax(self.model(x), dim=-1)
        print(probabilities.max())
        return self.loss(probabilities, y)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch.nn.functional as F

def loss_of(model, batch, labels):
    logits = model(batch)
    probabilities = F.softmax(logits, dim=1)
    print(probabilities.max())
    return F.cross_entropy(logits, labels)
""",
            because="the loss gets the logits, the softmax is for display",
        ),
        Quiet(
            """\
import torch.nn.functional as F

def distill(student, teacher, batch):
    return F.cross_entropy(student(batch), F.softmax(teacher(batch), dim=1))
""",
            because="probabilities are a legal target",
        ),
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        logits = self.fc(x)
        if self.training:
            return logits
        return F.softmax(logits, dim=1)

net = Net()

def loss_of(batch, labels):
    return F.cross_entropy(net(batch), labels)
""",
            because="in training the module returns logits",
        ),
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(8, 1)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        weights = F.softmax(self.score(x), dim=1)
        return self.head((weights * x).sum(dim=1))

net = Attention()

def loss_of(batch, labels):
    return F.cross_entropy(net(batch), labels)
""",
            because="the softmax inside is that of an attention, the output is linear",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the loss and its gradients change, and the model returns logits instead of probabilities",
    architect=Allowance(
        rewrites={
            "torch.softmax($x, $*rest)": "$x",
            "torch.nn.functional.softmax($x, $*rest)": "$x",
            "torch.nn.Softmax($*options)($x)": "$x",
            "self.softmax($x)": "$x",
            "$x.softmax($*rest)": "$x",
            "torch.nn.Sequential($*layers, torch.nn.Softmax($*options))": "torch.nn.Sequential($*layers)",
        },
        advice=(
            "Take the softmax away on the way to the loss. Where probabilities are used elsewhere too, keep a name for the "
            "logits and apply the softmax there."
        ),
    ),
    evidence=Shown("tests/evidence/test_softmax_before_cross_entropy.py::test_loss_cannot_fall_below_a_floor"),
    detect=detect,
)
