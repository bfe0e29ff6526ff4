"""A layer with weights or a mode is made anew in every forward pass."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, Function, ModuleFacts
from ml_architect.facts.containers import PlainContainers
from ml_architect.facts.modules import ModuleClasses
from ml_architect.facts.structure import Class
from ml_architect.rewrite import replace, spell
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
from ml_architect.syntax.nodes import Attribute, Call, If, Try

_DROPOUT = {
    f"torch.nn.{name}": f"torch.nn.functional.{function}"
    for name, function in (
        ("Dropout", "dropout"),
        ("Dropout1d", "dropout1d"),
        ("Dropout2d", "dropout2d"),
        ("Dropout3d", "dropout3d"),
        ("AlphaDropout", "alpha_dropout"),
        ("FeatureAlphaDropout", "feature_alpha_dropout"),
    )
}


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report constructors of stateful layers in forward methods and in methods that only forward calls."""
    for call in facts.calls_of(Kind.MODULE):
        function = call.scope.function
        if function is None or function.owner is None or not _runs_in_forward(facts, function):
            continue
        symbol = facts.symbol(call)
        if symbol is None or function.owner not in facts.group(ModuleClasses).all or not _is_stateful(facts, call):
            continue
        if _is_made_once(call) or _gets_weights(facts, call):
            continue
        name = symbol.name.rpartition(".")[2]
        dropout = symbol.name in _DROPOUT
        what = "is in training mode in every call, whatever the mode of the module" if dropout else _what(symbol.traits)
        yield Finding(
            call.node,
            f"this `{name}` is made anew in each forward pass, so it {what}",
            fix=partial(_fix, facts, call, symbol.name, function) if dropout else None,
        )


def _what(traits: frozenset[str]) -> str:
    return "has untrained weights" if "normalisation" in traits else "has new random weights that are never trained"


def _runs_in_forward(facts: ModuleFacts, function: Function) -> bool:
    if function.name == "forward":
        return True
    callers = facts.callers(function)
    if not callers or facts.values.escapes(function):
        return False
    return all(
        call.scope.function is not None
        and call.scope.function.name == "forward"
        and call.scope.function.owner is function.owner
        and not list(call.site.enclosing(If, Try))
        for call in callers
    )


def _is_stateful(facts: ModuleFacts, call: CallSite) -> bool:
    """Whether the layer has weights, running statistics or a mode; a normalisation without affine part has not."""
    symbol = facts.symbol(call)
    if symbol is None or "container" in symbol.traits:
        return False
    for parameter in ("elementwise_affine", "affine"):
        passed = facts.passed(call, parameter)
        if passed.given and "batch_norm" not in symbol.traits:
            known = facts.known(passed.value, call)
            return known is not None and bool(known.value)
    return facts.group(PlainContainers).is_stateful(call)


def _is_made_once(call: CallSite) -> bool:
    """Whether the layer is kept on the object under a condition, as lazy initialisation does."""
    targets = [bound.target for bound in call.site.summary.bindings]
    kept = any(isinstance(target, Attribute) for target in targets) or bool(call.site.summary.item_stores)
    registered = any(item.call is not call.node and _registers(item.call) for item in call.site.summary.calls)
    return (kept or registered) and bool(list(call.site.enclosing(If, Try)))


def _registers(node: Call) -> bool:
    func = node.func
    return getattr(func, "id", "") == "setattr" or getattr(func, "attr", "") in {"add_module", "register_module"}


def _gets_weights(facts: ModuleFacts, call: CallSite) -> bool:
    """Whether the weights of the layer are set afterwards, as for fused or generated weights."""
    names = {bound.name for bound in call.site.summary.bindings if bound.value is call.node}
    if not names:
        return False
    stores = (
        bound.name
        for site in facts.structure.sites
        if site.function is call.site.function
        for bound in site.summary.bindings
    )
    if any(store.partition(".")[0] in names and "." in store for store in stores):
        return True
    return any(
        facts.text(used.receiver).partition(".")[0] in names
        for used in facts.method_calls("copy_", "load_state_dict")
        if used.receiver is not None and used.site.function is call.site.function
    )


