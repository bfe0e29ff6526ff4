"""Autograd's anomaly detection is on for the whole run."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts, speaks_of
from ml_architect.rewrite import delete, replace
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
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import ExpressionStatement, If, With

_SWITCH = "torch.autograd.set_detect_anomaly"
_CONTEXT = "torch.autograd.detect_anomaly"
_DEBUG = frozenset({"debug", "test", "tests", "nan", "anomaly", "check"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report anomaly detection that nothing can switch off."""
    for call in facts.calls_to(_SWITCH, _CONTEXT):
        if next(call.site.enclosing(If), None) is not None or _is_debugging(facts, call):
            continue
        statement = call.site.statement
        if not isinstance(statement, (ExpressionStatement, With)):
            continue
        mode = facts.passed(call, "mode", 0)
        known = facts.known(mode.value, call) if mode.given else None
        if mode.given and (known is None or known.value is not True or known.overridable):
            continue
        yield Finding(
            call.node,
            "anomaly detection checks every gradient of the run; keep it behind a debug flag",
            fix=partial(_fix, facts, call),
        )


def _is_debugging(facts: ModuleFacts, call: CallSite) -> bool:
    path = facts.module.source.path
    names = [path.stem if path else "", call.scope.function.name if call.scope.function else ""]
    return any(speaks_of(name, _DEBUG) for name in names)


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    if not isinstance(call.site.statement, ExpressionStatement):
        return None
    mode = facts.passed(call, "mode", 0)
    edit = replace(facts, mode.value, "False") if mode.value is not None else delete(facts, call.site)
    return Fix("switch anomaly detection off", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="anomaly-detection-left-on",
    summary="autograd's anomaly detection is on unconditionally",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.WARNING,
    why=(
        "Anomaly detection records a Python stack trace for each operation and reads every gradient back to look for NaN. It finds the "
        "operation that made a NaN, and makes each training step several times slower meanwhile. It is a tool for a debugging session."
    ),
    tradeoffs={
        Cost.COMPUTE: "a step takes at least twice as long while it is on, more for small models",
        Cost.LATENCY: "each gradient check waits for the device",
    },
    references=(
        Reference("Anomaly detection", "https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection"),
        Reference("Performance tuning guide", "https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html"),
    ),
    fires=(
        Fires(
            """\
import torch

torch.autograd.set_detect_anomaly(True)

def train(model, loader, optimizer):
    for batch in loader:
        optimizer.zero_grad()
        model(batch).mean().backward()
        optimizer.step()
""",
            """\
import torch

torch.autograd.set_detect_anomaly(False)

def train(model, loader, optimizer):
    for batch in loader:
        optimizer.zero_grad()
        model(batch).mean().backward()
        optimizer.step()
""",
        ),
        Fires(
            """\
import torch
from torch import autograd

def train(model, loader, optimizer):
    with autograd.detect_anomaly():
        for batch in loader:
            optimizer.zero_grad()
            model(batch).mean().backward()
            optimizer.step()
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def main(args):
    if args.debug:
        torch.autograd.set_detect_anomaly(True)
""",
            because="behind a flag",
        ),
        Quiet(
            """\
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--detect-anomaly", action="store_true")
args = parser.parse_args()
torch.autograd.set_detect_anomaly(args.detect_anomaly)
""",
            because="off unless the user asks for it",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="a NaN is no longer reported where it arises",
    architect=Allowance(
        statements=("torch.autograd.set_detect_anomaly(True)", "torch.autograd.set_detect_anomaly(False)"),
        headers=("torch.autograd.detect_anomaly($*arguments)",),
        may_remove_finding=True,
        advice="Pass False or take the call away; where it is a context, take the `with` away and keep what stands in it.",
    ),
    evidence=Shown(
        "tests/evidence/test_anomaly_detection_left_on.py::test_every_gradient_is_read_back_in_anomaly_mode"
    ),
    detect=detect,
)
