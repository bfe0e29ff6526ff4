"""Good repairs, distorted at random: what is still called proven differs in nothing but what the rule owns."""

import random
import re

import pytest

from ml_architect.architect.checks.judge import judge_text
from ml_architect.architect.values import Brief, Region, Target, Task, Tier
from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment
from ml_architect.rules import rule_named
from ml_architect.rules.allowance import Allowance, Choice, Number
from ml_architect.syntax.tokens import tokenize
from ml_architect.text import Source, Span

ORACLES = {
    "dataloader-no-workers": (
        0,
        Allowance(keywords={"torch.utils.data.DataLoader:num_workers": Number(1, 16, whole=True)}),
        r"num_workers = (?:[1-9]|1[0-6]) ,? ?|, (?=\) )",
    ),
    "missing-zero-grad": (
        0,
        Allowance(statements=("$optimizer.zero_grad($*rest)",)),
        r"optimizer \. zero_grad \( (?:(?:set_to_none = )?(?:True|False|None|0|2) ,? ?)?\) ;? ?",
    ),
    "missing-no-grad-in-eval": (
        0,
        Allowance(headers=("torch.no_grad()", "@torch.no_grad()")),
        r"@ torch \. no_grad \( \) ",
    ),
    "softmax-before-cross-entropy": (
        1,
        Allowance(rewrites={"torch.nn.functional.softmax($x, $*rest)": "$x"}),
        r"F \. softmax \( |(?<=fc \( x \)) , dim = 1 \)",
    ),
    "torch-load-allows-code-execution": (
        0,
        Allowance(keywords={"torch.load:weights_only": Choice(("True",))}),
        r"weights_only = \w+ ,? ?|, (?=\) )",
    ),
}
"""The example of the rule whose repair is taken, what may change, and the same by text alone."""
WORDS = [
    "x",
    "0",
    "2",
    "True",
    "None",
    "model",
    "torch",
    "len",
    "self",
    ".step",
    "()",
    "-",
    "not",
    ",",
    "=",
    "#",
    "eval",
]


def residue(owned: str, text: str) -> tuple[str, ...]:
    """What is left without what the rule owns, found by text alone, and the comments."""
    words = re.sub(owned, "", " ".join(tokenize(text).texts) + " ").replace(" , )", " )")
    return (" ".join(words.split()), *re.findall("#.*", text))


def mutated(text: str, randomness: random.Random) -> str:
    tokens = tokenize(text)
    index = randomness.randrange(len(tokens.texts))
    other = randomness.randrange(len(tokens.texts))
    start, end = tokens.starts[index], tokens.ends[index]
    match randomness.randrange(7):
        case 0:
            return text[:start] + text[end:]
        case 1:
            return text[:start] + tokens.texts[other] + text[end:]
        case 2:
            return text[:start] + randomness.choice(WORDS) + text[end:]
        case 3:
            return text[:end] + " " + randomness.choice(WORDS) + text[end:]
        case 4:
            lines = text.splitlines(keepends=True)
            row = randomness.randrange(len(lines))
            return "".join(lines[:row] + lines[row + 1 :])
        case 5:
            lines = text.splitlines(keepends=True)
            row, to = randomness.randrange(len(lines)), randomness.randrange(len(lines))
            return "".join([*lines[:to], lines[row], *lines[to:]])
        case _:
            lines = text.splitlines(keepends=True)
            row = randomness.randrange(len(lines))
            lines[row] = randomness.choice(["    ", ""]) + lines[row].removeprefix("    ")
            return "".join(lines)


@pytest.mark.parametrize("code", ORACLES)
def test_no_mutant_is_proven_that_changes_more(code):
    number, allowance, owned = ORACLES[code]
    rule = rule_named(code)
    before, good = rule.fires[number].code, rule.fires[number].after
    analysis = analyze(Source(before), Settings(), Environment())
    targets = tuple(Target(d.fingerprint, d.code, d.message, d.span) for d in analysis.diagnostics if d.code == code)
    brief = Brief(Task.FIX, targets, (Region("R1", Span(0, len(before)), "code"),), (), "n0nce", "")
    randomness = random.Random(7)
    proven = 0
    for round_number in range(250):
        mutant = mutated(good, randomness) if round_number else good
        if randomness.random() < 0.3:
            mutant = mutated(mutant, randomness)
        if judge_text(analysis, brief, mutant, (allowance,)).tier is Tier.PROVEN:
            proven += 1
            assert residue(owned, mutant) == residue(owned, before), mutant
    assert proven
