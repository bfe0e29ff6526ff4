"""Comments decline findings, and are found out when they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_architect.engine import Settings, analyze
from ml_architect.facts.environment import Environment
from ml_architect.rules.api import Severity
from ml_architect.text import Source


@pytest.fixture(autouse=True)
def book(rule_book, fake):
    rule_book(fake.rule("bad-word"), fake.rule("evil-word", r"\bevil\b(?!-)"))


DECLINED = [
    "x = bad  # ml-architect: ignore[bad-word]",
    "x = bad  # ml-architect: ignore[bad-word] because it is only a test",
    "x = bad  #ml-architect:ignore[ evil-word ,bad-word ]",
    "x = bad  # type: ignore  # ml-architect: ignore[bad-word] reason  # fmt: skip",
    "x = bad  # ml-architect: ignore[all]",
    "# ml-architect: ignore[bad-word] reason\nx = bad",
    "# ml-architect: ignore[bad-word] reason\n# another remark\nx = bad",
    "def f():\n    # ml-architect: ignore[bad-word]\n    return bad",
    "x = f(  # ml-architect: ignore[bad-word]\n    1,\n    bad,\n)",
    "x = f(\n    1,\n    bad,\n)  # ml-architect: ignore[bad-word]",
    "x = f(\n    1,\n    bad,  # ml-architect: ignore[bad-word]\n)",
    "# ml-architect: ignore[bad-word]\nx = f(\n    1,\n    bad,\n)",
    "x = f(\n    1,\n    # ml-architect: ignore[bad-word]\n    bad,\n)",
    "for x in bad:  # ml-architect: ignore[bad-word]\n    pass",
    "x = 1\ny = bad\n# ml-architect: ignore-file[bad-word] reason",
    "x = bad  # noqa: bad-word",
    "x = bad  # NOQA:E501,bad-word",
    "x = bad  # noqa: E501 bad-word",
]


@pytest.mark.parametrize("text", DECLINED)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_declined_finding_is_not_shown(check, text, newline):
    analysis = check(text.replace("\n", newline), newline=newline)
    assert [item.code for item in analysis.diagnostics if item.code == "bad-word"] == []
    assert [item.code for item in analysis.suppressed] == ["bad-word"]


@pytest.mark.parametrize(
    "text",
    [
        "x = bad\n# ml-architect: ignore[bad-word]",
        "# ml-architect: ignore[bad-word]\n\nx = bad",
        "x = 1  # ml-architect: ignore[bad-word]\ny = bad",
        "def f():  # ml-architect: ignore[bad-word]\n    x = 1\n    return bad",
        "x = bad  # ml-architect: ignore[evil-word]",
        "x = bad  # ml-architect: ignore",
        "x = bad  # ml-architect: ignore[bad-word",
        "x = bad  # ml-architect: ignored[bad-word]",
        "x = bad, '# ml-architect: ignore[bad-word]'",
        "x = bad  # noqa",
        "x = bad  # noqa: E501",
    ],
)
def test_other_findings_are_shown(check, text):
    assert "bad-word" in [item.code for item in check(text).diagnostics]


@pytest.mark.parametrize(
    ("text", "message", "fixed"),
    [
        (
            "x = 1  # ml-architect: ignore[bad-word] reason",
            "suppression of 'bad-word' is not needed: the rule finds nothing here",
            "x = 1",
        ),
        (
            "x = bad  # ml-architect: ignore[bad-word, evil-word] reason",
            "suppression of 'evil-word' is not needed: the rule finds nothing here",
            "x = bad  # ml-architect: ignore[bad-word] reason",
        ),
        (
            "x = bad  # ml-architect: ignore[evil-word, bad-word]",
            "suppression of 'evil-word' is not needed: the rule finds nothing here",
            "x = bad  # ml-architect: ignore[bad-word]",
        ),
        (
            "x = 1\n    # ml-architect: ignore[bad-wrd]\ny = 1",
            "suppression of the unknown rule 'bad-wrd', did you mean 'bad-word'?",
            "x = 1\ny = 1",
        ),
        (
            "x = 1  # keep  # ml-architect: ignore[all]",
            "suppression of all rules is not needed: none of them finds anything here",
            "x = 1  # keep",
        ),
        ("x = 1  # ml-architect: ignore", "suppression names no rule, write ignore[rule-name]", "x = 1"),
        ("# ml-architect: ignore-file[]", "suppression names no rule, write ignore-file[rule-name]", ""),
        (
            "x = 1  # ml-architect: ingore[bad-word]  # fmt: skip",
            "unknown instruction 'ingore' in a suppression, did you mean 'ignore'?",
            "x = 1  # fmt: skip",
        ),
        ("x = 1  # ml-architect: 42", "unknown instruction '42' in a suppression, write ignore[rule-name]", "x = 1"),
    ],
)
def test_a_useless_suppression_is_found_and_can_be_removed(check, text, message, fixed):
    analysis = check(text)
    (found,) = [item for item in analysis.diagnostics if item.code == "unused-suppression"]
    assert found.message == message
    assert found.severity is Severity.INFO
    assert found.tags == ("unnecessary",)
    fix = analysis.fix(found)
    assert fix is not None
    after = analysis.source.text[: fix.edits[0].span.start] + analysis.source.text[fix.edits[0].span.end :]
    assert after == (f"{fixed}\nimport torch\n" if fixed else "import torch\n")


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa: bad-word",
        "x = 1  # ml-architect: ignore[unused-suppression]",
        "x = 1  # ml-architect: ignore[bad-word, unused-suppression]",
        "# ml-architect: ignore-file[unused-suppression]\nx = 1  # ml-architect: ignore[bad-word]",
        "x = (  # ml-architect: ignore[bad-word]",
    ],
)
def test_some_suppressions_are_not_judged(check, text):
    assert [item.code for item in check(text).diagnostics if item.code == "unused-suppression"] == []


def test_a_suppression_of_a_rule_that_is_off_is_not_judged(check, rule_book, fake):
    text = "x = 1  # ml-architect: ignore[bad-word]"
    assert check(text, settings=Settings(ignore=("bad-word",))).diagnostics == ()
    rule_book(fake.rule("bad-word", preview=True))
    assert check(text).diagnostics == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = bad", "x = bad  # ml-architect: ignore[bad-word] why"),
        ("x = bad  # remark", "x = bad  # remark  # ml-architect: ignore[bad-word] why"),
        (
            "x = bad, evil  # ml-architect: ignore[evil-word] why",
            "x = bad, evil  # ml-architect: ignore[evil-word, bad-word] why",
        ),
        ("x = f(\n    bad,\n)", "x = f(\n    bad,  # ml-architect: ignore[bad-word] why\n)"),
        ("x = '''\nbad\n'''", "x = '''\nbad\n'''  # ml-architect: ignore[bad-word] why"),
        ("x = bad + \\\n    1", "x = bad + \\\n    1  # ml-architect: ignore[bad-word] why"),
        (
            "if x:\n    '''\nbad\n''' + \\\n\\\n    y",
            "if x:\n    '''\nbad\n''' + \\\n\\\n    y  # ml-architect: ignore[bad-word] why",
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_comment_is_put_where_it_works(check, text, expected, newline):
    text, expected = text.replace("\n", newline), expected.replace("\n", newline)
    analysis = check(text, newline=newline)
    (found,) = [item for item in analysis.diagnostics if item.code == "bad-word"]
    fix = analysis.suppression_edit(found, "why")
    assert fix is not None
    (edit,) = fix.edits
    source = analysis.source.text
    assert (
        source[: edit.span.start] + edit.replacement + source[edit.span.end :]
        == f"{expected}{newline}import torch{newline}"
    )


def test_a_finding_of_another_version_gets_its_comment(check):
    old = check("x = bad")
    new = check("y = 1\nx = bad")
    fix = new.suppression_edit(old.diagnostics[0])
    assert fix is not None
    assert fix.edits[0].span.start == len("y = 1\nx = bad")
    assert check("y = 1").suppression_edit(old.diagnostics[0]) is None


PIECES = st.sampled_from(
    [
        "# ml-architect:",
        " ignore",
        "ignore-file",
        "[",
        "]",
        "bad-word",
        "all",
        ",",
        " ",
        "\n",
        "#",
        "noqa:",
        "x = bad",
        "(",
        "'",
        "\\",
        "\r",
        "é",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_comment_makes_an_analysis_raise(text):
    analysis = analyze(Source(f"{text}\nimport torch\n"), Settings(), Environment())
    for diagnostic in analysis.diagnostics:
        assert analysis.source.text[diagnostic.span.start : diagnostic.span.end] is not None
        analysis.fix(diagnostic)
        analysis.suppression_edit(diagnostic)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = bad\ny = bad", "# ml-architect: ignore-file[bad-word]\nx = bad\ny = bad"),
        ("#!/usr/bin/env python\n# (c) us\nx = bad", "#!/usr/bin/env python\n# (c) us\n@\nx = bad"),
        ('"""Words."""\nx = bad', '@\n"""Words."""\nx = bad'),
        (
            "x = bad\n# ml-architect: ignore-file[evil-word] why",
            "x = bad\n# ml-architect: ignore-file[evil-word, bad-word] why",
        ),
        ("x = bad  # ml-architect: ignore[bad-word]\ny = bad", "@\nx = bad  # ml-architect: ignore[bad-word]\ny = bad"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_rule_is_declined_for_the_whole_file(check, text, expected, newline):
    text, expected = (item.replace("\n", newline) for item in (text, expected))
    analysis = check(text, newline=newline, settings=Settings(ignore=("unused-suppression",)))
    edit = analysis.suppression_edit(analysis.diagnostics[0], whole_file=True)
    after = analysis.with_edits(edit.edits)
    wanted = expected.replace("@", "# ml-architect: ignore-file[bad-word]")
    assert after.source.text == f"{wanted}{newline}import torch{newline}"
    assert after.diagnostics == ()
