"""A check for a device is used without being called, so it is always true."""

import re
from collections.abc import Iterator
from functools import partial

from ml_architect.facts import ModuleFacts, Site
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
from ml_architect.syntax.nodes import (
    Attribute,
    BooleanOperation,
    Conditional,
    Expression,
    If,
    Node,
    UnaryOperation,
    While,
    walk,
)
from ml_architect.text import Edit, Span

_CHECKS = frozenset(
    {"torch.cuda.is_available", "torch.backends.mps.is_available", "torch.cuda.is_bf16_supported"}
    | {"torch.distributed.is_available", "torch.distributed.is_initialized", "torch.xpu.is_available"}
)
_UNCALLED = re.compile(r"is_(?:available|bf16_supported|initialized)\b(?!\s*\()")
"""A first look at the text, so that files without a bare mention cost nothing."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report the bare function where a truth value is asked for."""
    if not facts.imports("torch") or not _UNCALLED.search(facts.module.source.text):
        return
    for site in facts.structure.sites:
        for test in _tests(site):
            for part in _parts(test):
                if isinstance(part, Attribute) and facts.qualified(part, site) in _CHECKS:
                    yield Finding(
                        part,
                        f"`{facts.text(part)}` is a function and so always true; its answer comes from calling it",
                        fix=partial(_fix, facts, part),
                    )


def _tests(site: Site) -> Iterator[Expression]:
    statement = site.statement
    if isinstance(statement, (If, While)):
        yield statement.test
    value = getattr(statement, "value", None)
    nodes = [item.call for item in site.summary.calls] + ([value] if isinstance(value, Node) else [])
    seen: set[Node] = set()
    for root in nodes:
        for node in walk(root):
            if isinstance(node, Conditional) and node not in seen:
                seen.add(node)
                yield node.test


def _parts(test: Expression) -> Iterator[Expression]:
    if isinstance(test, BooleanOperation):
        yield from _parts(test.left)
        yield from _parts(test.right)
    elif isinstance(test, UnaryOperation):
        yield from _parts(test.operand)
    else:
        yield test


def _fix(facts: ModuleFacts, part: Attribute) -> Fix:
    end = facts.span(part).end
    return Fix(f"call `{facts.text(part)}()`", (Edit(Span(end, end), "()"),), Safety.UNSAFE)


RULE = Rule(
    name="availability-check-not-called",
    summary="a check such as `torch.cuda.is_available` is used without being called",
    framework=Framework.TORCH,
    category=Category.DEVICE,
    severity=Severity.ERROR,
    why=(
        'A function object is true. `"cuda" if torch.cuda.is_available else "cpu"` picks CUDA on every machine, and the first move to the device raises where there '
        "is none. On the author's own GPU machine nothing is wrong."
    ),
    tradeoffs={Cost.MAINTENANCE: "the script runs on machines with and without the device"},
    references=(
        Reference(
            "torch.cuda.is_available", "https://docs.pytorch.org/docs/stable/generated/torch.cuda.is_available.html"
        ),
    ),
    fires=(
        Fires(
            """\
import torch

device = torch.device("cuda" if torch.cuda.is_available else "cpu")
""",
            """\
import torch

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
""",
        ),
        Fires(
            """\
import torch
import torch.distributed as dist

def reduce(value):
    if dist.is_initialized and value is not None:
        dist.all_reduce(value)
    return value
""",
            """\
import torch
import torch.distributed as dist

def reduce(value):
    if dist.is_initialized() and value is not None:
        dist.all_reduce(value)
    return value
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
""",
            because="called",
        ),
        Quiet(
            """\
import torch

def choose(check=torch.cuda.is_available):
    probe = torch.cuda.is_available
    return "cuda" if check() and probe() else "cpu"
""",
            because="the function is handed on and called elsewhere",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="machines without the device take the other branch from now on",
    architect=Allowance(
        rewrites={f"{name}()": name for name in sorted(_CHECKS)},
        advice="Call the function; leave the condition around it as it is.",
    ),
    evidence=Shown(
        "tests/evidence/test_availability_check_not_called.py::test_uncalled_check_picks_cuda_on_a_machine_without_cuda"
    ),
    detect=detect,
)
