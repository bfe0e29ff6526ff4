"""The loss is scaled, but the optimizer steps on gradients that are still scaled."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Event, EventKind, Loop, ModuleFacts
from ml_architect.rewrite import insert_after, replace
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
    """Report a plain step behind a scaled backward pass, where nothing unscales the gradients."""
    for loop in facts.training_loops:
        scaled = [event for event in loop.backwards if event.scaler is not None]
        if not scaled or len(scaled) != len(loop.backwards) or loop.by_engine:
            continue
        if loop.of(EventKind.SCALER_STEP, EventKind.UNSCALE):
            continue
        for step in loop.direct(EventKind.OPTIMIZER_STEP):
            backward = scaled[-1]
            if backward.scaler is None or step.site.order < backward.site.order:
                continue
            yield Finding(
                step.place,
                f"gradients are still multiplied by the scale of `{facts.text(backward.scaler)}` in this step",
                related=(Related(backward.place, "the loss is scaled here"),),
                fix=partial(_fix, facts, loop, step, backward),
            )
            break


def _fix(facts: ModuleFacts, loop: Loop, step: Event, backward: Event) -> Fix | None:
    if step.frame is not None or backward.frame is not None or step.target is None or backward.scaler is None:
        return None
    if step.call is None or step.call.node.arguments:
        return None
    scaler = facts.text(backward.scaler)
    edits = [replace(facts, step.place, f"{scaler}.step({facts.text(step.target)})")]
    if not loop.of(EventKind.SCALER_UPDATE):
        update = insert_after(facts, step.site, f"{scaler}.update()")
        if update is None:
            return None
        edits.append(update)
    return Fix(f"let `{scaler}` unscale the gradients and step", tuple(edits), Safety.UNSAFE)


RULE = Rule(
    name="scaled-loss-with-plain-step",
    summary="the optimizer steps on gradients of a scaled loss without unscaling them",
    framework=Framework.TORCH,
    category=Category.PRECISION,
    severity=Severity.ERROR,
    why=(
        "`GradScaler.scale(loss)` multiplies the loss, and so every gradient, by a large factor (65536 at first). Only "
        "`scaler.step(optimizer)` (or `scaler.unscale_(optimizer)`) divides it out again and skips steps with infinite "
        "gradients. A plain `optimizer.step()` applies the scaled gradients: with SGD the update is 65536 times too large; Adam "
        "hides the factor, but its epsilon and weight decay no longer mean what they say and an overflow poisons the weights."
    ),
    tradeoffs={
        Cost.STABILITY: "updates have their true size, and a batch with infinite gradients is skipped instead of applied",
        Cost.COMPUTE: "`scaler.step` reads one flag back from the device for each step",
    },
    references=(
        Reference("Automatic mixed precision examples", "https://docs.pytorch.org/docs/stable/notes/amp_examples.html"),
        Reference("torch.amp.GradScaler", "https://docs.pytorch.org/docs/stable/amp.html#gradient-scaling"),
    ),
    fires=(
        Fires(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda", dtype=torch.float16):
            loss = criterion(model(inputs), targets)
        scaler.scale(loss).backward()
        optimizer.step()
        scaler.update()
""",
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda", dtype=torch.float16):
            loss = criterion(model(inputs), targets)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
""",
        ),
        Fires(
            """\
import torch

class Trainer:
    def __init__(self, model, loader):
        self.model = model
        self.loader = loader
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        self.scaler = torch.amp.GradScaler("cuda")

    def epoch(self):
        for inputs in self.loader:
            self.optimizer.zero_grad()
            self.scaler.scale(self.model(inputs).sum()).backward()
            self.optimizer.step()
""",
            """\
import torch

class Trainer:
    def __init__(self, model, loader):
        self.model = model
        self.loader = loader
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        self.scaler = torch.amp.GradScaler("cuda")

    def epoch(self):
        for inputs in self.loader:
            self.optimizer.zero_grad()
            self.scaler.scale(self.model(inputs).sum()).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        optimizer.zero_grad()
        scaler.scale(criterion(model(inputs), targets)).backward()
        scaler.unscale_(optimizer)
        optimizer.step()
        scaler.update()
""",
            because="the gradients are unscaled by hand before the step",
        ),
        Quiet(
            """\
import torch

def train(model, loader, criterion, use_amp):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        if use_amp:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        else:
            loss.backward()
            optimizer.step()
""",
            because="the plain step belongs to the plain backward pass",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="updates become smaller by the scale, and steps with infinite gradients are skipped",
    architect=Allowance(
        statements=("$scaler.update()",),
        rewrites={"$scaler.step($optimizer)": "$optimizer.step()"},
        places={"$scaler.update()": (Place(after="$scaler.step($optimizer)"),)},
        advice="Let the scaler that scales the loss step the same optimizer, and update it once behind the step.",
    ),
    evidence=Shown(
        "tests/evidence/test_scaled_loss_with_plain_step.py::test_plain_step_applies_an_update_65536_times_too_large"
    ),
    detect=detect,
)
