"""A learning rate that cannot have been meant."""

from collections.abc import Iterator

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.optimizers import Optimizers
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

_ADAM = frozenset({f"torch.optim.{name}" for name in ("Adam", "AdamW", "NAdam", "RAdam", "Adamax", "SparseAdam")})
_ADAM_LIMIT = 0.1
_ADAM_CERTAIN = 0.5
_SGD_LIMIT = 10.0
_SGD_CERTAIN = 100.0
_PROMPTS = (
    "PromptTuningConfig",
    "MultitaskPromptTuningConfig",
    "PromptEncoderConfig",
    "CPTConfig",
    "PrefixTuningConfig",
)
"""Configurations of PEFT that train a few embeddings of inputs only; the usual rates are 0.001 to 1 there."""
_TINY = 1e-8


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a literal rate outside of what trains a network with this optimizer; tests choose rates that show."""
    for call in facts.group(Optimizers).constructed if not facts.is_test else ():
        if not facts.group(Optimizers).models_of_call(call):
            continue
        passed = facts.passed(call, "lr", 1)
        known = facts.known(passed.value, call) if passed.given else None
        rate = known.number() if known is not None else None
        if known is None or rate is None or known.overridable or passed.value is None:
            continue
        problem = _problem(facts, call, rate)
        if problem is not None:
            severity = Severity.INFO if _may_be_meant(facts, call, rate) else None
            yield Finding(passed.value, f"a learning rate of {rate:g} {problem}", severity=severity)


def _may_be_meant(facts: ModuleFacts, call: CallSite, rate: float) -> bool:
    """Whether something is trained with such a rate somewhere.

    Linear models and prompts stand a tenth and more with Adam, recurrent ones with clipped gradients 30 with SGD.
    """
    if rate > 0 and facts.calls_to(*(f"peft.{name}" for name in _PROMPTS)):
        return True
    if facts.call_name(call) in _ADAM:
        return _ADAM_LIMIT <= rate < _ADAM_CERTAIN
    return _SGD_LIMIT <= rate < _SGD_CERTAIN


def _problem(facts: ModuleFacts, call: CallSite, rate: float) -> str | None:
    name = facts.call_name(call)
    if rate < 0:
        return "raises"
    if 0 < rate <= _TINY:
        return "is lost in rounding: no float32 weight of usual size changes"
    if name in _ADAM and rate >= _ADAM_LIMIT:
        return "moves every weight by about that much in each step; 1e-5 to 3e-3 is usual for Adam"
    if name == "torch.optim.SGD" and rate >= _SGD_LIMIT:
        return "overshoots in each step, unless the gradients are clipped far below one"
    return None


RULE = Rule(
    name="learning-rate-implausible",
    summary="the learning rate is far outside of what trains a network with this optimizer",
    framework=Framework.TORCH,
    category=Category.HYPERPARAMETER,
    severity=Severity.WARNING,
    why=(
        "Adam and its kin divide the gradient by its own running size, so each weight moves by about the learning rate in every step, "
        "whatever the gradient: 0.1 wipes out weights that are themselves around 0.05. Plain SGD scales with the gradient and takes "
        "larger values. A rate that suits one is wrong for the other by two orders of magnitude."
    ),
    tradeoffs={
        Cost.STABILITY: "too large a rate diverges or collapses to a constant prediction; too small a one does not move",
        Cost.COMPUTE: "a rate ten times too small needs about ten times the epochs",
    },
    starting_values=(
        StartingValue(
            "lr (Adam, AdamW)", "3e-4", "1e-5 to 3e-3", "fine-tuning 1e-5 to 5e-5, from scratch 1e-4 to 1e-3"
        ),
        StartingValue(
            "lr (SGD with momentum 0.9)",
            "0.1",
            "0.001 to 1.0",
            "with batch normalisation and batches of 128 to 256; scale with the batch size",
        ),
    ),
    references=(
        Reference("torch.optim.AdamW", "https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html"),
        Reference("torch.optim.SGD", "https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html"),
    ),
    fires=(
        Fires(
            """\
import torch

def configure(model):
    return torch.optim.Adam(model.parameters(), lr=0.1)
"""
        ),
        Fires(
            """\
from torch import optim

RATE = 10

def configure(model):
    return optim.SGD(model.parameters(), RATE, momentum=0.9)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def configure(model):
    return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
""",
            because="usual for SGD",
        ),
        Quiet(
            """\
import torch

def stylize(image):
    image.requires_grad_()
    return torch.optim.Adam([image], lr=0.1)
""",
            because="pixels or other raw tensors are optimised, not the weights of a network",
        ),
        Quiet(
            """\
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()

def configure(model):
    return torch.optim.Adam(model.parameters(), lr=args.lr)
""",
            because="a default that the user can replace",
        ),
    ),
    fix=FixKind.NONE,
    evidence=Shown(
        "tests/evidence/test_learning_rate_implausible.py::test_adam_with_a_tenth_cannot_train_a_deep_network"
    ),
    detect=detect,
)
