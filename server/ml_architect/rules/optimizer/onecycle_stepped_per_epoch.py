"""A one-cycle schedule over batches is advanced once per epoch."""

from collections.abc import Iterator

from ml_architect.facts import ModuleFacts, Site
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
    StartingValue,
)
from ml_architect.syntax.nodes import Call, Expression, Name, walk


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a OneCycleLR planned in batches whose only step stands beside, not in, the batch loop."""
    for scheduler in facts.group(Schedulers).all:
        if not scheduler.name.endswith(".OneCycleLR") or len(scheduler.steps) != 1:
            continue
        if not _planned_in_batches(facts, scheduler):
            continue
        step = scheduler.steps[0]
        batch_loop = _sibling_training_loop(facts, step.site)
        if batch_loop is not None:
            yield Finding(
                step.node,
                "this one-cycle schedule is planned in batches, but it advances once per epoch and never leaves its warm-up",
                related=(
                    Related(scheduler.call.node, "planned with the number of batches here"),
                    Related(batch_loop.statement, "the batches are here"),
                ),
            )


def _planned_in_batches(facts: ModuleFacts, scheduler: Scheduler) -> bool:
    for parameter in ("steps_per_epoch", "total_steps"):
        passed = facts.passed(scheduler.call, parameter)
        if passed.given and passed.value is not None and _mentions_length(passed.value):
            return True
    return False


def _mentions_length(expression: Expression) -> bool:
    calls = (node for node in walk(expression) if isinstance(node, Call))
    return any(isinstance(call.func, Name) and call.func.id == "len" for call in calls)


def _sibling_training_loop(facts: ModuleFacts, site: Site) -> Site | None:
    """Return a loop that trains in the same epoch loop as `site`, if `site` stands in no training loop itself."""
    training = {loop.site for loop in facts.training_loops}
    if not site.loops or any(loop in training for loop in site.loops):
        return None
    epoch = site.loops[0]
    return next((loop.site for loop in facts.training_loops if loop.site.inside(epoch)), None)


RULE = Rule(
    name="onecycle-stepped-per-epoch",
    summary="a `OneCycleLR` that is planned in batches is stepped once per epoch",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.ERROR,
    why=(
        "`OneCycleLR` spreads its warm-up and decay over `total_steps` (or `epochs * steps_per_epoch`) calls of `step()`. Planned with the number of "
        "batches and stepped once per epoch, it covers only the first few percent of the plan: the rate creeps up from a 25th of its "
        "maximum and never comes down."
    ),
    tradeoffs={
        Cost.STABILITY: "the rate reaches its maximum and then anneals, which is the point of the policy",
        Cost.COMPUTE: "one cheap call for each batch",
    },
    starting_values=(
        StartingValue(
            "max_lr",
            "10x the constant rate",
            "3x to 30x",
            "find the largest rate that does not diverge, stay a little below",
        ),
        StartingValue("pct_start", "0.3", "0.05 to 0.3", "the default; shorter for long runs"),
    ),
    references=(
        Reference(
            "torch.optim.lr_scheduler.OneCycleLR",
            "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.optim.lr_scheduler import OneCycleLR

def fit(model, loader, criterion, epochs=20):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = OneCycleLR(optimizer, max_lr=1.0, epochs=epochs, steps_per_epoch=len(loader))
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
""",
            """\
import torch
from torch.optim.lr_scheduler import OneCycleLR

def fit(model, loader, criterion, epochs=20):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = OneCycleLR(optimizer, max_lr=1.0, epochs=epochs, steps_per_epoch=len(loader))
    for epoch in range(epochs):
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
from torch.optim.lr_scheduler import OneCycleLR

def fit(model, loader, criterion, epochs=20):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = OneCycleLR(optimizer, max_lr=1.0, epochs=epochs, steps_per_epoch=len(loader))
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            scheduler.step()
""",
            because="stepped for each batch, as planned",
        ),
        Quiet(
            """\
import torch
from torch.optim.lr_scheduler import OneCycleLR

def fit(model, loader, criterion, epochs=20):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = OneCycleLR(optimizer, max_lr=1.0, total_steps=epochs)
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
""",
            because="planned in epochs and stepped in epochs",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        statements=("$scheduler.step()",),
        places={"$scheduler.step()": (Place(after="$stepper.step($*closure)"),)},
        advice="Move the scheduler's step into the batch loop, right behind the optimizer's. Leave the plan as it is.",
    ),
    evidence=Shown(
        "tests/evidence/test_onecycle_stepped_per_epoch.py::test_rate_never_leaves_warm_up_when_stepped_per_epoch"
    ),
    detect=detect,
)
