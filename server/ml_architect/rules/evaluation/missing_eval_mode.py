"""A model is evaluated in training mode."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, EventKind, ModuleFacts
from ml_architect.facts.evaluation import EvaluationLoop, Evaluations
from ml_architect.facts.modules import ModuleClasses
from ml_architect.rewrite import insert_before
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Place,
    Quiet,
    Reference,
    Rule,
    Safety,
    Severity,
    Shown,
)

_HOOKED = ("lightning", "pytorch_lightning", "ignite", "fastai", "composer", "keras", "tensorflow")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report an evaluation loop without gradients whose model nobody in sight puts into evaluation mode."""
    if not facts.imports("torch") or facts.imports(*_HOOKED):
        return
    evaluations = facts.group(Evaluations)
    for found in evaluations.loops:
        if not found.named or facts.grad_mode.disabled(found.forward.site) is not Answer.YES:
            continue
        function = found.loop.function
        if evaluations.mode_set_around(function, EventKind.EVAL_MODE, found.forward) or _is_pretrained(facts, found):
            continue
        matters = facts.group(ModuleClasses).mode_matters(found.model, found.forward.site)
        trained = evaluations.mode_set_around(function, EventKind.TRAIN_MODE, found.forward)
        if matters is Answer.NO or (matters is Answer.UNKNOWN and not trained):
            continue
        yield Finding(
            found.forward.place,
            f"`{facts.text(found.model)}` is evaluated in training mode: nothing in sight calls `eval()` on it",
            severity=None if matters is Answer.YES else Severity.INFO,
            fix=partial(_fix, facts, found),
        )


def _is_pretrained(facts: ModuleFacts, found: EvaluationLoop) -> bool:
    return facts.is_kind(found.model, found.forward.site, Kind.PRETRAINED) is Answer.YES


def _fix(facts: ModuleFacts, found: EvaluationLoop) -> Fix | None:
    edit = insert_before(facts, found.loop.site, f"{facts.text(found.model)}.eval()")
    return Fix("put the model into evaluation mode before the loop", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="missing-eval-mode",
    summary="a model is evaluated without `eval()`",
    framework=Framework.TORCH,
    category=Category.EVALUATION,
    severity=Severity.WARNING,
    why=(
        "In training mode dropout zeroes activations at random and batch normalisation uses the statistics of the current batch, so "
        "the same input gets different predictions and the metric is wrong. Under `no_grad` batch normalisation still updates its "
        "running statistics: validation data leaks into the model."
    ),
    tradeoffs={
        Cost.GENERALISATION: "the metric describes the model that will be used",
        Cost.STABILITY: "predictions no longer depend on which samples share a batch; call `train()` again before training goes on",
    },
    references=(
        Reference(
            "torch.nn.Module.eval",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 2))

def evaluate(loader):
    right = 0
    with torch.no_grad():
        for inputs, targets in loader:
            right += (model(inputs).argmax(1) == targets).sum().item()
    return right
""",
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 2))

def evaluate(loader):
    right = 0
    with torch.no_grad():
        model.eval()
        for inputs, targets in loader:
            right += (model(inputs).argmax(1) == targets).sum().item()
    return right
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 2))

def evaluate(loader):
    with torch.no_grad():
        for inputs, targets in loader:
            print((model(inputs).argmax(1) == targets).sum().item())

def main(loader):
    model.eval()
    evaluate(loader)
""",
            because="the caller sets the mode",
        ),
        Quiet(
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))

def evaluate(loader):
    with torch.no_grad():
        for inputs, targets in loader:
            print((model(inputs).argmax(1) == targets).sum().item())
""",
            because="nothing in this model depends on its mode",
        ),
        Quiet(
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8))

def recompute_statistics(loader):
    with torch.no_grad():
        for inputs in loader:
            model(inputs)
""",
            because="nothing says that this is an evaluation; batch statistics may be what is wanted",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="predictions and metrics change, which is the point",
    architect=Allowance(
        statements=("$model.eval()", "$model.train()"),
        places={
            "$model.eval()": (Place(before_loop="$model($*inputs)"),),
            "$model.train()": (Place(after_loop="$model($*inputs)"),),
        },
        advice=(
            "Put the model into evaluation mode before the evaluation loop; where training goes on afterwards, put it back "
            "into training mode there."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_missing_eval_mode.py::test_validation_changes_batch_norm_statistics_even_under_no_grad"
    ),
    detect=detect,
)
