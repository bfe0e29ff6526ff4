"""The engine asks rules, and keeps its head when one of them loses its own."""

import logging
from collections.abc import Iterator

import pytest

from ml_architect.engine import Settings, analyze, rule_url, undecodable_file
from ml_architect.engine.places import place_span, statement_rows
from ml_architect.facts.environment import Environment, LibraryVersion
from ml_architect.rewrite import Safety
from ml_architect.rules.api import Category, Finding, Related, Severity
from ml_architect.syntax import parse
from ml_architect.text import Source, Span


def codes(analysis):
    return [item.code for item in analysis.diagnostics]


def test_findings_come_sorted_by_place_and_then_by_name(rule_book, fake, check):
    rule_book(fake.rule("z-word"), fake.rule("a-word"), fake.rule("m-word", "first"))
    analysis = check("first = bad, bad")
    assert [(item.code, item.span.start) for item in analysis.diagnostics] == [
        ("m-word", 0), ("a-word", 8), ("z-word", 8), ("a-word", 13), ("z-word", 13),
    ]  # fmt: skip


def test_a_rule_reports_a_place_once(rule_book, fake, check):
    def twice(_facts) -> Iterator[Finding]:
        yield Finding(Span(0, 3), "first reason")
        yield Finding(Span(0, 3), "second reason")

    rule_book(fake.rule(detect=twice))
    assert [item.message for item in check("bad").diagnostics] == ["first reason"]


@pytest.mark.usefixtures("quiet_guard")
def test_a_rule_that_raises_is_logged_once_and_the_others_go_on(rule_book, fake, check, caplog):
    def broken(_facts) -> Iterator[Finding]:
        yield Finding(Span(0, 1), "half a result")
        raise ZeroDivisionError

    rule_book(fake.rule("broken", detect=broken), fake.rule("sound"))
    with caplog.at_level(logging.ERROR, logger="ml_architect.engine"):
        assert codes(check("x = bad")) == ["sound"]
        assert codes(check("y = bad")) == ["sound"]
    assert [record.getMessage() for record in caplog.records] == ["rule broken failed, its findings are left out"]


def test_in_tests_a_rule_that_raises_fails_the_test(rule_book, fake, check):
    def broken(_facts) -> Iterator[Finding]:
        raise ZeroDivisionError
        yield

    rule_book(fake.rule("broken", detect=broken))
    with pytest.raises(ZeroDivisionError):
        check("x = bad")


@pytest.mark.usefixtures("quiet_guard")
def test_a_suppression_of_a_rule_that_raises_is_not_called_unused(rule_book, fake, check):
    def broken(_facts) -> Iterator[Finding]:
        raise ZeroDivisionError
        yield

    rule_book(fake.rule("broken", detect=broken))
    assert codes(check("x = 1  # ml-architect: ignore[broken]")) == []


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (LibraryVersion("", exact="2.5.1"), True),
        (LibraryVersion("", exact="2.6.0"), False),
        (LibraryVersion("", minimum="2.6"), False),
        (LibraryVersion("", minimum="2.0"), True),
        (None, True),
    ],
)
def test_a_rule_is_not_asked_where_its_versions_are_certainly_not_in_use(rule_book, fake, check, known, expected):
    rule_book(fake.rule(applies_to="torch<2.6"))
    environment = Environment({"torch": known} if known else {})
    assert bool(codes(check("x = bad", environment=environment))) is expected


def test_a_finding_carries_what_people_need(rule_book, fake, check):
    def find(_facts) -> Iterator[Finding]:
        related = (Related(Span(4, 7), "look here"), Related(Span(-5, 10_000), "far off"))
        yield Finding(Span(0, 1), "a message", related, fix=lambda: None, severity=Severity.INFO)

    rule_book(fake.rule("old-name", detect=find, category=Category.UPGRADE, repair=fake.replace_by("")))
    (found,) = check("x = bad").diagnostics
    assert (found.code, found.message, found.severity, found.span) == ("old-name", "a message", Severity.INFO, (0, 1))
    assert found.related[0].span == (4, 7)
    assert found.related[1].span == (0, len("x = bad\nimport torch\n"))
    assert found.tags == ("deprecated",)
    assert found.fix_safety is Safety.SAFE
    assert not found.stale


def test_settings_decide_about_severity(rule_book, fake, check):
    rule_book(fake.rule())
    assert (
        check("bad", settings=Settings(severity=(("torch", Severity.HINT),))).diagnostics[0].severity is Severity.HINT
    )
    assert check("bad").diagnostics[0].severity is Severity.WARNING


