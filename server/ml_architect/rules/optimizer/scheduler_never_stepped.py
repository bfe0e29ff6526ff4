"""A scheduler is made and never advanced."""

from collections.abc import Iterator

from ml_architect.facts import Answer, EventKind, ModuleFacts, dotted_name
from ml_architect.facts.schedulers import Scheduler, Schedulers
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Place,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Assign, Expression, Name, Node, walk

_TRAINERS = (
    "lightning",
    "pytorch_lightning",
    "accelerate",
    "transformers",
    "deepspeed",
    "ignite",
    "fastai",
    "composer",
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a scheduler bound to a plain name whose only use is its construction, beside a loop that steps its optimizer."""
    if facts.imports(*_TRAINERS):
        return
    for scheduler in facts.group(Schedulers).all:
        name = _bound_name(scheduler)
        if name is None or scheduler.steps or _is_used(facts, name, scheduler):
            continue
        step = _optimizer_step(facts, scheduler)
        if step is not None:
            yield Finding(
                scheduler.call.node,
                f"`{name}` is never stepped, so the learning rate stays what it is",
                related=(Related(step, "the optimizer steps here"),),
            )


def _bound_name(scheduler: Scheduler) -> str | None:
    statement = scheduler.call.site.statement
    if not isinstance(statement, Assign) or statement.value is not scheduler.call.node or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    return target.id if isinstance(target, Name) else None


def _is_used(facts: ModuleFacts, name: str, scheduler: Scheduler) -> bool:
    """Whether the name is read anywhere: stepped in a way that we do not follow, returned, stored, passed on."""
    own = scheduler.call.site.statement
    for site in facts.structure.sites:
        if site.statement is own:
            continue
        if any(_reads(item.call, name) for item in site.summary.calls):
            return True
        value = getattr(site.statement, "value", None)
        if isinstance(value, Node) and _reads(value, name):
            return True
    return False


def _reads(node: Node, name: str) -> bool:
    return any(isinstance(part, Name) and part.id == name for part in walk(node))


def _optimizer_step(facts: ModuleFacts, scheduler: Scheduler) -> Node | None:
    optimizer: Expression | None = scheduler.optimizer
    if optimizer is None or dotted_name(optimizer) is None:
        return None
    for loop in facts.training_loops:
        for event in loop.of(EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP):
            if event.target is None:
                continue
            frames = (None, event.frame)
            same = facts.same_object(optimizer, scheduler.call, event.target, event.call or event.site, frames=frames)
            if same is Answer.YES:
                return event.place
    return None


RULE = Rule(
    name="scheduler-never-stepped",
    summary="a learning-rate scheduler is made but never stepped",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.WARNING,
    why=(
        "A scheduler changes the learning rate only inside its `step()`. One that is made and forgotten leaves the rate at its first value "
        "(for a warm-up schedule: a fraction of the rate that was configured) for the whole run."
    ),
    tradeoffs={
        Cost.STABILITY: "late training settles with a smaller rate",
        Cost.MAINTENANCE: "if a constant rate is what you want, delete the scheduler",
    },
    references=(
        Reference(
            "How to adjust learning rate", "https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
        ),
    ),
    fires=(
        Fires(
            """\
import torch

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
    for epoch in range(30):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            """\
import torch

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
    for epoch in range(30):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def fit(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
    scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [warmup, decay], milestones=[5])
    for epoch in range(30):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
""",
            because="the parts are stepped by the scheduler that holds them",
        ),
        Quiet(
            """\
import torch

def build(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return optimizer, scheduler
""",
            because="the scheduler is handed to the caller",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        statements=("$scheduler.step()", "$scheduler.step($metric)"),
        places={
            pattern: (
                Place(after_loop="$stepper.step($*closure)", loops=1),
                Place(after="$stepper.step($*closure)", loops=1),
            )
            for pattern in ("$scheduler.step()", "$scheduler.step($metric)")
        },
        advice=(
            "Step the scheduler once in the unit that its lengths are counted in: at the end of each epoch, or behind each "
            "optimizer step."
        ),
    ),
    evidence=Shown("tests/evidence/test_scheduler_never_stepped.py::test_learning_rate_stays_constant_without_step"),
    detect=detect,
)
