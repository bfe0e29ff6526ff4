import re
from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_architect.architect.reply.applying import apply_blocks
from ml_architect.architect.reply.envelope import Block
from ml_architect.architect.reply.redaction import redact
from ml_architect.architect.values import Refusal, Region, Rung
from ml_architect.rules import all_rules
from ml_architect.text import Source, Span, apply_edits

CODE = """\
import torch

def train(model, loader, optimizer):
    for x, y in loader:
        loss = model(x, y)
        loss.backward()
        optimizer.step()
        log(loss)
    for x, y in loader:
        log(loss)

done = 1
"""
FIRST, LAST = 3, 10


def region(text: str, first: int = FIRST, last: int = LAST, name: str = "R1") -> Region:
    """Whole lines `first` to `last`, counted from 1."""
    starts = [*Source(text).line_starts, len(text)]
    return Region(name, Span(starts[first - 1], starts[last]), "code")


def edit(old: str, new: str, line: int | None = None, name: str = "R1") -> Block:
    return Block(name, line, old, new)


def applied(text: str, *blocks: Block, regions=None, placeholders=()):
    source = Source(text)
    edits = apply_blocks(source, regions or [region(text)], blocks, placeholders)
    if isinstance(edits, Refusal):
        assert edits.rung is Rung.APPLY
        assert "\n" not in edits.message and not edits.final
        return edits.message
    assert list(edits) == sorted(edits)
    assert all(any(item.span.contains(e.span) for item in regions or [region(text)]) for e in edits)
    return apply_edits(text, edits)


STEP = "        optimizer.step()\n"
ZERO = "        optimizer.zero_grad()\n"
FIXED = CODE.replace(STEP, STEP + ZERO)

