"""A softmax is not told its dimension."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.outputs import Outputs
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
    Rule,
    Safety,
    Severity,
    Shown,
)

_FUNCTIONS = tuple(f"torch.nn.functional.{name}" for name in ("softmax", "log_softmax", "softmin"))
_LAYERS = tuple(f"torch.nn.{name}" for name in ("Softmax", "LogSoftmax", "Softmin"))
_IMAGES = ("convolution", "pooling")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report softmax functions and layers without ``dim``."""
    for call in facts.calls_to(*_FUNCTIONS, *_LAYERS):
        if not facts.passed(call, "dim").absent:
            continue
        name = facts.text(call.node.func)
        yield Finding(
            call.node,
            f"`{name}` guesses its dimension: 0 (the batch) for inputs with three axes, 1 for two or four",
            fix=partial(_fix, facts, call),
        )


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    first = call.node.arguments[0].value if call.node.arguments and not call.node.arguments[0].keyword else None
    operation = facts.group(Outputs).last(first, call) if first is not None else None
    dimension = "1" if operation is not None and operation.has(*_IMAGES) else "-1"
    edit = set_keyword(facts, call, "dim", f"{dimension}")
    return Fix(f"pass `dim={dimension}`", (edit,), Safety.UNSAFE) if edit is not None else None


RULE = Rule(
    name="softmax-implicit-dim",
    summary="a softmax is used without `dim`",
    framework=Framework.TORCH,
    category=Category.MODEL,
    severity=Severity.WARNING,
    why=(
        "Without `dim`, PyTorch picks the dimension by the number of axes: 0 for one or three, 1 for all others. For batches of sequences with shape "
        "(batch, time, classes) that normalises over the samples of the batch, so each prediction depends on its neighbours and nothing fails. The guess "
        "is deprecated and warns at run time.\n\n"
        "Say which axis holds the classes: `dim=-1` where they come last, `dim=1` for images with shape (batch, classes, height, width)."
    ),
    tradeoffs={Cost.MAINTENANCE: "the code says which axis it means, and stays right when an axis is added"},
    references=(
        Reference(
            "torch.nn.functional.softmax",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html",
        ),
        Reference("torch.nn.Softmax", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html"),
    ),
    fires=(
        Fires(
            """\
import torch.nn.functional as F

def probabilities(model, batch):
    return F.softmax(model(batch))
""",
            """\
import torch.nn.functional as F

def probabilities(model, batch):
    return F.softmax(model(batch), dim=-1)
""",
        ),
        Fires(
            """\
from torch import nn

model = nn.Sequential(nn.Linear(8, 4), nn.LogSoftmax())
""",
            """\
from torch import nn

model = nn.Sequential(nn.Linear(8, 4), nn.LogSoftmax(dim=-1))
""",
        ),
        Fires(
            """\
import torch.nn.functional as F
from torch import nn

class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Conv2d(16, 3, 1)

    def forward(self, x):
        x = self.head(x)
        return F.softmax(x)
""",
            """\
import torch.nn.functional as F
from torch import nn

class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Conv2d(16, 3, 1)

    def forward(self, x):
        x = self.head(x)
        return F.softmax(x, dim=1)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

layer = nn.Softmax(1)

def probabilities(model, batch):
    return F.softmax(model(batch), -1), layer(batch)
""",
            because="the dimension is given by position",
        ),
        Quiet(
            """\
import torch.nn.functional as F

def sample(logits):
    return F.gumbel_softmax(logits, tau=0.5)
""",
            because="this function has a default dimension, -1",
        ),
        Quiet(
            """\
import torch.nn.functional as F

def probabilities(logits, **options):
    return F.softmax(logits, **options)
""",
            because="the options may hold the dimension",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="for inputs with three axes the result changes, from normalising over the batch to normalising over classes",
    architect=Allowance(
        keywords={f"{name}:dim": Choice(("-1", "1")) for name in (*_FUNCTIONS, *_LAYERS)},
        advice="Name the axis that holds the classes: 1 for images with channels first, else the last one.",
    ),
    evidence=Shown("tests/evidence/test_softmax_implicit_dim.py::test_sequence_batch_is_normalized_over_the_samples"),
    detect=detect,
)
