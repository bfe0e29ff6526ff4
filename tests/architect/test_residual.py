"""The residue of a document: what does not count leaves no trace in it, and everything else does."""

import random

import pytest

from ml_architect.architect.checks.patterns import PatternError
from ml_architect.architect.checks.residual import Residue, difference, residue
from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment
from ml_architect.rules.allowance import Allowance, Number
from ml_architect.syntax.tokens import tokenize
from ml_architect.text import Source

ALLOWANCE = Allowance(
    keywords={"num_workers": Number(), "torch.load:weights_only": Number()},
    statements=("$o.zero_grad($*rest)",),
    headers=("torch.no_grad()", "@torch.no_grad()", "if $i % $n == 0"),
    rewrites={
        "torch.softmax($x, $*rest)": "$x",
        "$x.softmax($*rest)": "$x",
        "$scaler.scale($loss).backward()": "$loss.backward()",
        "torch.log($x)": "torch.nn.functional.log_softmax($x, dim=1)",
    },
    imports=("torch", "torch.nn.functional"),
)


def of(text: str, *allowances: Allowance) -> Residue:
    facts = analyze(Source("import torch\n" + text), Settings(), Environment()).facts
    assert facts is not None
    return residue(facts, allowances or (ALLOWANCE,))


SAME = {
    "white space": ("x = f( a,b )\n", "x=f(a, b)\n"),
    "line ends": ("x = 1\r\nif x:\r\n    y = 2\r\n", "x = 1\nif x:\n    y = 2\n"),
    "tabs": ("if x:\n    y = 2\n", "if x:\n\ty = 2\n"),
    "width of an indentation": ("if x:\n  y = 2\n  z = 3\n", "if x:\n      y = 2\n      z = 3\n"),
    "a block on the line of its header": ("if x: y = 2\nelse: y = 3\n", "if x:\n    y = 2\nelse:\n    y = 3\n"),
    "semicolons": ("x = 1; y = 2;\n", "x = 1\ny = 2\n"),
    "lines in brackets": ("x = f(\n    a,\n    b,\n)\n", "x = f(a, b)\n"),
    "a backslash": ("x = a + \\\n    b\n", "x = a + b\n"),
    "blank lines": ("x = 1\n\n\ny = 2\n", "x = 1\ny = 2\n"),
    "a needless pass": ("if x:\n    pass\n    y()\n", "if x:\n    y()\n"),
    "an owned keyword added": ("d = L(s, shuffle=True)\n", "d = L(s, num_workers=4, shuffle=True)\n"),
    "an owned keyword last": ("d = L(s)\n", "d = L(s, num_workers=4)\n"),
    "an owned keyword alone": ("d = L()\n", "d = L(num_workers=4)\n"),
    "an owned keyword with a comma behind": ("d = L(s)\n", "d = L(\n    s,\n    num_workers=4,\n)\n"),
    "an owned keyword changed": ("d = L(s, num_workers=0)\n", "d = L(s, num_workers=f(4))\n"),
    "two owned keywords": ("d = L(s, num_workers=0)\n", "d = L(s, num_workers=1, num_workers=2)\n"),
    "a keyword of one callee": ("torch.load(p)\n", "torch.load(p, weights_only=True)\n"),
    "a keyword of an alias": ("from torch import load\nload(p)\n", "from torch import load\nload(p, weights_only=1)\n"),
    "a statement added": ("for b in l:\n    step()\n", "for b in l:\n    o.zero_grad()\n    step()\n"),
    "a statement with arguments": ("step()\n", "self.opt.zero_grad(set_to_none=True)\nstep()\n"),
    "a statement moved": ("a()\no.zero_grad()\nb()\n", "a()\nb()\no.zero_grad()\n"),
    "a statement beside another": ("a()\n", "o.zero_grad(); a()\n"),
    "a context": ("a()\nb()\n", "with torch.no_grad():\n    a()\n    b()\n"),
    "a context on one line": ("a()\n", "with torch.no_grad(): a()\n"),
    "a context around a block": (
        "for x in y:\n    a()\nelse:\n    b()\n",
        "with torch.no_grad():\n    for x in y:\n        a()\n    else:\n        b()\n",
    ),
    "a context of two": ("with f() as g:\n    a()\n", "with torch.no_grad(), f() as g:\n    a()\n"),
    "a context of two in parentheses": ("with f() as g:\n    a()\n", "with (f() as g, torch.no_grad(),):\n    a()\n"),
    "a context in a branch": (
        "if x:\n    a()\nelse:\n    b()\n",
        "if x:\n    with torch.no_grad():\n        a()\nelse:\n    b()\n",
    ),
    "a decorator": ("def f():\n    a()\n", "@torch.no_grad()\ndef f():\n    a()\n"),
    "a decorator of two": (
        "@g\n@h(1)\ndef f():\n    a()\n",
        "@g\n@torch.no_grad()\n@h(1)\ndef f():\n    a()\n",
    ),
    "a condition": ("for i in x:\n    a()\n", "for i in x:\n    if i % 10 == 0:\n        a()\n"),
    "a rewriting": ("c = ce(m(x), y)\n", "c = ce(torch.softmax(m(x), dim=1), y)\n"),
    "a rewriting of a sum": ("c = ce(a + b, y)\n", "c = ce(torch.softmax(a + b, 1), y)\n"),
    "a rewriting beside an operator": ("c = (a + b) * 2\n", "c = torch.softmax(a + b, 1) * 2\n"),
    "a rewriting of a method": ("c = ce(m(x), y)\n", "c = ce(m(x).softmax(-1), y)\n"),
    "a rewriting inside another": ("c = ce(m(x), y)\n", "c = ce(torch.softmax(torch.softmax(m(x), 1), 1), y)\n"),
    "a rewriting of a receiver": ("loss.backward()\n", "scaler.scale(loss).backward()\n"),
    "a rewriting of a computed receiver": ("(a / 2).backward()\n", "scaler.scale(a / 2).backward()\n"),
    "a form of its own, under an alias": (
        "c = torch.log(m(x))\n",
        "import torch.nn.functional as F\nc = F.log_softmax(m(x), dim=1)\n",
    ),
    "an import": ("a()\n", "import torch.nn.functional as F\na()\n"),
    "a name of an import": ("from x import (a)\n", "from x import a\nfrom torch import no_grad\n"),
    "an import of two": ("import os\n", "import os, torch\n"),
    "a docstring's place": ('def f():\n    """D."""\n', 'def f(): """D."""\n'),
}

