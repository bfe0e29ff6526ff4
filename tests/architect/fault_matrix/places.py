"""Groups A and X: where an edit is to go, and what its text is made of."""

from answering import block

from .row import (
    BACK,
    CALL,
    CLEAR,
    GOOD,
    LOADER,
    LOOP,
    RETURN,
    STEP,
    WITH_WORKERS,
    Row,
    changed,
    envelope,
    proven,
    refused,
    replied,
)

NEW = CLEAR + BACK
PUSH = '    model.push_to_hub("me/model", token="REDACTED_1")\n'
LINE = LOOP[: LOOP.index(BACK)].count("\n") + 1
TABS = LOOP.replace("    ", "\t")
WIDE = LOOP.replace("def fit", 'NOTE = "🧪𝔘 漢"\n\n\ndef fit').replace(STEP, '        "🧪𝔘 naïve"; optimizer.step()\n')
WIDE_LINE = '        "🧪𝔘"; loss.backward()\n'
SHOW = "        print(loss)\n"
TWICE = LOOP.replace(BACK, SHOW + BACK).replace(STEP, SHOW + STEP)
MIXED = LOOP.replace(BACK, BACK.replace("        ", "\t"))
FORM_FEED = LOOP.replace("\n\ndef fit", "\n\f\ndef fit")


def bad(name: str, *blocks: str, rung: str = "apply", **more) -> Row:
    return replied(refused("A", name, rung, **more), envelope(*blocks))


def good(name: str, *blocks: str, document: str = LOOP, after: str | None = None, **more) -> Row:
    after = changed(document, GOOD) if after is None else after
    return replied(proven("A", name, document=document, after=after, **more), envelope(*blocks))


def put(old: str, new: str, line: int = LINE, region: str = "R1") -> str:
    return block(old, new, line, region)


APPLY = (
    good("the line that it names", put(BACK, NEW)),
    bad("a text that is not there", put("        loss.backwards()\n", NEW)),
    bad("a text that is nearly there", put("        loss.backward()  # go\n", NEW)),
    bad("dots for lines", put(f"    for inputs, targets in loader:\n        ...\n{STEP}", CLEAR + STEP)),
    bad("nothing to find", put("", CLEAR)),
    bad("blank lines to find", put("\n", CLEAR)),
    bad("found twice", put(SHOW, CLEAR + SHOW, line=900), document=TWICE),
    bad("two blocks that overlap", put(BACK, NEW), put(BACK + STEP, NEW + STEP)),
    bad("two blocks for the same line", put(BACK, NEW), put(BACK, NEW)),
    bad("nothing is changed", put(BACK, BACK)),
    bad("an unknown region", put(BACK, NEW, region="R9"), state="failed"),
    bad("a line of another region", put("import torch\n", "import torch\nimport os\n", region="R1")),
    bad("a line outside of all regions", put('"""Train a model."""\n', '"""Train."""\n')),
    bad("the line numbers of the prompt copied", put(f"  {LINE}|{BACK}", NEW)),
    good("a wrong line, but found once", put(BACK, NEW, line=2)),
    good("no line", put(BACK, NEW).replace(f" line={LINE}", "")),
    good(
        "more lines than needed",
        put(
            BACK + STEP + LOOP[LOOP.index("    model.push") :], NEW + STEP + LOOP[LOOP.index("    model.push") :]
        ).replace("hf_zecretzecretzecretzecret0123", "REDACTED_1"),
    ),
    good("without indentation", put(BACK.lstrip(), CLEAR.lstrip() + BACK.lstrip())),
    good("indented further", put("    " + BACK, f"    {CLEAR}    {BACK}")),
    good("trailing blanks", put(BACK.replace("\n", "   \n"), NEW)),
    good(
        "blanks for tabs",
        put(BACK, NEW),
        document=TABS,
        after=changed(TABS, ("\t\tloss.b", "\t\toptimizer.zero_grad()\n\t\tloss.b")),
    ),
    good("tabs for blanks", put(BACK.replace("    ", "\t"), NEW.replace("    ", "\t"))),
    good(
        "Windows line ends",
        put(BACK, NEW),
        document=LOOP.replace("\n", "\r\n"),
        after=changed(LOOP, GOOD).replace("\n", "\r\n"),
    ),
    good(
        "old Mac line ends",
        put(BACK, NEW),
        document=LOOP.replace("\n", "\r"),
        after=changed(LOOP, GOOD).replace("\n", "\r"),
    ),
    good("a byte order mark", put(BACK, NEW), document=f"\ufeff{LOOP}", after=f"\ufeff{changed(LOOP, GOOD)}"),
    good("no line end at the end", put(BACK, NEW), document=LOOP.rstrip("\n"), after=changed(LOOP, GOOD).rstrip("\n")),
    good("characters of two units before it", put(BACK, NEW, line=LINE + 3), document=WIDE),
    good(
        "characters of two units in its line",
        put(WIDE_LINE, CLEAR + WIDE_LINE, line=LINE + 3),
        document=WIDE.replace(BACK, WIDE_LINE),
        after=WIDE.replace(BACK, CLEAR + WIDE_LINE),
    ),
    good("a form feed before it", put(BACK, NEW, line=LINE + 1), document=FORM_FEED),
    good("a form feed copied as a blank line", put(BACK, NEW), document=FORM_FEED),
    replied(
        good("repaired after the line was not found", requests=2),
        envelope(put("        loss.backwards()\n", NEW)),
        envelope(put(BACK, NEW)),
    ),
    bad("a secret of the file left out", put(BACK, NEW), put(PUSH, ""), rung="shape", words="REDACTED_1"),
    bad("a placeholder in a new place", put(BACK, f'{CLEAR}{BACK}        print("REDACTED_1")\n')),
    Row(
        group="A",
        name="the finding was gone when it was asked about",
        turns=(),
        state="failed",
        requests=0,
        document=changed(LOOP, GOOD),
        words="no longer there",
    ),
)


