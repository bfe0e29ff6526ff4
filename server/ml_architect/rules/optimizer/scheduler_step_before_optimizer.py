"""The learning rate is advanced before the optimizer has used it."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, Event, EventKind, Loop, ModuleFacts
from ml_architect.facts.schedulers import Schedulers
from ml_architect.rewrite import move_after
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
    """Report an unconditional scheduler step that comes before the optimizer's step in the same loop."""
    if not facts.group(Schedulers).all:
        return
    told: set[int] = set()
    for loop in facts.loops:
        for step, use in _early_steps(facts, loop):
            if step.site.order in told:
                continue
            told.add(step.site.order)
            yield Finding(
                step.place,
                f"`{facts.text(step.place)}` runs before the optimizer's step, so the first learning rate is never used",
                related=(Related(use.place, "the optimizer steps here"),),
                fix=partial(_fix, facts, loop, step, use),
            )


def _early_steps(facts: ModuleFacts, loop: Loop) -> Iterator[tuple[Event, Event]]:
    if loop.by_engine or loop.of(EventKind.SCALER_STEP):
        return
    steps = [e for e in loop.direct(EventKind.SCHEDULER_STEP) if not e.conditional(loop.site)]
    uses = loop.of(EventKind.OPTIMIZER_STEP)
    for step in steps:
        mine = [use for use in uses if _drives(facts, step, use) is Answer.YES]
        if mine and loop.events.index(step) < loop.events.index(mine[0]):
            yield step, mine[0]


def _drives(facts: ModuleFacts, step: Event, use: Event) -> Answer:
    """Return whether the scheduler of `step` was made for the optimizer of `use`."""
    if step.target is None or use.target is None:
        return Answer.UNKNOWN
    made = facts.construction(step.target, step.call or step.site, step.frame)
    scheduler = next((s for s in facts.group(Schedulers).all if s.call is made), None)
    if scheduler is None or scheduler.optimizer is None or scheduler.plateau:
        return Answer.UNKNOWN
    return facts.same_object(
        scheduler.optimizer, scheduler.call, use.target, use.call or use.site, frames=(None, use.frame)
    )


def _fix(facts: ModuleFacts, loop: Loop, step: Event, use: Event) -> Fix | None:
    if step.frame is not None or use.frame is not None:
        return None
    inner = use.loops[use.loops.index(loop.site) + 1 :]
    edits = move_after(facts, step.site, inner[0] if inner else use.site)
    return Fix("step the scheduler after the optimizer", edits, Safety.UNSAFE) if edits else None


RULE = Rule(
    name="scheduler-step-before-optimizer",
    summary="a learning-rate scheduler steps before the optimizer does",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.WARNING,
    why=(
        "Constructing a scheduler already sets the first learning rate. Stepping it before the first `optimizer.step()` skips that "
        "value, and the whole schedule runs one step early: a warm-up loses its start, a decay comes an epoch too soon. PyTorch warns "
        "about it once, at run time."
    ),
    tradeoffs={Cost.STABILITY: "the schedule starts with the rate that was configured, which matters most for warm-up"},
    references=(
        Reference(
            "How to adjust learning rate", "https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.optim.lr_scheduler import StepLR

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = StepLR(optimizer, step_size=10)
    for epoch in range(30):
        scheduler.step()
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            """\
import torch
from torch.optim.lr_scheduler import StepLR

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = StepLR(optimizer, step_size=10)
    for epoch in range(30):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
""",
        ),
        Fires(
            """\
import torch

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, total_iters=100)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        schedule.step()
        optimizer.step()
""",
            """\
import torch

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, total_iters=100)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        schedule.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch.optim.lr_scheduler import StepLR

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = StepLR(optimizer, step_size=10)
    for epoch in range(30):
        if epoch > 0:
            scheduler.step()
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            because="skipped in the first epoch, so no value is lost",
        ),
        Quiet(
            """\
import torch
from timm.scheduler import CosineLRScheduler

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = CosineLRScheduler(optimizer, t_initial=30)
    for epoch in range(30):
        scheduler.step(epoch)
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            because="schedulers of this library are stepped at the start of an epoch",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="every epoch gets another learning rate than before",
    architect=Allowance(
        statements=("$scheduler.step($*arguments)",),
        places={
            "$scheduler.step($*arguments)": (
                Place(after_loop="$stepper.step($*closure)", loops=1),
                Place(after="$stepper.step($*closure)", loops=1),
            )
        },
        advice="Move the scheduler's step behind the optimizer's, in the same unit: once per epoch stays once per epoch.",
    ),
    evidence=Shown("tests/evidence/test_scheduler_step_before_optimizer.py::test_first_learning_rate_is_never_used"),
    detect=detect,
)
