"""The model is moved to a device, the batches are not."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import MODULES, Answer, Event, EventKind, Loop, ModuleFacts
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
from ml_architect.syntax.nodes import Attribute, Call, Collection, Constant, Expression, For, If, Name, Try

_MANAGED = ("lightning", "pytorch_lightning", "accelerate", "deepspeed", "transformers", "horovod", "fastai", "ignite")
_MOVES = frozenset({"to", "cuda", "type", "type_as", "new_tensor"})
_ALLOWED_MOVES = (
    "to(device)",
    "to(device, non_blocking=True)",
    "to($owner.device)",
    "to($owner.device, non_blocking=True)",
    'to("cuda")',
    "cuda()",
)
"""How a repair may move a tensor of the batch."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a model on a chosen device that is applied to the untouched tensors of a data loader."""
    if not facts.data_loaders or facts.imports(*_MANAGED):
        return
    for loop in facts.loops:
        names = _batch_names(facts, loop)
        if not names:
            continue
        forward = next((e for e in loop.direct(EventKind.FORWARD) if _takes_batch(e, names)), None)
        if forward is None or forward.target is None or _moves_anything(facts, loop):
            continue
        moved = _moved_model(facts, forward)
        if moved is not None:
            yield Finding(
                forward.place,
                f"`{facts.text(forward.target)}` was moved to a device, but this batch stays where the loader made it",
                related=(Related(moved.node, "the model is moved here"),),
            )


def _batch_names(facts: ModuleFacts, loop: Loop) -> frozenset[str]:
    """Return the names of tensors that the loop takes apart from the batches of a data loader."""
    statement = loop.site.statement
    if not isinstance(statement, For) or facts.calls_to("torch.set_default_device"):
        return frozenset()
    sources = facts.iterated(statement.iterable, loop.site)
    if not sources or any(facts.kinds.origin_is(item, Kind.DATA_LOADER) is not Answer.YES for item in sources):
        return frozenset()
    if any(
        facts.passed(call, "collate_fn").state != "absent" for item in sources if (call := facts.call_at(item.node))
    ):
        return frozenset()
    target: Expression = statement.target
    if isinstance(target, Collection) and isinstance(target.elements[-1], Collection):
        target = target.elements[-1]
    parts = target.elements if isinstance(target, Collection) else ()
    return frozenset(part.id for part in parts if isinstance(part, Name))


def _takes_batch(event: Event, names: frozenset[str]) -> bool:
    if event.call is None or event.frame is not None:
        return False
    arguments = event.call.node.arguments
    return bool(arguments) and isinstance(arguments[0].value, Name) and arguments[0].value.id in names


def _moves_anything(facts: ModuleFacts, loop: Loop) -> bool:
    """Whether anything in the loop is moved, or anything but modules is moved elsewhere, such as the data before it."""
    for call in facts.calls:
        if facts.call_name(call) is not None or (call.method not in _MOVES and "device" not in (call.method or "")):
            continue
        if call.site.inside(loop.site) or call.receiver is None:
            return True
        if facts.is_kind(_root(call.receiver), call, *MODULES, Kind.LOSS) is not Answer.YES:
            return True
    return any(facts.passed(call, "device").given for call in facts.calls_of(Kind.TENSOR_FACTORY))


def _moved_model(facts: ModuleFacts, forward: Event) -> CallSite | None:
    """Return the call that moves the model to something else than the CPU, without a condition around it."""
    if forward.target is None:
        return None
    for call in facts.method_calls("to", "cuda"):
        if call.receiver is None or next(call.site.enclosing(If, Try), None) is not None:
            continue
        if not _goes_to_device(facts, call):
            continue
        same = facts.same_object(_root(call.receiver), call, forward.target, forward.call or forward.site)
        if same is Answer.YES:
            return call
    return None


def _root(receiver: Expression) -> Expression:
    while isinstance(receiver, Call) and isinstance(receiver.func, Attribute) and receiver.func.attr in _MOVES:
        receiver = receiver.func.value
    return receiver


