"""The gradient flag is assigned to a module, where it is only an attribute."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import MODULES, Answer, ModuleFacts, Site
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
from ml_architect.syntax.nodes import Assign, Attribute, Call, Constant, Expression, Name

_SUBMODULES = frozenset(
    {"features", "classifier", "fc", "avgpool", "conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "backbone"}
    | {"AuxLogits", "roi_heads", "rpn", "encoder", "heads"}
)
"""Attributes of torchvision's models that are modules."""
_GIVES_MODULES = {"children": (), "modules": (), "named_children": (1,), "named_modules": (1,)}


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``module.requires_grad = ...``."""
    if not facts.imports("torch", "torchvision", "transformers", "timm"):
        return
    for site in facts.statements(Assign):
        target = _assigned(site)
        if target is None or not _is_module(facts, target.value, site):
            continue
        yield Finding(
            target,
            f"`{facts.text(target.value)}` is a module, and this sets a plain attribute that no parameter reads",
            fix=partial(_fix, facts, site, target),
        )


def _assigned(site: Site) -> Attribute | None:
    statement = site.statement
    if not isinstance(statement, Assign) or len(statement.targets) != 1 or not isinstance(statement.value, Constant):
        return None
    target = statement.targets[0]
    if not isinstance(target, Attribute) or target.attr != "requires_grad":
        return None
    return target if isinstance(statement.value.value, bool) else None


def _is_module(facts: ModuleFacts, receiver: Expression, site: Site) -> bool:
    if site.function is not None and isinstance(receiver, Name) and receiver.id == site.function.receiver:
        return False
    if facts.is_kind(receiver, site, *MODULES) is Answer.YES:
        return True
    if isinstance(receiver, Attribute) and receiver.attr in _SUBMODULES:
        made = facts.construction(receiver.value, site)
        symbol = facts.symbol(made) if made is not None else None
        return (
            symbol is not None
            and symbol.library == "torchvision"
            and symbol.kind in {Kind.MODULE_FACTORY, Kind.PRETRAINED}
        )
    items = facts.origins(receiver, site).items
    return bool(items) and all(item.how == "element" and _gives_modules(item.node, item.path) for item in items)


def _gives_modules(node: object, path: tuple[int | None, ...]) -> bool:
    if not isinstance(node, Call) or not isinstance(node.func, Attribute):
        return False
    return node.func.attr in _GIVES_MODULES and path == _GIVES_MODULES[node.func.attr]


def _fix(facts: ModuleFacts, site: Site, target: Attribute) -> Fix | None:
    value = site.statement.value if isinstance(site.statement, Assign) else None
    if not isinstance(value, Constant) or (
        isinstance(site.statement, Assign) and site.statement.annotation is not None
    ):
        return None
    call = f"{facts.text(target.value)}.requires_grad_({value.value})"
    return Fix(f"call `{call}`", (replace(facts, site.statement, call),), Safety.UNSAFE)


RULE = Rule(
    name="module-requires-grad-assignment",
    summary="`requires_grad` is assigned to a module instead of to its parameters",
    framework=Framework.TORCH,
    category=Category.MODEL,
    severity=Severity.ERROR,
    why=(
        "Parameters have `requires_grad`, modules do not. Assigning it to a module makes a new attribute that nothing reads: every parameter below still "
        "requires gradients, so the layers that should be frozen are trained all the same, and memory and time for their gradients are spent. "
        "`module.requires_grad_(False)`, with the underscore, sets the flag of all parameters below."
    ),
    tradeoffs={
        Cost.GENERALISATION: "the pretrained part keeps its weights, as intended",
        Cost.MEMORY: "frozen parameters need no gradients and no optimizer state",
    },
    references=(
        Reference(
            "torch.nn.Module.requires_grad_",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.requires_grad_",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        return self.head(self.backbone(x))

model = Classifier()
model.backbone.requires_grad = False
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
""",
            """\
import torch
from torch import nn

class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        return self.head(self.backbone(x))

model = Classifier()
model.backbone.requires_grad_(False)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
""",
        ),
        Fires(
            """\
from torch import nn
from torchvision import models

model = models.resnet18(weights="DEFAULT")
for layer in model.children():
    layer.requires_grad = False
model.fc = nn.Linear(512, 2)
""",
            """\
from torch import nn
from torchvision import models

model = models.resnet18(weights="DEFAULT")
for layer in model.children():
    layer.requires_grad_(False)
model.fc = nn.Linear(512, 2)
""",
        ),
        Fires(
            """\
from torchvision import models

net = models.vgg16(weights="DEFAULT")
net.features.requires_grad = False
""",
            """\
from torchvision import models

net = models.vgg16(weights="DEFAULT")
net.features.requires_grad_(False)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from torchvision import models

model = models.resnet18(weights="DEFAULT")
for parameter in model.parameters():
    parameter.requires_grad = False
model.fc.weight.requires_grad = True
""",
            because="the receivers are parameters",
        ),
        Quiet(
            """\
import torch

def gradient_of(model, image):
    image.requires_grad = True
    model(image).sum().backward()
    return image.grad
""",
            because="the receiver is an input tensor",
        ),
        Quiet(
            """\
from torch import nn

class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.requires_grad = False
        self.fc = nn.Linear(4, 4)
""",
            because="a class may keep an option of that name about itself",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the parameters really get the flag now, so what is trained changes",
    architect=Allowance(
        rewrites={"$module.requires_grad_($flag)": "$module.requires_grad = $flag"},
        advice="Call `requires_grad_` on the same module with the same flag, in the place of the assignment.",
    ),
    evidence=Shown(
        "tests/evidence/test_module_requires_grad_assignment.py::test_assigned_backbone_is_trained_all_the_same"
    ),
    detect=detect,
)
