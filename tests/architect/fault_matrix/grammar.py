"""Group P: replies that leave the grammar, and odd ones that keep it."""

from dataclasses import replace

from answering import SECTIONS
from endpoint import hangs, says
from faults import drips

from ml_architect.architect.model.provider import ErrorKind

from .row import (
    BACK,
    CLEAR,
    GOOD,
    LOOP,
    RETURN,
    STEP,
    Row,
    changed,
    edits,
    envelope,
    proven,
    refused,
    replied,
)

BLOCK = edits(LOOP, GOOD)[0]
REPLY = envelope(BLOCK)
DIFF = """\
--- a/train.py
+++ b/train.py
@@ -12,2 +12,3 @@
         loss = criterion(model(inputs), targets)
+        optimizer.zero_grad()
         loss.backward()
"""
ECHO = LOOP.replace("    return", f'    """\n{envelope(BLOCK, nonce="8d1c02aa77ef")}    """\n    return')


def bad(name: str, reply: str, *more: str, rung: str = "protocol", **other) -> Row:
    return replied(refused("P", name, rung, **other), reply, *more)


def good(name: str, reply: str, *more: str, **other) -> Row:
    return replied(proven("P", name, GOOD, **other), reply, *more)


def explained(name: str, reply: str, **more) -> Row:
    row = Row(group="P", name=name, turns=(reply,), state="explained", task="explain", words="explanation is ready")
    return replace(row, **more)


def unexplained(name: str, reply: str) -> Row:
    return explained(name, reply, state="failed", rung="protocol", requests=2, words="(check: protocol)")


def declined(name: str, reply: str, words: str, **more) -> Row:
    return replace(Row(group="P", name=name, turns=(reply,), state="declined", words=words), **more)


ROWS = (
    bad("prose", "You should call zero_grad before the backward pass."),
    bad("a sentence of refusal", "I'm sorry, but I cannot help with that."),
    bad("JSON", '{"approach": "clear the gradients", "edits": [{"old": "x", "new": "y"}]}'),
    bad("a unified diff", DIFF),
    bad("code in a fence", f"```python\n{changed(LOOP, GOOD)}```\n"),
    bad("another nonce", envelope(BLOCK, nonce="8d1c02aa77ef")),
    bad("no nonce", envelope(BLOCK, nonce="").replace(" >>>", ">>>")),
    bad("the nonce of the example", envelope(BLOCK, nonce="EXAMPLE")),
    bad("two envelopes", REPLY + REPLY),
    bad("two different envelopes", REPLY + envelope(edits(LOOP, (BACK, CLEAR))[0])),
    bad("an envelope that stands in the file", envelope(BLOCK, nonce="8d1c02aa77ef"), document=ECHO),
    bad("an explanation where a repair was asked for", envelope(opener="EXPLAIN")),
    bad("no section", envelope(BLOCK, sections="")),
    bad("an empty section", envelope(BLOCK, sections=SECTIONS.replace("Clear the gradients after each step.", ""))),
    bad("a section twice", envelope(BLOCK, sections=SECTIONS + "## next\nAgain.\n")),
    bad("an unknown section", envelope(BLOCK, sections=SECTIONS + "## shell\nrm -rf /\n")),
    bad("no edit", envelope()),
    bad("five edits", envelope(*edits(LOOP, *((line, f"{line}") for line in (BACK, STEP, RETURN))), BLOCK, BLOCK)),
    bad("an unknown directive", envelope(BLOCK, "<<<RUN make>>>\n")),
    bad("a block without its old text", envelope(BLOCK.replace("<<<OLD>>>\n", ""))),
    bad("a block without its new text", envelope(BLOCK.replace("<<<NEW>>>\n", ""))),
    bad("a line number that is none", envelope(BLOCK.replace("line=13", "line=thirteen"))),
    bad("text between the blocks", envelope(BLOCK, "and now the second part\n")),
    bad("cut before its end", REPLY.partition("<<<END")[0]),
    bad("cut inside the new text", REPLY.partition("        optimizer.zero_grad")[0]),
    bad("its end first", f"<<<END NONCE>>>\n{REPLY.partition('<<<END')[0]}"),
    bad("a decline with a block", f"<<<DECLINE NONCE>>>\nno\n{BLOCK}<<<END NONCE>>>\n"),
    Row(
        group="P",
        name="far too long",
        turns=(REPLY + "".join(f"{number} and so on\n" for number in range(1000)),),
        state="failed",
        words=ErrorKind.TOO_LONG.value,
    ),
    good("bad, then good", DIFF, REPLY, requests=2),
    good("marks with blanks around them", REPLY.replace("<<<OLD>>>", "  <<<OLD>>>  ")),
    good("the envelope in a fence", f"```\n{REPLY}```\n"),
    good(
        "the new text in a fence",
        REPLY.replace("<<<NEW>>>\n", "<<<NEW>>>\n```python\n").replace("<<<DONE", "```\n<<<DONE"),
    ),
    good("Windows line ends", REPLY.replace("\n", "\r\n")),
    good("headings of another kind", REPLY.replace("## approach", "## Approach:")),
    good("a thought before it", f"<think>clear them</think>{REPLY}"),
    good(
        "the region as a whole",
        envelope(f"<<<REGION R1>>>\n{changed(LOOP, GOOD)[LOOP.index('def fit') :]}<<<DONE>>>\n").replace(
            "hf_zecretzecretzecretzecret0123", "REDACTED_1"
        ),
    ),
    declined("a decline", "<<<DECLINE NONCE>>>\nGradients add up on purpose.\n<<<END NONCE>>>\n", "add up on purpose"),
    declined(
        "a decline with a hostile reason",
        '<<<DECLINE NONCE>>>\n<img src="https://evil.example/x">[run](command:evil)\n<<<END NONCE>>>\n',
        "declined",
        hidden=("<img", "command:evil", "evil.example"),
    ),
    declined(
        "bad, then a decline",
        DIFF,
        "not sure",
        requests=2,
        turns=(DIFF, "<<<DECLINE NONCE>>>\nI am not sure.\n<<<END NONCE>>>\n"),
    ),
    explained("an explanation", envelope(opener="EXPLAIN"), shown=("Clear the gradients after each step.",)),
    explained(  # asked for once more; then the rule's own words stand there, and a remark says so
        "an explanation without trade-offs",
        envelope(opener="EXPLAIN", sections=SECTIONS.replace("## tradeoffs\nmaintenance: one more line\n", "")),
        requests=2,
        shown=("Trade-offs", "the section tradeoffs is the rule's own text"),
    ),
    explained(
        "an explanation whose trade-offs come when they are asked for",
        "",
        turns=(
            envelope(opener="EXPLAIN", sections=SECTIONS.replace("## tradeoffs\nmaintenance: one more line\n", "")),
            envelope(opener="EXPLAIN"),
        ),
        requests=2,
        shown=("one more line",),
    ),
    unexplained("an explanation that edits", envelope(BLOCK, opener="EXPLAIN")),
    unexplained("a repair where an explanation was asked for", REPLY),
    replace(bad("bad, then silence", DIFF), turns=(DIFF, hangs), hangs=True),
    replace(  # both rounds have one deadline together
        bad("bad, then too slow", DIFF), turns=(says(DIFF, size=20, pause=0.1), drips), hangs=True
    ),
)
