"""The report of `load_state_dict` is taken for the model."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import MODULES, Answer, CallSite, ModuleFacts, dotted_name
from ml_architect.rewrite import replace
from ml_architect.rules.api import (
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
from ml_architect.syntax.nodes import Assign

_MODEL_METHODS = ("to", "cuda", "eval", "train", "cpu", "half", "float")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``model = model.load_state_dict(...)`` and ``model.load_state_dict(...).eval()``."""
    for call in facts.method_calls("load_state_dict"):
        if call.receiver is None or facts.is_kind(call.receiver, call, *MODULES, Kind.OPTIMIZER) is Answer.NO:
            continue
        if _is_assigned_to_itself(call) or _is_used_as_model(facts, call):
            yield Finding(
                call.node,
                f"`load_state_dict` changes `{facts.text(call.receiver)}` in place and returns a report on keys, no model",
                fix=partial(_fix, facts, call),
            )


def _is_assigned_to_itself(call: CallSite) -> bool:
    statement = call.site.statement
    if not isinstance(statement, Assign) or statement.value is not call.node or len(statement.targets) != 1:
        return False
    name = dotted_name(statement.targets[0])
    return name is not None and name == dotted_name(call.receiver)


def _is_used_as_model(facts: ModuleFacts, call: CallSite) -> bool:
    return any(other.receiver is call.node for other in facts.method_calls(*_MODEL_METHODS))


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    if not _is_assigned_to_itself(call):
        return None
    edit = replace(facts, call.site.statement, facts.text(call.node))
    return Fix("load without assigning the result", (edit,), Safety.SAFE)


RULE = Rule(
    name="load-state-dict-result-assigned",
    summary="the result of `load_state_dict` is used as if it were the model",
    framework=Framework.TORCH,
    category=Category.CHECKPOINT,
    severity=Severity.ERROR,
    why=(
        "`load_state_dict` fills the module in place. It returns a named tuple of missing and unexpected keys (for an optimizer: None). Assigned back to the name, the model "
        "is lost, and the next call raises."
    ),
    tradeoffs={Cost.MAINTENANCE: "look at the returned keys when loading with `strict=False`"},
    references=(
        Reference(
            "torch.nn.Module.load_state_dict",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

model = nn.Linear(4, 2)
model = model.load_state_dict(torch.load("weights.pt"))
""",
            """\
import torch
from torch import nn

model = nn.Linear(4, 2)
model.load_state_dict(torch.load("weights.pt"))
""",
        ),
        Fires(
            """\
import torch
from torch import nn

def restore(model: nn.Module, path):
    return model.load_state_dict(torch.load(path)).eval()
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

model = nn.Linear(4, 2)
report = model.load_state_dict(torch.load("weights.pt"), strict=False)
print(report.missing_keys)
""",
            because="the report is kept under a name of its own",
        ),
        Quiet(
            """\
import torch
from torch import nn

def restore(model: nn.Module, path):
    model.load_state_dict(torch.load(path))
    return model.eval()
""",
            because="the model is used after loading",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the name keeps the model, which is what every later use needs",
    evidence=Shown(
        "tests/evidence/test_load_state_dict_result_assigned.py::test_load_state_dict_returns_a_key_report_and_no_model"
    ),
    detect=detect,
)