def _goes_to_device(facts: ModuleFacts, call: CallSite) -> bool:
    if call.method == "cuda":
        return True
    if len(call.node.arguments) != 1:
        return False
    value = call.node.arguments[0].value
    known = facts.known(value, call)
    if known is not None:
        return isinstance(known.value, str) and known.value.partition(":")[0] in {"cuda", "mps"}
    if facts.is_kind(value, call, Kind.DEVICE) is not Answer.YES:
        return False
    made = facts.construction(value, call)
    if made is None or not made.node.arguments:
        return False
    first = made.node.arguments[0].value
    return not (isinstance(first, Constant) and first.value == "cpu")


RULE = Rule(
    name="batch-not-moved-to-model-device",
    summary="the model is moved to a device, but the batches of the loader are not",
    framework=Framework.TORCH,
    category=Category.DEVICE,
    severity=Severity.ERROR,
    why=(
        "A `DataLoader` makes its batches on the CPU. A model that was moved to another device cannot take them: the first forward pass raises "
        "`Expected all tensors to be on the same device`. On a machine where the device turns out to be the CPU the mistake stays hidden."
    ),
    tradeoffs={
        Cost.LATENCY: "with `pin_memory=True` in the loader and `non_blocking=True` in the move, copying overlaps with computing",
        Cost.MEMORY: "one batch at a time lives on the device",
    },
    references=(
        Reference("torch.Tensor.to", "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html"),
        Reference(
            "Use pinned memory buffers",
            "https://docs.pytorch.org/docs/stable/notes/cuda.html#use-pinned-memory-buffers",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn
from torch.utils.data import DataLoader

def train(dataset, criterion):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = nn.Linear(8, 2).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in DataLoader(dataset, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            """\
import torch
from torch import nn
from torch.utils.data import DataLoader

def train(dataset, criterion):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = nn.Linear(8, 2).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in DataLoader(dataset, batch_size=64, shuffle=True):
        inputs, targets = inputs.to(device), targets.to(device)
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
from torch.utils.data import DataLoader

def train(dataset, criterion):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = nn.Linear(8, 2).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in DataLoader(dataset, batch_size=64, shuffle=True):
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            because="the batch is moved",
        ),
        Quiet(
            """\
import torch
from torch import nn
from torch.utils.data import DataLoader

def train(dataset, criterion, to_device):
    device = torch.device("cuda")
    model = nn.Linear(8, 2).to(device)
    for inputs, targets in DataLoader(dataset, collate_fn=to_device):
        criterion(model(inputs), targets).backward()
""",
            because="the collate function may move the batch",
        ),
        Quiet(
            """\
import torch
from torch import nn
from torch.utils.data import DataLoader

def train(dataset, criterion):
    model = nn.Linear(8, 2).to(torch.device("cpu"))
    for inputs, targets in DataLoader(dataset):
        criterion(model(inputs), targets).backward()
""",
            because="model and batches are on the CPU",
        ),
    ),
    fix=FixKind.ARCHITECT,
    # One moved tensor makes the finding go away, so only what moves both at once can be told from half a repair.
    architect=Allowance(
        statements=(
            *(f"$inputs, $targets = $inputs.{move}, $targets.{move}" for move in _ALLOWED_MOVES),
            *(f"$inputs = $inputs.{move}\n$targets = $targets.{move}" for move in _ALLOWED_MOVES),
        ),
        calls=(".to", ".cuda"),
        places={
            pattern: (Place(before="$model($inputs, $*others)"),)
            for move in _ALLOWED_MOVES
            for pattern in (
                f"$inputs, $targets = $inputs.{move}, $targets.{move}",
                f"$inputs = $inputs.{move}\n$targets = $targets.{move}",
            )
        },
        advice=(
            "Move all tensors of the batch at the start of the loop, to the device that the model was moved to. "
            "Do not move the model, and do not add a device."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_batch_not_moved_to_model_device.py::test_batch_left_on_the_cpu_raises_in_a_model_on_another_device"
    ),
    detect=detect,
)
