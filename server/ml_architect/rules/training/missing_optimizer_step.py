"""Gradients are computed and cleared, but never used."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, Event, EventKind, Loop, ModuleFacts
from ml_architect.facts.optimizers import Optimizers
from ml_architect.rewrite import insert_after
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
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Call

_STEPS = (EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP, EventKind.OTHER_STEP)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report an optimizer that a training loop clears, while nothing anywhere steps it."""
    for loop in facts.training_loops if not facts.is_test else ():
        if loop.by_engine or not loop.backwards:
            continue
        for clearing in loop.direct(EventKind.ZERO_GRAD):
            made = _constructed(facts, clearing)
            if made is None or _may_step(facts, loop, clearing) or _is_handed_over(facts, clearing):
                continue
            yield Finding(
                loop.backwards[-1].place,
                f"gradients are computed, but `{facts.text(clearing.target or clearing.place)}` never takes a step",
                related=(Related(made, "the optimizer is made here"), Related(clearing.place, "and cleared here")),
                fix=partial(_fix, facts, clearing, loop.backwards[-1]),
            )
            break


def _constructed(facts: ModuleFacts, clearing: Event) -> Call | None:
    if clearing.target is None:
        return None
    call = facts.construction(clearing.target, clearing.call or clearing.site, clearing.frame)
    return call.node if call is not None and call in facts.group(Optimizers).constructed else None


def _may_step(facts: ModuleFacts, loop: Loop, clearing: Event) -> bool:
    """Whether a step of this optimizer, or one of an unknown object, is in sight anywhere around the loop."""
    functions = {loop.function, *(site.function for site in facts.loops_around(loop))}
    events = [event for function in functions for event in facts.events(function) if event.kind in _STEPS]
    optimizers = facts.group(Optimizers)
    return any(
        event.kind is not EventKind.OPTIMIZER_STEP or optimizers.same_parameters(event, clearing) is not Answer.NO
        for event in events
    )


def _is_handed_over(facts: ModuleFacts, clearing: Event) -> bool:
    """Whether the optimizer is an argument of any call, which may step it, or gets a hook."""
    if clearing.target is None or facts.method_calls("register_post_accumulate_grad_hook"):
        return True
    text = facts.text(clearing.target)
    return any(
        facts.text(argument.value) == text or argument.star for call in facts.calls for argument in call.node.arguments
    )


def _fix(facts: ModuleFacts, clearing: Event, backward: Event) -> Fix | None:
    if clearing.frame is not None or backward.frame is not None or clearing.target is None:
        return None
    edit = insert_after(facts, backward.site, f"{facts.text(clearing.target)}.step()")
    return Fix("take a step after the backward pass", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="missing-optimizer-step",
    summary="gradients are computed in the training loop, but the optimizer never takes a step",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "`backward()` only fills `.grad`. The parameters change in `optimizer.step()`; without it the loss is computed, "
        "logged and differentiated, and the model stays as it was initialised."
    ),
    tradeoffs={Cost.COMPUTE: "without a step all forward and backward passes are wasted"},
    references=(
        Reference(
            "Optimizing model parameters",
            "https://docs.pytorch.org/tutorials/beginner/basics/optimization_tutorial.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
""",
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def train(model, loader, criterion, scaler):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        scaler(criterion(model(inputs), targets), optimizer)
        criterion(model(inputs), targets).backward()
""",
            because="the optimizer is handed to a helper that may step it",
        ),
        Quiet(
            """\
import torch

def saliency(model, loader):
    for inputs in loader:
        model.zero_grad()
        inputs.requires_grad_()
        model(inputs).max().backward()
        yield inputs.grad.abs()
""",
            because="gradients of the inputs are the result, there is no optimizer",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="training begins to happen",
    architect=Allowance(
        statements=("$optimizer.step()", "$scaler.step($optimizer)", "$scaler.update()"),
        places={
            "$optimizer.step()": (Place(after="$loss.backward($*options)"),),
            "$scaler.step($optimizer)": (Place(after="$loss.backward($*options)"),),
            "$scaler.update()": (Place(after="$scaler.step($optimizer)"),),
        },
        advice=(
            "Step the optimizer that the loop clears, once behind each backward pass; through the gradient scaler where the "
            "loss is scaled."
        ),
    ),
    evidence=Shown("tests/evidence/test_missing_optimizer_step.py::test_weights_stay_bit_identical_without_step"),
    detect=detect,
)
