"""Layers are kept in a plain list or dict, where their module does not see them."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import ModuleFacts
from ml_architect.facts.containers import Held, PlainContainers
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
from ml_architect.syntax.nodes import Collection, Comprehension, Constant, Dictionary


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report attributes of modules that are plain containers of layers."""
    if not facts.imports("torch", "lightning", "pytorch_lightning"):
        return
    for held in facts.group(PlainContainers).layers:
        yield Finding(
            held.target,
            f"the layers in `{facts.text(held.target)}` are not registered: not trained, not moved, not saved",
            related=(Related(held.elements[0].node, "such a layer is made here"),),
            fix=partial(_fix, facts, held),
        )


def _fix(facts: ModuleFacts, held: Held) -> Fix | None:
    """Wrap the container in a ModuleList, or in a ModuleDict where the keys are strings."""
    container = held.container
    if isinstance(container, Dictionary):
        if any(not isinstance(key, Constant) or not isinstance(key.value, str) for key in container.keys):
            return None
    elif isinstance(container, Comprehension) and container.kind != "list":
        return None
    parts = container.elements if isinstance(container, Collection) else ()
    if any(isinstance(part, (Collection, Comprehension, Constant)) for part in parts):
        return None
    if isinstance(container, Comprehension) and isinstance(container.element, (Collection, Comprehension)):
        return None
    wrapper = "ModuleDict" if isinstance(container, Dictionary) else "ModuleList"
    name, imports = spell(facts, f"torch.nn.{wrapper}", held.site)
    empty = held.value is container and not parts and isinstance(container, Collection)
    inner = "" if empty else facts.text(held.value)
    return Fix(f"use `{name}`", (replace(facts, held.value, f"{name}({inner})"), *imports), Safety.UNSAFE)


RULE = Rule(
    name="unregistered-submodules",
    summary="layers are kept in a plain list or dict of a module",
    framework=Framework.TORCH,
    category=Category.MODEL,
    severity=Severity.ERROR,
    why=(
        "A module registers what is assigned to its attributes only if it is a module or a parameter itself. Layers in a Python list, tuple or dict stay "
        "out of `parameters()`, so the optimizer never trains them; `.to(device)`, `.eval()` and `state_dict()` pass them by as well. "
        "Nothing complains: the network runs with its random initial weights.\n\n"
        "`nn.ModuleList` and `nn.ModuleDict` are indexed and iterated like list and dict and register what they hold."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "the state dict gets the keys of these layers, so checkpoints saved before miss them",
        Cost.MEMORY: "the optimizer now keeps state for these layers too",
    },
    references=(
        Reference("torch.nn.ModuleList", "https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html"),
        Reference("torch.nn.ModuleDict", "https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html"),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x
""",
            """\
import torch
from torch import nn

class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x
""",
        ),
        Fires(
            """\
import torch.nn as nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x):
        return x + self.fc(x)

class Tower(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.blocks = []
        for _ in range(depth):
            self.blocks.append(Block(64))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
""",
            """\
import torch.nn as nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x):
        return x + self.fc(x)

class Tower(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.blocks = nn.ModuleList()
        for _ in range(depth):
            self.blocks.append(Block(64))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
""",
        ),
        Fires(
            """\
from torch import nn

class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = {"age": nn.Linear(32, 1), "class": nn.Linear(32, 10)}

    def forward(self, x):
        return {name: head(x) for name, head in self.heads.items()}
""",
            """\
from torch import nn

class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleDict({"age": nn.Linear(32, 1), "class": nn.Linear(32, 10)})

    def forward(self, x):
        return {name: head(x) for name, head in self.heads.items()}
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch import nn

class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        layers = []
        for a, b in zip(sizes, sizes[1:]):
            layers.append(nn.Linear(a, b))
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)
""",
            because="the list is unpacked into a Sequential, which registers the layers",
        ),
        Quiet(
            """\
from torch import nn

class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
        for index, layer in enumerate(self.layers):
            self.add_module(f"layer{index}", layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
""",
            because="each layer is registered by hand",
        ),
        Quiet(
            """\
from torch import nn

class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.low = nn.Conv2d(3, 8, 3)
        self.high = nn.Conv2d(8, 8, 3)
        self.stages = [self.low, self.high]

    def forward(self, x):
        for stage in self.stages:
            x = stage(x)
        return x
""",
            because="the layers are attributes of their own, the list only orders them",
        ),
        Quiet(
            """\
from torch import nn

class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.teacher = [nn.Linear(8, 8)]

    def forward(self, x):
        return self.fc(x), self.teacher[0](x)
""",
            because="a list of one is the usual way to keep a module out of another one on purpose",
        ),
        Quiet(
            """\
from torch import nn

class Activations(nn.Module):
    def __init__(self):
        super().__init__()
        self.choices = {"relu": nn.ReLU(), "tanh": nn.Tanh()}

    def forward(self, x, name):
        return self.choices[name](x)
""",
            because="activations have neither weights nor a mode",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the layers become part of the model: they are trained and saved, and old checkpoints lack their keys",
    architect=Allowance(
        rewrites={
            "torch.nn.ModuleList()": "[]",
            "torch.nn.ModuleDict()": "{}",
            "torch.nn.ModuleList($layers)": "$layers",
            "torch.nn.ModuleDict($layers)": "$layers",
        },
        imports=("torch.nn", "torch.nn.ModuleList", "torch.nn.ModuleDict"),
        advice="Keep the layers in an `nn.ModuleList`, or in an `nn.ModuleDict` where the keys are strings. Leave the layers.",
    ),
    evidence=Shown("tests/evidence/test_unregistered_submodules.py::test_layers_in_a_list_are_not_trained"),
    detect=detect,
)
