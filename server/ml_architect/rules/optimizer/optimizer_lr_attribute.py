"""The learning rate is written to an attribute that the optimizer does not read."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, ModuleFacts, Site
from ml_architect.rewrite import replace
from ml_architect.rules.api import (
    Allowance,
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
from ml_architect.syntax.nodes import Assign, Attribute, AugmentedAssign

_RATES = frozenset({"lr", "learning_rate"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``optimizer.lr = ...`` on a PyTorch optimizer."""
    if not facts.calls_of(Kind.OPTIMIZER):
        return
    for site in facts.statements(Assign, AugmentedAssign):
        target = _target(site)
        if target is None or facts.is_kind(target.value, site, Kind.OPTIMIZER) is not Answer.YES:
            continue
        if facts.instance_class(target.value, site) is not None:
            continue  # an optimizer of this file may well read its own attributes
        yield Finding(
            target,
            f"`{facts.text(target)}` is an attribute that no step reads; the rate lies in `param_groups`",
            fix=partial(_fix, facts, site, target),
        )


def _target(site: Site) -> Attribute | None:
    statement = site.statement
    target = None
    if isinstance(statement, Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, AugmentedAssign):
        target = statement.target
    return target if isinstance(target, Attribute) and target.attr in _RATES else None


def _fix(facts: ModuleFacts, site: Site, target: Attribute) -> Fix | None:
    call = facts.construction(target.value, site)
    if call is None or not isinstance(site.statement, Assign) or "[" in facts.text(call.node):
        return None
    edit = replace(facts, target, f'{facts.text(target.value)}.param_groups[0]["lr"]')
    return Fix("set the rate of the parameter group", (edit,), Safety.UNSAFE)


RULE = Rule(
    name="optimizer-lr-attribute",
    summary="the learning rate of a PyTorch optimizer is set through an attribute that has no effect",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.ERROR,
    why=(
        "A PyTorch optimizer keeps its hyperparameters in `param_groups`. Assigning `optimizer.lr` makes a new attribute that nothing reads: "
        "printed, the rate looks changed, and every step uses the old one."
    ),
    tradeoffs={
        Cost.STABILITY: "the decay takes place",
        Cost.MAINTENANCE: "a scheduler from `torch.optim.lr_scheduler` states the same as one line and is saved with the checkpoint",
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

def fit(model, train):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(30):
        if epoch == 20:
            optimizer.lr = 0.01
        train(model, optimizer)
""",
            """\
import torch

def fit(model, train):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(30):
        if epoch == 20:
            optimizer.param_groups[0]["lr"] = 0.01
        train(model, optimizer)
""",
        ),
        Fires(
            """\
import torch

class Trainer:
    def __init__(self, model):
        self.optimizer = torch.optim.Adam([{"params": model.parameters()}], lr=1e-3)

    def decay(self):
        self.optimizer.lr *= 0.5
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

class Scaled(torch.optim.Optimizer):
    def __init__(self, parameters, lr):
        super().__init__(parameters, {})
        self.lr = lr
        self.inner = torch.optim.SGD(parameters, lr=lr)

    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad.mul_(self.lr)
        self.inner.step()
""",
            because="an optimizer of one's own reads its own attributes",
        ),
        Quiet(
            """\
import torch

def fit(model, train):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for group in optimizer.param_groups:
        group["lr"] = 0.01
    train(model, optimizer)
""",
            because="the groups hold the rate",
        ),
        Quiet(
            """\
import torch

class Wrapped:
    def __init__(self, model):
        self.inner = torch.optim.SGD(model.parameters(), lr=0.1)
        self.lr = 0.1

def fit(model):
    optimizer = Wrapped(model)
    optimizer.lr = 0.01
    return optimizer
""",
            because="a class of one's own may use its attribute",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the steps begin to use the new rate",
    architect=Allowance(
        rewrites={'$optimizer.param_groups[0]["lr"]': "$optimizer.lr"},
        strings=("lr",),
        advice=(
            "Set `lr` in the optimizer's parameter group to the same value, in the place of the assignment. Decline where "
            "the optimizer has several groups."
        ),
    ),
    evidence=Shown("tests/evidence/test_optimizer_lr_attribute.py::test_step_uses_the_old_rate_after_assigning_lr"),
    detect=detect,
)
