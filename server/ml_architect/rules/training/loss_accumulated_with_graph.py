"""A running total of losses keeps their graphs alive."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, EventKind, Loop, ModuleFacts, Site, dotted_name
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
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Assign, Attribute, AugmentedAssign, Call, Expression, Name, Node, walk

_GRAPH = (EventKind.FORWARD, EventKind.LOSS)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``total += loss`` where the loss carries a graph and the total is never differentiated."""
    if not facts.imports("torch"):
        return
    loops = {loop.site: loop for loop in facts.loops}
    for site in facts.statements(AugmentedAssign):
        statement = site.statement
        if not isinstance(statement, AugmentedAssign) or statement.operator != "+" or not site.loops:
            continue
        loop = loops[site.loops[0]]
        if not isinstance(statement.value, Name) or _is_part_of_a_loss(loop):
            continue
        source = _graph_source(facts, statement.value, site, loop)
        if source is None or not _is_running_total(facts, statement.target, site, loop):
            continue
        yield Finding(
            statement,
            f"`{facts.text(statement.target)}` keeps the graph of every batch, since "
            f"`{statement.value.id}` still carries it",
            related=(Related(source, "the graph is recorded here"),),
            severity=Severity.INFO if loop.trains else None,
            fix=partial(_fix, facts, statement.value),
        )


def _is_part_of_a_loss(loop: Loop) -> bool:
    """Whether the total may be a loss itself, put together in its function for whoever calls that."""
    if loop.trains or loop.function is None:
        return False
    return loop.function.name in {"forward", "__call__"} or not loop.of(EventKind.FORWARD)


def _graph_source(facts: ModuleFacts, value: Name, site: Site, loop: Loop) -> Call | None:
    """Return the call in this loop that made the value with a graph, None where that is not certain."""
    only = facts.origins(value, site).only
    call = facts.call_at(only.node) if only is not None and not only.path and only.how == "value" else None
    if call is None or not call.site.inside(loop.site) or facts.grad_mode.disabled(call.site) is not Answer.NO:
        return None
    found = facts.event_streams.classify(call)
    return call.node if found is not None and found[0] in _GRAPH else None


def _is_running_total(facts: ModuleFacts, target: Expression, site: Site, loop: Loop) -> bool:
    """Whether the target starts as a number outside the loop and no backward pass gets it."""
    name = dotted_name(target)
    if name is None or _is_differentiated(facts, name):
        return False
    found = facts.names.lookup(name, site.scope)
    starts = [
        b for b in (found[1] if found else ()) if isinstance(b.site.statement, Assign) and b.bound.how == "assign"
    ]
    if not starts or any(b.site.inside(loop.site) for b in starts):
        return False
    known = [facts.known(b.bound.value, b.site) for b in starts]
    return all(value is not None and value.number() == 0 for value in known)


def _is_differentiated(facts: ModuleFacts, name: str) -> bool:
    """Whether a backward pass is called on the total, or on a name that some assignment makes from it."""
    calls = facts.method_calls("backward")
    return any(_mentions(call.node, name) or _derives(facts, name, call.receiver) for call in calls)


def _derives(facts: ModuleFacts, name: str, loss: Expression | None) -> bool:
    root = dotted_name(loss)
    bindings = (item for site in facts.statements(Assign, AugmentedAssign) for item in site.summary.bindings)
    return any(item.value is not None and item.name == root and _mentions(item.value, name) for item in bindings)


def _mentions(node: Node, name: str) -> bool:
    return any(isinstance(part, (Name, Attribute)) and dotted_name(part) == name for part in walk(node))


def _fix(facts: ModuleFacts, value: Name) -> Fix:
    return Fix(f"add `{value.id}.detach()` instead", (replace(facts, value, f"{value.id}.detach()"),), Safety.UNSAFE)


RULE = Rule(
    name="loss-accumulated-with-graph",
    summary="a running total adds up losses that still carry their graph",
    framework=Framework.TORCH,
    category=Category.TRAINING_LOOP,
    severity=Severity.WARNING,
    why=(
        "Adding a tensor that requires gradients to a total makes the total part of the graph. In an evaluation loop "
        "without `no_grad` this keeps the activations of every batch until the loop ends, and memory grows with each one.\n\n"
        "After `backward()` the activations are freed and only a few small graph nodes per batch stay alive, so in a training loop the "
        "cost is small and the finding is information only."
    ),
    tradeoffs={
        Cost.MEMORY: "`.detach()` lets the graph of each batch go",
        Cost.LATENCY: "`.item()` frees it as well but waits for the device in every batch; `.detach()` does not",
    },
    references=(
        Reference(
            "My model reports out of memory",
            "https://docs.pytorch.org/docs/stable/notes/faq.html#my-model-reports-cuda-runtime-error-2-out-of-memory",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

def evaluate(model: nn.Module, loader):
    criterion = nn.CrossEntropyLoss()
    model.eval()
    total = 0.0
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        total += loss
    return total / len(loader)
""",
            """\
import torch
from torch import nn

def evaluate(model: nn.Module, loader):
    criterion = nn.CrossEntropyLoss()
    model.eval()
    total = 0.0
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        total += loss.detach()
    return total / len(loader)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

def train(model: nn.Module, batches, optimizer):
    criterion = nn.CrossEntropyLoss()
    total = 0
    for inputs, targets in batches:
        loss = criterion(model(inputs), targets)
        total += loss
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
""",
            because="the total is what is differentiated",
        ),
        Quiet(
            """\
import torch
from torch import nn

@torch.no_grad()
def evaluate(model: nn.Module, loader):
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        total += loss
    return total
""",
            because="no graph is recorded here",
        ),
        Quiet(
            """\
import torch
from torch import nn

def evaluate(model: nn.Module, loader):
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets).item()
        total += loss
    return total
""",
            because="a Python number is added",
        ),
        Quiet(
            """\
import torch
from torch import nn

class SequenceLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.criterion = nn.CTCLoss()

    def forward(self, log_probs, targets, lengths):
        total = 0.0
        for row, target, length in zip(log_probs, targets, lengths):
            loss = self.criterion(row, target, length, target.shape)
            total += loss
        return total / len(lengths)
""",
            because="the total is the loss, and who calls this differentiates it",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the total no longer leads back to the model; nothing differentiates it here",
    architect=Allowance(
        rewrites={
            "$total += $loss.detach()": "$total += $loss",
            "$total += $loss.item()": "$total += $loss",
        },
        advice="Detach the loss where it is added to the total; `item()` is right where the total is printed for each batch.",
    ),
    evidence=Shown(
        "tests/evidence/test_loss_accumulated_with_graph.py::test_evaluation_total_keeps_the_activations_of_every_batch"
    ),
    detect=detect,
)
