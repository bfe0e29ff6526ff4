"""A whole module object is pickled instead of its weights."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import MODULES, Answer, CallSite, ModuleFacts
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
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Dictionary, Expression


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``torch.save`` of a module, alone or as an entry of a dict; tests pickle modules to test that."""
    for call in facts.calls_to("torch.save") if not facts.is_test else ():
        passed = facts.passed(call, "obj", 0)
        if not passed.given or passed.value is None:
            continue
        for value in _saved(facts, passed.value, call):
            if facts.is_kind(value, call, *MODULES) is Answer.YES:
                yield Finding(
                    value,
                    f"this pickles `{facts.text(value)}` with its class; save its `state_dict()` instead",
                    fix=partial(_fix, facts, value),
                )
                break


def _saved(facts: ModuleFacts, value: Expression, call: CallSite) -> list[Expression]:
    only = facts.origins(value, call).only
    if only is not None and isinstance(only.node, Dictionary):
        return list(only.node.values)
    return [value]


def _fix(facts: ModuleFacts, value: Expression) -> Fix:
    return Fix("save the weights", (replace(facts, value, f"{facts.text(value)}.state_dict()"),), Safety.UNSAFE)


RULE = Rule(
    name="whole-module-saved",
    summary="a whole module is saved instead of its `state_dict()`",
    framework=Framework.TORCH,
    category=Category.CHECKPOINT,
    severity=Severity.WARNING,
    why=(
        "`torch.save(model, path)` pickles the object: the file names the class and its module path. It breaks when the code is moved or renamed, since 2.6 "
        "`torch.load` refuses it by default, and loading it otherwise runs whatever the pickle says."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "a `state_dict` outlives refactoring; the loading code constructs the model itself",
        Cost.MEMORY: "the file is about as large either way",
    },
    references=(
        Reference(
            "Saving and loading models", "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html"
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

def train(path):
    model = nn.Linear(4, 2)
    torch.save(model, path)
""",
            """\
import torch
from torch import nn

def train(path):
    model = nn.Linear(4, 2)
    torch.save(model.state_dict(), path)
""",
        ),
        Fires(
            """\
import torch
from torch import nn

def save(model: nn.Module, epoch, path):
    torch.save({"epoch": epoch, "model": model}, path)
""",
            """\
import torch
from torch import nn

def save(model: nn.Module, epoch, path):
    torch.save({"epoch": epoch, "model": model.state_dict()}, path)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

def save(model: nn.Module, path):
    torch.save(model.state_dict(), path)
""",
            because="only the weights are saved",
        ),
        Quiet(
            """\
import torch

def save(embeddings, path):
    torch.save(embeddings, path)
""",
            because="nothing says that this is a module",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the file has another content, so the code that loads it has to follow",
    architect=Allowance(
        rewrites={"$module.state_dict()": "$module"},
        advice=(
            "Save the `state_dict()` of the module. Where this file loads the checkpoint again, the module has to be made "
            "first and get the weights with `load_state_dict`."
        ),
    ),
    evidence=Shown("tests/evidence/test_whole_module_saved.py::test_a_pickled_module_cannot_be_loaded_by_default"),
    detect=detect,
)
