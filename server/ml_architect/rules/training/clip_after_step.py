"""Gradients are clipped after the step that should have been limited."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Event, EventKind, Loop, ModuleFacts
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
    StartingValue,
)

_STEPS = (EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a clip that follows the loop's only step, where none stands between backward pass and step."""
    for loop in facts.training_loops:
        steps, clips = loop.direct(*_STEPS), loop.direct(EventKind.CLIP)
        if len(steps) != 1 or not clips or loop.by_engine or len(loop.backwards) != 1:
            continue
        step, clip = steps[0], clips[0]
        order = list(loop.events)
        if order.index(clip) < order.index(step) or clip.path_since(loop.site) != step.path_since(loop.site):
            continue
        if order.index(loop.backwards[0]) > order.index(step):
            continue
        yield Finding(
            clip.place,
            f"clipped after `{facts.text(step.place)}`, so no step is limited by it",
            related=(Related(step.place, "the step is taken here"),),
            fix=partial(_fix, facts, loop, clip, step),
        )


def _fix(facts: ModuleFacts, loop: Loop, clip: Event, step: Event) -> Fix | None:
    if clip.frame is not None or step.frame is not None or step.kind is EventKind.SCALER_STEP:
        return None
    edits = move_before(facts, clip.site, step.site)
    return Fix("clip before the step", edits, Safety.UNSAFE) if edits and loop.backwards else None


RULE = Rule(
    name="clip-after-step",
    summary="gradients are clipped after the optimizer has used them",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "Clipping changes `.grad` in place. After `optimizer.step()` the gradients have already been applied at full size, and the next "
        "`zero_grad()` drops the clipped ones: the protection against exploding gradients is not there."
    ),
    tradeoffs={
        Cost.STABILITY: "a single bad batch can no longer throw the weights far away",
        Cost.COMPUTE: "one norm over all gradients for each step, as before",
    },
    starting_values=(
        StartingValue(
            "max_norm",
            "1.0",
            "0.1 to 5.0",
            "log the norm that `clip_grad_norm_` returns and clip above its usual range",
        ),
    ),
    references=(
        Reference(
            "torch.nn.utils.clip_grad_norm_",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.nn.utils import clip_grad_norm_

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        clip_grad_norm_(model.parameters(), 1.0)
""",
            """\
import torch
from torch.nn.utils import clip_grad_norm_

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch.nn.utils import clip_grad_norm_

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
""",
            because="clipped between the backward pass and the step",
        ),
        Quiet(
            """\
import torch
from torch.nn.utils import clip_grad_norm_

def train(actor, critic, loader):
    first = torch.optim.Adam(actor.parameters(), lr=3e-4)
    second = torch.optim.Adam(critic.parameters(), lr=3e-4)
    for batch in loader:
        first.zero_grad()
        actor(batch).mean().backward()
        first.step()
        second.zero_grad()
        critic(batch).mean().backward()
        clip_grad_norm_(critic.parameters(), 1.0)
        second.step()
""",
            because="the clip belongs to the second network's step, which follows",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="steps are limited from now on",
    architect=Allowance(
        statements=(
            "torch.nn.utils.clip_grad_norm_($*arguments)",
            "torch.nn.utils.clip_grad_value_($*arguments)",
            "$norm = torch.nn.utils.clip_grad_norm_($*arguments)",
            "$scaler.unscale_($optimizer)",
        ),
        places={
            pattern: (Place(after="$loss.backward($*options)", before="$stepper.step($*closure)"),)
            for pattern in (
                "torch.nn.utils.clip_grad_norm_($*arguments)",
                "torch.nn.utils.clip_grad_value_($*arguments)",
                "$norm = torch.nn.utils.clip_grad_norm_($*arguments)",
                "$scaler.unscale_($optimizer)",
            )
        },
        advice=(
            "Move the clip as it is between the backward pass and the step. With a gradient scaler, unscale the gradients "
            "of this optimizer before the clip."
        ),
    ),
    evidence=Shown("tests/evidence/test_clip_after_step.py::test_update_is_unbounded_when_clipping_after_step"),
    detect=detect,
)
