"""A loss class is given tensors, although they belong to the object that it makes."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, ModuleFacts, dotted_name, words
from ml_architect.rewrite import Fix, Safety
from ml_architect.rules.api import (
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Argument, Call, Constant, Expression, Subscript
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span

_OPTIONS = frozenset({"weight", "weights", "size", "average", "reduce", "reduction", "margin", "p", "alpha", "beta"})
_TENSORS = frozenset({"target", "targets", "label", "labels", "truth", "gt", "true", "y", "yb"})
_USES = ("backward", "item", "detach")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report loss constructors that get predictions and targets."""
    for call in facts.calls_of(Kind.LOSS):
        plain = _positional(call.node)
        if plain is None or len(plain) != 2 or not _takes_no_tensors(facts, call):  # noqa: PLR2004 - input and target
            continue
        if any(_is_option(argument.value) for argument in plain):
            continue
        if _is_target(plain[1].value) or _is_used_as_loss(facts, call):
            name = facts.text(call.node.func)
            yield Finding(
                call.node,
                f"this makes a loss object and takes the tensors for options; write `{name}()(...)`",
                fix=partial(_fix, facts, call),
            )


def _positional(node: Call) -> list[Argument] | None:
    if any(argument.star for argument in node.arguments):
        return None
    return [argument for argument in node.arguments if argument.keyword is None]


def _takes_no_tensors(facts: ModuleFacts, call: CallSite) -> bool:
    """Whether the class has options in the first two places that nobody passes as two variables."""
    symbol = facts.symbol(call)
    if symbol is None or not symbol.parameters:
        return False
    first = symbol.parameters[0].name
    return first in {"weight", "size_average"} and not any(a.keyword == first for a in call.node.arguments)


def _is_option(value: Expression) -> bool:
    name = dotted_name(value)
    if isinstance(value, Constant):
        return True
    return name is not None and not words(name.rpartition(".")[2]).isdisjoint(_OPTIONS)


def _is_target(value: Expression) -> bool:
    while isinstance(value, (Subscript, Call)):
        inner = value.value if isinstance(value, Subscript) else value.func
        value = getattr(inner, "value", inner) if isinstance(value, Call) else inner
    name = dotted_name(value)
    return name is not None and not words(name.rpartition(".")[2]).isdisjoint(_TENSORS)


def _is_used_as_loss(facts: ModuleFacts, call: CallSite) -> bool:
    return any(
        used.receiver is not None and facts.construction(used.receiver, used) is call
        for used in facts.method_calls(*_USES)
    )


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    """Close the constructor's parentheses before the tensors; options stay with the constructor."""
    options = [facts.text(argument) for argument in call.node.arguments if argument.keyword is not None]
    if options:
        return None
    end = facts.span(call.node.func).end
    return Fix("make the loss, then call it", (Edit(Span(end, end), "()"),), Safety.SAFE)


RULE = Rule(
    name="loss-class-called-with-tensors",
    summary="a loss class is called with predictions and targets",
    framework=Framework.TORCH,
    category=Category.LOSS,
    severity=Severity.ERROR,
    why=(
        "`nn.MSELoss` and its kin are classes: calling one makes a loss object, and its arguments are options such as `weight` and the outdated "
        '`size_average`. Given two tensors it tries to use one as a flag and raises "Boolean value of Tensor with more than one value is ambiguous", '
        "which does not point at the cause.\n\n"
        "Make the object once, `criterion = nn.MSELoss()`, and call it with the tensors, or use the function, `F.mse_loss(output, target)`."
    ),
    tradeoffs={Cost.MAINTENANCE: "a loss that is made once keeps its options in one place"},
    references=(
        Reference("Loss functions", "https://docs.pytorch.org/docs/stable/nn.html#loss-functions"),
        Reference("torch.nn.MSELoss", "https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html"),
    ),
    fires=(
        Fires(
            """\
from torch import nn

def step(model, optimizer, inputs, targets):
    optimizer.zero_grad()
    loss = nn.CrossEntropyLoss(model(inputs), targets)
    loss.backward()
    optimizer.step()
""",
            """\
from torch import nn

def step(model, optimizer, inputs, targets):
    optimizer.zero_grad()
    loss = nn.CrossEntropyLoss()(model(inputs), targets)
    loss.backward()
    optimizer.step()
""",
        ),
        Fires(
            """\
import torch

def distance(a, b):
    loss = torch.nn.MSELoss(a, b)
    loss.backward()
    return loss.item()
""",
            """\
import torch

def distance(a, b):
    loss = torch.nn.MSELoss()(a, b)
    loss.backward()
    return loss.item()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch import nn

def loss_of(output, target, class_weights):
    return nn.CrossEntropyLoss(class_weights)(output, target)
""",
            because="a weight is an option of the class",
        ),
        Quiet(
            """\
from torch import nn

def make_loss(weight, size_average):
    return nn.NLLLoss(weight, size_average)
""",
            because="both are options, in the old order",
        ),
        Quiet(
            """\
from torch import nn

def make_loss(x, y):
    return nn.CosineEmbeddingLoss(x, y)
""",
            because="the class takes a margin first, and what the arguments are is not in sight",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the constructor raises for tensors, and this is the only sensible reading",
    evidence=Shown(
        "tests/evidence/test_loss_class_called_with_tensors.py::test_constructor_raises_when_given_predictions_and_targets"
    ),
    detect=detect,
)
