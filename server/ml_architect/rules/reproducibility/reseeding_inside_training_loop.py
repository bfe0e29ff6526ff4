"""The same random numbers are drawn in every epoch."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, EventKind, ModuleFacts
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
from ml_architect.syntax.nodes import If

_SEEDS = (
    "torch.manual_seed",
    "torch.random.manual_seed",
    "torch.cuda.manual_seed",
    "torch.cuda.manual_seed_all",
    "numpy.random.seed",
    "random.seed",
    "tensorflow.random.set_seed",
    "keras.utils.set_random_seed",
    "transformers.set_seed",
    "lightning.pytorch.seed_everything",
)
"""Calls that a repair may move."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a seed with a known constant, set unconditionally in a loop that trains."""
    seeds = [call for call in facts.calls_of(Kind.SEED) if call.site.loops]
    for call in seeds:
        loop = next((item for item in facts.loops if item.site is call.site.loops[0]), None)
        if loop is None or not loop.of(EventKind.BACKWARD, EventKind.ENGINE_BACKWARD):
            continue
        if next(call.site.enclosing(If), None) is not None or not _is_constant(facts, call):
            continue
        if facts.calls_to("torch.random.fork_rng"):
            continue
        yield Finding(
            call.node,
            "the generator starts over in every pass of this loop, so each one draws the same numbers",
            related=(Related(loop.site.statement, "in this loop"),),
        )


def _is_constant(facts: ModuleFacts, call: CallSite) -> bool:
    if len(call.node.arguments) != 1 or call.node.arguments[0].star:
        return False
    known = facts.known(call.node.arguments[0].value, call)
    return known is not None and known.number() is not None


RULE = Rule(
    name="reseeding-inside-training-loop",
    summary="a random generator is seeded with a constant inside the training loop",
    framework=Framework.ANY,
    category=Category.REPRODUCIBILITY,
    severity=Severity.WARNING,
    why=(
        "A seed belongs before the loop. Set with the same constant in every epoch, it repeats the order of the samples, the augmentations and the dropout masks of the first "
        "one: the model sees far less variety than the number of epochs suggests."
    ),
    tradeoffs={
        Cost.GENERALISATION: "every epoch sees other orders, augmentations and masks",
        Cost.MAINTENANCE: "one seed before the loop makes the whole run repeatable",
    },
    references=(Reference("Reproducibility", "https://docs.pytorch.org/docs/stable/notes/randomness.html"),),
    fires=(
        Fires(
            """\
import torch

def fit(model, loader, criterion, optimizer):
    for epoch in range(10):
        torch.manual_seed(0)
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            """\
import torch

def fit(model, loader, criterion, optimizer):
    torch.manual_seed(0)
    for epoch in range(10):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def fit(model, loader, criterion, optimizer):
    torch.manual_seed(0)
    for epoch in range(10):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            because="seeded once",
        ),
        Quiet(
            """\
import torch

def fit(model, loader, criterion, optimizer, seed):
    for epoch in range(10):
        torch.manual_seed(seed + epoch)
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            because="each epoch has a seed of its own, which lets a run be resumed",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        statements=tuple(f"{name}($seed)" for name in _SEEDS),
        places={f"{name}($seed)": (Place(before_loop="$loss.backward($*options)"),) for name in _SEEDS},
        advice="Move the seeding as it is to right before the loop.",
    ),
    evidence=Shown(
        "tests/evidence/test_reseeding_inside_training_loop.py::test_reseeding_in_every_epoch_repeats_order_and_dropout"
    ),
    detect=detect,
)
