"""A count of samples is divided by a count of batches."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, CallSite, ModuleFacts, Site, dotted_name
from ml_architect.facts.summary import own_expressions
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
from ml_architect.syntax.nodes import (
    Attribute,
    AugmentedAssign,
    BinaryOperation,
    Call,
    Comparison,
    Constant,
    Expression,
    For,
    Name,
    walk,
)

_READS = frozenset({"item", "float", "cpu", "int", "detach", "data"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``right / len(loader)`` where `right` counts samples that were predicted correctly."""
    for length in facts.calls_to("builtins.len"):
        argument = length.node.arguments[0].value if length.node.arguments else None
        counter = _divided(length) if argument is not None else None
        if argument is None or counter is None:
            continue
        counting = _counting(facts, counter, length)
        if counting is None or facts.is_kind(argument, length, Kind.DATA_LOADER) is not Answer.YES:
            continue
        if _batch_size_is_one(facts, argument, length):
            continue
        yield Finding(
            length.node,
            f"`{counter.id}` counts samples, but `{facts.text(length.node)}` counts batches",
            related=(Related(counting.statement, "samples are counted here"),),
            fix=partial(_fix, facts, argument, length),
        )


def _batch_size_is_one(facts: ModuleFacts, loader: Expression, at: CallSite) -> bool:
    made = facts.construction(loader, at)
    if made is None:
        return False
    size = facts.passed(made, "batch_size")
    known = facts.known(size.value, made) if size.given else None
    return size.absent or (known is not None and known.value in {1, None})


def _divided(length: CallSite) -> Name | None:
    """Return the plain name that is divided by this call, whatever factor stands before it."""
    for top in _divisions(length):
        if top.right is length.node:
            names = [node for node in walk(top.left) if isinstance(node, Name)]
            factors = [node for node in walk(top.left) if isinstance(node, (Call, Attribute))]
            return names[0] if len(names) == 1 and not factors else None
    return None


def _divisions(length: CallSite) -> Iterator[BinaryOperation]:
    for expression in own_expressions(length.site.statement):
        for node in walk(expression):
            if isinstance(node, BinaryOperation) and node.operator == "/":
                yield node


def _counting(facts: ModuleFacts, counter: Name, length: CallSite) -> Site | None:
    """Return the statement that adds a number of correct samples to `counter`, if that is all that is ever added."""
    found: list[Site] = []
    for site in facts.statements(AugmentedAssign):
        statement = site.statement
        if not isinstance(statement, AugmentedAssign) or dotted_name(statement.target) != counter.id:
            continue
        if site.function is not length.site.function:
            continue
        if statement.operator != "+" or not _counts_matches(facts, statement.value, site, 0):
            return None
        if any(isinstance(loop.statement, For) for loop in site.loops):
            found.append(site)
    return found[0] if found else None


def _counts_matches(facts: ModuleFacts, value: Expression, site: Site, depth: int) -> bool:
    """Whether a value is the number of equal elements of two tensors: ``(a == b).sum()`` or ``a.eq(b).sum()``."""
    while isinstance(value, Call) and isinstance(value.func, Attribute) and value.func.attr in _READS:
        value = value.func.value
    if isinstance(value, Name) and depth == 0:
        only = facts.origins(value, site).only
        if only is None or only.path or only.how != "value":
            return False
        return isinstance(only.node, Call) and _counts_matches(facts, only.node, only.site, 1)
    if not isinstance(value, Call) or not isinstance(value.func, Attribute) or value.func.attr != "sum":
        return False
    inner: Expression = value.func.value
    if facts.qualified(value.func, site) == "torch.sum":
        if not value.arguments:
            return False
        inner = value.arguments[0].value
    elif value.arguments:
        return False
    while isinstance(inner, Call) and isinstance(inner.func, Attribute) and inner.func.attr in _READS:
        inner = inner.func.value
    if isinstance(inner, Comparison):
        return inner.operators == ("==",) and not isinstance(inner.comparators[0], Constant)
    return isinstance(inner, Call) and isinstance(inner.func, Attribute) and inner.func.attr == "eq"


def _fix(facts: ModuleFacts, loader: Expression, length: CallSite) -> Fix | None:
    made = facts.construction(loader, length)
    if made is None or not facts.passed(made, "sampler").absent or not facts.passed(made, "drop_last").absent:
        return None
    name = facts.text(loader)
    return Fix(f"divide by `len({name}.dataset)`", (replace(facts, loader, f"{name}.dataset"),), Safety.UNSAFE)


RULE = Rule(
    name="accuracy-divided-by-batches",
    summary="a number of correct samples is divided by the number of batches",
    framework=Framework.TORCH,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        "`len(loader)` is the number of batches, not of samples. A count of correct samples divided by it is too large by about the batch "
        "size: an accuracy of 12.8 (or 1280 %) that still rises with training and so is easily taken for a scale, and that changes "
        "with the batch size."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "`len(loader.dataset)` is right unless `drop_last` or a sampler leaves samples out; counting samples always is"
    },
    references=(
        Reference(
            "torch.utils.data.DataLoader", "https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader"
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.utils.data import DataLoader

def evaluate(model, dataset):
    loader = DataLoader(dataset, batch_size=128)
    right = 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            right += (model(inputs).argmax(dim=1) == targets).sum().item()
    return right / len(loader)
""",
            """\
import torch
from torch.utils.data import DataLoader

def evaluate(model, dataset):
    loader = DataLoader(dataset, batch_size=128)
    right = 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            right += (model(inputs).argmax(dim=1) == targets).sum().item()
    return right / len(loader.dataset)
""",
        ),
        Fires(
            """\
import torch
from torch.utils.data import DataLoader

def evaluate(model, loader):
    right = 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            predicted = model(inputs).argmax(dim=1)
            hits = predicted.eq(targets).sum().item()
            right += hits
    print(f"accuracy {100.0 * right / len(loader):.1f} %")

def main(model, dataset):
    evaluate(model, DataLoader(dataset, batch_size=64, drop_last=True))
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader

def evaluate(model, dataset):
    loader = DataLoader(dataset, batch_size=128)
    total = 0.0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            total += (model(inputs).argmax(dim=1) == targets).float().mean().item()
    return total / len(loader)
""",
            because="a mean for each batch is averaged over the batches",
        ),
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader

def evaluate(model, dataset):
    loader = DataLoader(dataset)
    right = 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            right += (model(inputs).argmax(dim=1) == targets).sum().item()
    return right / len(loader)
""",
            because="with a batch size of one, batches are samples",
        ),
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader

def evaluate(model, dataset):
    loader = DataLoader(dataset, batch_size=128)
    right, seen = 0, 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            right += (model(inputs).argmax(dim=1) == targets).sum().item()
            seen += len(targets)
    return right / seen
""",
            because="the samples are counted",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the reported number changes, which is the point",
    architect=Allowance(
        rewrites={"len($loader.dataset)": "len($loader)"},
        calls=(".size", "len"),
        advice=(
            "Divide by the number of samples that were seen: the size of the dataset, unless a sampler or `drop_last` leaves "
            "some out; then count them in the loop."
        ),
    ),
    evidence=Shown("tests/evidence/test_accuracy_divided_by_batches.py::test_accuracy_exceeds_one"),
    detect=detect,
)
