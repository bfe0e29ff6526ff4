"""A gradient scaler steps but never updates its scale."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, Event, EventKind, Loop, ModuleFacts
from ml_architect.rewrite import insert_after
from ml_architect.rules.api import (
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


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report the step of a scaler in a training loop within whose reach it is never updated."""
    for loop in facts.training_loops:
        steps = loop.of(EventKind.SCALER_STEP)
        if not steps or _is_updated(facts, loop) or _is_handed_over(facts, loop, steps[-1]):
            continue
        step = steps[-1]
        if step.scaler is None:
            continue
        yield Finding(
            step.place,
            f"`{facts.text(step.scaler)}` is never updated, so the second `step` of this loop raises",
            fix=partial(_fix, facts, step),
        )


def _is_updated(facts: ModuleFacts, loop: Loop) -> bool:
    sites = (loop.site, *facts.loops_around(loop))
    streams = [event for site in sites for event in facts.events(site.function) if event.inside(site)]
    return any(event.kind is EventKind.SCALER_UPDATE for event in streams)


def _is_handed_over(facts: ModuleFacts, loop: Loop, step: Event) -> bool:
    if step.scaler is None:
        return True
    for event in loop.of(EventKind.UNSEEN):
        for argument in event.call.node.arguments if event.call else ():
            if facts.same_object(argument.value, event.site, step.scaler, step.site) is Answer.YES:
                return True
    return False


def _fix(facts: ModuleFacts, step: Event) -> Fix | None:
    if step.frame is not None or step.scaler is None:
        return None
    edit = insert_after(facts, step.site, f"{facts.text(step.scaler)}.update()")
    return Fix("update the scaler after its step", (edit,), Safety.SAFE) if edit else None


RULE = Rule(
    name="gradscaler-update-missing",
    summary="a gradient scaler steps in a loop but never updates its scale",
    framework=Framework.TORCH,
    category=Category.PRECISION,
    severity=Severity.ERROR,
    why=(
        "`scaler.update()` ends the iteration: it grows or shrinks the loss scale and forgets which optimizers were "
        "unscaled. Without it the second call of `scaler.step` (or `unscale_`) for the same optimizer raises "
        "`RuntimeError: step() has already been called since the last update()`."
    ),
    tradeoffs={Cost.STABILITY: "the scale halves after an overflow and grows again after a run of good steps"},
    references=(
        Reference(
            "torch.amp.GradScaler.update", "https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.update"
        ),
        Reference("Automatic mixed precision examples", "https://docs.pytorch.org/docs/stable/notes/amp_examples.html"),
    ),
    fires=(
        Fires(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        optimizer.zero_grad()
        scaler.scale(criterion(model(inputs), targets)).backward()
        scaler.step(optimizer)
""",
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        optimizer.zero_grad()
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

def train(model, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    scaler = torch.amp.GradScaler("cuda")
    for step, (inputs, targets) in enumerate(loader):
        scaler.scale(criterion(model(inputs), targets)).backward()
        if step % 4 == 3:
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
""",
            because="updated once for each step, in the accumulation branch",
        ),
        Quiet(
            """\
import torch

def finish(scaler, optimizer):
    optimizer.zero_grad()
    scaler.update()

def train(model, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        scaler.scale(criterion(model(inputs), targets)).backward()
        scaler.step(optimizer)
        finish(scaler, optimizer)
""",
            because="a helper updates the scaler",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the program raises at its second step as it stands",
    evidence=Shown("tests/evidence/test_gradscaler_update_missing.py::test_second_step_raises_without_update"),
    detect=detect,
)
