"""`model.parameters` is passed as a method instead of being called."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import MODULES, Answer, CallSite, ModuleFacts, dotted_name, speaks_of
from ml_architect.rules.api import (
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
from ml_architect.syntax.nodes import Attribute, Expression
from ml_architect.text import Edit, Span

_METHODS = frozenset({"parameters", "named_parameters", "buffers", "modules"})
_CLIPS = (
    "torch.nn.utils.clip_grad_norm_",
    "torch.nn.utils.clip_grad_value_",
    "torch.nn.utils.parameters_to_vector",
)
_MODELS = frozenset({"model", "net", "network", "encoder", "decoder", "generator", "discriminator", "classifier"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report the bare method where an iterable of parameters is wanted."""
    for call in [*facts.calls_of(Kind.OPTIMIZER), *facts.calls_to(*_CLIPS)]:
        passed = facts.passed(call, "params" if facts.call_name(call) not in _CLIPS else "parameters", 0)
        value: Expression | None = passed.value
        if passed.given and isinstance(value, Attribute) and value.attr in _METHODS:
            if facts.qualified(value, call) is not None or facts.origins(value, call).complete:
                continue
            if not _is_module(facts, value.value, call):
                continue
            yield Finding(
                value,
                f"`{facts.text(value)}` is the method itself; its parameters come from calling it",
                fix=partial(_fix, facts, value),
            )


def _is_module(facts: ModuleFacts, receiver: Expression, call: CallSite) -> bool:
    """Whether the receiver is a module, or of unknown kind and called a model: settings may have such an attribute."""
    answer = facts.is_kind(receiver, call, *MODULES)
    name = (dotted_name(receiver) or "").rpartition(".")[2]
    return answer is Answer.YES or (answer is Answer.UNKNOWN and speaks_of(name, _MODELS))


def _fix(facts: ModuleFacts, value: Attribute) -> Fix:
    end = facts.span(value).end
    return Fix(f"call `{facts.text(value)}()`", (Edit(Span(end, end), "()"),), Safety.SAFE)


RULE = Rule(
    name="parameters-not-called",
    summary="a module's `parameters` method is passed without being called",
    framework=Framework.TORCH,
    category=Category.OPTIMIZER,
    severity=Severity.ERROR,
    why=(
        "Optimizers and clipping functions iterate over parameters. A bound method is no iterable, so the constructor raises "
        "`TypeError: 'method' object is not iterable`, often only after the data has been loaded."
    ),
    tradeoffs={Cost.MAINTENANCE: "a pair of parentheses"},
    references=(
        Reference("Constructing an optimizer", "https://docs.pytorch.org/docs/stable/optim.html#constructing-it"),
        Reference(
            "torch.nn.Module.parameters",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.parameters",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

model = nn.Linear(4, 2)
optimizer = torch.optim.AdamW(model.parameters, lr=3e-4)
""",
            """\
import torch
from torch import nn

model = nn.Linear(4, 2)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
""",
        ),
        Fires(
            """\
from torch.nn.utils import clip_grad_norm_

class Trainer:
    def __init__(self, model):
        self.model = model

    def clip(self):
        clip_grad_norm_(self.model.parameters, max_norm=1.0)
""",
            """\
from torch.nn.utils import clip_grad_norm_

class Trainer:
    def __init__(self, model):
        self.model = model

    def clip(self):
        clip_grad_norm_(self.model.parameters(), max_norm=1.0)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

class Bundle:
    def __init__(self, layers):
        self.parameters = [p for layer in layers for p in layer.parameters()]

bundle = Bundle([torch.nn.Linear(2, 2)])
optimizer = torch.optim.SGD(bundle.parameters, lr=0.1)
""",
            because="this attribute is a list",
        ),
        Quiet(
            """\
import torch

def build(make, model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return make(model.parameters), optimizer
""",
            because="another function may well want the method",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the program raises as it stands",
    evidence=Shown("tests/evidence/test_parameters_not_called.py::test_optimizer_raises_when_given_the_method"),
    detect=detect,
)
