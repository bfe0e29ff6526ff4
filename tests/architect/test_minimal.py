"""What is written anew from the tokens of a document is the same program."""

from pathlib import Path

import pytest

from ml_architect.architect.checks.erasure import plan_of
from ml_architect.architect.checks.minimal import _written
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.residual import ResidueLine, full_lines
from ml_architect.catalog.load import load_catalog
from ml_architect.facts import Environment, ModuleFacts
from ml_architect.rules import all_rules
from ml_architect.syntax import parse
from ml_architect.text import Source

EXAMPLES = Path(__file__).parents[2] / "server" / "examples"


def lines_of(text: str) -> list[ResidueLine]:
    module = parse(Source(text))
    assert not module.problems
    facts = ModuleFacts(module, load_catalog(), Environment())
    plan = plan_of(facts, Permits(()))
    return [item.line for item in full_lines(plan, plan)]


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.py")), ids=lambda path: path.parent.name + "/" + path.stem)
def test_an_example_is_written_anew_without_loss(path):
    lines = lines_of(path.read_text())
    assert lines
    assert lines_of(_written(lines)) == lines


def test_the_examples_of_the_rules_are_written_anew_without_loss():
    for rule in all_rules():
        for fires in rule.fires:
            lines = lines_of(fires.code)
            assert lines_of(_written(lines)) == lines, fires.code


def test_nothing_is_written_of_nothing():
    assert _written(lines_of("# a comment\n")).strip() == ""


def test_a_header_without_a_block_gets_one():
    assert _written(lines_of("if x:\n    pass\nelse:\n    y()\n")) == "if x :\n    pass\nelse :\n    y ( )\n"
