"""Functional dropout is not told the mode, so it drops in evaluation too."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, Function, ModuleFacts, speaks_of
from ml_architect.facts.gates import TrainingGates
from ml_architect.facts.modules import ModuleClasses
from ml_architect.rewrite import set_keyword
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
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

_ALWAYS = tuple(f"torch.nn.functional.{name}" for name in ("dropout", "dropout1d", "dropout2d", "dropout3d"))
_NEVER = ("torch.nn.functional.alpha_dropout", "torch.nn.functional.feature_alpha_dropout")
_ALWAYS_SAMPLING = frozenset(
    {"mc", "monte", "carlo", "bayes", "bayesian", "uncertainty", "stochastic", "ensemble", "prenet"}
)
"""Words in names of modules that sample in evaluation on purpose (the prenet of Tacotron is one)."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report functional dropout without ``training=`` in methods of modules."""
    for call in facts.calls_to(*_ALWAYS, *_NEVER):
        method = _method(facts, call)
        if method is None or not facts.passed(call, "training").absent or _is_intended(facts, call, method):
            continue
        never = facts.call_name(call) in _NEVER
        yield Finding(
            call.node,
            "without `training=` this dropout is never active, also not in training mode"
            if never
            else "without `training=self.training` this dropout goes on dropping in evaluation mode",
            fix=partial(_fix, facts, call, method),
        )


def _method(facts: ModuleFacts, call: CallSite) -> Function | None:
    """Return the method of a module that the call stands in, also from a function inside of it."""
    function = call.scope.function
    while function is not None and function.owner is None:
        outer = function.site.scope.function
        function = outer
    if function is None or function.owner not in facts.group(ModuleClasses).all or function.receiver is None:
        return None
    return function


def _is_intended(facts: ModuleFacts, call: CallSite, method: Function) -> bool:
    gates = facts.group(TrainingGates)
    if gates.gated(call):
        return True
    probability = facts.passed(call, "p")
    chance = probability.value
    if chance is not None and (gates.is_off(chance, call) or gates.reads_mode(chance, call)):
        return True
    names = (method.name, method.owner.name if method.owner else None)
    return any(speaks_of(name, _ALWAYS_SAMPLING) for name in names)


def _fix(facts: ModuleFacts, call: CallSite, method: Function) -> Fix | None:
    code = f"{method.receiver}.training"
    edit = set_keyword(facts, call, "training", code)
    return Fix(f"pass `training={code}`", (edit,), Safety.UNSAFE) if edit is not None else None


RULE = Rule(
    name="functional-dropout-always-on",
    summary="`F.dropout` is called without `training=self.training`",
    framework=Framework.TORCH,
    category=Category.MODEL,
    severity=Severity.ERROR,
    why=(
        "`F.dropout` is a function and cannot see the mode of the module that calls it; its `training` argument is True by default. So `model.eval()` "
        "does not switch it off: predictions are random, validation is noisy and too pessimistic, and the exported model stays random as well. "
        "(`F.alpha_dropout` has the opposite default and never drops at all.)\n\n"
        "Pass `training=self.training`, or use the layer `nn.Dropout`, which follows the mode by itself."
    ),
    tradeoffs={
        Cost.GENERALISATION: "evaluation uses the whole network, as dropout is meant; for Monte Carlo dropout say `training=True` and mean it",
    },
    references=(
        Reference(
            "torch.nn.functional.dropout",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html",
        ),
        Reference("torch.nn.Dropout", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html"),
    ),
    fires=(
        Fires(
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.dropout(x, p=0.5)
        return self.fc2(x)
""",
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.dropout(x, p=0.5, training=self.training)
        return self.fc2(x)
""",
        ),
        Fires(
            """\
import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.dropout = dropout
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return nn.functional.dropout2d(
            torch.relu(self.conv(x)),
            self.dropout,
        )
""",
            """\
import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.dropout = dropout
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return nn.functional.dropout2d(
            torch.relu(self.conv(x)),
            self.dropout,
            training=self.training,
        )
""",
        ),
        Fires(
            """\
import torch.nn.functional as F
from torch import nn

class Selu(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        return F.alpha_dropout(F.selu(self.fc(x)), 0.1)
""",
            """\
import torch.nn.functional as F
from torch import nn

class Selu(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        return F.alpha_dropout(F.selu(self.fc(x)), 0.1, training=self.training)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.rate = 0.2

    def forward(self, x):
        x = self.fc(x)
        if self.training and self.rate > 0:
            x = F.dropout(x, p=self.rate)
        return x
""",
            because="the call stands under a test of the mode",
        ),
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        x = self.fc(x)
        return F.dropout(x, 0.2, self.training)
""",
            because="the mode is passed by position",
        ),
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        p = 0.2 if self.training else 0.0
        return F.dropout(self.fc(x), p)
""",
            because="the probability is 0 in evaluation mode",
        ),
        Quiet(
            """\
import torch.nn.functional as F
from torch import nn

class MCDropoutHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        return F.dropout(self.fc(x), 0.2)
""",
            because="Monte Carlo dropout samples in evaluation on purpose",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="training is the same as before, results in evaluation mode change to those without dropout",
    architect=Allowance(
        keywords={f"{name}:training": Choice(("self.training",)) for name in (*_ALWAYS, *_NEVER)},
        advice="Tell the function the mode of the module with `training=self.training`; leave the probability as it is.",
    ),
    evidence=Shown("tests/evidence/test_functional_dropout_always_on.py::test_dropout_drops_in_eval_mode"),
    detect=detect,
)
