"""The best weights are kept as a reference to the live ones."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import MODULES, Answer, EventKind, ModuleFacts, Site, dotted_name
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
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Assign, Attribute, Call, Expression, If, Name, Node, Return, walk

_SHALLOW = frozenset({"copy.copy", "builtins.dict", "collections.OrderedDict"})
_COPIED = ("$tensor.clone()", "$tensor.detach().clone()", "$tensor.cpu().clone()", "$tensor.detach().cpu().clone()")
"""What a repair may make of each tensor. `cpu()` alone gives the same tensor where it is on the CPU already."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a state dict (or the model itself) that a loop remembers under a condition without copying its tensors."""
    if not facts.method_calls("state_dict", "load_state_dict"):
        return
    for site in facts.statements(Assign):
        statement = site.statement
        if not isinstance(statement, Assign) or statement.value is None or len(statement.targets) != 1:
            continue
        name = dotted_name(statement.targets[0])
        if name is None or not site.loops or next(site.enclosing(If), None) is None:
            continue
        model = _aliased_model(facts, statement.value, site)
        if model is None or not _is_trained_around(facts, site):
            continue
        use = _later_use(facts, name, site)
        if use is None:
            continue
        yield Finding(
            statement.value,
            f"`{name}` shares its tensors with `{facts.text(model)}`, so later steps change it: the best weights become the last",
            related=(Related(use, "used here as if it were a copy"),),
            fix=partial(_fix, facts, statement.value, site),
        )


def _aliased_model(facts: ModuleFacts, value: Expression, site: Site) -> Expression | None:
    """Return the model whose live tensors a value holds, None for copies and for what is not known."""
    if isinstance(value, Call):
        func = value.func
        if facts.qualified(func, site) in _SHALLOW and len(value.arguments) == 1:
            return _aliased_model(facts, value.arguments[0].value, site)
        if isinstance(func, Attribute) and func.attr == "copy" and not value.arguments:
            return _aliased_model(facts, func.value, site)
        if isinstance(func, Attribute) and func.attr == "state_dict" and not value.arguments:
            known = facts.is_kind(func.value, site, *MODULES)
            return func.value if known is Answer.YES else None
        return None
    if isinstance(value, Name) and facts.is_kind(value, site, *MODULES) is Answer.YES:
        return value
    return None


def _is_trained_around(facts: ModuleFacts, site: Site) -> bool:
    steps = (EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP, EventKind.BACKWARD, EventKind.ENGINE_BACKWARD)
    around = set(site.loops)
    return any(loop.site in around and loop.of(*steps) for loop in facts.loops)


def _later_use(facts: ModuleFacts, name: str, site: Site) -> Node | None:
    """Return where the remembered weights are loaded, saved or returned behind the outermost loop."""
    outermost = site.loops[-1]
    for call in [*facts.method_calls("load_state_dict"), *facts.calls_to("torch.save")]:
        same_place = call.site.function is site.function or "." in name
        if same_place and call.site.order > site.order and not call.site.inside(outermost):
            for argument in call.node.arguments:
                if dotted_name(argument.value) == name:
                    return call.node
    for other in facts.statements(Return):
        value = other.statement.value if isinstance(other.statement, Return) else None
        if value is None or other.order < site.order or other.function is not site.function:
            continue
        if any(isinstance(node, Name) and node.id == name for node in walk(value)):
            return other.statement
    return None


def _fix(facts: ModuleFacts, value: Expression, site: Site) -> Fix:
    name, imports = spell(facts, "copy.deepcopy", site)
    return Fix("copy the weights", (replace(facts, value, f"{name}({facts.text(value)})"), *imports), Safety.UNSAFE)


