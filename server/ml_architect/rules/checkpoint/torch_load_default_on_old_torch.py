"""A checkpoint is loaded by the unsafe default of older releases."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
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


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``torch.load`` without ``weights_only`` where the project certainly runs on a release before 2.6."""
    if facts.environment.allows("torch>=2.6") is not False:
        return
    for call in facts.calls_to("torch.load"):
        if facts.passed(call, "weights_only").absent:
            yield Finding(
                call.node,
                "before torch 2.6 this default unpickles anything, so the file can run code",
                fix=partial(_fix, facts, call),
            )


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    edit = set_keyword(facts, call, "weights_only", "True")
    return Fix("load weights only", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="torch-load-default-on-old-torch",
    summary="`torch.load` relies on a default that was unsafe before torch 2.6",
    framework=Framework.TORCH,
    category=Category.SECURITY,
    severity=Severity.WARNING,
    applies_to="torch>=1.13,<2.6",
    why=(
        "Until 2.5 `torch.load` unpickled whatever the file held, which can run any code; since 2.6 it accepts weights only. A project that is pinned to an older "
        "release gets the old default. Stating `weights_only=True` is right on both."
    ),
    tradeoffs={Cost.MAINTENANCE: "the call means the same on every release from 1.13 on"},
    references=(Reference("torch.load", "https://docs.pytorch.org/docs/stable/generated/torch.load.html"),),
    fires=(
        Fires(
            """\
import torch

def restore(model, path):
    model.load_state_dict(torch.load(path, map_location="cpu"))
""",
            """\
import torch

def restore(model, path):
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
""",
            versions={"torch": "2.4.1"},
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def restore(model, path):
    model.load_state_dict(torch.load(path, map_location="cpu"))
""",
            because="this release loads weights only by default",
            versions={"torch": "2.8.0"},
        ),
        Quiet(
            """\
import torch

def restore(model, path):
    model.load_state_dict(torch.load(path))
""",
            because="the release is not known",
        ),
        Quiet(
            """\
import torch

def restore(network, path):
    network.load_state_dict(torch.load(path, map_location="cpu"))
""",
            because="this release has no `weights_only` yet and would raise",
            versions={"torch": "1.10.1"},
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="a checkpoint that holds other objects than tensors and plain containers no longer loads",
    architect=Allowance(
        keywords={"torch.load:weights_only": Choice(("True",))},
        advice="Load weights only, and leave the other arguments as they are.",
    ),
    evidence=Shown(
        "tests/evidence/test_torch_load_default_on_old_torch.py::test_load_without_the_argument_runs_code_under_the_old_default"
    ),
    detect=detect,
)
