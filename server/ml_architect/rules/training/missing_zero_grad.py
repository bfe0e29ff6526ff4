"""Gradients of earlier batches are never cleared."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, Event, EventKind, Loop, ModuleFacts
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
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report the step of a training loop in whose reach nothing clears the gradients."""
    for loop in facts.training_loops:
        steps = loop.of(EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP)
        if not loop.backwards or loop.by_engine or not steps or _has_closure(steps):
            continue
        step = steps[0]
        if step.target is None or _is_cleared(facts, loop) or _is_out_of_sight(facts, loop, step):
            continue
        name = facts.text(step.target)
        yield Finding(
            step.place,
            f"nothing in this loop clears the gradients of `{name}`, so every step adds up all batches so far",
            related=(Related(loop.backwards[0].place, "gradients are added to those of earlier batches here"),),
            fix=partial(_fix, facts, loop.backwards[0], step),
        )


def _has_closure(steps: tuple[Event, ...]) -> bool:
    return any(step.call and step.kind is EventKind.OPTIMIZER_STEP and step.call.node.arguments for step in steps)


def _is_cleared(facts: ModuleFacts, loop: Loop) -> bool:
    """Whether anything in the loop, or in a loop around it, clears gradients of whatever object."""
    around = {loop.site, *facts.loops_around(loop)}
    streams = [facts.events(site.function) for site in around]
    return any(
        event.kind is EventKind.ZERO_GRAD and any(event.inside(site) for site in around)
        for stream in streams
        for event in stream
    )


def _is_out_of_sight(facts: ModuleFacts, loop: Loop, step: Event) -> bool:
    """Whether the optimizer is made anew in the loop, or handed to code that may clear it."""
    if step.target is None:
        return True
    for origin in facts.origins(step.target, step.call or step.site, step.frame).items:
        if origin.site.inside(loop.site):
            return True
    for event in loop.of(EventKind.UNSEEN):
        arguments = event.call.node.arguments if event.call else ()
        for argument in arguments:
            frames = (event.frame, step.frame)
            same = facts.same_object(argument.value, event.site, step.target, step.site, frames=frames)
            if argument.star or same is Answer.YES:
                return True
    return False


def _fix(facts: ModuleFacts, backward: Event, step: Event) -> Fix | None:
    if backward.frame is not None or step.frame is not None or step.target is None:
        return None
    edit = insert_before(facts, backward.site, f"{facts.text(step.target)}.zero_grad()")
    return Fix("clear the gradients before the backward pass", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="missing-zero-grad",
    summary="the training loop never clears the gradients of its optimizer",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "`backward()` adds to `.grad` and never replaces it. Without `zero_grad()` each step follows the sum of the "
        "gradients of all batches seen so far: the direction is stale, the effective learning rate grows with every batch, and "
        "training diverges or stalls.\n\n"
        "Accumulating on purpose is fine, as long as the gradients are cleared after each step."
    ),
    tradeoffs={
        Cost.STABILITY: "steps follow the current batch again instead of an ever growing sum",
        Cost.MEMORY: "`zero_grad()` sets gradients to None by default, which frees them until the next backward pass",
        Cost.COMPUTE: "clearing costs next to nothing beside a backward pass",
    },
    references=(
        Reference(
            "torch.optim.Optimizer.zero_grad",
            "https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html",
        ),
        Reference(
            "Zeroing out gradients", "https://docs.pytorch.org/tutorials/recipes/recipes/zeroing_out_gradients.html"
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

def train(model: nn.Module, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
            """\
import torch
from torch import nn

def train(model: nn.Module, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
""",
        ),
        Fires(
            """\
from torch import optim

def step(model, optimizer, batch):
    loss = model(batch).sum()
    loss.backward()
    optimizer.step()

def main(model, loader):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for batch in loader:
        step(model, optimizer, batch)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    for step, (inputs, targets) in enumerate(loader):
        criterion(model(inputs), targets).backward()
        if (step + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
""",
            because="the gradients of four batches are accumulated on purpose and cleared after the step",
        ),
        Quiet(
            """\
import torch

def clear(model):
    for parameter in model.parameters():
        parameter.grad = None

def train(model, loader, criterion):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        clear(model)
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            because="a helper sets the gradients to None",
        ),
        Quiet(
            """\
import torch
from utils import prepare_step

def train(model, loader, criterion):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        prepare_step(optimizer)
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            because="the optimizer is handed to a function in another file, which may clear it",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="training takes other steps than before, which is the point",
    architect=Allowance(
        statements=("$optimizer.zero_grad()", "$optimizer.zero_grad(set_to_none=True)"),
        places={
            pattern: (Place(before="$loss.backward($*options)"), Place(after="$stepper.step($*closure)"))
            for pattern in ("$optimizer.zero_grad()", "$optimizer.zero_grad(set_to_none=True)")
        },
        advice="Clear the gradients of the optimizer that steps, once for each step and before its backward pass.",
    ),
    evidence=Shown("tests/evidence/test_missing_zero_grad.py::test_gradients_of_all_batches_add_up"),
    detect=detect,
)
