"""A tensor is moved or converted, and the result is thrown away."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, CallSite, ModuleFacts, Origin, dotted_name
from ml_architect.facts.cells import Cells
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
from ml_architect.syntax.nodes import ExpressionStatement
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span

_MOVES = ("to", "cuda", "float", "half", "double", "bfloat16", "long", "int", "type", "type_as")
_SHAPES = ("unsqueeze", "squeeze", "view", "reshape", "permute", "transpose", "flatten", "contiguous", "expand")
_VALUES = ("detach", "clamp", "masked_fill", "softmax", "log_softmax", "sigmoid")
_TENSORS = (Kind.TENSOR_FACTORY, Kind.TENSOR_FUNCTION, Kind.LOSS_FUNCTION, Kind.PARAMETER)
_NO_TENSORS = frozenset({"selection", "python_value"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a bare statement that calls an out-of-place method on what certainly is a PyTorch tensor."""
    if not facts.imports("torch"):
        return
    for call in facts.method_calls(*_MOVES, *_SHAPES, *_VALUES):
        statement = call.site.statement
        if not isinstance(statement, ExpressionStatement) or statement.value is not call.node:
            continue
        origin = _tensor(facts, call)
        if origin is None or call.receiver is None or facts.group(Cells).shows(call.site):
            continue
        yield Finding(
            call.node,
            f"`{call.method}` returns a new tensor, which is thrown away here: `{facts.text(call.receiver)}` stays as it is",
            related=(Related(origin.node, "the tensor comes from here"),),
            fix=partial(_fix, facts, call),
        )


def _tensor(facts: ModuleFacts, call: CallSite) -> Origin | None:
    """Return what makes the receiver, if each place that may make it gives a PyTorch tensor."""
    if call.receiver is None or dotted_name(call.receiver) is None:
        return None
    origins = facts.origins(call.receiver, call)
    if not origins.complete or not all(_is_tensor(facts, item) for item in origins.items):
        return None
    return origins.items[0]


def _is_tensor(facts: ModuleFacts, item: Origin) -> bool:
    made = facts.call_at(item.node)
    if made is None:
        return False
    if item.how == "element":
        return _is_batch_part(facts, made, item)
    symbol = facts.symbol(made)
    if symbol is None or item.how != "value" or item.path or not symbol.name.startswith("torch."):
        return False
    return symbol.kind in _TENSORS and symbol.traits.isdisjoint(_NO_TENSORS)


def _is_batch_part(facts: ModuleFacts, loader: CallSite, item: Origin) -> bool:
    """Whether this is one part of a batch of a ``TensorDataset``, which holds nothing but tensors."""
    if len(item.path) != 1 or facts.kinds.of(Origin(item.node, item.site, item.scope))[0] is not Kind.DATA_LOADER:
        return False
    dataset = facts.passed(loader, "dataset")
    if facts.passed(loader, "collate_fn").state != "absent" or dataset.value is None or item.path[0] is None:
        return False
    made = facts.construction(dataset.value, loader)
    return made is not None and facts.call_name(made) == "torch.utils.data.TensorDataset"


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    name = dotted_name(call.receiver)
    if name is None or facts.is_kind(call.node, call, Kind.MODULE) is Answer.YES:
        return None
    start = facts.span(call.node).start
    return Fix(f"assign the result to `{name}`", (Edit(Span(start, start), f"{name} = "),), Safety.UNSAFE)


RULE = Rule(
    name="discarded-tensor-result",
    summary="a tensor is moved, converted or reshaped, and the new tensor is thrown away",
    framework=Framework.TORCH,
    category=Category.DEVICE,
    severity=Severity.ERROR,
    why=(
        "`Tensor.to()`, `float()`, `unsqueeze()` and their like return a new tensor and leave the old one alone. As a bare statement they do nothing but work: "
        "the tensor stays on its device, in its type and in its shape, and the next operation raises or silently computes with the wrong one.\n\n"
        "Modules are different: `model.to(device)` moves the parameters in place. So are methods that end in an underscore."
    ),
    tradeoffs={Cost.COMPUTE: "the copy that is made today for nothing is used"},
    references=(
        Reference("torch.Tensor.to", "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html"),
        Reference("torch.nn.Module.to", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html"),
    ),
    fires=(
        Fires(
            """\
import torch

def noise_like(shape, device):
    noise = torch.randn(shape)
    noise.to(device)
    return noise
""",
            """\
import torch

def noise_like(shape, device):
    noise = torch.randn(shape)
    noise = noise.to(device)
    return noise
""",
        ),
        Fires(
            """\
import torch
from torch.utils.data import DataLoader, TensorDataset

def evaluate(model, features, labels, device):
    loader = DataLoader(TensorDataset(features, labels), batch_size=64)
    for x, y in loader:
        x.to(device)
        print((model(x) == y).sum())
""",
            """\
import torch
from torch.utils.data import DataLoader, TensorDataset

def evaluate(model, features, labels, device):
    loader = DataLoader(TensorDataset(features, labels), batch_size=64)
    for x, y in loader:
        x = x.to(device)
        print((model(x) == y).sum())
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

def build(device):
    model = nn.Linear(8, 2)
    model.to(device)
    return model
""",
            because="a module is moved in place",
        ),
        Quiet(
            """\
import torch

def clip(scores):
    mask = torch.zeros(3)
    mask.clamp_(0, 1)
    mask = mask.unsqueeze(0)
    return mask
""",
            because="one method works in place, the other's result is assigned",
        ),
        Quiet(
            """\
import torch

def prepare(tokenizer, texts, device):
    batch = tokenizer(texts, return_tensors="pt")
    batch.to(device)
    return batch
""",
            because="nothing says that this is a tensor: a batch of a tokenizer moves its tensors in place",
        ),
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader

def evaluate(model, dataset, device):
    for batch, target in DataLoader(dataset):
        batch.to(device)
        print(model(batch), target)
""",
            because="an item of an unknown dataset may be an object that moves itself",
        ),
        Quiet(
            """\
# %%
import torch

scores = torch.randn(4, 1)

# %%
# without the last axis
scores.squeeze()

# %%
scores.sigmoid()
""",
            because="a notebook shows the value of the expression that ends a cell",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the code behind it now gets the new tensor, which is the point",
    architect=Allowance(
        rewrites={
            f"$tensor = $tensor.{method}($*arguments)": f"$tensor.{method}($*arguments)"
            for method in (*_MOVES, *_SHAPES, *_VALUES)
        },
        advice="Assign the result to the name of the tensor; leave the call as it is.",
    ),
    evidence=Shown(
        "tests/evidence/test_discarded_tensor_result.py::test_tensor_stays_where_it_was_when_the_result_is_thrown_away"
    ),
    no_effect=True,
    detect=detect,
)
