"""An optimizer is made anew in every epoch and forgets its state."""

from collections.abc import Iterator

from ml_architect.facts import EventKind, ModuleFacts, Site
from ml_architect.facts.optimizers import Optimizers
from ml_architect.facts.structure import CallSite
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
from ml_architect.syntax.nodes import Call, Expression, For, If, Name, walk

_OPTIMIZERS = ("SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Adagrad", "Adadelta", "RMSprop", "ASGD", "LBFGS")
"""Whose construction a repair may move."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report an optimizer made inside an epoch loop, whose model was made outside of it."""
    for call in facts.group(Optimizers).constructed:
        loop = _epoch_loop(facts, call)
        if loop is None or next(call.site.enclosing(If), None) is not None:
            continue
        made = _made_outside(facts, call, loop)
        if made is None or _depends_on_loop(call, loop):
            continue
        yield Finding(
            call.node,
            "the optimizer is made anew in every pass of this loop, so momentum and step counts start from zero each time",
            related=(Related(made, "the model is made once, here"),),
            severity=Severity.INFO if _keeps_no_state(facts, call) else None,
        )


def _epoch_loop(facts: ModuleFacts, call: CallSite) -> Site | None:
    """Return the innermost loop around the construction, if a further loop inside it trains."""
    around = call.site.loops
    if not around:
        return None
    for loop in facts.loops:
        if loop.site is around[0] and not loop.trains and loop.of(EventKind.BACKWARD):
            return loop.site
    return None


def _made_outside(facts: ModuleFacts, call: CallSite, loop: Site) -> Call | None:
    """Return the construction of the model, if it certainly stands outside the loop and nothing in it starts over."""
    if any(c.site.inside(loop) for c in facts.method_calls("load_state_dict", "apply", "reset_parameters", "split")):
        return None
    models = facts.group(Optimizers).models_of_call(call)
    for model, at in models:
        only = facts.origins(model, at).only
        if only is None or not isinstance(only.node, Call) or only.site.inside(loop):
            return None
        if only.scope.function is not call.scope.function and only.scope.function is not None:
            return None
        return only.node
    return None


def _depends_on_loop(call: CallSite, loop: Site) -> bool:
    """Whether an argument uses the loop's target, or the loop goes over other things than a range of epochs."""
    statement = loop.statement
    if not isinstance(statement, For):
        return False
    targets = {node.id for node in walk(statement.target) if isinstance(node, Name)}
    used = {node.id for argument in call.node.arguments for node in walk(argument) if isinstance(node, Name)}
    return bool(targets & used) or not _is_range(statement.iterable)


def _is_range(iterable: Expression) -> bool:
    names = {node.id for node in walk(iterable) if isinstance(node, Name)}
    return bool(names & {"range", "trange"})


def _keeps_no_state(facts: ModuleFacts, call: CallSite) -> bool:
    if facts.call_name(call) != "torch.optim.SGD":
        return False
    return facts.passed(call, "momentum").absent


RULE = Rule(
    name="optimizer-recreated-in-loop",
    summary="the optimizer is made anew in every epoch",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.WARNING,
    why=(
        "Adam and momentum methods carry running averages of the gradients from step to step. A new optimizer in every epoch starts them at "
        "zero: Adam repeats its bias-corrected first steps, momentum is lost, and a scheduler made before goes on changing the "
        "learning rate of an optimizer that is no longer used."
    ),
    tradeoffs={
        Cost.STABILITY: "running averages survive the epoch boundary, so there is no jolt at the start of each one",
        Cost.COMPUTE: "none",
    },
    references=(
        Reference("torch.optim", "https://docs.pytorch.org/docs/stable/optim.html"),
        Reference("torch.optim.Adam", "https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html"),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

def fit(loader, criterion):
    model = nn.Linear(8, 2)
    for epoch in range(10):
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            """\
import torch
from torch import nn

def fit(loader, criterion):
    model = nn.Linear(8, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
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
from torch import nn

def search(loader, criterion):
    for trial in range(10):
        model = nn.Linear(8, 2)
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            because="each trial trains a model of its own",
        ),
        Quiet(
            """\
import torch
from torch import nn

def anneal(loader, criterion):
    model = nn.Linear(8, 2)
    for lr in (1e-3, 1e-4):
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            because="each phase has its own learning rate, and a fresh start is a choice",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        statements=tuple(f"$optimizer = torch.optim.{name}($*arguments)" for name in _OPTIMIZERS),
        places={
            f"$optimizer = torch.optim.{name}($*arguments)": (Place(before_loop="$stepper.step($*closure)"),)
            for name in _OPTIMIZERS
        },
        advice="Move the construction as it is, arguments included, to right before the epoch loop.",
    ),
    evidence=Shown("tests/evidence/test_optimizer_recreated_in_loop.py::test_adam_starts_over_in_every_epoch"),
    detect=detect,
)
