"""Half-precision gradients underflow because the loss is not scaled."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, CallSite, EventKind, Loop, ModuleFacts
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
from ml_architect.syntax.nodes import With

_OTHER_SCALERS = ("apex", "deepspeed", "accelerate", "lightning", "pytorch_lightning", "lightning_fabric", "xformers")
_AUTOCASTS = ("torch.autocast", "torch.amp.autocast", "torch.cuda.amp.autocast")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a float16 autocast around the forward pass of a training loop in a file without a gradient scaler."""
    contexts = facts.calls_of(Kind.AUTOCAST)
    if not contexts or facts.calls_of(Kind.GRAD_SCALER) or facts.imports(*_OTHER_SCALERS):
        return
    for loop in facts.training_loops:
        if loop.by_engine or any(e.scaler is not None for e in loop.backwards):
            continue
        if not loop.of(EventKind.OPTIMIZER_STEP):
            continue
        for call in contexts:
            if _covers_forward(loop, call) and _is_float16(facts, call) is Answer.YES:
                yield Finding(
                    call.node,
                    "this autocast computes in float16, but the loss is not scaled, so small gradients become zero",
                    related=(Related(loop.backwards[0].place, "unscaled backward pass"),) if loop.backwards else (),
                )


def _covers_forward(loop: Loop, call: CallSite) -> bool:
    if not isinstance(call.site.statement, With):
        return False
    forward = loop.of(EventKind.FORWARD, EventKind.LOSS)
    return any(event.site.inside(call.site) and event.inside(loop.site) for event in forward)


def _is_float16(facts: ModuleFacts, call: CallSite) -> Answer:
    name = facts.call_name(call) or ""
    enabled = facts.passed(call, "enabled")
    if enabled.state != "absent":
        known = facts.known(enabled.value, call) if enabled.given else None
        if known is None or known.value is not True:
            return Answer.UNKNOWN
    dtype = facts.passed(call, "dtype")
    if dtype.given and dtype.value is not None:
        return Answer.of(facts.qualified(dtype.value, call) in {"torch.float16", "torch.half"})
    if not dtype.absent:
        return Answer.UNKNOWN
    if name.startswith("torch.cuda."):
        return Answer.YES
    device = facts.passed(call, "device_type", 0)
    known = facts.known(device.value, call) if device.given else None
    return Answer.UNKNOWN if known is None else Answer.of(known.value == "cuda" and not known.overridable)


RULE = Rule(
    name="fp16-autocast-without-gradscaler",
    summary="training under float16 autocast without a gradient scaler",
    framework=Framework.TORCH,
    category=Category.PRECISION,
    severity=Severity.WARNING,
    why=(
        "float16 holds no positive number below about 6e-8. Gradients are often smaller; under float16 autocast they become exactly zero "
        "and those weights stop learning. A `GradScaler` multiplies the loss so that gradients stay in range, and divides before the step. "
        "On CUDA, autocast computes in float16 unless told otherwise.\n\n"
        "bfloat16 has the range of float32 and needs no scaler."
    ),
    tradeoffs={
        Cost.STABILITY: "scaling keeps small gradients; bfloat16 avoids the question but keeps fewer digits",
        Cost.COMPUTE: "the scaler costs one check for infinities for each step",
    },
    starting_values=(
        StartingValue(
            "dtype",
            "torch.bfloat16",
            "bfloat16 or float16",
            "bfloat16 from Ampere GPUs on; float16 with a scaler before",
        ),
        StartingValue("init_scale", "65536.0", "1024 to 65536", "the default; it adapts within a few hundred steps"),
    ),
    references=(
        Reference("Automatic mixed precision examples", "https://docs.pytorch.org/docs/stable/notes/amp_examples.html"),
        Reference("torch.amp", "https://docs.pytorch.org/docs/stable/amp.html"),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

def train(model: nn.Module, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
            """\
import torch
from torch import nn

def train(model: nn.Module, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

def train(model: nn.Module, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        optimizer.zero_grad()
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
            because="bfloat16 has the range of float32",
        ),
        Quiet(
            """\
import torch
from torch import nn

def train(model: nn.Module, loader, criterion, device_type):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        optimizer.zero_grad()
        with torch.autocast(device_type):
            loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
""",
            because="the device is not known, and on a CPU the default is bfloat16",
        ),
    ),
    fix=FixKind.ARCHITECT,
    # A scaler anywhere in the file makes the finding go away, so a repair with one can only be previewed.
    architect=Allowance(
        keywords={f"{name}:dtype": Choice(("torch.bfloat16",)) for name in _AUTOCASTS},
        calls=("torch.amp.GradScaler", "torch.cuda.amp.GradScaler", ".scale", ".step", ".update", ".unscale_"),
        imports=("torch", "torch.amp.GradScaler", "torch.cuda.amp.GradScaler"),
        strings=("cuda",),
        advice=(
            "On GPUs that compute in bfloat16 (Ampere and later) set the dtype of the autocast. Else make one scaler before "
            "the loop, scale the loss, let the scaler step and update it; unscale before gradients are clipped."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_fp16_autocast_without_gradscaler.py::test_gradient_is_exactly_zero_without_loss_scaling"
    ),
    detect=detect,
)
