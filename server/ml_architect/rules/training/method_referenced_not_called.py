"""A method of the training protocol is named but not called."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import MODULES, SCHEDULERS, Answer, ModuleFacts, Site
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
from ml_architect.syntax.nodes import Attribute, ExpressionStatement
from ml_architect.text import Edit, Span

_OF_KIND = {
    "step": (Kind.OPTIMIZER, *SCHEDULERS),
    "zero_grad": (Kind.OPTIMIZER, *MODULES),
    "eval": tuple(MODULES),
    "train": tuple(MODULES),
    "update": (Kind.GRAD_SCALER,),
}
_FUNCTIONS = frozenset(
    {
        "torch.cuda.synchronize",
        "torch.cuda.empty_cache",
        "torch.distributed.barrier",
        "torch.distributed.destroy_process_group",
    }
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a statement that only names a method or function which has an effect when called."""
    if not facts.imports("torch", "lightning", "pytorch_lightning"):
        return
    for site in facts.statements(ExpressionStatement):
        value = site.statement.value if isinstance(site.statement, ExpressionStatement) else None
        if isinstance(value, Attribute) and _has_effect(facts, value, site):
            yield Finding(
                value,
                f"`{facts.text(value)}` is named but not called, so this line does nothing",
                fix=partial(_fix, facts, value),
            )


def _has_effect(facts: ModuleFacts, value: Attribute, site: Site) -> bool:
    if facts.qualified(value, site) in _FUNCTIONS:
        return True
    if value.attr == "backward":
        return facts.imports("torch") and facts.is_kind(value.value, site, *MODULES) is not Answer.YES
    kinds = _OF_KIND.get(value.attr)
    return kinds is not None and facts.is_kind(value.value, site, *kinds) is Answer.YES


def _fix(facts: ModuleFacts, value: Attribute) -> Fix:
    end = facts.span(value).end
    return Fix(f"call `{facts.text(value)}()`", (Edit(Span(end, end), "()"),), Safety.UNSAFE)


RULE = Rule(
    name="method-referenced-not-called",
    summary="a method such as `step` or `eval` is named in a statement but not called",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "`optimizer.step` without parentheses is a legal expression whose value is thrown away. Python runs it, nothing "
        "happens, and the loop trains nothing, clears nothing or evaluates with dropout on."
    ),
    tradeoffs={Cost.MAINTENANCE: "a pair of parentheses; the line does what it says"},
    references=(
        Reference(
            "torch.optim.Optimizer.step",
            "https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.step.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step
""",
            """\
import torch

def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
        ),
        Fires(
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
model.eval
with torch.no_grad():
    print(model(torch.ones(1, 4)))
""",
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
model.eval()
with torch.no_grad():
    print(model(torch.ones(1, 4)))
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def instrumented(model, profile):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    step = optimizer.step
    profile(optimizer.step)
    return step
""",
            because="the method is used as a value",
        ),
        Quiet(
            """\
import torch

def show(progress):
    progress.step
    torch.float32
""",
            because="nothing says that this `step` is a method with an effect",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the call begins to have its effect",
    architect=Allowance(
        rewrites={
            **{f"$object.{name}()": f"$object.{name}" for name in (*_OF_KIND, "backward")},
            **{f"{name}()": name for name in _FUNCTIONS},
        },
        advice="Call the method where it is named, without arguments.",
    ),
    evidence=Shown(
        "tests/evidence/test_method_referenced_not_called.py::test_optimizer_step_without_parentheses_updates_nothing"
    ),
    detect=detect,
)
