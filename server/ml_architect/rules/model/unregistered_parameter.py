"""A trainable tensor of a module is no registered parameter."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, CallSite, ModuleFacts, Site, dotted_name, words
from ml_architect.facts.containers import Held, PlainContainers
from ml_architect.facts.modules import ModuleClasses
from ml_architect.facts.structure import Binding, Class
from ml_architect.rewrite import remove_argument, replace, set_keyword, spell
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
    Free,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import (
    Attribute,
    BinaryOperation,
    Call,
    Collection,
    Comprehension,
    Dictionary,
    Expression,
)
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span

_COPYING = frozenset({"to", "cuda", "double", "half", "bfloat16", "clone", "view", "reshape", "repeat", "expand"})
"""Methods whose result is (or, on another device, becomes) a new tensor instead of the parameter."""
_FACTORIES = tuple(f"torch.{name}" for name in ("zeros", "ones", "empty", "full", "rand", "randn", "normal", "tensor"))
"""Functions whose result a repair may wrap in a parameter."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report parameters in plain containers, results computed from a fresh parameter, and bare leaf tensors."""
    if not facts.imports("torch"):
        return
    if facts.calls_of(Kind.PARAMETER):
        for held in facts.group(PlainContainers).parameters:
            yield Finding(
                held.target,
                f"the parameters in `{facts.text(held.target)}` are not registered: not trained, not moved, not saved",
                related=(Related(held.elements[0].node, "a parameter is made here"),),
                fix=partial(_fix_container, facts, held),
            )
    for info in facts.group(ModuleClasses).all:
        for bindings in info.attributes.values():
            for binding in bindings:
                yield from _judge(facts, info, binding)


def _judge(facts: ModuleFacts, info: Class, binding: Binding) -> Iterator[Finding]:
    bound, site = binding.bound, binding.site
    if bound.how != "assign" or bound.path or bound.value is None or site.function is not info.methods.get("__init__"):
        return
    inner = _derived_from(facts, bound.value)
    name = facts.text(bound.target)
    if inner is not None:
        message = f"`{name}` is computed from a parameter and is none itself, so it is neither trained nor saved"
        yield Finding(bound.target, message, fix=partial(_fix_derived, facts, bound.value, inner))
    elif (leaf := _leaf(facts, bound.value)) is not None and not _is_handed_on(facts, info, name):
        message = f"`{name}` requires gradients but is no `nn.Parameter`, so `parameters()` leaves it out"
        yield Finding(bound.target, message, fix=partial(_fix_leaf, facts, leaf, site))


def _derived_from(facts: ModuleFacts, value: Expression) -> CallSite | None:
    """Return the fresh parameter that an expression computes something else from."""
    if isinstance(value, BinaryOperation):
        candidates: tuple[Expression, ...] = (value.left, value.right)
    elif isinstance(value, Call) and isinstance(value.func, Attribute) and value.func.attr in _COPYING:
        candidates = (value.func.value,)
    else:
        return None
    for candidate in candidates:
        call = facts.call_at(candidate)
        if call is not None and facts.group(PlainContainers).is_parameter(call):
            return call
    return None


def _leaf(facts: ModuleFacts, value: Expression) -> CallSite | None:
    call = facts.call_at(value)
    symbol = facts.symbol(call) if call is not None else None
    if call is None or symbol is None or symbol.kind is not Kind.TENSOR_FACTORY:
        return None
    passed = facts.passed(call, "requires_grad")
    known = facts.known(passed.value, call) if passed.given else None
    return call if known is not None and known.value is True else None


def _is_handed_on(facts: ModuleFacts, info: Class, name: str) -> bool:
    """Whether the class registers the tensor otherwise, or lists its parameters by itself."""
    if "parameters" in info.methods or "named_parameters" in info.methods:
        return True
    calls = facts.calls_of(Kind.OPTIMIZER, Kind.PARAMETER)
    return any(name in facts.text(call.node) for call in calls) or bool(facts.method_calls("register_parameter"))


def _fix_derived(facts: ModuleFacts, value: Expression, made: CallSite) -> Fix | None:
    """Move what happens to the parameter into it: ``Parameter(x).to(d)`` gives ``Parameter(x.to(d))``."""
    arguments = made.node.arguments
    if len(arguments) != 1 or arguments[0].star:
        return None
    data, whole, call = arguments[0].value, facts.span(value), facts.span(made.node)
    if isinstance(value, Call) and not isinstance(data, (Call, Attribute)):
        return None
    placed = _with_device(facts, value, data)
    if placed is None:
        text = facts.module.source.text
        inner = facts.text(data) if not isinstance(data, BinaryOperation) else f"({facts.text(data)})"
        placed = text[whole.start : call.start] + inner + text[call.end : whole.end]
    code = f"{facts.text(made.node.func)}({placed})"
    return Fix("compute the value inside of the parameter", (Edit(Span(whole.start, whole.end), code),), Safety.UNSAFE)


def _with_device(facts: ModuleFacts, value: Expression, data: Expression) -> str | None:
    """Return the factory call with ``device=`` where all that happens to its result is ``.to(device)``."""
    made = facts.call_at(data)
    symbol = facts.symbol(made) if made is not None else None
    if made is None or symbol is None or symbol.kind is not Kind.TENSOR_FACTORY or not made.node.arguments:
        return None
    if not isinstance(value, Call) or not isinstance(value.func, Attribute) or value.func.attr != "to":
        return None
    target = value.arguments[0].value if len(value.arguments) == 1 and not value.arguments[0].star else None
    named = target is not None and "device" in words((dotted_name(target) or "").rpartition(".")[2])
    if target is None or not (named or facts.is_kind(target, made, Kind.DEVICE) is Answer.YES):
        return None
    if symbol.default("device") is None or not facts.passed(made, "device").absent:
        return None
    edit = set_keyword(facts, made, "device", facts.text(target))
    if edit is None:
        return None
    start, text = facts.span(data).start, facts.text(data)
    return text[: edit.span.start - start] + edit.replacement + text[edit.span.end - start :]


