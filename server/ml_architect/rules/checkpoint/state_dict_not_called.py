"""The method `state_dict` is saved or loaded instead of what it returns."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
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
from ml_architect.syntax.nodes import Attribute, Call, Dictionary, Expression
from ml_architect.text import Edit, Span


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a bare ``x.state_dict`` given to ``torch.save`` or ``load_state_dict``, also inside a dict."""
    for call in [*facts.calls_to("torch.save"), *facts.method_calls("load_state_dict")]:
        for argument in call.node.arguments[:1]:
            for value in _values(facts, argument.value, call):
                if isinstance(value, Attribute) and _is_the_method(facts, value):
                    yield Finding(
                        value,
                        f"`{facts.text(value)}` is the method itself; the weights come from calling it",
                        fix=partial(_fix, facts, value),
                    )


def _is_the_method(facts: ModuleFacts, value: Attribute) -> bool:
    """Whether this is ``x.state_dict``, and nothing in the file is stored under that name."""
    return value.attr == "state_dict" and not facts.structure.may_hold(value)


def _values(facts: ModuleFacts, value: Expression, call: CallSite) -> list[Expression]:
    """Return what is saved: the value itself, the entries of a dict display, or of the one dict that a name means."""
    found: list[Expression] = [value]
    for item in facts.origins(value, call).items:
        if isinstance(item.node, Dictionary):
            found += item.node.values
        elif isinstance(item.node, Call) and facts.qualified(item.node.func, item.site) == "builtins.dict":
            found += [argument.value for argument in item.node.arguments if argument.keyword]
    return found


def _fix(facts: ModuleFacts, value: Attribute) -> Fix:
    end = facts.span(value).end
    return Fix(f"call `{facts.text(value)}()`", (Edit(Span(end, end), "()"),), Safety.UNSAFE)


RULE = Rule(
    name="state-dict-not-called",
    summary="`state_dict` is saved or loaded without being called",
    framework=Framework.TORCH,
    category=Category.CHECKPOINT,
    severity=Severity.ERROR,
    why=(
        "`torch.save(model.state_dict, path)` pickles the bound method, and with it the whole model object, without a warning. The file is refused by `torch.load` "
        "(weights only), or needs the same classes at the same place; noticed when the checkpoint is needed."
    ),
    tradeoffs={Cost.MAINTENANCE: "a dict of tensors loads on every release and in every code base"},
    references=(
        Reference(
            "Saving and loading models", "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html"
        ),
    ),
    fires=(
        Fires(
            """\
import torch

def save(model, path):
    torch.save(model.state_dict, path)
""",
            """\
import torch

def save(model, path):
    torch.save(model.state_dict(), path)
""",
        ),
        Fires(
            """\
import torch

def save(model, optimizer, epoch, path):
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict, "epoch": epoch}, path)
""",
            """\
import torch

def save(model, optimizer, epoch, path):
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, path)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def save(model, path):
    torch.save(model.state_dict(), path)
""",
            because="called",
        ),
        Quiet(
            """\
import torch

def save(checkpoint, path):
    torch.save(checkpoint.weights, path)
    return checkpoint.state_dict
""",
            because="the method is not what is saved",
        ),
        Quiet(
            """\
import torch

class Schedule:
    def on_checkpoint_load(self, path):
        self.state_dict = torch.load(path)["scheduler"]

    def on_fit_start(self, scheduler):
        scheduler.load_state_dict(self.state_dict)
""",
            because="this class keeps a dict under that name",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the file holds weights instead of a pickled model",
    architect=Allowance(
        rewrites={"$object.state_dict()": "$object.state_dict"},
        advice="Call `state_dict` where it is named.",
    ),
    evidence=Shown(
        "tests/evidence/test_state_dict_not_called.py::test_saving_the_method_is_silent_and_the_file_cannot_be_loaded"
    ),
    detect=detect,
)
