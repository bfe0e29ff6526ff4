"""The mode is assigned to one module instead of set on all of them."""

from collections.abc import Iterator
from functools import partial

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
from ml_architect.syntax.nodes import Assign, Attribute, Constant


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``model.training = ...`` outside of the module's own methods."""
    if not facts.imports("torch", "transformers", "lightning", "pytorch_lightning"):
        return
    for site in facts.statements(Assign):
        target = _assigned(site)
        if target is None or facts.is_kind(target.value, site, *MODULES) is not Answer.YES:
            continue
        if site.function is not None and target.dotted == f"{site.function.receiver}.training":
            continue
        yield Finding(
            target,
            f"this sets the mode of `{facts.text(target.value)}` alone, its submodules keep theirs",
            fix=partial(_fix, facts, site, target),
        )


def _assigned(site: Site) -> Attribute | None:
    statement = site.statement
    if not isinstance(statement, Assign) or len(statement.targets) != 1 or statement.value is None:
        return None
    target = statement.targets[0]
    return target if isinstance(target, Attribute) and target.attr == "training" else None


def _fix(facts: ModuleFacts, site: Site, target: Attribute) -> Fix | None:
    value = site.statement.value if isinstance(site.statement, Assign) else None
    if not isinstance(value, Constant) or not isinstance(value.value, bool):
        return None
    call = f"{facts.text(target.value)}.{'train' if value.value else 'eval'}()"
    return Fix(f"call `{call}`", (replace(facts, site.statement, call),), Safety.UNSAFE)


RULE = Rule(
    name="module-training-attribute",
    summary="the `training` attribute of a module is assigned instead of calling `train()` or `eval()`",
    framework=Framework.TORCH,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        "`training` is a plain attribute of each module. `eval()` and `train()` set it on the module and on everything below it; an "
        "assignment reaches the outermost module only, whose own flag hardly any layer reads. Dropout and batch normalisation inside "
        "go on in their old mode."
    ),
    tradeoffs={Cost.GENERALISATION: "all layers agree on the mode, so metrics describe the model that is used"},
    references=(
        Reference(
            "torch.nn.Module.train",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
model.training = False
with torch.no_grad():
    print(model(torch.ones(1, 4)))
""",
            """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
model.eval()
with torch.no_grad():
    print(model(torch.ones(1, 4)))
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch import nn

class Frozen(nn.Module):
    def train(self, mode=True):
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self
""",
            because="a module's own `train` sets its flag and takes care of the children",
        ),
        Quiet(
            """\
import torch

class Settings:
    training = True

settings = Settings()
settings.training = False
""",
            because="this object is no module",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="submodules change their mode as well",
    architect=Allowance(
        rewrites={
            "$model.eval()": "$model.training = False",
            "$model.train(False)": "$model.training = False",
            "$model.train()": "$model.training = True",
            "$model.train(True)": "$model.training = True",
        },
        advice="Call `eval()` or `train()` on the same module in the place of the assignment.",
    ),
    evidence=Shown("tests/evidence/test_module_training_attribute.py::test_children_keep_their_mode"),
    detect=detect,
)
