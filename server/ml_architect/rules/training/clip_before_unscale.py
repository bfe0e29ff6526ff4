"""Gradients are clipped while they are still multiplied by the loss scale."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Event, EventKind, Loop, ModuleFacts
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
    StartingValue,
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a clip between a scaled backward pass and the scaler's step, with no unscaling before it."""
    for loop in facts.training_loops:
        if not loop.of(EventKind.SCALER_STEP) or not loop.of(EventKind.CLIP):
            continue
        if any(event.scaler is None for event in loop.backwards):
            continue
        for backward, clip, step in _early_clips(loop):
            if step.scaler is None or _is_disabled(facts, step):
                continue
            yield Finding(
                clip.place,
                f"gradients are clipped before `{facts.text(step.scaler)}.unscale_()`, so the limit meets scaled values",
                related=(
                    Related(backward.place, "the loss is scaled here"),
                    Related(step.place, "gradients are unscaled only here"),
                ),
                fix=partial(_fix, facts, clip, step),
            )


def _early_clips(loop: Loop) -> Iterator[tuple[Event, Event, Event]]:
    kinds = (EventKind.BACKWARD, EventKind.CLIP, EventKind.UNSCALE, EventKind.SCALER_STEP)
    backward: Event | None = None
    clip: Event | None = None
    for event in loop.direct(*kinds):
        if event.kind is EventKind.BACKWARD:
            backward, clip = event, None
        elif event.kind is EventKind.UNSCALE:
            backward = clip = None
        elif event.kind is EventKind.CLIP:
            clip = clip or event
        elif backward is not None and clip is not None:
            yield backward, clip, event
            backward = clip = None


def _is_disabled(facts: ModuleFacts, step: Event) -> bool:
    if step.scaler is None:
        return True
    call = facts.construction(step.scaler, step.call or step.site, step.frame)
    if call is None:
        return False
    enabled = facts.passed(call, "enabled")
    known = facts.known(enabled.value, call) if enabled.given else None
    return known is not None and known.value is False


def _fix(facts: ModuleFacts, clip: Event, step: Event) -> Fix | None:
    if clip.frame is not None or step.frame is not None or step.target is None or step.scaler is None:
        return None
    scaler = facts.text(step.scaler)
    edit = insert_before(facts, clip.site, f"{scaler}.unscale_({facts.text(step.target)})")
    return (
        Fix(f"unscale the gradients before clipping with `{scaler}.unscale_`", (edit,), Safety.UNSAFE) if edit else None
    )


RULE = Rule(
    name="clip-before-unscale",
    summary="gradients are clipped before the gradient scaler has unscaled them",
    framework=Framework.TORCH,
    category=Category.PRECISION,
    severity=Severity.ERROR,
    why=(
        "Between `scaler.scale(loss).backward()` and `scaler.step(optimizer)` gradients carry the loss scale (65536 at first). "
        "A limit of 1.0 on their norm is then a limit of about 0.000015 on the true norm: nearly every gradient is shrunk to "
        "almost nothing, and training practically stops without any error.\n\n"
        "Call `scaler.unscale_(optimizer)` once, right before clipping; `scaler.step` notices and does not unscale again."
    ),
    tradeoffs={
        Cost.STABILITY: "the limit means what it says, so clipping only touches outliers",
        Cost.COMPUTE: "none, the unscaling happens earlier instead of inside `scaler.step`",
    },
    starting_values=(
        StartingValue(
            "max_norm", "1.0", "0.1 to 5.0", "common for transformers and recurrent networks; watch the logged norm"
        ),
    ),
    references=(
        Reference(
            "Gradient clipping with AMP",
            "https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-clipping",
        ),
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
        with torch.autocast("cuda", dtype=torch.float16):
            loss = criterion(model(inputs), targets)
        scaler.scale(loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
""",
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    scaler = torch.amp.GradScaler("cuda")
    for inputs, targets in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda", dtype=torch.float16):
            loss = criterion(model(inputs), targets)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
""",
        ),
        Fires(
            """\
import torch
from torch.cuda.amp import GradScaler
from torch.nn.utils import clip_grad_value_

class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
        self.scaler = GradScaler()

    def fit(self, loader):
        for step, batch in enumerate(loader):
            self.scaler.scale(self.model(batch).mean()).backward()
            if step % 4 == 3:
                clip_grad_value_(self.model.parameters(), 0.5)
                self.scaler.step(self.optimizer)
                self.scaler.update()
                self.optimizer.zero_grad()
""",
            """\
import torch
from torch.cuda.amp import GradScaler
from torch.nn.utils import clip_grad_value_

class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
        self.scaler = GradScaler()

    def fit(self, loader):
        for step, batch in enumerate(loader):
            self.scaler.scale(self.model(batch).mean()).backward()
            if step % 4 == 3:
                self.scaler.unscale_(self.optimizer)
                clip_grad_value_(self.model.parameters(), 0.5)
                self.scaler.step(self.optimizer)
                self.scaler.update()
                self.optimizer.zero_grad()
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
    for inputs, targets in loader:
        optimizer.zero_grad()
        scaler.scale(criterion(model(inputs), targets)).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
""",
            because="unscaled right before clipping",
        ),
        Quiet(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    scaler = torch.amp.GradScaler("cuda", enabled=False)
    for inputs, targets in loader:
        optimizer.zero_grad()
        scaler.scale(criterion(model(inputs), targets)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
""",
            because="a scaler that is off scales nothing",
        ),
        Quiet(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
""",
            because="no scaler takes part",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="gradients keep their true size below the limit, so training takes larger steps",
    architect=Allowance(
        statements=("$scaler.unscale_($optimizer)",),
        places={
            "$scaler.unscale_($optimizer)": (
                Place(before="torch.nn.utils.clip_grad_norm_($*arguments)"),
                Place(before="torch.nn.utils.clip_grad_value_($*arguments)"),
            )
        },
        advice="Unscale the gradients of the optimizer that steps, once, right before the clip. Leave the limit as it is.",
    ),
    evidence=Shown(
        "tests/evidence/test_clip_before_unscale.py::test_training_practically_stops_when_scaled_gradients_are_clipped"
    ),
    detect=detect,
)
