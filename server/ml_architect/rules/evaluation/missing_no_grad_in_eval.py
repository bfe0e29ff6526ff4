"""An evaluation loop records a graph that nobody uses."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, Event, EventKind, ModuleFacts, Site
from ml_architect.facts.evaluation import EvaluationLoop, Evaluations
from ml_architect.rewrite import insert_before, spell
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
from ml_architect.syntax.nodes import Attribute, walk

_USES_GRADIENTS = ("requires_grad_", "backward", "register_hook", "register_full_backward_hook", "retain_grad")
_GRADIENT_FUNCTIONS = ("torch.autograd.grad", "torch.func.grad", "torch.autograd.functional.jacobian")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a loop that applies a model in evaluation mode while autograd records; tests are too small to matter."""
    told: set[Site] = set()
    for found in facts.group(Evaluations).loops if facts.imports("torch") and not facts.is_test else ():
        if found.loop.leaves_at_once:
            continue
        mode = next((e for e in _modes(facts, found) if e.site.order < found.loop.site.order), None)
        if mode is None or mode.site in told or _uses_gradients(facts, found):
            continue
        if facts.grad_mode.disabled(found.forward.site) is not Answer.NO:
            continue
        told.add(mode.site)
        yield Finding(
            found.forward.place,
            "evaluation runs with autograd on, so activations of each batch are kept for a backward pass that never comes",
            related=(Related(mode.place, "evaluation mode is set here; it does not switch autograd off"),),
            fix=partial(_fix, facts, found),
        )


def _modes(facts: ModuleFacts, found: EvaluationLoop) -> list[Event]:
    about = facts.group(Evaluations).about
    events = [e for e in facts.events(found.loop.function) if e.kind is EventKind.EVAL_MODE and e.frame is None]
    return [event for event in events if about(event, found.forward) is Answer.YES]


def _uses_gradients(facts: ModuleFacts, found: EvaluationLoop) -> bool:
    function = found.loop.function
    calls = [*facts.method_calls(*_USES_GRADIENTS), *facts.calls_to(*_GRADIENT_FUNCTIONS)]
    if any(
        call.site.function is function for call in calls if function is not None or call.site.inside(found.loop.site)
    ):
        return True
    return any(isinstance(node, Attribute) and node.attr == "grad" for node in walk(found.loop.site.statement))


def _fix(facts: ModuleFacts, found: EvaluationLoop) -> Fix | None:
    function = found.loop.function
    if function is None or any(event.kind is EventKind.OPTIMIZER_STEP for event in facts.events(function)):
        return None
    name, imports = spell(facts, "torch.no_grad", function.site)
    edit = insert_before(facts, function.site, f"@{name}()")
    return Fix(f"decorate `{function.name}` with `{name}()`", (edit, *imports), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="missing-no-grad-in-eval",
    summary="a model is evaluated with autograd recording",
    framework=Framework.TORCH,
    category=Category.EVALUATION,
    severity=Severity.WARNING,
    why=(
        "`model.eval()` changes dropout and batch normalisation, not autograd. Without `torch.no_grad()` or "
        "`torch.inference_mode()` each forward pass keeps its activations until the outputs are dropped, which limits the "
        "batch size of evaluation to that of training, and outputs that are collected keep the graphs of all batches."
    ),
    tradeoffs={
        Cost.MEMORY: "activations are freed as soon as the next layer has used them, so larger batches fit",
        Cost.COMPUTE: "no graph is built; `inference_mode` saves a little more but its tensors can never be used in autograd",
    },
    references=(
        Reference("torch.no_grad", "https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html"),
        Reference("Locally disabling gradient computation", "https://docs.pytorch.org/docs/stable/notes/autograd.html"),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

def evaluate(model: nn.Module, loader):
    model.eval()
    right = 0
    for inputs, targets in loader:
        right += (model(inputs).argmax(1) == targets).sum().item()
    return right
""",
            """\
import torch
from torch import nn

@torch.no_grad()
def evaluate(model: nn.Module, loader):
    model.eval()
    right = 0
    for inputs, targets in loader:
        right += (model(inputs).argmax(1) == targets).sum().item()
    return right
""",
        ),
        Fires(
            """\
import torch
from torch import nn

class Trainer:
    def __init__(self, model: nn.Module):
        self.model = model

    def validate(self, batches):
        self.model.eval()
        outputs = []
        for batch in batches:
            outputs.append(self.model(batch))
        return outputs
""",
            """\
import torch
from torch import nn

class Trainer:
    def __init__(self, model: nn.Module):
        self.model = model

    @torch.no_grad()
    def validate(self, batches):
        self.model.eval()
        outputs = []
        for batch in batches:
            outputs.append(self.model(batch))
        return outputs
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

def evaluate(model: nn.Module, loader):
    model.eval()
    for batch in loader:
        print(model(batch))

def main(model, loader):
    with torch.inference_mode():
        evaluate(model, loader)
""",
            because="the only caller switches autograd off",
        ),
        Quiet(
            """\
import torch
from torch import nn

def saliency(model: nn.Module, loader):
    model.eval()
    for batch in loader:
        batch.requires_grad_()
        model(batch).max().backward()
        yield batch.grad
""",
            because="gradients of the inputs are wanted",
        ),
        Quiet(
            """\
import torch
from torch import nn

def evaluate(model: nn.Module, loader, phase):
    model.eval()
    for batch in loader:
        with torch.set_grad_enabled(phase == "train"):
            print(model(batch))
""",
            because="autograd depends on the phase, which is not known here",
        ),
        Quiet(
            """\
import torch
from torch import nn

def preview(model: nn.Module, loader):
    model.eval()
    for batch in loader:
        decoded = model(batch)
        break
    return decoded
""",
            because="one batch is looked at, no loop keeps activations",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="what the function returns no longer carries a graph",
    architect=Allowance(
        headers=("@torch.no_grad()", "torch.no_grad()", "@torch.inference_mode()", "torch.inference_mode()"),
        imports=("torch", "torch.no_grad", "torch.inference_mode"),
        advice=(
            "Decorate the function that evaluates, or put the evaluation loop under the context. Use `no_grad` where outputs "
            "may be used in a graph later on."
        ),
    ),
    evidence=Shown("tests/evidence/test_missing_no_grad_in_eval.py::test_forward_in_eval_mode_keeps_activations"),
    detect=detect,
)
