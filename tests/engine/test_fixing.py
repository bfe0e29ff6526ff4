"""Repairs are offered only where they keep their promise."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_architect.engine import fix_all, fix_these, minimal_edit
from ml_architect.engine.guard import GUARD, Interruption
from ml_architect.engine.verification import tidy
from ml_architect.rewrite import Safety
from ml_architect.text import Edit, Source, Span, apply_edits

TAIL = "\nimport torch\n"


def fixed(analysis, index=0):
    fix = analysis.fix(analysis.diagnostics[index])
    return fix and apply_edits(analysis.source.text, fix.edits)


def test_a_good_repair_is_offered_as_small_as_it_can_be(rule_book, fake, check):
    rule_book(fake.rule(pattern=r"call\(bad\)", repair=fake.replace_by("call(good)")))
    analysis = check("x = call(bad)")
    fix = analysis.fix(analysis.diagnostics[0])
    assert fix is not None
    assert fix.edits == (Edit(Span(9, 12), "good"),) or fix.edits == (Edit(Span(9, 11), "goo"),)
    assert fix.title == "repair call(bad)"
    assert fix.safety is Safety.SAFE


@pytest.mark.parametrize(
    "repair",
    [
        lambda _text, match: [Edit(Span(match.start(), 10_000), "good")],
        lambda _text, _match: [Edit(Span(-3, 0), "good")],
        lambda _text, match: [Edit(Span(match.end(), match.start()), "good")],
        lambda _text, match: [Edit(Span(*match.span()), "bad")],
        lambda _text, match: [Edit(Span(*match.span()), "(good")],
        lambda _text, match: [Edit(Span(*match.span()), "evil")],
        lambda _text, match: [Edit(Span(match.end(), match.end()), " + 1")],
        lambda _text, match: [Edit(Span(match.end(), match.end()), " + bad")],
        lambda _text, match: [Edit(Span(*match.span()), "a"), Edit(Span(match.start(), match.end() + 1), "b")],
        lambda _text, _match: [],
    ],
    ids=["outside", "before", "backwards", "nothing", "syntax", "new finding", "stays", "more", "overlap", "no edits"],
)
def test_a_bad_repair_is_refused(rule_book, fake, check, repair):
    rule_book(fake.rule(repair=repair), fake.rule("evil-word", "evil"))
    analysis = check("x = bad")
    assert analysis.fix(analysis.diagnostics[0]) is None
    result = fix_all(analysis, unsafe=True)
    assert result.source.text == analysis.source.text
    assert result.applied == ()


def test_a_repair_that_breaks_in_another_place_is_refused(rule_book, fake, check):
    def repair(_text, match):
        return [Edit(Span(*match.span()), "good"), Edit(Span(0, 1), "evil")]

    rule_book(fake.rule(repair=repair), fake.rule("evil-word", "evil"))
    assert fixed(check("y = 1\nx = bad")) is None


def test_no_repair_touches_what_does_not_parse(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good")))
    analysis = check("x = bad = = 3")
    assert all(analysis.fix(item) is None for item in analysis.diagnostics)


@pytest.mark.usefixtures("quiet_guard")
def test_a_repair_that_raises_is_no_repair(rule_book, fake, check):
    def repair(_text, _match):
        raise ZeroDivisionError

    rule_book(fake.rule(repair=repair))
    analysis = check("x = bad")
    assert analysis.fix(analysis.diagnostics[0]) is None


def test_other_findings_may_be_moved_or_changed_by_a_repair(rule_book, fake, check):
    rule_book(
        fake.rule("bad-word", repair=fake.replace_by("good")),
        fake.rule("call", r"call\([^)]*\)"),
        fake.rule("last", r"last"),
    )
    analysis = check("call(bad, 1)\nlast")
    index = [item.code for item in analysis.diagnostics].index("bad-word")
    assert fixed(analysis, index) == f"call(good, 1)\nlast{TAIL}"


def test_the_second_of_two_equal_findings_can_be_repaired(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good")))
    assert fixed(check("bad\nbad\nbad"), 1) == f"bad\ngood\nbad{TAIL}"


def test_a_finding_of_another_version_is_repaired_in_this_one(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good")))
    old, new = check("bad"), check("y = 1\nbad")
    fix = new.fix(old.diagnostics[0])
    assert fix is not None
    assert apply_edits(new.source.text, fix.edits) == f"y = 1\ngood{TAIL}"


def test_repairs_keep_line_endings(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good\nbetter")))
    assert fixed(check("x = 1\r\nbad", newline="\r\n")) == "x = 1\r\ngood\r\nbetter\r\nimport torch\r\n"


def test_a_rule_that_promises_little_is_taken_at_its_word(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good"), safety=Safety.UNSAFE))
    analysis = check("bad")
    assert analysis.diagnostics[0].fix_safety is Safety.UNSAFE
    assert analysis.fix(analysis.diagnostics[0]).safety is Safety.UNSAFE
    assert fix_all(analysis).applied == ()
    assert fix_all(analysis, unsafe=True).source.text == f"good{TAIL}"


def test_all_repairs_are_made_and_counted(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good")), fake.rule("evil-word", "evil", repair=fake.replace_by("kind")))
    result = fix_all(check("bad, bad, evil"))
    assert result.source.text == f"good, good, kind{TAIL}"
    assert result.applied == (("bad-word", 2), ("evil-word", 1))
    assert result.analysis.diagnostics == ()
    assert result.analysis.source is result.source


def test_repairs_that_overlap_take_turns(rule_book, fake, check):
    rule_book(
        fake.rule("inner", "bad", repair=fake.replace_by("good")),
        fake.rule("outer", r"f\(\w+\)", repair=lambda _, m: [Edit(Span(*m.span()), f"g{m[0][1:]}")]),
        fake.rule("insert", r"f\((?=\w+\))|g\((?=\w+\))", repair=lambda _, m: [Edit(Span(m.end(), m.end()), "1, ")]),
    )
    result = fix_all(check("f(bad)"))
    assert result.analysis.diagnostics == ()
    assert result.source.text.startswith(("g(1, good)", "f(1, good)"))


def test_repairs_may_share_an_edit(rule_book, fake, check):
    def repair(_text, match):
        return [Edit(Span(0, 0), "import os\n"), Edit(Span(*match.span()), "good")]

    rule_book(fake.rule(repair=repair))
    assert fix_all(check("bad\nbad")).source.text == f"import os\ngood\ngood{TAIL}"


def test_one_bad_repair_does_not_keep_the_good_ones_back(rule_book, fake, check):
    rule_book(
        fake.rule("bad-word", repair=fake.replace_by("good")),
        fake.rule("evil-word", "evil", repair=fake.replace_by("(")),
    )
    result = fix_all(check("bad\nevil\nbad"))
    assert result.source.text == f"good\nevil\ngood{TAIL}"
    assert result.applied == (("bad-word", 2),)


def test_repairs_that_never_end_stop_after_ten_rounds(rule_book, fake, check):
    def shorten(_text, match):
        return [Edit(Span(*match.span()), "z" * (len(match[0]) - 1))]

    rule_book(
        *(fake.rule(f"rule-{length:02}", rf"\bz{{{length}}}\b", repair=shorten) for length in range(2, 30)),
    )
    result = fix_all(check("z" * 29))
    assert result.source.text == f"{'z' * 29}{TAIL}"  # each repair brings the next finding, so none is made


def test_only_one_rule_is_repaired_where_only_one_is_asked_for(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good")), fake.rule("evil-word", "evil", repair=fake.replace_by("kind")))
    result = fix_all(check("bad, evil, bad"), code="bad-word")
    assert result.source.text == f"good, evil, good{TAIL}"
    assert result.applied == (("bad-word", 2),)


def test_of_equal_findings_those_are_repaired_that_are_named(rule_book, fake, check):
    """The third finding takes the name of the second one, once the first is gone."""
    rule_book(fake.rule(repair=fake.replace_by("good")))
    analysis = check("bad\nbad\nbad")
    result = fix_these(analysis, [item.fingerprint for item in analysis.diagnostics[:2]])
    assert result.source.text == f"good\ngood\nbad{TAIL}"
    assert result.applied == (("bad-word", 2),)
    assert fix_these(analysis, ["unknown"]).source is analysis.source


def test_what_holds_alone_but_not_together_is_repaired_in_turn(rule_book, fake, check):
    """Two repairs in one round bring a finding that no single one brings."""
    rule_book(
        fake.rule(repair=fake.replace_by("good")),
        fake.rule("too-good", r"(?s)good.*good.*good"),
    )
    assert fix_all(check("bad\nbad\nbad\nbad")).source.text == f"good\ngood\nbad\nbad{TAIL}"


def test_work_that_nobody_waits_for_gives_way_and_leaves_nothing_half_done(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good")), fake.rule("evil-word", "evil"))
    analysis = check("bad")
    for allowed in range(4):  # before the promise, before the facts, before and between the rules
        left = iter([False] * allowed)
        with pytest.raises(Interruption), GUARD.giving_way(partial(next, left, True)):
            analysis.fix(analysis.diagnostics[0])
    assert fixed(analysis) == f"good{TAIL}"


def test_suppressed_findings_are_not_repaired(rule_book, fake, check):
    rule_book(fake.rule(repair=fake.replace_by("good")))
    text = "x = bad  # ml-architect: ignore[bad-word]"
    assert fix_all(check(text), unsafe=True).source.text == f"{text}{TAIL}"


@given(st.text(alphabet="ab\r\n", max_size=12), st.text(alphabet="ab\r\n", max_size=12))
def test_the_minimal_edit_is_exact(before, after):
    edit = minimal_edit(before, after)
    if edit is None:
        assert before == after
    else:
        assert apply_edits(before, [edit]) == after
        old = before[edit.span.start : edit.span.end]
        assert old != edit.replacement
        split = before[edit.span.start - 1 : edit.span.start + 1] == "\r\n" if edit.span.start else False
        assert not split


@given(
    st.text(alphabet="ab\n", max_size=10),
    st.lists(st.tuples(st.integers(-1, 11), st.integers(-1, 11), st.text(alphabet="ab\n", max_size=3)), max_size=3),
)
def test_tidy_edits_do_the_same_as_the_edits(text, triples):
    edits = [Edit(Span(start, end), new) for start, end, new in triples]
    result = tidy(Source(text), edits)
    if result is not None:
        assert all(0 <= edit.span.start <= edit.span.end <= len(text) for edit in result)
        assert all(text[edit.span.start : edit.span.end] != edit.replacement for edit in result)
