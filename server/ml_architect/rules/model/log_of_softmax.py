"""A logarithm is taken of a softmax or sigmoid in two steps."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.outputs import Operation, Outputs
from ml_architect.rewrite import replace, spell, unwrapped
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
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import (
    Attribute,
    BinaryOperation,
    Collection,
    Constant,
    Expression,
    UnaryOperation,
    walk,
)
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span

_LOG = ("torch.log",)
_SOFTMAXES = ("torch.softmax($x, $*rest)", "torch.nn.functional.softmax($x, $*rest)", "$x.softmax($*rest)")
_SIGMOIDS = ("torch.sigmoid($x)", "torch.nn.functional.sigmoid($x)", "$x.sigmoid()")
_LOG_SOFTMAX = "torch.log_softmax($x, $*rest)"
_LOG_SIGMOID = "torch.nn.functional.logsigmoid($x)"
_TENSORS = frozenset({"torch.tensor", "torch.Tensor", "torch.FloatTensor", "torch.as_tensor"})
_RANGES = frozenset({"torch.arange", "torch.linspace"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``log(softmax(x))`` and ``log(sigmoid(x))``, with or without a small constant added."""
    if not facts.imports("torch"):
        return
    for call in (*facts.calls_to(*_LOG), *facts.method_calls("log")):
        inner = _argument(facts, call)
        shifted = isinstance(inner, BinaryOperation) and inner.operator == "+"
        if isinstance(inner, BinaryOperation):
            inner = inner.left if shifted and facts.known(inner.right, call) is not None else None
        operation = facts.group(Outputs).last(inner, call) if inner is not None else None
        if operation is None or not _is_near(facts, operation, call) or _is_written_out(facts, operation):
            continue
        name = "softmax" if operation.has("softmax") else "sigmoid"
        yield Finding(
            call.node,
            f"the {name} may round to 0 before its logarithm is taken"
            if not shifted
            else f"the added constant bends the logarithm of this {name}; the fused form needs none",
            related=() if operation.place is inner else (Related(operation.place, f"the {name} is here"),),
            severity=Severity.INFO if shifted else None,
            fix=partial(_fix, facts, call, operation) if operation.place is inner else None,
        )


def _argument(facts: ModuleFacts, call: CallSite) -> Expression | None:
    """Return what the logarithm is taken of."""
    arguments = call.node.arguments
    if facts.call_name(call) in _LOG:
        return arguments[0].value if len(arguments) == 1 and not arguments[0].star else None
    return call.receiver if facts.call_name(call) is None and not arguments else None


def _is_near(facts: ModuleFacts, operation: Operation, call: CallSite) -> bool:
    """Whether the operation is a plain softmax or sigmoid of the same function."""
    place = facts.call_at(operation.place)
    if place is None or place.site.function is not call.site.function or operation.has("random"):
        return False
    return operation.has("softmax", "sigmoid") and "softmin" not in operation.name.lower()


def _is_written_out(facts: ModuleFacts, operation: Operation) -> bool:
    """Whether the logits stand in the code as numbers: an illustration, in which nothing rounds to 0 unseen."""
    place = facts.call_at(operation.place)
    logits = _logits(facts, place) if place is not None else None
    made = facts.construction(logits, place) if place is not None and logits is not None else None
    if made is None or not made.node.arguments or facts.call_name(made) not in _TENSORS | _RANGES:
        return False
    written = made.node.arguments if facts.call_name(made) in _RANGES else made.node.arguments[:1]
    nodes = (node for argument in written for node in walk(argument.value))
    return all(isinstance(node, (Collection, Constant, UnaryOperation)) for node in nodes)


def _logits(facts: ModuleFacts, place: CallSite) -> Expression | None:
    if facts.call_name(place) is None:
        return place.receiver
    return place.node.arguments[0].value if place.node.arguments else None


def _fix(facts: ModuleFacts, call: CallSite, operation: Operation) -> Fix | None:
    """Put the fused function in place of both."""
    place = facts.call_at(operation.place)
    if place is None or operation.made is not None or not isinstance(place.node.func, Attribute):
        return None
    method = facts.call_name(place) is None
    if operation.has("sigmoid"):
        data = place.receiver if method else place.node.arguments[0].value if len(place.node.arguments) == 1 else None
        if data is None:
            return None
        name, imports = spell(facts, "torch.nn.functional.logsigmoid", call.site)
        return Fix(f"use `{name}`", (replace(facts, call.node, f"{name}({facts.text(data)})"), *imports), Safety.UNSAFE)
    if operation.name.rpartition(".")[2] != "softmax":
        return None
    whole, func, inner = facts.span(call.node), facts.span(place.node.func), facts.span(place.node)
    text = facts.module.source.text
    start = unwrapped(facts, place.node.func.value) if method else facts.text(place.node.func.value)
    code = f"{start}.log_softmax{text[func.end : inner.end]}"
    return Fix("use `log_softmax`", (Edit(Span(whole.start, whole.end), code),), Safety.UNSAFE)


