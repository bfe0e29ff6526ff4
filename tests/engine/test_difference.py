import random

import pytest

from ml_architect.engine import difference as module
from ml_architect.engine.difference import difference
from ml_architect.text import Edit, Span, apply_edits


def test_far_apart_changes_are_apart():
    before = "a = 1\nb = 2\nc = 3\nd = 4\n"
    edits = difference(before, before.replace("1", "10").replace("4", "()"))
    assert edits == (Edit(Span(5, 5), "0"), Edit(Span(22, 23), "()"))


def test_equal_texts_need_no_edit():
    assert difference("a\r\n", "a\r\n") == ()


@pytest.mark.parametrize("limit", [0, 4_000_000])
def test_the_edits_lead_to_the_text(limit, monkeypatch):
    monkeypatch.setattr(module, "MOST_COMPARISONS", limit)
    chance = random.Random(limit)
    for _ in range(200):
        before, after = ("".join(chance.choices("ab\n\r\f😀", k=chance.randint(0, 40))) for _ in "ab")
        assert apply_edits(before, difference(before, after)) == after