ACCEPTED = {
    "exact": edit(STEP, STEP + ZERO, 7),
    "wrong hint but unique": edit(STEP, STEP + ZERO, 99),
    "no hint": edit(STEP, STEP + ZERO),
    "dedented": edit("optimizer.step()\n", "optimizer.step()\noptimizer.zero_grad()\n"),
    "indented too far": edit(" " * 4 + STEP, " " * 4 + STEP + " " * 4 + ZERO),
    "tabs": edit("\t\toptimizer.step()\n", "\t\toptimizer.step()\n\t\toptimizer.zero_grad()\n"),
    "trailing blanks": edit(STEP.replace("\n", "  \n"), STEP.replace("\n", " \t\n") + ZERO),
    "two lines": edit("        loss.backward()\n" + STEP, "        loss.backward()\n" + STEP + ZERO),
    "whole region": Block("R1", None, None, "".join(FIXED.splitlines(keepends=True)[2:11])),
    "whole region, blank lines around": Block(
        "R1", None, None, "\n\n" + "".join(FIXED.splitlines(keepends=True)[2:11]) + "\n"
    ),
    "whole region in tabs": Block(
        "R1", None, None, "".join(FIXED.splitlines(keepends=True)[2:11]).replace("    ", "\t")
    ),
    "whole region, indented": Block(
        "R1", None, None, "".join(f"  {line}" for line in FIXED.splitlines(keepends=True)[2:11])
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_meant_is_clear(case):
    assert applied(CODE, ACCEPTED[case]) == FIXED


REFUSED = {
    "invented search text": (edit("        scaler.step()\n", ZERO), "is not in the region"),
    "similar search text": (edit("        optimizer.step( )\n", ZERO), "is not in the region"),
    "part of a line": (edit("        optimizer.st\n", ZERO), "is not in the region"),
    "elided": (edit("        loss = model(x, y)\n        ...\n" + STEP, ZERO), "OLD text is elided"),
    "elided with a comment": (edit("        loss = model(x, y)\n        # ... rest\n" + STEP, ZERO), "OLD text is elided"),
    "elided new text": (edit(STEP, "        # ... as before\n" + STEP), "NEW text is elided"),
    "placeholder body": (edit(STEP, "        ...\n"), "NEW text is elided"),
    "elided region": (Block("R1", None, None, "def train(model, loader, optimizer):\n    ...\n"), "NEW text is elided"),
    "line numbers copied": (edit("   7| optimizer.step()\n", ZERO), "line numbers"),
    "no search text": (edit("", ZERO), "is blank"),
    "blank search text": (edit("\n  \n", ZERO), "is blank"),
    "blank region": (Block("R1", None, None, "\n"), "is blank"),
    "ambiguous": (edit("        log(loss)\n", "        log(1)\n"), "R1: OLD text matches 2 places; add a neighbouring line"),
    "ambiguous, wrong hint": (edit("        log(loss)\n", "        log(1)\n", 9), "matches 2 places"),
    "ambiguous but for its depth": (edit("log(loss)\n", "log(1)\n"), "matches 2 places"),
    "no-op": (edit(STEP, STEP), "changes nothing"),
    "no-op but for blanks": (edit(STEP, STEP.replace("\n", "  \n")), "changes nothing"),
    "no-op region": (Block("R1", None, None, "".join(CODE.splitlines(keepends=True)[2:10])), "changes nothing"),
    "unknown region": (edit(STEP, ZERO, name="R7"), "R7 is no region; the regions are R1"),
    "hostile region": (edit(STEP, ZERO, name="x" * 99 + "\n"), "a block's name is no region"),
    "outside region": (edit("done = 1\n", "done = 2\n"), "outside the regions"),
    "wrong relative indentation": (edit("for x, y in loader:\nloss = model(x, y)\n", ZERO), "indentation of OLD"),
    "new text left of the margin": (edit("            log(loss)\n", "log(loss)\n", 8), "does not fit"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_clear_is_refused(case):
    block, words = REFUSED[case]
    message = applied(CODE, block)
    assert words in message
    assert message != CODE


@pytest.mark.parametrize(("line", "row"), [(8, 7), (10, 9)])
def test_the_hint_selects_among_equals(line, row):
    lines = CODE.splitlines(keepends=True)
    lines[row] = "        log(1)\n"
    assert applied(CODE, edit("        log(loss)\n", "        log(1)\n", line)) == "".join(lines)


def test_a_hint_at_a_shifted_text_beside_an_exact_one_is_a_contradiction():
    text = "if a:\n    go()\n    if b:\n        go()\n"
    regions = [region(text, 1, 4)]
    block = edit("    go()\n", "    stop()\n", 4)
    assert "mean different places" in applied(text, block, regions=regions)
    assert applied(text, edit("    go()\n", "    stop()\n", 3), regions=regions) == text.replace("go", "stop", 1)


def test_a_text_of_another_region_is_named():
    regions = [region(CODE), region(CODE, 12, 12, "R2")]
    assert (
        applied(CODE, edit("done = 1\n", "done = 2\n"), regions=regions)
        == "R1: OLD text stands in R2; name that region"
    )


def test_blocks_that_share_lines_are_refused():
    first = edit("        loss.backward()\n" + STEP, ZERO)
    second = edit(STEP + "        log(loss)\n", ZERO)
    assert "merge them into one" in applied(CODE, second, first)
    whole = ACCEPTED["whole region"]
    assert "merge them into one" in applied(CODE, whole, first)


def test_blocks_side_by_side_are_applied_in_the_order_of_the_document():
    first = edit("        loss.backward()\n", "        loss.sum().backward()\n")
    second = edit(STEP, STEP + ZERO)
    assert applied(CODE, second, first) == FIXED.replace("loss.backward", "loss.sum().backward")


def test_the_edits_are_minimal():
    edits = apply_blocks(Source(CODE), [region(CODE)], [ACCEPTED["whole region"]], ())
    assert not isinstance(edits, Refusal)
    assert [CODE[e.span.start : e.span.end] for e in edits] == [""]
    assert edits[0].replacement.strip() == "optimizer.zero_grad()"


def test_line_ends_of_the_document_are_kept():
    text = CODE.replace("\n", "\r\n")
    assert applied(text, ACCEPTED["exact"]) == FIXED.replace("\n", "\r\n")
    assert applied(CODE.replace("\n", "\r"), ACCEPTED["exact"]) == FIXED.replace("\n", "\r")


def test_each_line_of_a_mixed_document_keeps_its_end():
    text = re.sub(r"(loss.*)\n", "\\1\r\n", CODE)
    block = edit("        loss.backward()\n" + STEP, "        loss.mean().backward()\n" + STEP + ZERO)
    assert applied(text, block) == text.replace("loss.backward", "loss.mean().backward").replace(STEP, STEP + ZERO)


def test_a_document_without_a_final_line_end_stays_so():
    text = CODE.removesuffix("\n").removesuffix("done = 1") + "done = 1"
    regions = [region(text, 12, 12)]
    assert applied(text, edit("done = 1\n", "done = 2\n"), regions=regions) == text.replace("= 1", "= 2")
    assert applied(text, edit("done = 1\n", "done = 1\nmore = 2\n"), regions=regions) == text + "\nmore = 2"
    assert applied(text, edit("done = 1\n", "more = 2\ndone = 1\n"), regions=regions) == text.replace(
        "done", "more = 2\ndone"
    )


def test_form_feeds_and_characters_beyond_the_basic_plane_stay():
    text = CODE.replace("import torch\n", "import torch  # 😀\u2028\n").replace("        log", "        '😀'; log")
    text = text.replace("    for", "\f\n    for")
    out = applied(text, ACCEPTED["exact"], regions=[region(text, 3, 12)])
    assert out == text.replace(STEP, STEP + ZERO)


def test_trailing_blanks_of_the_document_stay():
    text = CODE.replace("loss.backward()\n", "loss.backward()   \n").replace("step()\n", "step() \n")
    block = edit("        loss.backward()\n" + STEP, "        loss.backward()\n" + STEP + ZERO)
    assert applied(text, block) == text.replace("step() \n", "step() \n" + ZERO)


def test_a_document_in_tabs_gets_tabs():
    text = CODE.replace("    ", "\t")
    block = edit(STEP, "        if ready:\n            optimizer.step()\n")
    assert applied(text, block) == text.replace("\t\toptimizer.step()", "\t\tif ready:\n\t\t\toptimizer.step()")


def test_tabs_are_renormalised_where_nothing_is_shifted():
    text = "a = 1\nif a:\n    b = 2\n"
    block = edit("a = 1\nif a:\n\tb = 2\n", "a = 1\nif a:\n\tb = 3\n\tc = 4\n")
    assert applied(text, block, regions=[region(text, 1, 3)]) == "a = 1\nif a:\n    b = 3\n    c = 4\n"


def test_a_document_of_mixed_indentation_is_only_matched_exactly():
    text = CODE.replace("        optimizer", "\toptimizer")
    assert "mixes tabs and blanks" in applied(text, edit("loss.backward()\n", "loss.sum().backward()\n"))
    assert applied(text, edit("\toptimizer.step()\n", "\toptimizer.step(1)\n")) == text.replace("step()", "step(1)")


SECRET = CODE.replace("        log(loss)\n    for", '        log(loss, token="hunter2")\n    for')


def test_secrets_are_matched_as_the_model_saw_them_and_come_back():
    placeholders = (("REDACTED_5", "hunter2"),)
    old = '        log(loss, token="REDACTED_5")\n'
    new = '        log(loss.item(), token="REDACTED_5")\n'
    assert applied(SECRET, edit(old, new), placeholders=placeholders) == SECRET.replace(
        "(loss, tok", "(loss.item(), tok"
    )
    assert applied(SECRET, ACCEPTED["exact"], placeholders=placeholders) == SECRET.replace(STEP, STEP + ZERO)
    assert "not in the region" in applied(
        SECRET, edit(old.replace("REDACTED_5", "hunter2"), new), placeholders=placeholders
    )


@pytest.mark.parametrize("name", ["REDACTED_5", "REDACTED_99"])
def test_a_placeholder_that_was_not_replaced_is_refused(name):
    block = edit(STEP, STEP + f'        send("{name}")\n')
    assert f"leave {name} out" in applied(SECRET, block, placeholders=(("REDACTED_5", "hunter2"),))


def test_a_whole_region_may_keep_its_placeholders():
    placeholders = redact(SECRET).placeholders
    new = "".join(redact(SECRET).text.replace(STEP, STEP + ZERO).splitlines(keepends=True)[2:11])
    assert applied(SECRET, Block("R1", None, None, new), placeholders=placeholders) == SECRET.replace(STEP, STEP + ZERO)


def oracles():
    for rule in all_rules():
        for number, example in enumerate(rule.fires):
            if example.after is not None:
                yield pytest.param(example.code, example.after, id=f"{rule.name}-{number}")


@pytest.mark.parametrize(("code", "after"), list(oracles()))
def test_every_known_repair_can_be_sent_whole_or_in_parts(code, after):
    old, new = (text.splitlines(keepends=True) for text in (code, after))
    regions = [region(code, 1, len(old))]
    assert applied(code, Block("R1", None, None, after), regions=regions) == after
    blocks = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(1):
        first, last, new_first, new_last = group[0][1], group[-1][2], group[0][3], group[-1][4]
        blocks.append(edit("".join(old[first:last]), "".join(new[new_first:new_last]), first + 1))
    assert applied(code, *blocks, regions=regions) == after


NAMES = ["a", "b", "step()", "log(x)", "# note", "x = 'y'  # z"]


@st.composite
def documents(draw):
    """A document of indented lines, an edit of some of them, and what these lines should be afterwards."""
    lines: list[str] = []
    depth, header = draw(st.integers(1, 3)), False
    for _ in range(draw(st.integers(2, 14))):
        depth = depth + 1 if header else draw(st.integers(1, depth))
        header = draw(st.integers(0, 3)) == 0
        lines.append("    " * depth + ("if a:" if header else draw(st.sampled_from(NAMES))))
        if not header and draw(st.integers(0, 6)) == 0:
            lines.append("")
    if header:
        lines.append("    " * (depth + 1) + "pass")
    first = draw(st.integers(0, len(lines) - 1))
    last = draw(st.integers(first + 1, len(lines)))
    new = list(lines[first:last])
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(new) - 1))
        if not new[place]:
            continue
        how = draw(st.sampled_from(["insert", "replace", "wrap"]))
        margin = new[place][: len(new[place]) - len(new[place].lstrip())]
        fresh = margin + draw(st.sampled_from([*NAMES, "new()", "other(1)"]))
        if how == "insert":
            new.insert(place, fresh)
        elif how == "wrap":
            new[place:] = [margin + "if b:", *(f"    {line}" if line else line for line in new[place:])]
        elif not new[place].endswith(":"):
            new[place] = fresh
    return lines, first, last, new


def _same(lines):
    return lines


def _trailing(lines):
    return [f"{line} \t" for line in lines]


def _dedented(lines):
    return [line[4:] for line in lines]


def _indented(lines):
    return [f"   {line}" if line else line for line in lines]


def _tabs(lines):
    return [line.replace("    ", "\t") for line in lines]


def text_of(lines: list[str], newline: str = "\n") -> str:
    return "".join(f"{line}{newline}" for line in lines)


@settings(max_examples=600, deadline=None)
@given(
    documents(),
    st.sampled_from([_same, _trailing, _dedented, _indented, _tabs]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.booleans(),
)
def test_a_distorted_edit_gives_the_intended_text_or_is_refused(document, distort, newline, hinted, tabbed):
    lines, first, last, new = document
    page = _tabs(lines) if tabbed else lines
    wanted = _tabs(new) if tabbed else new
    text = text_of(page, newline)
    old = distort(lines[first:last])
    block = edit(text_of(old), text_of(distort(new)), first + 1 if hinted else None)
    result = applied(text, block, regions=[region(text, 1, len(lines))])
    intended = text_of([*page[:first], *wanted, *page[last:]], newline)
    elsewhere = any(page[row : row + len(old)] == old for row in range(len(page)) if row != first)
    assert result == intended or not result.endswith(newline) or (elsewhere and not hinted)


@settings(max_examples=300, deadline=None)
@given(documents(), st.sampled_from([_same, _trailing, _tabs]))
def test_a_clear_edit_is_never_refused(document, distort):
    lines, first, last, new = document
    text = text_of(lines)
    old = [line.strip() for line in lines[first:last]]
    places = [row for row in range(len(lines)) if [line.strip() for line in lines[row : row + len(old)]] == old]
    if len(places) > 1 or not any(old) or new == lines[first:last]:
        return
    if distort is _tabs and not any(line.endswith(":") for line in lines):
        return  # nothing says how many blanks are a tab
    block = edit(text_of(distort(lines[first:last])), text_of(distort(new)))
    assert applied(text, block, regions=[region(text, 1, len(lines))]) == text_of([*lines[:first], *new, *lines[last:]])
