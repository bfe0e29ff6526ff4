"""Statements that follow each other and may turn into others leave one residue, and only they do."""

import pytest

from ml_architect.architect.checks.patterns import PatternError
from ml_architect.architect.checks.residual import Residue, residue
from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment
from ml_architect.rules.allowance import Allowance, Number
from ml_architect.text import Source

ALLOWANCE = Allowance(
    keywords={"buffer_size": Number()},
    rewrites={
        "$d = $d.batch($*n)\n$d = $d.shuffle($*b)": "$d = $d.shuffle($*b)\n$d = $d.batch($*n)",
        "$order = numpy.random.permutation(len($x))\n$x, $y = $x[$order], $y[$order]": (
            "numpy.random.shuffle($x)\nnumpy.random.shuffle($y)"
        ),
    },
)


def of(text: str) -> Residue:
    facts = analyze(Source("import torch\nimport numpy as np\n" + text), Settings(), Environment()).facts
    assert facts is not None
    return residue(facts, (ALLOWANCE,))


SAME = {
    "two that change places": ("x = x.batch(2)\nx = x.shuffle(9)\n", "x = x.shuffle(9)\nx = x.batch(2)\n"),
    "between others": ("a()\nx = x.batch(2)\nx = x.shuffle(9)\nb()\n", "a()\nx = x.shuffle(9)\nx = x.batch(2)\nb()\n"),
    "in a block": (
        "if a:\n    x = x.batch(2)\n    x = x.shuffle(9)\nb()\n",
        "if a:\n    x = x.shuffle(9)\n    x = x.batch(2)\nb()\n",
    ),
    "on one line": ("x = x.batch(2); x = x.shuffle(9)\n", "x = x.shuffle(9)\nx = x.batch(2)\n"),
    "what may change inside": (
        "x = x.batch(2)\nx = x.shuffle(buffer_size=9)\n",
        "x = x.shuffle(buffer_size=8)\nx = x.batch(2)\n",
    ),
    "others in their place": (
        "np.random.shuffle(a)\nnp.random.shuffle(b)\n",
        "i = np.random.permutation(len(a))\na, b = a[i], b[i]\n",
    ),
}
OTHER = {
    "another argument": ("x = x.batch(2)\nx = x.shuffle(9)\n", "x = x.shuffle(9)\nx = x.batch(3)\n"),
    "another name": ("x = x.batch(2)\nx = x.shuffle(9)\n", "x = x.shuffle(9)\ny = x.batch(2)\n"),
    "something between them": ("x = x.batch(2)\na()\nx = x.shuffle(9)\n", "x = x.shuffle(9)\na()\nx = x.batch(2)\n"),
    "one of them alone": ("x = x.batch(2)\nx = x.shuffle(9)\n", "x = x.shuffle(9)\n"),
    "another level": (
        "x = x.batch(2)\nx = x.shuffle(9)\nif a:\n    b()\n",
        "if a:\n    x = x.shuffle(9)\n    x = x.batch(2)\n    b()\n",
    ),
    "the parts exchanged": (
        "np.random.shuffle(a)\nnp.random.shuffle(b)\n",
        "i = np.random.permutation(len(a))\nb, a = a[i], b[i]\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_allowed_statements_turn_into_each_other(before: str, after: str) -> None:
    assert of(before) == of(after)


@pytest.mark.parametrize(("before", "after"), OTHER.values(), ids=OTHER)
def test_other_statements_do_not(before: str, after: str) -> None:
    assert of(before) != of(after)


def test_gap_that_comes_from_nowhere_is_refused() -> None:
    facts = analyze(Source("import torch\n"), Settings(), Environment()).facts
    assert facts is not None
    with pytest.raises(PatternError):
        residue(facts, (Allowance(rewrites={"$x.a()\n$x.b()": "$x.c($y)"}),))
