"""Gradients are cleared between the backward pass and the step that needs them."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, Event, EventKind, Loop, ModuleFacts
from ml_architect.facts.optimizers import Optimizers
from ml_architect.rewrite import move_before
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

_STEPS = (EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a clearing that stands between a backward pass and the step of the same parameters."""
    for loop in facts.training_loops:
        for backward, clearing, step in _discarded(facts, loop):
            yield Finding(
                clearing.place,
                f"this clears the gradients that `{facts.text(step.place)}` needs, so the step changes nothing",
                related=(
                    Related(backward.place, "the gradients are computed here"),
                    Related(step.place, "the step finds no gradients here"),
                ),
                fix=partial(_fix, facts, clearing, backward),
            )


def _discarded(facts: ModuleFacts, loop: Loop) -> Iterator[tuple[Event, Event, Event]]:
    events = loop.direct(EventKind.BACKWARD, EventKind.ENGINE_BACKWARD, EventKind.ZERO_GRAD, *_STEPS)
    for before, clearing, step in zip(events, events[1:], events[2:], strict=False):
        if before.kind is not EventKind.BACKWARD or clearing.kind is not EventKind.ZERO_GRAD or step.kind not in _STEPS:
            continue
        if clearing.path_since(loop.site) != step.path_since(loop.site) or _takes_closure(step):
            continue
        if before.path_since(loop.site) != clearing.path_since(loop.site)[: len(before.path_since(loop.site))]:
            continue
        if facts.group(Optimizers).same_parameters(clearing, step) is Answer.YES:
            yield before, clearing, step


def _takes_closure(step: Event) -> bool:
    return step.kind is EventKind.OPTIMIZER_STEP and step.call is not None and bool(step.call.node.arguments)


def _fix(facts: ModuleFacts, clearing: Event, backward: Event) -> Fix | None:
    if clearing.frame is not None or backward.frame is not None:
        return None
    edits = move_before(facts, clearing.site, backward.site)
    return Fix("clear the gradients before the backward pass", edits, Safety.UNSAFE) if edits else None


RULE = Rule(
    name="zero-grad-discards-gradients",
    summary="gradients are cleared between the backward pass and the optimizer's step",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "`zero_grad()` drops what `backward()` has just computed, so the step that follows sees no gradient: the loss is "
        "printed, time is spent, and the parameters stay where they were (momentum and weight decay aside). Nothing raises."
    ),
    tradeoffs={
        Cost.STABILITY: "the step follows the gradients of its batch; before, training did not happen",
        Cost.COMPUTE: "none, the same calls in another order",
    },
    references=(
        Reference(
            "torch.optim.Optimizer.zero_grad",
            "https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html",
        ),
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
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
""",
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
""",
        ),
        Fires(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        scaler.scale(criterion(model(inputs), targets)).backward()
        model.zero_grad()
        scaler.step(optimizer)
        scaler.update()
""",
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        model.zero_grad()
        scaler.scale(criterion(model(inputs), targets)).backward()
        scaler.step(optimizer)
        scaler.update()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def train(generator, critic, loader):
    generator_step = torch.optim.Adam(generator.parameters(), lr=2e-4)
    critic_step = torch.optim.Adam(critic.parameters(), lr=2e-4)
    for real in loader:
        critic_step.zero_grad()
        critic(real).mean().backward()
        generator_step.zero_grad()
        critic_step.step()
        (-critic(generator(real))).mean().backward()
        generator_step.step()
""",
            because="the gradients that are cleared are those of the other network",
        ),
        Quiet(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()
        optimizer.step()
        optimizer.zero_grad()
""",
            because="cleared after the step",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="training begins to happen, so every result changes",
    architect=Allowance(
        statements=("$optimizer.zero_grad($*arguments)",),
        places={
            "$optimizer.zero_grad($*arguments)": (
                Place(before="$loss.backward($*options)"),
                Place(after="$stepper.step($*closure)"),
            )
        },
        advice="Move the clearing as it is before the backward pass, or behind the step.",
    ),
    evidence=Shown(
        "tests/evidence/test_zero_grad_discards_gradients.py::test_weights_stay_bit_identical_when_gradients_are_cleared_before_step"
    ),
    detect=detect,
)