def text(name: str, *changes: tuple[str, str], rung: str = "parse", document: str = LOOP, **more) -> Row:
    return refused("X", name, rung, *changes, document=document, **more)


TEXT = (
    text("a syntax error", (BACK, f"        optimizer.zero_grad(\n{BACK}")),
    text("a fence in the new text", (BACK, f"{CLEAR}```\n{BACK}")),
    text("a placeholder for code", (CALL, "    ... the loader as before, with workers\n"), document=LOADER),
    text("smart quotes", (RETURN, RETURN.replace("model,", "“model”,")), GOOD),
    text("a sign that turns the direction", (BACK, f"        optimizer.zero_grad()  # \u202e\n{BACK}")),
    text("a blank without width in a name", (BACK, f"        opti\u200bmizer.zero_grad()\n{BACK}")),
    text("a NUL", (BACK, f"        optimizer.zero_grad()\x00\n{BACK}")),
    text("an escape", (BACK, f"        optimizer.zero_grad()  # \x1b[2J\n{BACK}")),
    text("a line separator", (BACK, f"        optimizer.zero_grad()\u2028\n{BACK}")),
    text("letters that look alike", (BACK, f"        оptimizer.zero_grad()\n{BACK}"), rung="parse"),
    text("a wrong indentation", (BACK, f"      optimizer.zero_grad()\n{BACK}")),
    text("too deep an indentation", (BACK, f"            optimizer.zero_grad()\n{BACK}")),
    text(
        "a body that is missing",
        ("    for inputs, targets in loader:\n", "    for inputs, targets in loader:\n    for batch in loader:\n"),
    ),
    text("a line that goes on", (BACK, f"        optimizer.zero_grad() \\\n{BACK}")),
    text("a string that does not end", (CALL, WITH_WORKERS.replace("# keep", '"keep')), document=LOADER),
    text("a mark of the grammar", (BACK, f"{CLEAR}<<<<<<< HEAD\n{BACK}")),
)