def _logarithms(inner: str) -> tuple[str, ...]:
    """Return the patterns of the logarithm of `inner`, with and without a small constant."""
    return (f"torch.log({inner})", f"({inner}).log()", f"torch.log({inner} + $small)", f"({inner} + $small).log()")


RULE = Rule(
    name="log-of-softmax",
    summary="the logarithm of a softmax or sigmoid is computed in two steps",
    framework=Framework.TORCH,
    category=Category.LOSS,
    severity=Severity.WARNING,
    why=(
        "A softmax or sigmoid rounds to exactly 0 where a logit is about 100 below the largest (17 in half precision). Its logarithm is then minus infinity, "
        "the gradient is NaN, and one such element destroys all weights in the next step. A small constant inside of the logarithm avoids the infinity but caps "
        "the loss and kills the gradient exactly where the model is most wrong.\n\n"
        "`log_softmax` and `logsigmoid` compute the same value from the logits without the detour."
    ),
    tradeoffs={
        Cost.STABILITY: "finite values and gradients for all logits",
        Cost.COMPUTE: "one pass over the tensor instead of two",
    },
    references=(
        Reference(
            "torch.nn.functional.log_softmax",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html",
        ),
        Reference(
            "torch.nn.functional.logsigmoid",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
import torch.nn.functional as F

def nll(logits, targets):
    log_probs = torch.log(F.softmax(logits, dim=-1))
    return F.nll_loss(log_probs, targets)
""",
            """\
import torch
import torch.nn.functional as F

def nll(logits, targets):
    log_probs = F.log_softmax(logits, dim=-1)
    return F.nll_loss(log_probs, targets)
""",
        ),
        Fires(
            """\
import torch

def entropy(logits):
    return -(logits.softmax(-1) * logits.softmax(-1).log()).sum(-1)
""",
            """\
import torch

def entropy(logits):
    return -(logits.softmax(-1) * logits.log_softmax(-1)).sum(-1)
""",
        ),
        Fires(
            """\
import torch
import torch.nn.functional as F

def ranking_loss(good, bad):
    return -torch.log(torch.sigmoid(good - bad)).mean()
""",
            """\
import torch
import torch.nn.functional as F

def ranking_loss(good, bad):
    return -F.logsigmoid(good - bad).mean()
""",
        ),
        Fires(
            """\
import torch

def nll(logits):
    probs = torch.softmax(logits, dim=1)
    return torch.log(probs + 1e-8)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

table = torch.log(torch.sigmoid(torch.arange(-6.0, 6.0, 0.01)))
""",
            because="the range is written out, so that one sees that nothing rounds to 0",
        ),
        Quiet(
            """\
import torch
import torch.nn.functional as F

def nll(logits):
    probs = F.softmax(logits, dim=1).clamp(min=1e-6)
    return torch.log(probs)
""",
            because="the probabilities are kept away from 0",
        ),
        Quiet(
            """\
import torch

def score(model, x, target):
    probs = torch.softmax(model(x), dim=1)
    return torch.log(probs.gather(1, target).sum(dim=1))
""",
            because="the logarithm is that of a sum of probabilities",
        ),
        Quiet(
            """\
import numpy as np
import torch

def score(logits):
    probs = torch.softmax(logits, dim=1)
    return np.log(probs.numpy().max())
""",
            because="this is no tensor operation and has no gradient",
        ),
        Quiet(
            """\
import torch
from torch import nn

scores = torch.tensor([[0.3, -1.2, 2.0]])
shares = torch.softmax(scores, dim=1)
wanted = torch.tensor([2])
print(nn.CrossEntropyLoss()(scores, wanted), nn.NLLLoss()(torch.log(shares), wanted))
""",
            because="the numbers are written out to show that both losses agree; none of them rounds to 0",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the value is the same up to rounding where it was finite; an added constant goes away",
    architect=Allowance(
        rewrites={
            **{logarithm: _LOG_SOFTMAX for inner in _SOFTMAXES for logarithm in _logarithms(inner)},
            **{logarithm: _LOG_SIGMOID for inner in _SIGMOIDS for logarithm in _logarithms(inner)},
            "torch.nn.functional.log_softmax($x, $*rest)": _LOG_SOFTMAX,
            "$x.log_softmax($*rest)": _LOG_SOFTMAX,
        },
        imports=("torch", "torch.nn.functional"),
        advice="Use the fused function on what the softmax or sigmoid gets, with the same dimension and without a constant.",
    ),
    evidence=Shown(
        "tests/evidence/test_log_of_softmax.py::test_log_of_a_vanished_probability_is_infinite_and_its_gradient_nan"
    ),
    detect=detect,
)
