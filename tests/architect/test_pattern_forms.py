"""Forms of patterns that the allowances of rules rely on."""

import pytest

from ml_architect.architect.checks.residual import Residue, difference, residue
from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment
from ml_architect.rules.allowance import Allowance, Number
from ml_architect.syntax.tokens import tokenize
from ml_architect.text import Source

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"


def of(text: str, allowance: Allowance) -> Residue:
    facts = analyze(Source(HEAD + text), Settings(), Environment()).facts
    assert facts is not None
    return residue(facts, (allowance,))


def rewrites(source: str, form: str) -> Allowance:
    return Allowance(rewrites={source: form})


LAST = rewrites("torch.nn.Sequential($*layers, torch.nn.Sigmoid())", "torch.nn.Sequential($*layers)")
LOG = rewrites("$x.log($*rest)", "torch.log($x, $*rest)")
EVAL = rewrites("$model.eval()", "$model.training = False")
TOTAL = rewrites("$total += $loss.detach()", "$total += $loss")
MOVED = rewrites("$x = $x.to($*rest)", "$x.to($*rest)")
DROPOUT = Allowance(keywords={"torch.nn.Dropout:p": Number(0.0, 0.5)})
WRAPPED = rewrites("torch.nn.ModuleList($layers)", "$layers")

BATCH = Allowance(statements=("$x = $x.to($device)\n$y = $y.to($device)",))

SAME = {
    "statements that come together": (BATCH, "a()\n", "x = x.to(d)\ny = y.to(d)\na()\n"),
    "the last of many arguments": (LAST, "m = nn.Sequential(a, b, nn.Sigmoid())\n", "m = nn.Sequential(a, b)\n"),
    "a function beside a method": (LOG, "y = torch.log(x)\n", "y = x.log()\n"),
    "an assignment and a call": (EVAL, "m.training = False\n", "m.eval()\n"),
    "a sum and another": (TOTAL, "total += loss\n", "total += loss.detach()\n"),
    "a call and its assignment": (MOVED, "x.to(device)\n", "x = x.to(device)\n"),
    "an argument by position": (DROPOUT, "d = nn.Dropout(20)\n", "d = nn.Dropout(0.2)\n"),
    "an argument by position and by name": (DROPOUT, "d = nn.Dropout(20)\n", "d = nn.Dropout(p=0.2)\n"),
    "a sum at the end of a line": (WRAPPED, "m = a + b\nn = 1\n", "m = nn.ModuleList(a + b)\nn = 1\n"),
}
DIFFERENT = {
    "one of two statements": (BATCH, "a()\n", "x = x.to(d)\na()\n"),
    "two statements that disagree": (BATCH, "a()\n", "x = x.to(d)\ny = y.to(e)\na()\n"),
    "not the last argument": (LAST, "m = nn.Sequential(a, nn.Sigmoid(), b)\n", "m = nn.Sequential(a, b)\n"),
    "another function than the method": (LOG, "y = torch.log(x)\n", "y = torch.log1p(x)\n"),
    "another object": (EVAL, "m.training = False\n", "n.eval()\n"),
    "the same expression in another statement": (EVAL, "m.training = False\n", "y = m.eval()\n"),
    "another total": (TOTAL, "total += loss\n", "other += loss.detach()\n"),
    "another name": (MOVED, "x.to(device)\n", "y = x.to(device)\n"),
    "a second argument": (DROPOUT, "d = nn.Dropout(0.2, True)\n", "d = nn.Dropout(0.2, False)\n"),
    "an argument of another callee": (DROPOUT, "d = nn.Dropout2d(20)\n", "d = nn.Dropout2d(0.2)\n"),
}


@pytest.mark.parametrize("case", SAME)
def test_forms_of_one_thing_have_one_residue(case: str) -> None:
    allowance, one, two = SAME[case]
    assert one != two
    assert of(one, allowance) == of(two, allowance)


@pytest.mark.parametrize("case", DIFFERENT)
def test_other_things_have_other_residues(case: str) -> None:
    allowance, one, two = DIFFERENT[case]
    assert of(one, allowance) != of(two, allowance)


CLIP = Allowance(statements=("torch.nn.utils.clip_grad_norm_($*rest)",))
AUTOCAST = Allowance(
    statements=("torch.autocast($*rest)",), headers=("torch.autocast($*rest)", "@torch.autocast($*rest)")
)
NORM = ("nn.utils.clip_grad_norm_(p, 1.0)", "nn.utils.clip_grad_norm_(p, 9.0)")
CAST = ('torch.autocast("cuda")', 'torch.autocast("cuda", enabled=False)')
ON_THE_WAY = {
    "a statement that is moved": (CLIP, NORM, "{}\nstep()\n", "step()\n{}\n"),
    "a statement that becomes a context": (AUTOCAST, CAST, "{}\nstep()\n", "with {}:\n    step()\n"),
    "a context that becomes a decorator": (
        AUTOCAST,
        CAST,
        "def f():\n    with {}:\n        a()\n",
        "@{}\ndef f():\n    a()\n",
    ),
}


@pytest.mark.parametrize("case", ON_THE_WAY)
def test_nothing_changes_on_the_way(case: str) -> None:
    allowance, (same, other), before, after = ON_THE_WAY[case]
    kept = of(before.format(same), allowance), of(after.format(same), allowance)
    changed = of(before.format(same), allowance), of(after.format(other), allowance)
    assert difference(*kept) == ()
    assert difference(*changed) == (f"`{spaced(same)}` became `{spaced(other)}`",)


def spaced(code: str) -> str:
    return " ".join(tokenize(code).texts)