def _fix_leaf(facts: ModuleFacts, leaf: CallSite, site: Site) -> Fix | None:
    argument = facts.passed(leaf, "requires_grad").argument
    removed = remove_argument(facts, leaf, argument) if argument is not None else None
    if removed is None:
        return None
    name, imports = spell(facts, "torch.nn.Parameter", site)
    span = facts.span(leaf.node)
    edits = (Edit(Span(span.start, span.start), f"{name}("), removed, Edit(Span(span.end, span.end), ")"), *imports)
    return Fix(f"make it a `{name}`", edits, Safety.UNSAFE)


def _fix_container(facts: ModuleFacts, held: Held) -> Fix | None:
    if isinstance(held.container, Comprehension) and held.container.kind != "list":
        return None
    if isinstance(held.container, Collection) and any(isinstance(e, Collection) for e in held.container.elements):
        return None
    wrapper = "ParameterDict" if isinstance(held.container, Dictionary) else "ParameterList"
    name, imports = spell(facts, f"torch.nn.{wrapper}", held.site)
    code = f"{name}({facts.text(held.value)})"
    return Fix(f"use `{name}`", (replace(facts, held.value, code), *imports), Safety.UNSAFE)


RULE = Rule(
    name="unregistered-parameter",
    summary="a trainable tensor of a module is not registered as a parameter",
    framework=Framework.TORCH,
    category=Category.MODEL,
    severity=Severity.ERROR,
    why=(
        "A module knows a tensor as its parameter only if an `nn.Parameter` itself is assigned to an attribute. A tensor with `requires_grad=True`, "
        "a parameter in a list, or the result of `nn.Parameter(...).to(device)` or `nn.Parameter(...) * 0.1`, which is an ordinary tensor, stays out of "
        "`parameters()` and `state_dict()`: it is never updated and never saved. `.to` returns the parameter itself when nothing changes, so the code "
        "works on the CPU and fails silently on a GPU."
    ),
    tradeoffs={Cost.MAINTENANCE: "the state dict gets a key, so checkpoints saved before miss it"},
    references=(
        Reference(
            "torch.nn.Parameter", "https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html"
        ),
        Reference(
            "torch.nn.ParameterList", "https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterList.html"
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self, width, device):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width)).to(device)

    def forward(self, x):
        return self.gain * x
""",
            """\
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self, width, device):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width, device=device))

    def forward(self, x):
        return self.gain * x
""",
        ),
        Fires(
            """\
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = torch.ones(width, requires_grad=True)

    def forward(self, x):
        return self.gain * x
""",
            """\
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.gain * x
""",
        ),
        Fires(
            """\
import torch
from torch import nn

class Prompts(nn.Module):
    def __init__(self, count):
        super().__init__()
        self.tokens = [nn.Parameter(torch.randn(8) * 0.02) for _ in range(count)]

    def forward(self, index):
        return self.tokens[index]
""",
            """\
import torch
from torch import nn

class Prompts(nn.Module):
    def __init__(self, count):
        super().__init__()
        self.tokens = nn.ParameterList([nn.Parameter(torch.randn(8) * 0.02) for _ in range(count)])

    def forward(self, index):
        return self.tokens[index]
""",
        ),
        Fires(
            """\
import torch
from torch import nn

class Position(nn.Module):
    def __init__(self, length, width):
        super().__init__()
        self.table = nn.Parameter(torch.randn(length, width)) * 0.02

    def forward(self, x):
        return x + self.table
""",
            """\
import torch
from torch import nn

class Position(nn.Module):
    def __init__(self, length, width):
        super().__init__()
        self.table = nn.Parameter(torch.randn(length, width) * 0.02)

    def forward(self, x):
        return x + self.table
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width) * 0.1).requires_grad_(False)

    def forward(self, x):
        return self.gain * x
""",
            because="`requires_grad_` returns the parameter itself",
        ),
        Quiet(
            """\
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        weight = torch.ones(width, requires_grad=True)
        self.gain = nn.Parameter(weight)

    def forward(self, x):
        return self.gain * x
""",
            because="the attribute is a parameter",
        ),
        Quiet(
            """\
import torch

class Attack:
    def __init__(self, shape):
        self.noise = torch.zeros(shape, requires_grad=True)
        self.optimizer = torch.optim.Adam([self.noise])
""",
            because="this class is no module and hands the tensor to an optimizer itself",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the tensor is trained and saved from now on, and old checkpoints lack its key",
    architect=Allowance(
        keywords={
            **{f"{factory}:device": Free() for factory in _FACTORIES},
            **{f"{factory}:requires_grad": Choice(("True",)) for factory in _FACTORIES},
        },
        rewrites={
            "torch.nn.Parameter($data).to($device)": "$data",
            "torch.nn.Parameter($data.to($device))": "$data",
            "torch.nn.Parameter($data)": "$data",
            "torch.nn.ParameterList($parameters)": "$parameters",
            "torch.nn.ParameterDict($parameters)": "$parameters",
        },
        imports=("torch.nn", "torch.nn.Parameter", "torch.nn.ParameterList", "torch.nn.ParameterDict"),
        advice=(
            "Make the attribute itself an `nn.Parameter` (several: an `nn.ParameterList` or `nn.ParameterDict`) and compute "
            "its first value inside. Leave shape, scale and initialisation as they are."
        ),
    ),
    evidence=Shown("tests/evidence/test_unregistered_parameter.py::test_module_has_no_parameter"),
    detect=detect,
)
