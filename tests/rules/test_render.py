"""A rule as a page and as the short text beside a finding."""

import pytest

from ml_architect.page import Bullets, Code, Heading, Link, Paragraph, Table, as_markdown, as_plain, escaped
from ml_architect.rules.api import (
    Category,
    Cost,
    Fires,
    FixKind,
    Framework,
    Guidance,
    Quiet,
    Reference,
    Rule,
    Severity,
    Shown,
    StartingValue,
)
from ml_architect.rules.render import Observed, rule_brief, rule_markdown


def rule(**changes):
    fields = {
        "name": "loader-too-slow",
        "summary": "`num_workers` is *left* at its default",
        "framework": Framework.TORCH,
        "category": Category.DATA_LOADING,
        "severity": Severity.INFO,
        "why": "the accelerator waits for __getitem__.\n\nAll right in\ntests.",
        "tradeoffs": {Cost.MEMORY: "each worker copies the dataset"},
        "starting_values": (StartingValue("num_workers", "4", "2 to 8", "then measure"),),
        "references": (Reference("Data loading", "https://example.org/data"),),
        "fires": (Fires("import torch\nslow()\n", "import torch\nfast()\n"),),
        "quiet": (Quiet("fast()\n", "there is nothing to wait for"),),
        "fix": FixKind.UNSAFE,
        "fix_safety": "more memory is used",
        "evidence": Shown("tests/evidence/test_x.py::test_y"),
        "detect": lambda _facts: iter(()),
        "applies_to": "torch>=2.0",
    }
    return Rule(**{**fields, **changes})


def test_page_says_everything():
    page = rule_markdown(rule())
    for words in (
        "# loader-too-slow\n\n`num_workers` is \\*left\\* at its default.\n",
        "| Applies to | `torch>=2.0` |",
        "## Why\n\nThe accelerator waits for \\_\\_getitem\\_\\_.\n\nAll right in tests.\n",
        "- memory: each worker copies the dataset",
        "| `num_workers` | `4` | 2 to 8 | then measure |",
        "```python\nimport torch\nslow()\n```",
        "-slow()\n+fast()",
        "## Fix safety\n\nMore memory is used.",
        "## Not reported\n\nThere is nothing to wait for.\n\n```python\nfast()\n```",
        "Shown by the test `tests/evidence/test_x.py::test_y`.",
        "# ml-architect: ignore[loader-too-slow] reason",
        "- [Data loading](https://example.org/data)",
    ):
        assert words in page


def test_page_shows_what_was_observed_instead_of_what_was_promised():
    page = rule_markdown(rule(), observed=[Observed("example.py:2:1: slow", "-slow()\n+faster()")])
    assert "```text\nexample.py:2:1: slow\n```" in page
    assert "+faster()" in page
    assert "+fast()" not in page


def test_heading_level_moves_all_headings():
    page = rule_markdown(rule(), heading_level=3)
    assert page.startswith("### loader-too-slow\n")
    assert "\n#### Why\n" in page
    assert "\n## " not in page


def test_brief_in_markdown():
    text = rule_brief(rule(), "batches are *slow*", url="file:///page.md")
    for words in (
        "**loader-too-slow**\n\nBatches are \\*slow\\*.\n",
        "- `num_workers`: start with `4`, range 2 to 8 (then measure)",
        "```diff",
        "- [All about loader-too-slow](file:///page.md)\n- [Data loading](https://example.org/data)\n",
    ):
        assert words in text


def test_brief_in_plain_text_has_no_marks():
    text = rule_brief(rule(), "`x` is *slow*", plain=True)
    assert "`" not in text
    assert "**" not in text
    assert "x is *slow*." in text
    assert "Starting values\n- num_workers: start with 4, range 2 to 8 (then measure)" in text
    assert "    -slow()\n    +fast()" in text
    assert "Data loading: https://example.org/data" in text


def test_brief_without_fix_shows_the_example_and_a_near_miss():
    text = rule_brief(rule(fires=(Fires("import torch\nslow()\n"),)), "x")
    assert "**Example**\n\n```python\nimport torch\nslow()\n```" in text
    assert "**Not reported**\n\nThere is nothing to wait for.\n\n```python\nfast()\n```" in text


def test_guidance_says_why_it_is_not_shown():
    assert "Guidance: Needs an accelerator." in rule_markdown(rule(evidence=Guidance("needs an accelerator")))


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("num_workers", "num_workers"),
        ("_private and __init__", "\\_private and \\_\\_init\\_\\_"),
        ("f(*args) < g[0]", "f(\\*args) \\< g\\[0\\]"),
        ("`a*b*c` * `d`", "`a*b*c` \\* `d`"),
        ("# no heading\n- no item\n1. none", "\\# no heading\n\\- no item\n1\\. none"),
    ],
)
def test_plain_words_stay_plain_words(text, markdown):
    assert escaped(text) == markdown


def test_blocks_in_both_forms():
    blocks = [
        Heading(0, "Title"),
        Bullets(("one", Link("two", "https://example.org"))),
        Paragraph("`code`"),
        Table(("A", "B"), (("a|b", Link("c", "d.md")),)),
        Code("text", "```\nx\n```"),
    ]
    assert as_markdown(blocks) == (
        "**Title**\n\n- one\n- [two](https://example.org)\n\n`code`\n\n"
        "| A | B |\n| --- | --- |\n| a\\|b | [c](d.md) |\n\n````text\n```\nx\n```\n````\n"
    )
    assert as_plain(blocks) == (
        "Title\n- one\n- two: https://example.org\n\ncode\n\nA: a|b; B: c: d.md\n\n    ```\n    x\n    ```\n"
    )


def test_repair_that_needs_judgement_is_shown_as_written_by_hand():
    judged = rule(fix=FixKind.ARCHITECT, fix_safety="")
    page = rule_markdown(judged, observed=[Observed("example.py:2:1: slow")])
    assert "| Fix | needs judgement" in page
    assert "and the fix is" not in page
    by_hand = page.index("and a repair, written by hand")
    assert page.index("example.py:2:1: slow") < by_hand < page.index("-slow()\n+fast()")
    assert "**Example of a repair by hand**" in rule_brief(judged, "x")