def _fix(facts: ModuleFacts, call: CallSite, name: str, function: Function) -> Fix | None:
    """Write ``nn.Dropout(p)(x)`` as the function, which is told the mode."""
    outer = next((item.call for item in call.site.summary.calls if item.call.func is call.node), None)
    owner: Class | None = function.owner
    if outer is None or owner is None or function.receiver is None or len(outer.arguments) != 1:
        return None
    passed = facts.passed(call, "p")
    if len(call.node.arguments) > 1 or outer.arguments[0].star or not (passed.given or passed.absent):
        return None
    spelled, imports = spell(facts, _DROPOUT[name], call.site)
    given = f", p={facts.text(passed.value)}" if passed.value is not None else ""
    code = f"{spelled}({facts.text(outer.arguments[0].value)}{given}, training={function.receiver}.training)"
    return Fix(f"use `{spelled}` with the mode of the module", (replace(facts, outer, code), *imports), Safety.UNSAFE)


RULE = Rule(
    name="layer-created-in-forward",
    summary="a layer with weights or a mode is made in `forward`",
    framework=Framework.TORCH,
    category=Category.MODEL,
    severity=Severity.ERROR,
    why=(
        "`forward` runs for every batch. A layer made there starts with new random weights each time, is unknown to the optimizer and is thrown away "
        "afterwards: the network contains a random projection that changes from batch to batch. A dropout or batch normalisation made there is always in "
        "training mode, because `model.eval()` cannot reach it.\n\n"
        "Make layers in `__init__` and use them in `forward`. Layers without weights and mode (`ReLU`, `Softmax`, pooling) may stay."
    ),
    tradeoffs={
        Cost.COMPUTE: "weights are allocated and initialised once, not in every batch",
        Cost.MAINTENANCE: "where the input size is known at run time only, `nn.LazyLinear` and its kin take it from the first batch",
    },
    references=(
        Reference("torch.nn.Module", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html"),
        Reference("torch.nn.LazyLinear", "https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html"),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)

    def forward(self, x):
        x = torch.relu(self.conv(x)).flatten(1)
        return nn.Linear(x.size(1), 10)(x)
""",
        ),
        Fires(
            """\
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        x = nn.Dropout(0.3)(self.fc(x))
        return torch.relu(x)
""",
            """\
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        x = nn.functional.dropout(self.fc(x), p=0.3, training=self.training)
        return torch.relu(x)
""",
        ),
        Fires(
            """\
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return self.project(x)

    def project(self, x):
        layer = nn.Conv1d(x.size(1), 16, kernel_size=1)
        return layer(x)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = None

    def forward(self, x):
        if self.fc is None:
            self.fc = nn.Linear(x.size(1), 10)
        return self.fc(x)
""",
            because="the layer is made in the first call only, and kept",
        ),
        Quiet(
            """\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        return nn.Softmax(dim=1)(nn.ReLU()(self.fc(x)))
""",
            because="these layers have neither weights nor a mode",
        ),
        Quiet(
            """\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = self.build(3)

    def build(self, depth):
        return nn.Sequential(*(nn.Linear(8, 8) for _ in range(depth)))

    def forward(self, x):
        return self.body(x)
""",
            because="the layers are made in a method that `__init__` calls",
        ),
        Quiet(
            """\
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return nn.LayerNorm(x.shape[1:], elementwise_affine=False)(x)
""",
            because="without its affine part the normalisation has no weights",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="dropout then follows the mode of the module, so results in evaluation mode change",
    architect=Allowance(
        rewrites={
            **{
                f"{function}($x, p=$p, training=self.training)": f"{layer}($p)($x)"
                for layer, function in _DROPOUT.items()
            },
            **{f"{function}($x, $p, self.training)": f"{layer}($p)($x)" for layer, function in _DROPOUT.items()},
            **{f"{function}($x, training=self.training)": f"{layer}()($x)" for layer, function in _DROPOUT.items()},
            **{f"{layer}(p=$p)($x)": f"{layer}($p)($x)" for layer in _DROPOUT},
        },
        imports=("torch.nn.functional",),
        calls=tuple(f"torch.nn.Lazy{name}" for name in ("Linear", "Conv1d", "Conv2d", "Conv3d")),
        attributes=True,
        may_remove_finding=True,
        advice=(
            "Make the layer once in `__init__`, with sizes that are known there, and apply it in `forward`; dropout may "
            "become the function with `training=self.training`. Where an input size is known in `forward` only, use a lazy layer."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_layer_created_in_forward.py::test_weights_are_random_in_every_call_and_never_trained"
    ),
    detect=detect,
)