def test_fingerprints_survive_moves_and_tell_equals_apart(rule_book, fake, check):
    rule_book(fake.rule(pattern=r"bad\([^)]*\)"))
    before = check("bad(1)\nbad(2)\nbad(1)").diagnostics
    after = check("y = 1\n\n\nbad(1)\nif x:\n    bad(2)\n    bad(\n1)").diagnostics
    assert len({item.fingerprint for item in before}) == 3
    assert [item.fingerprint for item in after][:2] == [item.fingerprint for item in before][:2]
    assert all(len(item.fingerprint) == 16 for item in before)


def test_white_space_does_not_change_a_fingerprint(rule_book, fake, check):
    rule_book(fake.rule(pattern=r"bad\([^)]*\)"))
    one, other = check("bad(1, 2)"), check("bad(1,\n    2)")
    assert one.diagnostics[0].fingerprint == other.diagnostics[0].fingerprint
    assert one.find(other.diagnostics[0].fingerprint) is one.diagnostics[0]
    assert one.find("") is None


@pytest.mark.usefixtures("rule_book")
def test_a_syntax_error_is_a_finding_on_one_line(check):
    analysis = check("x = = 1\n\ny = 2")
    assert "syntax-error" in codes(analysis)
    found = next(item for item in analysis.diagnostics if item.code == "syntax-error")
    assert found.severity is Severity.ERROR
    assert analysis.source.row_at(found.span.start) == analysis.source.row_at(found.span.end)
    assert codes(check("x = = 1", settings=Settings(ignore=("syntax-error",)))) == []


def test_the_same_text_is_not_analyzed_twice(rule_book, fake, check):
    asked = []

    def find(_facts) -> Iterator[Finding]:
        asked.append(_facts)
        yield Finding(Span(0, 3), "found")

    rule_book(fake.rule(detect=find))
    first = check("bad")
    again = analyze(Source(first.source.text, version=2), Settings(), Environment(), first)
    assert len(asked) == 1
    assert again.diagnostics == first.diagnostics
    assert again.source.version == 2
    assert analyze(first.source, Settings(ignore=("all",)), Environment(), first).diagnostics == ()
    other = Environment({"torch": LibraryVersion("", exact="2.0")})
    assert analyze(first.source, Settings(), other, first) is not first
    assert len(asked) == 2


def test_a_document_may_lose_and_regain_its_framework(rule_book, fake):
    rule_book(fake.rule())
    first = analyze(Source("import torch\nbad\n"), Settings(), Environment())
    second = first.with_text("import tor\nbad\n")
    third = second.with_text("import torch\nbad\n")
    assert [codes(item) for item in (first, second, third)] == [["bad-word"], [], ["bad-word"]]


def test_undecodable_files_are_findings():
    found = undecodable_file("byte 3 is not utf-8 text")
    assert (found.code, found.severity, found.span) == ("undecodable-file", Severity.ERROR, (0, 0))


def test_rule_pages_are_local_files():
    url = rule_url("bad-word")
    assert url.startswith("file:///")
    assert url.endswith("/ml_architect/docs/rules/bad-word.md")


@pytest.mark.parametrize(
    ("text", "marked", "rows"),
    [
        ("x = [\n  1]", "x = [\n  1]", (0, 1)),
        ("for a in [1,\n  2]:\n    pass", "for a in [1,\n  2]", (0, 1)),
        ("if a:\n    pass\nelse:\n    pass", "if a", (0, 0)),
        ("while a(\n):\n    pass", "while a(\n)", (0, 1)),
        ("class A:\n    x = 1", "A", (0, 0)),
        ("def name(\n    a,\n):\n    return 1", "name", (0, 2)),
        ("try:\n    pass\nfinally:\n    pass", "try", (0, 0)),
        ("with a as b:\n    pass", "with a as b", (0, 0)),
        ("match a:\n    case 1:\n        pass", "match a", (0, 0)),
    ],
)
def test_blocks_are_marked_by_their_header(text, marked, rows):
    module = parse(Source(text))
    span = place_span(module, module.body[0])
    assert text[span.start : span.end] == marked
    assert statement_rows(module, module.body[0]) == rows


def test_what_does_nothing_at_all_is_faded(rule_book, fake, check):
    rule_book(fake.rule(no_effect=True))
    (found,) = check("x = bad").diagnostics
    assert found.tags == ("unnecessary",)
