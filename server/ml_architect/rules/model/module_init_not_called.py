"""A module assigns layers without having initialised itself."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import MODULES, Answer, Function, ModuleFacts
from ml_architect.facts.modules import ModuleClasses
from ml_architect.facts.structure import Binding, Class
from ml_architect.rewrite import body_start
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
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.text.span import Span

_ASSIGNED = (*MODULES, Kind.PARAMETER, Kind.LOSS)
_BASES = frozenset({"torch.nn.Module", "lightning.LightningModule", "pytorch_lightning.LightningModule"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``__init__`` methods of modules that assign layers and never reach the one of ``nn.Module``."""
    for info in facts.group(ModuleClasses).all:
        init = info.methods.get("__init__")
        if init is None or init.receiver is None or info.node.decorators or _reaches_base(facts, info):
            continue
        assigned = next(iter(_registered(facts, info, init)), None)
        if assigned is None:
            continue
        start = facts.span(init.node).start + (init.node.name_start - init.node.start)
        yield Finding(
            Span(start, start + len("__init__")),
            f"`{info.name}.__init__` does not call `super().__init__()`, so assigning a layer raises",
            related=(Related(assigned.bound.target, "the first assignment that raises"),),
            fix=partial(_fix, facts, info, init),
        )


def _reaches_base(facts: ModuleFacts, info: Class) -> bool:
    """Whether some method of the class (or a mixin out of sight) calls an ``__init__``."""
    classes, names, known = facts.names.ancestry(info)
    if not known or any(
        facts.catalog.kind(name) is not Kind.MODULE_BASE and name != "builtins.object" for name in names
    ):
        return True
    own = {method.scope for method in info.methods.values()}
    if any(call.site.scope in own for call in facts.method_calls("__init__")):
        return True
    return len(classes) > 1 and any("__setattr__" in other.methods for other in classes)


def _registered(facts: ModuleFacts, info: Class, init: Function) -> Iterator[Binding]:
    found = [
        binding
        for bindings in info.attributes.values()
        for binding in bindings
        if binding.site.function is init and binding.bound.how == "assign" and not binding.bound.path
    ]
    for binding in sorted(found, key=lambda item: item.site.order):
        value = binding.bound.value
        if (
            value is not None
            and facts.call_at(value) is not None
            and facts.is_kind(value, binding.site, *_ASSIGNED) is Answer.YES
        ):
            yield binding


def _fix(facts: ModuleFacts, info: Class, init: Function) -> Fix | None:
    """Call the base's ``__init__`` first, where it certainly takes no arguments."""
    bases = facts.names.bases(info)
    if len(bases) != 1 or not isinstance(bases[0], str) or bases[0] not in _BASES:
        return None
    edit = body_start(facts, init.site, "super().__init__()")
    return Fix("call `super().__init__()` first", (edit,), Safety.SAFE) if edit is not None else None


RULE = Rule(
    name="module-init-not-called",
    summary="the `__init__` of a module does not call that of `nn.Module`",
    framework=Framework.TORCH,
    category=Category.MODEL,
    severity=Severity.ERROR,
    why=(
        "`nn.Module.__init__` makes the dicts in which layers and parameters are registered. Without it the first assignment of a layer raises "
        "`AttributeError: cannot assign module before Module.__init__() call`. Plain values may be assigned before."
    ),
    tradeoffs={Cost.MAINTENANCE: "`super().__init__()` also runs the initialisation of mixins, in the right order"},
    references=(Reference("torch.nn.Module", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html"),),
    fires=(
        Fires(
            """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width):
        self.width = width
        self.fc = nn.Linear(width, 1)

    def forward(self, x):
        return self.fc(x)
""",
            """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.fc = nn.Linear(width, 1)

    def forward(self, x):
        return self.fc(x)
""",
        ),
        Fires(
            '''\
import torch
import torch.nn as nn

class Scale(nn.Module):
    """Multiplies by a trained number."""

    def __init__(self):
        """Start with 1."""
        self.factor = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.factor * x
''',
            '''\
import torch
import torch.nn as nn

class Scale(nn.Module):
    """Multiplies by a trained number."""

    def __init__(self):
        """Start with 1."""
        super().__init__()
        self.factor = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.factor * x
''',
        ),
        Fires(
            """\
from torch import nn

class Base(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width

class Head(Base):
    def __init__(self, width):
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.fc = nn.Linear(4, 4)
""",
            because="the base is initialised by its name",
        ),
        Quiet(
            """\
from torch import nn

class Identity(nn.Module):
    def __init__(self, name):
        self.title = name

    def forward(self, x):
        return x
""",
            because="only plain values are assigned, which does not raise",
        ),
        Quiet(
            """\
from torch import nn
from mylib import Mixin

class Net(Mixin, nn.Module):
    def __init__(self):
        self.setup()
        self.fc = nn.Linear(4, 4)
""",
            because="what the mixin does is not in sight",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the class cannot be constructed today",
    evidence=Shown(
        "tests/evidence/test_module_init_not_called.py::test_assigning_a_layer_or_parameter_raises_without_super_init"
    ),
    detect=detect,
)
