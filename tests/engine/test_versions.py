"""A document that is being edited: what was known stays, and what is answered does not depend on the way there."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_architect.engine import Settings, analyze
from ml_architect.facts.environment import Environment
from ml_architect.rewrite import Fix, Safety
from ml_architect.rules.api import Finding, FixKind
from ml_architect.syntax.nodes import Call, For, FunctionDef, walk
from ml_architect.text import Edit, Source


def find_nodes(facts) -> Iterator[Finding]:
    """Report every loop, function and call, and offer to delete it."""
    for statement in facts.module.body:
        for node in walk(statement):
            if isinstance(node, Call | For | FunctionDef):
                span = facts.module.span(node)
                fix = Fix("delete", (Edit(span, "pass"),), Safety.SAFE)
                yield Finding(node, type(node).__name__, fix=lambda fix=fix: fix)


@pytest.fixture(autouse=True)
def book(rule_book, fake):
    rule_book(fake.rule("node", detect=find_nodes, fix=FixKind.SAFE))


TEXT = """import torch


def train(loader):
    for batch in loader:
        step(batch)
    return 1


train([1])
"""


def shown(analysis):
    return [
        (item.message, analysis.source.text[item.span.start : item.span.end], item.stale)
        for item in analysis.diagnostics
        if item.code == "node"
    ]


def test_a_statement_that_does_not_parse_keeps_its_findings_marked_stale():
    before = analyze(Source(TEXT), Settings(), Environment())
    assert [stale for _, _, stale in shown(before)] == [False] * 4
    after = before.with_text(TEXT.replace("train([1])", "train([1]"))
    assert [(message, stale) for message, _, stale in shown(after)] == [
        ("FunctionDef", False),
        ("For", False),
        ("Call", False),
        ("Call", True),
    ]
    assert "syntax-error" in [item.code for item in after.diagnostics]
    stale = next(item for item in after.diagnostics if item.stale)
    assert after.fix(stale) is None
    assert after.suppression_edit(stale) is None
    assert shown(after.with_text(TEXT)) == shown(before)


def test_only_the_broken_statement_of_a_block_is_stale():
    before = analyze(Source(TEXT), Settings(), Environment())
    broken = before.with_text(TEXT.replace("step(batch)", "step(batch"))
    calls = [item for item in broken.diagnostics if item.message == "Call"]
    assert calls[0].stale
    assert not calls[-1].stale


EDITS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.integers(0, 12),
        st.sampled_from(["", "\n", "(", ")", ":", "x", "    ", "#", "'", "f()\n", '"""', "\r\n"]),
    ),
    max_size=6,
)


@given(EDITS)
def test_the_way_to_a_text_does_not_matter_once_it_parses(edits):
    analysis = analyze(Source(TEXT * 2), Settings(), Environment())
    for start, length, new in edits:
        text = analysis.source.text
        analysis = analysis.with_text(text[:start] + new + text[start + length :])
        for diagnostic in analysis.diagnostics:
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(analysis.source.text)
    cold = analyze(analysis.source, Settings(), Environment())
    assert bool(cold.problems) == bool(analysis.problems)
    if not cold.problems:
        assert analysis.diagnostics == cold.diagnostics
        assert shown(analysis) == shown(cold)
