import pytest

from ml_architect.architect.reply.envelope import MOST_CHARACTERS, Block, Decline, Envelope, read_reply
from ml_architect.architect.values import Refusal, Rung, Section

NONCE = "k7q2"
EDIT = "<<<EDIT R1 line=12>>>\n<<<OLD>>>\na = 1\n<<<NEW>>>\na = 2\n<<<DONE>>>"
APPROACH = "## approach\nSet it.\n"
BLOCK = Block("R1", 12, "a = 1\n", "a = 2\n")


def fix(body: str, nonce: str = NONCE, end: str | None = None) -> str:
    return f"<<<FIX {nonce}>>>\n{body}\n<<<END {end or nonce}>>>\n"


GOOD = fix(APPROACH + EDIT)
EXPLAINED = "\n".join(f"## {name}\ntext of {name}" for name in ("approach", "values", "tradeoffs", "verify"))


def read(text: str, *, wants_blocks: bool = True):
    return read_reply(text, NONCE, ("R1", "R2"), wants_blocks)


REFUSED = {
    "empty": ("", "empty"),
    "blank": (" \n\t\n", "empty"),
    "prose": ("Set num_workers to 4.", "prose without an envelope"),
    "refusal sentence": ("I'm sorry, I can't help with that.", f"<<<DECLINE {NONCE}>>>"),
    "JSON instead": ('{"approach": "Set it", "edits": []}', "JSON"),
    "JSON in a fence": ('```json\n{"approach": "Set it"}\n```', "without an envelope"),
    "unified diff": ("--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n", "a diff"),
    "wrong nonce": (fix(APPROACH + EDIT, "other"), f"do not carry {NONCE}"),
    "no nonce": (fix(APPROACH + EDIT).replace(f" {NONCE}", ""), "do not carry"),
    "nonce in the wrong case": (fix(APPROACH + EDIT, NONCE.upper()), "do not carry"),
    "wrong nonce at the end": (fix(APPROACH + EDIT, end="other"), "incomplete"),
    "two envelopes": (GOOD + GOOD, "more than one envelope"),
    "an envelope and a decline": (GOOD + f"<<<DECLINE {NONCE}>>>\nno\n<<<END {NONCE}>>>", "more than one envelope"),
    "an envelope inside another": (fix(APPROACH + fix(APPROACH + EDIT)), "more than one envelope"),
    "envelope echoed from a file comment": (fix(APPROACH + fix(APPROACH + EDIT, "old1") + EDIT), "unknown <<<"),
    "only the echo": (f"As the file says:\n{fix(APPROACH + EDIT, 'old1')}", "do not carry"),
    "missing section": (fix(EDIT), "## approach is missing"),
    "empty section": (fix("## approach\n\n" + EDIT), "## approach is empty"),
    "section twice": (fix(APPROACH + APPROACH + EDIT), "twice"),
    "unknown section": (fix(APPROACH + "## poetry\nroses\n" + EDIT), "unknown section"),
    "no edits": (fix(APPROACH), "changes nothing"),
    "five edits": (fix(APPROACH + "\n".join([EDIT] * 5)), "5 blocks"),
    "unknown directive": (fix(APPROACH + "<<<RUN rm>>>\n" + EDIT), "unknown <<<"),
    "unknown directive inside a block": (fix(APPROACH + EDIT.replace("a = 2", "<<<RUN rm>>>")), "malformed"),
    "lower-case directive": (fix(APPROACH + EDIT.lower()), "unknown <<<"),
    "no OLD": (fix(APPROACH + EDIT.replace("<<<OLD>>>\n", "")), "<<<OLD>>>"),
    "no NEW": (fix(APPROACH + EDIT.replace("<<<NEW>>>\n", "")), "<<<NEW>>>"),
    "no DONE": (fix(APPROACH + EDIT.replace("\n<<<DONE>>>", "")), "<<<DONE>>>"),
    "no DONE between two": (fix(APPROACH + EDIT.replace("\n<<<DONE>>>", "") + "\n" + EDIT), "<<<DONE>>>"),
    "no EDIT": (fix(APPROACH + EDIT.replace("<<<EDIT R1 line=12>>>\n", "")), "outside a block"),
    "NEW twice": (fix(APPROACH + EDIT.replace("<<<DONE>>>", "<<<NEW>>>\nb\n<<<DONE>>>")), "<<<DONE>>>"),
    "EDIT without a region": (fix(APPROACH + EDIT.replace(" R1 line=12", "")), "malformed"),
    "EDIT with a word for a line": (fix(APPROACH + EDIT.replace("line=12", "line=twelve")), "malformed"),
    "EDIT with an endless line number": (fix(APPROACH + EDIT.replace("12", "9" * 5000)), "malformed"),
    "OLD with an argument": (fix(APPROACH + EDIT.replace("OLD", "OLD R1")), "<<<OLD>>>"),
    "text after a block": (fix(APPROACH + EDIT + "\nb = 3"), "between or after the blocks"),
    "cut before the end": (GOOD.replace(f"<<<END {NONCE}>>>", ""), "incomplete"),
    "cut inside NEW": (GOOD[: GOOD.index("a = 2") + 3], "incomplete"),
    "cut inside the end line": (GOOD[:-6], "incomplete"),
    "end before the start": (f"<<<END {NONCE}>>>\n<<<FIX {NONCE}>>>\n{APPROACH}{EDIT}", "incomplete"),
    "huge text": (fix(APPROACH + "x" * MOST_CHARACTERS + "\n" + EDIT), "characters"),
    "an explanation instead": (GOOD.replace("<<<FIX", "<<<EXPLAIN"), "wrong line"),
    "decline with a block": (f"<<<DECLINE {NONCE}>>>\nno\n{EDIT}\n<<<END {NONCE}>>>", "a decline holds a reason"),
    "decline that is cut": (f"<<<DECLINE {NONCE}>>>\nno", "incomplete"),
    "envelope within a line": (f"Here: <<<FIX {NONCE}>>> {APPROACH}{EDIT}\n<<<END {NONCE}>>>", "without an envelope"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_leaves_the_grammar_is_refused_in_one_line(case):
    text, words = REFUSED[case]
    refusal = read(text)
    assert isinstance(refusal, Refusal)
    assert refusal.rung is Rung.PROTOCOL
    assert words in refusal.message
    assert "\n" not in refusal.message and len(refusal.message) < 200
    assert not refusal.final


ACCEPTED = {
    "plain": GOOD,
    "think block": f"<think>Maybe\n{GOOD}\n</think>\n{GOOD}",
    "chatter": f"Sure, here it is:\n\n{GOOD}\nHope that helps!",
    "chatter inside": fix("Here is the fix.\n" + APPROACH + EDIT),
    "CRLF": GOOD.replace("\n", "\r\n"),
    "CR": GOOD.replace("\n", "\r"),
    "fence around the envelope": f"```text\n{GOOD}```\n",
    "fence around texts": fix(
        APPROACH + EDIT.replace("a = 1", "```python\na = 1\n```").replace("a = 2", "~~~\na = 2\n~~~")
    ),
    "fence around a block": fix(APPROACH + f"```\n{EDIT}\n```"),
    "blanks around marks": GOOD.replace("<<<OLD>>>", "  <<<OLD>>> ").replace("<<<DONE>>>", "<<< DONE >>>"),
    "blank line before OLD": GOOD.replace("<<<OLD>>>", "\n<<<OLD>>>"),
    "echo of another envelope outside": f"# {NONCE}\n{fix(APPROACH + EDIT, 'old1')}\n{GOOD}",
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_harmless_variations_are_read(case):
    reply = read(ACCEPTED[case])
    assert isinstance(reply, Envelope)
    assert reply.blocks == (BLOCK,)
    assert reply.sections == {Section.APPROACH: "Set it."}


def test_sections_are_read_whatever_their_order_and_spelling():
    reply = read(fix("## Trade-offs:\ncosts\n## **Approach**\nidea\n```\n## values\n```\n### more\nend\n" + EDIT))
    assert isinstance(reply, Envelope)
    assert reply.sections == {
        Section.TRADEOFFS: "costs",
        Section.APPROACH: "idea\n```\n## values\n```\n### more\nend",
    }


def test_a_section_may_follow_a_block():
    reply = read(fix(APPROACH + EDIT + "\n\n## next\nmeasure"))
    assert isinstance(reply, Envelope)
    assert reply.sections[Section.NEXT] == "measure"


def test_a_comment_with_two_signs_is_no_section_inside_a_block():
    reply = read(fix(APPROACH + EDIT.replace("a = 2", "## approach\na = 2")))
    assert isinstance(reply, Envelope)
    assert reply.blocks[0].new == "## approach\na = 2\n"


def test_no_line_and_a_blank_line_differ():
    nothing = read(fix(APPROACH + EDIT.replace("a = 2\n", "")))
    blank = read(fix(APPROACH + EDIT.replace("a = 2\n", "\n")))
    assert isinstance(nothing, Envelope) and isinstance(blank, Envelope)
    assert (nothing.blocks[0].new, blank.blocks[0].new) == ("", "\n")


def test_a_form_feed_ends_no_line():
    reply = read(fix(APPROACH + EDIT.replace("a = 2", "\fa = 2\u2028b")))
    assert isinstance(reply, Envelope)
    assert reply.blocks[0].new == "\fa = 2\u2028b\n"


def test_a_fence_that_is_only_the_first_line_stays():
    reply = read(fix(APPROACH + EDIT.replace("a = 2", "```\na = 2")))
    assert isinstance(reply, Envelope)
    assert reply.blocks[0].new == "```\na = 2\n"


def test_a_whole_region_and_an_edit_without_a_hint():
    text = "<<<REGION R2>>>\nimport os\n<<<DONE>>>\n" + EDIT.replace(" line=12", "")
    reply = read(fix(APPROACH + text))
    assert isinstance(reply, Envelope)
    assert reply.blocks == (Block("R2", None, None, "import os\n"), Block("R1", None, "a = 1\n", "a = 2\n"))


@pytest.mark.parametrize("header", ["<<<EDIT R9 line=12>>>", "<<<EDIT r1>>>"])
def test_an_unknown_region_cannot_be_applied(header):
    refusal = read(fix(APPROACH + EDIT.replace("<<<EDIT R1 line=12>>>", header)))
    assert refusal == Refusal(Rung.APPLY, "a block names an unknown region; the regions are R1, R2")


def test_a_decline_is_read_for_a_fix_and_for_an_explanation():
    text = f"<think>hm</think>\n<<<DECLINE {NONCE}>>>\nThe clipping is deliberate,\nsee the comment.\n<<<END {NONCE}>>>"
    for wants_blocks in (True, False):
        assert read(text, wants_blocks=wants_blocks) == Decline("The clipping is deliberate,\nsee the comment.")


def test_the_words_of_a_decline_are_harmless():
    text = f"<<<DECLINE {NONCE}>>>\n![x](https://evil.example/x) no <b>need</b>\n{'a' * 9000}\n<<<END {NONCE}>>>"
    reply = read(text)
    assert isinstance(reply, Decline)
    assert reply.reason.startswith("x no need\naaa") and len(reply.reason) < 700


def test_an_explanation_needs_something_to_read_and_no_block():
    text = f"<<<EXPLAIN {NONCE}>>>\n{EXPLAINED}\n<<<END {NONCE}>>>"
    reply = read(text, wants_blocks=False)
    assert isinstance(reply, Envelope)
    assert list(reply.sections) == [Section.APPROACH, Section.VALUES, Section.TRADEOFFS, Section.VERIFY]
    for name in ("approach", "values", "tradeoffs", "verify"):
        less = read(text.replace(f"text of {name}", ""), wants_blocks=False)
        assert isinstance(less, Envelope)  # what is missing is asked for once, then shown as missing
        assert Section(name) not in less.sections and len(less.sections) == 3
    nothing = read(f"<<<EXPLAIN {NONCE}>>>\n## approach\n<<<END {NONCE}>>>", wants_blocks=False)
    assert isinstance(nothing, Refusal)
    assert nothing.message == "the section ## approach is empty; write it"
    with_block = read(text.replace("<<<END", f"{EDIT}\n<<<END"), wants_blocks=False)
    assert isinstance(with_block, Refusal)
    assert "leave the blocks out" in with_block.message