RULE = Rule(
    name="best-weights-aliased",
    summary="the best weights are remembered without copying their tensors",
    framework=Framework.TORCH,
    category=Category.CHECKPOINT,
    severity=Severity.ERROR,
    why=(
        "`state_dict()` returns references to the live parameters. Each later optimizer step changes them in place, and with "
        "them the remembered dict (a shallow copy changes nothing about that). What is restored at the end are the weights of the last "
        "epoch, silently: early stopping and model selection have no effect."
    ),
    tradeoffs={
        Cost.MEMORY: "a deep copy holds the weights a second time; copy to the CPU or save to a file where memory is short",
        Cost.GENERALISATION: "the selected epoch is really the one that is used",
    },
    references=(
        Reference(
            "Saving and loading models",
            "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html#save-load-state-dict-recommended",
        ),
    ),
    fires=(
        Fires(
            """\
import copy
import torch
from torch import nn

def fit(model: nn.Module, loader, criterion, evaluate):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    best_score, best = 0.0, None
    for epoch in range(20):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        score = evaluate(model)
        if score > best_score:
            best_score = score
            best = model.state_dict()
    model.load_state_dict(best)
    return model
""",
            """\
import copy
import torch
from torch import nn

def fit(model: nn.Module, loader, criterion, evaluate):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    best_score, best = 0.0, None
    for epoch in range(20):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        score = evaluate(model)
        if score > best_score:
            best_score = score
            best = copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return model
""",
        ),
        Fires(
            """\
import torch
from torch import nn

def fit(model: nn.Module, loader, evaluate):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    best_score = 0.0
    for epoch in range(20):
        for inputs in loader:
            optimizer.zero_grad()
            model(inputs).mean().backward()
            optimizer.step()
        score = evaluate(model)
        if score > best_score:
            best_score, best_weights = score, None
            best_weights = model.state_dict().copy()
    torch.save(best_weights, "best.pt")
""",
            """\
import torch
from torch import nn
import copy

def fit(model: nn.Module, loader, evaluate):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    best_score = 0.0
    for epoch in range(20):
        for inputs in loader:
            optimizer.zero_grad()
            model(inputs).mean().backward()
            optimizer.step()
        score = evaluate(model)
        if score > best_score:
            best_score, best_weights = score, None
            best_weights = copy.deepcopy(model.state_dict().copy())
    torch.save(best_weights, "best.pt")
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import copy
import torch
from torch import nn

def fit(model: nn.Module, loader, evaluate):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    best = None
    for epoch in range(20):
        for inputs in loader:
            optimizer.zero_grad()
            model(inputs).mean().backward()
            optimizer.step()
        if evaluate(model):
            best = copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
""",
            because="a deep copy has tensors of its own",
        ),
        Quiet(
            """\
import torch
from torch import nn

def fit(model: nn.Module, loader, evaluate):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for epoch in range(20):
        for inputs in loader:
            optimizer.zero_grad()
            model(inputs).mean().backward()
            optimizer.step()
        if evaluate(model):
            state = model.state_dict()
            torch.save(state, "best.pt")
""",
            because="the weights are written to a file at once",
        ),
        Quiet(
            """\
import torch
from torch import nn

def fit(model: nn.Module, loader, evaluate):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    best = None
    for epoch in range(20):
        for inputs in loader:
            optimizer.zero_grad()
            model(inputs).mean().backward()
            optimizer.step()
        if evaluate(model):
            best = {name: value.detach().clone() for name, value in model.state_dict().items()}
    model.load_state_dict(best)
""",
            because="each tensor is cloned",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the weights that are restored are other ones than before, which is the point",
    architect=Allowance(
        rewrites={
            "copy.deepcopy($model.state_dict().copy())": "$model.state_dict()",
            "copy.deepcopy($weights)": "$weights",
            "$model.state_dict().copy()": "$model.state_dict()",
            **{
                f"{{$name: {copied} for $name, $tensor in $model.state_dict().items()}}": "$model.state_dict()"
                for copied in _COPIED
            },
        },
        imports=("copy",),
        advice="Copy the tensors where the best weights are remembered, with `copy.deepcopy` or `clone()`. Leave the comparison as it is.",
    ),
    evidence=Shown("tests/evidence/test_best_weights_aliased.py::test_best_weights_become_the_last_weights"),
    detect=detect,
)
