"""What two versions share is left out of every comparison, which must not change what is found."""

import random

import pytest

from ml_architect.architect.checks.capability import new_capability
from ml_architect.architect.checks.change import Change, change_between
from ml_architect.architect.checks.judge import judge_text
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.residual import difference, residue
from ml_architect.architect.values import Brief, Region, Target, Task, Tier
from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment
from ml_architect.rules.allowance import Allowance, Number
from ml_architect.text import Source, Span

DOCUMENT = """\
import os
import torch
from torch import nn, optim

STEPS = 4  # a comment
model = nn.Linear(4, 2)

# before the functions
def first(loader, optimizer):
    for x, y in loader:
        loss = model(x).sum() / STEPS
        loss.backward()
        optimizer.step()
    return loss

@torch.no_grad()
def second(loader):
    return [model(x).softmax(1) for x, _ in loader]

value = first([], optim.SGD(model.parameters(), lr=0.1))
value = value.detach()
other = second([])
print(value, other, sep=", ")
# the end
"""
ALLOWANCE = Allowance(
    keywords={"lr": Number(0, 1)},
    statements=("$optimizer.zero_grad($*rest)",),
    headers=("@torch.no_grad()", "torch.no_grad()"),
    rewrites={"$x.softmax($*rest)": "$x", "$v = $v.detach()\n$w = second($*rest)": "$w = second($*rest)"},
)
LINES = [
    "import os\n",
    "        optimizer.zero_grad()\n",
    "@torch.no_grad()\n",
    "print(1)\n",
    "# more\n",
    "    return 1\n",
    "\n",
]


def mutated(randomness: random.Random) -> str:
    lines = DOCUMENT.splitlines(keepends=True)
    for _ in range(randomness.choice([1, 1, 2])):
        row = randomness.randrange(len(lines))
        match randomness.randrange(4):
            case 0:
                del lines[row]
            case 1:
                lines.insert(row, randomness.choice(LINES))
            case 2:
                lines[row] = lines[row].replace("1", "2").replace("x", "y").replace(".softmax(1)", "")
            case _:
                lines.insert(randomness.randrange(len(lines)), lines.pop(row))
    return "".join(lines)


def change(before: str, after: str, *, shared: bool) -> Change | None:
    old = analyze(Source(before), Settings(), Environment())
    new = old.with_text(after) if shared else analyze(Source(after), Settings(), Environment())
    return change_between(old, new, (), (), Permits((ALLOWANCE,)))


def test_what_is_shared_makes_no_difference():
    randomness = random.Random(11)
    parted = equal = 0
    for _ in range(200):
        after = mutated(randomness)
        short, whole = change(DOCUMENT, after, shared=True), change(DOCUMENT, after, shared=False)
        if short is None or whole is None:
            continue
        parted += short.new.statements is not None
        told = difference(whole.old.residue, whole.new.residue)
        assert bool(difference(short.old.residue, short.new.residue)) == bool(told), after
        assert (residue(short.old.facts, (ALLOWANCE,)) == residue(short.new.facts, (ALLOWANCE,))) == (not told), after
        refusals = [new_capability(item) for item in (short, whole)]
        assert (refusals[0] is None) == (refusals[1] is None), (after, refusals)
        equal += not told
    assert parted > 100
    assert 5 < equal < 150


def test_several_findings_are_repaired_at_once():
    before = (
        "import torch\nfrom torch import nn\n\n"
        "def train(model: nn.Module, loader, criterion):\n"
        "    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)\n"
        "    for inputs, targets in loader:\n"
        "        loss = criterion(model(inputs), targets)\n"
        "        loss.backward()\n"
        "        optimizer.step()\n\n"
        "def evaluate(model: nn.Module, loader):\n"
        "    model.eval()\n"
        "    right = 0\n"
        "    for inputs, targets in loader:\n"
        "        right += (model(inputs).argmax(1) == targets).sum().item()\n"
        "    return right\n"
    )
    codes = ("missing-zero-grad", "missing-no-grad-in-eval")
    analysis = analyze(Source(before), Settings(), Environment())
    targets = tuple(Target(d.fingerprint, d.code, d.message, d.span) for d in analysis.diagnostics if d.code in codes)
    assert len(targets) == 2
    brief = Brief(Task.FIX, targets, (Region("R1", Span(0, len(before)), "code"),), (), "n0nce", "")
    half = before.replace("        loss.backward()", "        optimizer.zero_grad()\n        loss.backward()")
    whole = half.replace("def evaluate", "@torch.no_grad()\ndef evaluate")
    assert judge_text(analysis, brief, whole, (ALLOWANCE,)).tier is Tier.PROVEN
    verdict = judge_text(analysis, brief, half, (ALLOWANCE,))
    assert verdict.refusal is not None
    assert "missing-no-grad-in-eval is still found" in verdict.refusal.message


@pytest.mark.parametrize("margin", ["value = value.detach()\n", "other = second([])\n"])
def test_statements_that_are_judged_together_are_not_parted(margin):
    after = DOCUMENT.replace(margin, margin.replace("value =", "value  =").replace("other =", "other  ="))
    found = change(DOCUMENT, after, shared=True)
    assert found is not None
    assert difference(found.old.residue, found.new.residue) == ()
    gone = change(DOCUMENT, DOCUMENT.replace("value = value.detach()\n", ""), shared=True)
    assert gone is not None
    assert difference(gone.old.residue, gone.new.residue) == ()
