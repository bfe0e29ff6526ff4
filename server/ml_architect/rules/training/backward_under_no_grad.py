"""A backward pass runs where autograd records nothing."""

from collections.abc import Iterator

from ml_architect.facts import Answer, CallSite, EventKind, ModuleFacts
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Call


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a backward pass on a loss that was computed with autograd off, in the same function."""
    for call in facts.method_calls("backward"):
        if facts.grad_mode.disabled_here(call) is not Answer.YES:
            continue
        made = _made(facts, call)
        if made is not None and facts.grad_mode.disabled_here(made) is Answer.YES:
            yield Finding(
                call.node,
                "autograd is off here, so this loss has no graph and `backward()` raises",
                related=(Related(made.node, "the loss is computed with autograd off as well"),),
            )


def _made(facts: ModuleFacts, call: CallSite) -> CallSite | None:
    """Return the call that made the loss, if it is one that gives a tensor and stands in the same function."""
    found = facts.event_streams.classify(call)
    if found is None or found[0] is not EventKind.BACKWARD or found[1] is None:
        return None
    only = facts.origins(found[1], call).only
    if only is None or not isinstance(only.node, Call) or only.scope.function is not call.scope.function:
        return None
    return facts.call_at(only.node)


RULE = Rule(
    name="backward-under-no-grad",
    summary="`backward()` is called where `no_grad` or `inference_mode` keeps autograd from recording",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "Inside `torch.no_grad()` or `torch.inference_mode()` the forward pass builds no graph. The loss has no `grad_fn`, and "
        "`backward()` raises `element 0 of tensors does not require grad`."
    ),
    tradeoffs={Cost.MEMORY: "training needs the activations that `no_grad` throws away"},
    references=(
        Reference("Locally disabling gradient computation", "https://docs.pytorch.org/docs/stable/notes/autograd.html"),
    ),
    fires=(
        Fires(
            """\
import torch

def adapt(model, loader, criterion, optimizer):
    with torch.no_grad():
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
""",
            """\
import torch

def adapt(model, loader, criterion, optimizer):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
        ),
        Fires(
            """\
import torch

@torch.inference_mode()
def adapt(model, batch):
    loss = model(batch).mean()
    loss.backward()
""",
            """\
import torch

def adapt(model, batch):
    loss = model(batch).mean()
    loss.backward()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

@torch.no_grad()
def attack(model, batch):
    with torch.enable_grad():
        loss = model(batch).mean()
        loss.backward()
    return batch.grad
""",
            because="autograd is on again around both",
        ),
        Quiet(
            """\
import torch

def step(model, batch):
    loss = model(batch).mean()
    with torch.no_grad():
        loss.backward()
""",
            because="the graph was recorded before, so the backward pass works",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        headers=(
            "torch.no_grad()",
            "torch.inference_mode()",
            "torch.set_grad_enabled(False)",
            "@torch.no_grad()",
            "@torch.inference_mode()",
        ),
        advice=(
            "Take the context or decorator away that keeps autograd from recording; where only a part of the code must not "
            "record, put the context around that part. Keep the training step as it is."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_backward_under_no_grad.py::test_backward_raises_when_the_loss_was_computed_without_gradients"
    ),
    detect=detect,
)
