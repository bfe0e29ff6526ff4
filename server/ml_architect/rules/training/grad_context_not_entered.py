"""A context manager is made as a statement of its own and never entered."""

from collections.abc import Iterator

from ml_architect.facts import CallSite, ModuleFacts
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
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import ExpressionStatement

_CONTEXTS = (
    "torch.no_grad",
    "torch.inference_mode",
    "torch.enable_grad",
    "torch.autocast",
    "torch.amp.autocast",
    "torch.cuda.amp.autocast",
    "torch.cpu.amp.autocast",
    "tensorflow.GradientTape",
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a context manager whose call is a whole statement."""
    for call in facts.calls_to(*_CONTEXTS):
        if _is_whole_statement(call):
            yield Finding(
                call.node,
                f"`{facts.text(call.node.func)}()` is never entered, so this line changes nothing; put the code under `with`",
            )


def _is_whole_statement(call: CallSite) -> bool:
    statement = call.site.statement
    return isinstance(statement, ExpressionStatement) and statement.value is call.node


RULE = Rule(
    name="grad-context-not-entered",
    summary="`torch.no_grad()` or a similar context stands alone instead of behind `with`",
    framework=Framework.TORCH,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        "`torch.no_grad()` and its kin return a context manager. They take effect while a `with` block (or a decorated function) runs; "
        "called as a statement the object is made and dropped. Autograd goes on recording, activations stay in "
        "memory, and autocast casts nothing.\n\n"
        "`torch.set_grad_enabled(False)` is the one that also works as a statement."
    ),
    tradeoffs={
        Cost.MEMORY: "under `with torch.no_grad()` no activations are kept for a backward pass",
        Cost.COMPUTE: "no graph is built, which also saves a little time for each operation",
    },
    references=(
        Reference("torch.no_grad", "https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html"),
        Reference("Locally disabling gradient computation", "https://docs.pytorch.org/docs/stable/notes/autograd.html"),
    ),
    fires=(
        Fires(
            """\
import torch

def evaluate(model, loader):
    model.eval()
    torch.no_grad()
    return [model(batch) for batch in loader]
""",
            """\
import torch

def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        return [model(batch) for batch in loader]
""",
        ),
        Fires(
            """\
from torch import autocast

def forward(model, batch):
    autocast("cuda")
    return model(batch)
""",
            """\
from torch import autocast

def forward(model, batch):
    with autocast("cuda"):
        return model(batch)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def evaluate(model, loader):
    torch.set_grad_enabled(False)
    return [model(batch) for batch in loader]
""",
            because="this one switches autograd off when called",
        ),
        Quiet(
            """\
import contextlib
import torch

def evaluate(model, loader, quiet):
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        context = torch.autocast("cuda") if quiet else contextlib.nullcontext()
        with context:
            return [model(batch) for batch in loader]
""",
            because="the contexts are entered, by a stack and later by `with`",
        ),
        Quiet(
            """\
import torch

@torch.no_grad()
def evaluate(model, loader):
    return [model(batch) for batch in loader]
""",
            because="used as a decorator",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        statements=tuple(f"{name}($*arguments)" for name in _CONTEXTS),
        headers=tuple(f"{prefix}{name}($*arguments)" for name in _CONTEXTS for prefix in ("", "@")),
        advice=(
            "Put `with` before the call and the code that follows, down to the end of the evaluation or forward pass, under "
            "it. Do not change that code."
        ),
    ),
    evidence=Shown("tests/evidence/test_grad_context_not_entered.py::test_bare_call_leaves_gradients_enabled"),
    detect=detect,
)
