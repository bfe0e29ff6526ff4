"""The program needs a CUDA device although nothing asks whether there is one."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.words import speaks_of
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
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
from ml_architect.syntax.nodes import Attribute, Constant, Name, Node, walk

_SHOWN = 6
_CALLS = frozenset({"is_available", "device_count"})
_DEVICES = frozenset({"cpu", "cuda", "device", "gpu", "gpus"})
"""Words in the names that a condition asks about, such as ``use_gpu`` or ``cpu_run``."""
_MANAGED = ("lightning", "pytorch_lightning", "accelerate", "deepspeed", "triton", "apex")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report the first fixed CUDA device of a file in which nothing checks for CUDA, with the others as related places."""
    if not facts.imports("torch") or facts.imports(*_MANAGED) or _only_generates(facts):
        return
    uses = sorted(_fixed_devices(facts), key=lambda node: facts.span(node).start)
    if not uses or _checks(facts):
        return
    where = (
        "here, as the project states that it has no GPU" if facts.profile.without_gpu else "on a machine without CUDA"
    )
    yield Finding(
        uses[0],
        f"this raises {where}; choose the device once and move everything to it",
        related=tuple(Related(node, "fixed to CUDA as well") for node in uses[1:_SHOWN]),
        severity=Severity.ERROR if facts.profile.without_gpu else None,
    )


def _only_generates(facts: ModuleFacts) -> bool:
    """Whether diffusion models are run and not trained, which nobody waits for on a processor."""
    return facts.imports("diffusers") and not facts.training_loops and not facts.calls_of(Kind.OPTIMIZER)


def _fixed_devices(facts: ModuleFacts) -> Iterator[Node]:
    for call in facts.method_calls("cuda"):
        if facts.call_name(call) is None and not call.node.arguments:
            yield call.node
    for call in facts.method_calls("to"):
        if call.node.arguments and _says_cuda(call.node.arguments[0].value) and facts.call_name(call) is None:
            yield call.node
    for call in facts.calls_of(Kind.DEVICE):
        if call.node.arguments and _says_cuda(call.node.arguments[0].value):
            yield call.node
    for call in facts.calls_of(Kind.TENSOR_FACTORY):
        device = _device_argument(facts, call)
        if device is not None:
            yield device


def _device_argument(facts: ModuleFacts, call: CallSite) -> Node | None:
    passed = facts.passed(call, "device")
    return passed.argument if passed.value is not None and _says_cuda(passed.value) else None


def _says_cuda(value: Node) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, str) and value.value.partition(":")[0] == "cuda"


def _checks(facts: ModuleFacts) -> bool:
    """Whether anything in the file asks for CUDA, or a condition speaks of devices."""
    if facts.method_calls("is_available", "device_count", "set_device") or facts.imports("torch_xla"):
        return True
    for site in facts.structure.sites:
        test = getattr(site.statement, "test", None)
        if isinstance(test, Node) and any(_speaks_of_devices(node) for node in walk(test)):
            return True
    return False


def _speaks_of_devices(node: Node) -> bool:
    name = node.id if isinstance(node, Name) else node.attr if isinstance(node, Attribute) else None
    return name in _CALLS or speaks_of(name, _DEVICES)


RULE = Rule(
    name="hardcoded-cuda",
    summary="tensors or modules are moved to CUDA without asking whether there is one",
    framework=Framework.TORCH,
    category=Category.DEVICE,
    severity=Severity.INFO,
    why=(
        '`.cuda()` and `device="cuda"` raise on machines without an NVIDIA GPU: a colleague\'s laptop, a CI runner, a machine with another accelerator. A device that is chosen once '
        "and passed on costs one line."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "one place decides, and the same script runs on CUDA, Apple GPUs and CPUs, and in tests"
    },
    starting_values=(
        StartingValue(
            "device",
            'torch.device("cuda" if torch.cuda.is_available() else "cpu")',
            "cuda, mps, xpu, cpu",
            "`torch.accelerator.current_accelerator()` knows all of them from 2.6 on",
        ),
    ),
    references=(
        Reference("Device-agnostic code", "https://docs.pytorch.org/docs/stable/notes/cuda.html#device-agnostic-code"),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

def train(loader, criterion, optimizer):
    model = nn.Linear(8, 2).cuda()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs.cuda()), targets.cuda()).backward()
        optimizer.step()
""",
            """\
import torch
from torch import nn

def train(loader, criterion, optimizer):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = nn.Linear(8, 2).to(device)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs.to(device)), targets.to(device)).backward()
        optimizer.step()
""",
        ),
        Fires(
            """\
import torch

device = torch.device("cuda:0")
weights = torch.zeros(3, 3, device="cuda")
""",
            """\
import torch

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
weights = torch.zeros(3, 3, device=device)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

def build(cpu_run):
    if cpu_run:
        return nn.Linear(8, 2)
    return nn.Linear(8, 2).cuda()
""",
            because="the caller says whether there is a GPU",
        ),
        Quiet(
            """\
import torch
from torch import nn

model = nn.Linear(8, 2)
if torch.cuda.is_available():
    model = model.cuda()
""",
            because="only where there is such a device",
        ),
        Quiet(
            """\
import torch
from torch import nn

def build(device):
    model = nn.Linear(8, 2).to(device)
    return model.to("cpu")
""",
            because="the caller chooses, and a CPU is always there",
        ),
        Quiet(
            """\
import argparse
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--no-cuda", action="store_true")
args = parser.parse_args()
model = nn.Linear(8, 2)
if not args.no_cuda:
    model.cuda()
""",
            because="the user can say no",
        ),
        Quiet(
            """\
import torch
from diffusers import DiffusionPipeline

painter = DiffusionPipeline.from_pretrained("some/model", torch_dtype=torch.float16).to("cuda")
painter("a harbour at dawn").images[0].save("harbour.png")
""",
            because="a diffusion model that is only run, in half precision, is meant for an accelerator",
        ),
    ),
    fix=FixKind.ARCHITECT,
    # Asking for CUDA anywhere makes the finding go away, so no check can tell a whole repair from half of one.
    architect=Allowance(
        keywords={"device": Choice(("device",))},
        statements=(
            'device = torch.device("cuda" if torch.cuda.is_available() else "cpu")',
            'device = torch.device("cuda")',
        ),
        rewrites={
            'torch.device($cuda if torch.cuda.is_available() else "cpu")': "torch.device($cuda)",
            "$tensor.to(device)": "$tensor.cuda()",
            '$tensor.to("cuda")': "$tensor.cuda()",
            '$tensor.to("cuda:0")': "$tensor.cuda()",
        },
        imports=("torch",),
        strings=("cuda", "cpu"),
        structural=True,
        advice=(
            "Choose the device once, before its first use and under the name `device`, by asking whether there is CUDA; then "
            "move everything to it that is moved to CUDA now."
        ),
    ),
    evidence=Shown("tests/evidence/test_hardcoded_cuda.py::test_a_fixed_cuda_device_raises_on_a_machine_without_cuda"),
    detect=detect,
)
