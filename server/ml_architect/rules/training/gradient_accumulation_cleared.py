"""Gradients are meant to accumulate but are cleared for every batch."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, Event, EventKind, Loop, ModuleFacts, Site
from ml_architect.facts.optimizers import Optimizers
from ml_architect.rewrite import delete, insert_after
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
from ml_architect.syntax.nodes import BinaryOperation, If, walk

_STEPS = (EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report an unconditional clearing beside a step that happens every n batches."""
    for loop in facts.training_loops:
        steps = loop.direct(*_STEPS)
        rare = [step for step in steps if _every_few_batches(loop, step) is not None]
        if not rare or len(rare) != len(steps):
            continue
        for clearing in loop.direct(EventKind.ZERO_GRAD):
            step = rare[-1]
            if clearing.path_since(loop.site) or clearing.target is None:
                continue
            if facts.group(Optimizers).same_parameters(clearing, step) is not Answer.YES:
                continue
            yield Finding(
                clearing.place,
                f"cleared for every batch, although `{facts.text(step.place)}` waits for several",
                related=(Related(step.place, "the step happens only every few batches"),),
                fix=partial(_fix, facts, clearing, step),
            )


def _every_few_batches(loop: Loop, step: Event) -> Site | None:
    """Return the ``if counter % n`` that a step stands in."""
    for block in step.path_since(loop.site):
        owner = block.owner
        if owner is None or not isinstance(owner.statement, If) or block.branch != "body":
            continue
        if any(isinstance(node, BinaryOperation) and node.operator == "%" for node in walk(owner.statement.test)):
            return owner
    return None


def _fix(facts: ModuleFacts, clearing: Event, step: Event) -> Fix | None:
    if clearing.frame is not None or step.frame is not None or clearing.target is None:
        return None
    removal = delete(facts, clearing.site)
    insertion = insert_after(facts, step.site, facts.text(clearing.place))
    if removal is None or insertion is None:
        return None
    return Fix("clear the gradients after the step instead", (removal, insertion), Safety.UNSAFE)


RULE = Rule(
    name="gradient-accumulation-cleared",
    summary="gradients are cleared for every batch although the optimizer steps only every few batches",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "The step is taken every n batches so that the gradients of n batches add up. Clearing them before every backward pass "
        "leaves only the gradients of the last batch: the work of n - 1 batches is thrown away and the effective batch is "
        "n times smaller than intended."
    ),
    tradeoffs={
        Cost.STABILITY: "the step follows n batches, with less noise",
        Cost.COMPUTE: "every backward pass counts instead of one in n",
        Cost.MEMORY: "accumulation keeps the memory of one small batch",
    },
    starting_values=(
        StartingValue(
            "batches per step",
            "4",
            "2 to 32",
            "choose it so that batch size times n is the effective batch; divide the loss by n",
        ),
    ),
    references=(
        Reference(
            "Gradient accumulation",
            "https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-accumulation",
        ),
    ),
    fires=(
        Fires(
            """\
import torch

def train(model, loader, criterion, accumulate=4):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step, (inputs, targets) in enumerate(loader):
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets) / accumulate
        loss.backward()
        if (step + 1) % accumulate == 0:
            optimizer.step()
""",
            """\
import torch

def train(model, loader, criterion, accumulate=4):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / accumulate
        loss.backward()
        if (step + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def train(model, loader, criterion, accumulate=4):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step, (inputs, targets) in enumerate(loader):
        if step % accumulate == 0:
            optimizer.zero_grad()
        (criterion(model(inputs), targets) / accumulate).backward()
        if (step + 1) % accumulate == 0:
            optimizer.step()
""",
            because="cleared once for each group of batches",
        ),
        Quiet(
            """\
import torch

def train(generator, critic, loader):
    slow = torch.optim.Adam(generator.parameters(), lr=2e-4)
    fast = torch.optim.Adam(critic.parameters(), lr=2e-4)
    for step, real in enumerate(loader):
        fast.zero_grad()
        critic(real).mean().backward()
        fast.step()
        if step % 5 == 0:
            slow.zero_grad()
            (-critic(generator(real))).mean().backward()
            slow.step()
""",
            because="the unconditional clearing belongs to the other optimizer",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="steps follow all batches of a group, so results change",
    architect=Allowance(
        statements=("$optimizer.zero_grad($*arguments)",),
        places={"$optimizer.zero_grad($*arguments)": (Place(after="$stepper.step($*closure)"),)},
        advice="Move the clearing to right behind the step, under the same condition. Leave loss and step as they are.",
    ),
    evidence=Shown(
        "tests/evidence/test_gradient_accumulation_cleared.py::test_only_the_last_micro_batch_counts_when_zero_grad_is_unconditional"
    ),
    detect=detect,
)