DIFFERENT = {
    "another value": ("d = L(s, batch_size=1)\n", "d = L(s, batch_size=2)\n"),
    "another argument": ("d = L(train)\n", "d = L(test)\n"),
    "a keyword of another callee": ("load(p)\n", "load(p, weights_only=True)\n"),
    "a keyword of something that is no call": ("class A(B):\n    x = 1\n", "class A(B, num_workers=1):\n    x = 1\n"),
    "order of what is returned": ("def f():\n    return a, b\n", "def f():\n    return b, a\n"),
    "order of statements": ("a()\nb()\n", "b()\na()\n"),
    "a statement too many": ("a()\n", "a()\nb()\n"),
    "a statement too few": ("a()\nb()\n", "a()\n"),
    "level of a statement": ("if x:\n    a()\nb()\n", "if x:\n    a()\n    b()\n"),
    "level of a branch": (
        "for a in b:\n    if c:\n        d()\n    else:\n        e()\n",
        "for a in b:\n    if c:\n        d()\nelse:\n    e()\n",
    ),
    "a comma of a tuple": ("x = (a)\n", "x = (a,)\n"),
    "a comma of a bare tuple": ("x = a\n", "x = a,\n"),
    "a comma of a subscript": ("x[a]\n", "x[a,]\n"),
    "parentheses": ("x = (a + b) * c\n", "x = a + b * c\n"),
    "parentheses around what is rewritten": ("x = a + b * 2\n", "x = torch.softmax(a + b, 1) * 2\n"),
    "parentheses around what is rewritten twice": (
        "x = a + b * 2\n",
        "x = torch.softmax(torch.softmax(a + b, 1), 1) * 2\n",
    ),
    "another decorator": ("@g\ndef f():\n    a()\n", "def f():\n    a()\n"),
    "a context of another name": ("a()\n", "with no_grad():\n    a()\n"),
    "a context with a target": ("a()\n", "with torch.no_grad() as x:\n    a()\n"),
    "a context with arguments": ("a()\n", "with torch.no_grad(x()):\n    a()\n"),
    "a context of a name of the document": ("torch = f()\na()\n", "torch = f()\nwith torch.no_grad():\n    a()\n"),
    "a condition with a branch": ("a()\n", "if i % 2 == 0:\n    a()\nelse:\n    b()\n"),
    "a condition as a branch": ("if x:\n    b()\n", "if x:\n    b()\nelif i % 2 == 0:\n    c()\n"),
    "another condition": ("a()\n", "if i % 2 == 1:\n    a()\n"),
    "a default": ("def f(a=1):\n    b()\n", "def f(a=2):\n    b()\n"),
    "an annotation": ("def f(a: int):\n    b()\n", "def f(a: str):\n    b()\n"),
    "what is caught": ("try:\n    a()\nexcept A:\n    b()\n", "try:\n    a()\nexcept B:\n    b()\n"),
    "a clean-up": ("try:\n    a()\nexcept A:\n    b()\n", "try:\n    a()\nfinally:\n    b()\n"),
    "an operator": ("x += 1\n", "x -= 1\n"),
    "a comparison": ("x = a < b\n", "x = a <= b\n"),
    "a string": ("x = 'a'\n", "x = 'b'\n"),
    "text in an f-string": ("x = f'{a}'\n", "x = f'{b}'\n"),
    "what an f-string computes": ("x = f'{a}'\n", "x = f'{torch.softmax(a, 1)}'\n"),
    "a comment too few": ("a()  # b\n", "a()\n"),
    "a comment too many": ("a()\n", "# b\na()\n"),
    "another comment": ("a()  # b\n", "a()  # c\n"),
    "another import": ("a()\n", "import os\na()\n"),
    "an import under another module": ("a()\n", "from os import torch\na()\n"),
    "a relative import": ("a()\n", "from . import torch\na()\n"),
    "a star": ("f(a)\n", "f(*a)\n"),
    "async": ("def f():\n    a()\n", "async def f():\n    a()\n"),
    "a call of a call": ("f()\n", "f()()\n"),
    "a gap that differs": ("x.backward()\n", "scaler.scale(y).backward()\n"),
    "a case": ("match x:\n    case 1:\n        a()\n", "match x:\n    case 2:\n        a()\n"),
    "a line that does not parse": ("x = = 1\na()\n", "x = = 2\na()\n"),
    "level of a line that does not parse": ("if x:\n    a()\n    b b\n", "if x:\n    a()\nb b\n"),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_what_an_allowance_lets_change_leaves_no_trace(before, after):
    assert difference(of(before), of(after)) == ()
    assert of(before) == of(after)


@pytest.mark.parametrize(("before", "after"), DIFFERENT.values(), ids=DIFFERENT)
def test_everything_else_counts(before, after):
    assert of(before) != of(after)
    assert difference(of(before), of(after)) != ()


def test_without_an_allowance_nothing_may_change():
    for before, after in SAME.values():
        old, new = tokenize(before).texts, tokenize(after).texts
        if "pass" not in new + old and [t for t in old if t not in ",;"] != [t for t in new if t not in ",;"]:
            assert of(before, Allowance()) != of(after, Allowance())


def test_differences_are_told_in_words():
    before = "d = L(s, batch_size=32)\nx = 1  # keep\n"
    after = "d = L(s, batch_size=64, num_workers=2)\nx = 1\nevil()\n"
    assert difference(of(before), of(after)) == (
        "line 2: `batch_size=32` became `batch_size=64`",
        "line 4: `evil()` is new",
        "the comment `# keep` is gone",
    )


def test_only_some_differences_are_told():
    told = difference(of("a()\n"), of("".join(f"x{i} = {i}\n" for i in range(50))))
    assert len(told) == 9
    assert told[-1].endswith("further differences")


@pytest.mark.parametrize(
    "allowance",
    [
        Allowance(statements=("$x",)),
        Allowance(statements=("for a in b: c()",)),
        Allowance(rewrites={"$x": "f($x)"}),
        Allowance(rewrites={"f($x)": "g($y)"}),
        Allowance(headers=("1 +",)),
        Allowance(headers=("@a\n@b",)),
        Allowance(rewrites={"f(x); g(x)": "x"}),
    ],
)
def test_what_is_no_pattern_is_refused(allowance):
    with pytest.raises(PatternError):
        of("a()\n", allowance)


DOCUMENT = '''import os
from torch.utils.data import DataLoader

@decorated(1)
def train(model, loader, *, epochs: int = 3) -> None:
    """Train."""
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):  # epochs
        for i, (x, y) in enumerate(loader):
            with autocast("cuda"), other() as z:
                loss = ce(model(x)[0], y) / 2
            if i % 3 == 1 and not y:
                loss.backward(); opt.step()
            elif x:
                continue
            else:
                raise ValueError(f"{x} is bad") from None
    try:
        values = {"a": [1, 2.5, -3], **{k: v for k, v in z.items() if v}}
    except (KeyError, OSError) as error:
        values = lambda q, *r: (q, r)
    finally:
        assert values is not None, "no"
    return model, values[1:2, ...]
'''


def test_every_token_that_changes_counts():
    """Swap each token for another of its kind, one at a time."""
    base = of(DOCUMENT)
    tokens = tokenize(DOCUMENT)
    other = {"(": "((", "=": "+=", "True": "False", "import": "import os ,"}
    for text, start, end in zip(tokens.texts, tokens.starts, tokens.ends, strict=True):
        if text == ";" or (text, DOCUMENT[end : end + 1]) == ("]", ","):
            continue
        swapped = f"{DOCUMENT[:start]}{other.get(text, f'{text}_')}{DOCUMENT[end:]}"
        assert of(swapped) != base, f"{text} at {start}"


def test_every_line_that_goes_or_moves_counts():
    base = of(DOCUMENT)
    lines = DOCUMENT.splitlines(keepends=True)
    for row, line in enumerate(lines):
        if line.strip():
            assert of("".join(lines[:row] + lines[row + 1 :])) != base, line


def test_layout_never_counts():
    """Widen white space between tokens at random, outside strings and comments."""
    randomness = random.Random(3)
    base = of(DOCUMENT)
    tokens = tokenize(DOCUMENT)
    for _ in range(20):
        text, position = "", 0
        for start, end in zip(tokens.starts, tokens.ends, strict=True):
            gap = DOCUMENT[position:start]
            has_line = "\n" in gap or "#" in gap or not position
            text += gap if has_line else gap + " " * randomness.randrange(3)
            text += DOCUMENT[start:end]
            position = end
        assert of(text + "\n") == base
