"""Every batch waits for the device several times."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import Event, EventKind, Loop, ModuleFacts
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
    StartingValue,
)
from ml_architect.syntax.nodes import Constant

_ENOUGH = 2
_READS = frozenset({"item", "cpu", "tolist"})
"""``numpy()`` alone raises on a device tensor, so it stands on a tensor that is on the host already."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a training loop that reads values back from the device at least twice for every batch.

    Silent where the project states that it has no GPU: a processor does not wait for itself.
    """
    if facts.profile.without_gpu or not facts.training_loops or not _uses_accelerator(facts):
        return
    for loop in facts.training_loops:
        reads = _unconditional_reads(facts, loop)
        if len(reads) < _ENOUGH:
            continue
        yield Finding(
            reads[0].place,
            f"each batch waits for the device {len(reads)} times in this loop; read values back every few batches",
            related=tuple(Related(read.place, "waits as well") for read in reads[1:]),
        )


def _unconditional_reads(facts: ModuleFacts, loop: Loop) -> list[Event]:
    reads = [e for e in loop.direct(EventKind.SYNC) if not e.conditional(loop.site) and e.frame is None]
    reads = [e for e in reads if e.call is not None and e.call.method in _READS]
    outer = []
    for event in reads:
        span = facts.span(event.place)
        if not any(facts.span(other.place).contains(span) for other in reads if other is not event):
            outer.append(event)
    return outer


def _uses_accelerator(facts: ModuleFacts) -> bool:
    if facts.method_calls("cuda"):
        return True
    for call in facts.calls_of(Kind.DEVICE):
        argument = call.node.arguments[0].value if call.node.arguments else None
        if not (isinstance(argument, Constant) and argument.value == "cpu"):
            return True
    return False


RULE = Rule(
    name="host-sync-in-hot-loop",
    summary="values are read back from the device several times for every batch",
    framework=Framework.TORCH,
    category=Category.DEVICE,
    severity=Severity.INFO,
    why=(
        "Work on a GPU is queued: Python runs ahead while the device computes. `.item()`, `.cpu()`, `.numpy()` and `.tolist()` stop Python until "
        "the device has caught up, so the next batch is prepared only afterwards and the device idles in between.\n\n"
        "Keep running sums as tensors on the device and read them once every few dozen batches. For large models, whose "
        "steps take far longer than the queue is deep, one read per batch hardly matters."
    ),
    tradeoffs={
        Cost.LATENCY: "fewer waits let batch preparation and device work overlap",
        Cost.MEMORY: "a running sum on the device is one small tensor; detach it",
        Cost.MAINTENANCE: "progress is logged every n batches instead of each one",
    },
    starting_values=(
        StartingValue("batches between reads", "50", "10 to 200", "often enough to watch, rare enough to cost nothing"),
    ),
    references=(
        Reference(
            "Avoid unnecessary CPU-GPU synchronization",
            "https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html#avoid-unnecessary-cpu-gpu-synchronization",
        ),
    ),
    fires=(
        Fires(
            """\
import torch

def train(model, loader, criterion, optimizer):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    total, right = 0.0, 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
        right += (outputs.argmax(1) == targets).sum().item()
""",
            """\
import torch

def train(model, loader, criterion, optimizer):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    total, right = 0.0, 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        total += loss.detach()
        right += (outputs.argmax(1) == targets).sum()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def train(model, loader, criterion, optimizer):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    for step, (inputs, targets) in enumerate(loader):
        optimizer.zero_grad()
        outputs = model(inputs.to(device))
        loss = criterion(outputs, targets.to(device))
        loss.backward()
        optimizer.step()
        if step % 50 == 0:
            print(loss.item(), (outputs.argmax(1) == targets.to(device)).sum().item())
""",
            because="read every 50 batches",
        ),
        Quiet(
            """\
import torch

def train(model, loader, criterion, optimizer):
    total, right = 0.0, 0
    for inputs, targets in loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
        right += (outputs.argmax(1) == targets).sum().item()
""",
            because="nothing moves to a device, and on a CPU there is nothing to wait for",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        rewrites={
            "$total += $value.item()": "$total += $value",
            "$total += $value.detach()": "$total += $value",
            "$total += $value.item() * $weight": "$total += $value * $weight",
            "$total += $value.detach() * $weight": "$total += $value * $weight",
            "$values.append($value.item())": "$values.append($value)",
            "$values.append($value.detach())": "$values.append($value)",
        },
        thorough=True,
        advice=(
            "Add up tensors on the device (detached, where they carry a graph) and read them back once behind the loop. "
            "Leave what is computed, and what is reported in the end, as it is."
        ),
    ),
    evidence=Shown("tests/evidence/test_host_sync_in_hot_loop.py::test_item_per_batch_synchronizes_per_batch"),
    detect=detect,
)
