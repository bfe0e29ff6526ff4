"""The dropout of scaled dot product attention is not told the mode."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, Function, ModuleFacts, speaks_of
from ml_architect.facts.gates import TrainingGates
from ml_architect.facts.modules import ModuleClasses
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
from ml_architect.syntax.nodes import Attribute, Constant, Expression, Name

_ATTENTION = "torch.nn.functional.scaled_dot_product_attention"
_SAMPLING = frozenset({"mc", "monte", "carlo", "bayes", "bayesian", "uncertainty"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``dropout_p`` that is the same in both modes."""
    for call in facts.calls_to(_ATTENTION):
        method = call.scope.function
        passed = facts.passed(call, "dropout_p")
        if method is None or method.receiver is None or passed.value is None or passed.at is None:
            continue
        if method.owner is None or method.owner not in facts.group(ModuleClasses).all:
            continue
        if not _is_constant(facts, passed.value, call, method) or facts.group(TrainingGates).gated(call):
            continue
        if not speaks_of(method.owner.name, _SAMPLING):
            yield Finding(
                passed.value,
                f"attention drops with `{facts.text(passed.value)}` in evaluation mode too, the function does not know the mode",
                fix=partial(_fix, facts, passed.value, method),
            )


def _is_constant(facts: ModuleFacts, value: Expression, call: CallSite, method: Function) -> bool:
    """Whether the probability may be above 0 and is certainly the same in both modes."""
    known = facts.known(value, call)
    if facts.group(TrainingGates).is_off(value, call):
        return False
    if isinstance(value, Constant):
        return known is not None and known.number() is not None
    if isinstance(value, Name):
        return known is not None and not known.overridable and not facts.group(TrainingGates).reads_mode(value, call)
    if not isinstance(value, Attribute) or value.dotted is None or value.dotted.partition(".")[0] != method.receiver:
        return False
    return method.owner is not None and _is_set_once(facts, value.dotted.split(".")[1], method)


def _is_set_once(facts: ModuleFacts, attribute: str, method: Function) -> bool:
    """Whether the attribute is set in ``__init__`` alone, so that no change of the mode reaches it."""
    if method.owner is None or facts.group(TrainingGates).names_mode(attribute):
        return False
    classes, _, _ = facts.names.ancestry(method.owner)
    bindings = [binding for info in classes for binding in info.attributes.get(attribute, ())]
    setters = {binding.site.function.name for binding in bindings if binding.site.function is not None}
    return setters == {"__init__"} and not any("train" in info.methods or "eval" in info.methods for info in classes)


def _fix(facts: ModuleFacts, value: Expression, method: Function) -> Fix:
    code = f"{facts.text(value)} if {method.receiver}.training else 0.0"
    return Fix(f"pass `{code}`", (replace(facts, value, code),), Safety.UNSAFE)


RULE = Rule(
    name="attention-dropout-always-on",
    summary="`scaled_dot_product_attention` gets a dropout probability that does not depend on the mode",
    framework=Framework.TORCH,
    category=Category.MODEL,
    severity=Severity.ERROR,
    why=(
        "`scaled_dot_product_attention` applies dropout whenever `dropout_p` is above 0; it has no `training` argument and cannot see the mode of the "
        "module. So attention stays random after `model.eval()`: two calls with the same input differ, and validation scores are too low.\n\n"
        "Pass the probability in training mode only, as `dropout_p=self.dropout if self.training else 0.0`."
    ),
    tradeoffs={
        Cost.GENERALISATION: "evaluation uses all attention weights",
        Cost.LATENCY: "without dropout the fast kernels are free to skip the random mask at inference",
    },
    references=(
        Reference(
            "torch.nn.functional.scaled_dot_product_attention",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def __init__(self, width, dropout=0.1):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.dropout = dropout

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout, is_causal=True)
""",
            """\
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def __init__(self, width, dropout=0.1):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.dropout = dropout

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout if self.training else 0.0, is_causal=True)
""",
        ),
        Fires(
            """\
import torch
from torch import nn

class Attention(nn.Module):
    def forward(self, q, k, v, mask):
        return nn.functional.scaled_dot_product_attention(q, k, v, mask, 0.1)
""",
            """\
import torch
from torch import nn

class Attention(nn.Module):
    def forward(self, q, k, v, mask):
        return nn.functional.scaled_dot_product_attention(q, k, v, mask, 0.1 if self.training else 0.0)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.dropout = dropout

    def forward(self, q, k, v):
        p = self.dropout if self.training else 0.0
        return F.scaled_dot_product_attention(q, k, v, dropout_p=p)
""",
            because="the probability is 0 in evaluation mode",
        ),
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.dropout = nn.Dropout(dropout)

    def forward(self, q, k, v):
        if self.training:
            return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout.p)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=0.0)
""",
            because="each mode has a call of its own",
        ),
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def forward(self, q, k, v, dropout_p):
        return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout_p)
""",
            because="the caller decides, and may know the mode",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="training is the same as before, results in evaluation mode change to those without dropout",
    applies_to="torch>=2.0",
    architect=Allowance(
        rewrites={
            f"{_ATTENTION}({given.format(f'$p if $module.training else {zero}')})": f"{_ATTENTION}({given.format('$p')})"
            for given in ("$q, $k, $v, $mask, {}, $*rest", "$*arguments, dropout_p={}")
            for zero in ("0.0", "0")
        },
        advice="Pass the same probability in training mode and 0.0 else, by the `training` attribute of the module.",
    ),
    evidence=Shown("tests/evidence/test_attention_dropout_always_on.py::test_outputs_are_random_in_eval_mode"),
    detect=detect,
)
