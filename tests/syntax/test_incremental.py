"""Parsing with a previous version gives what parsing from scratch gives."""

from itertools import pairwise

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_architect.syntax import parse
from ml_architect.syntax.nodes import walk
from ml_architect.text import Source

SNIPPETS = [
    *"()[]{}\"'#\\:,.=@ x1é\t\n\r\f\0",
    '"""',
    "'''",
    "\r\n",
    "\n\n",
    "    ",
    'f"{',
    "lambda ",
    "async ",
    "x = 1\n",
    "    y = f(2)\n",
    "# comment\n",
    "def g(a):\n    pass\n",
    "if x:\n",
    "else:\n",
    "    else:\n",
    "@decorator\n",
    "try:\n",
    "except E:\n",
    "\u2028",
    "'''doc\n\n'''\n",
]


@st.composite
def edits(draw):
    """A change of one range, as fractions of the text: where it starts, how long it is, what comes instead."""
    length = draw(st.sampled_from([0, 0, 0, 1, 1, 4, 40]))
    return draw(st.floats(0, 1)), length, draw(st.sampled_from(["", *SNIPPETS]))


def edited(text, edit):
    where, length, replacement = edit
    start = int(where * len(text))
    return text[:start] + replacement + text[start + length :]


def is_python(text):
    try:
        cst.parse_module(text)
    except (cst.ParserSyntaxError, cst.CSTValidationError):
        return False
    return True


@pytest.mark.parametrize("name", ["constructs", "training"])
@settings(max_examples=40, deadline=None)
@given(changes=st.lists(edits(), min_size=1, max_size=6))
def test_random_edits_one_after_the_other(name, changes, request, dump):
    text = request.getfixturevalue(name)
    module = parse(Source(text))
    for change in changes:
        text = edited(text, change)
        module = parse(Source(text), module)
        assert all(0 <= problem.start <= problem.end <= len(text) for problem in module.problems)
        for statement in module.body:
            for node in walk(statement):
                span = module.span(node)
                assert 0 <= span.start <= span.end <= len(text)
        scratch = parse(Source(text))
        assert bool(scratch.problems) != is_python(text)
        if not scratch.problems:
            assert not module.problems
            assert dump(module) == dump(scratch)
            assert module.comments == scratch.comments


@settings(max_examples=40, deadline=None)
@given(change=edits())
def test_undoing_an_edit_restores_the_tree(change, training, dump):
    original = parse(Source(training))
    broken = parse(Source(edited(training, change)), original)
    assert dump(parse(Source(training), broken)) == dump(original)


def test_untouched_statements_keep_their_nodes(training):
    before = parse(Source(training))
    after = parse(Source(training.replace("running += loss.item()", "running += loss.item() * 2")), before)
    kept = {id(node) for statement in before.body for node in walk(statement)}
    nodes = [node for statement in after.body for node in walk(statement)]
    fresh = [node for node in nodes if id(node) not in kept]
    assert len(fresh) < len(nodes) / 5
    assert [id(statement) for statement in before.body[:3]] == [id(statement) for statement in after.body[:3]]


def test_moved_statements_keep_their_nodes_and_get_new_places():
    first, second = (f"def {name}():\n    a = 1\n    b = 2\n    return {name}" for name in "fg")
    before = parse(Source(f"{first}\n\n\n{second}\n"))
    after = parse(Source(f"# first\nx = 1\n\n\n{second}\n\n\n{first}\n"), before)
    assert after.body[1] is before.body[1]
    assert after.body[2] is before.body[0]
    assert after.text_of(after.body[1]) == second


def test_equal_statements_never_share_nodes(training):
    before = parse(Source(training))
    after = parse(Source(training + training), before)
    nodes = [id(node) for statement in after.body for node in walk(statement)]
    assert len(nodes) == len(set(nodes))


def test_wrapping_a_block_and_unwrapping_it(training, dump):
    rows = training.splitlines(keepends=True)
    first = next(number for number, row in enumerate(rows) if "args = parser" in row)
    wrapped = [*rows[:first], "    if True:\n", *["    " + row for row in rows[first:-4]], *rows[-4:]]
    versions = ["".join(rows), "".join(wrapped), "".join(rows)]
    modules = [parse(Source(versions[0]))]
    for text in versions[1:]:
        modules.append(parse(Source(text), modules[-1]))
        assert not modules[-1].problems
        assert dump(modules[-1]) == dump(parse(Source(text)))


def test_typing_a_file_character_by_character(dump):
    text = 'import torch\n\n\ndef f(x):\n    """Doc."""\n    y = g(x, [1, "a"])  # c\n    return {"y": y}\n\n\nprint(f(2))\n'
    module = parse(Source(""))
    for length in range(1, len(text) + 1):
        module = parse(Source(text[:length]), module)
    assert not module.problems
    assert dump(module) == dump(parse(Source(text)))
    for start, stop in pairwise(range(len(text), 0, -7)):
        module = parse(Source(text[: min(start, stop)]), module)


def test_a_line_that_was_cut_off_is_whole_again_once_it_can_be(dump):
    whole = "a = [\n    1,\n    2,\n]\nb = (3)\nc = 4\n"
    module = parse(Source(whole))
    for text in [
        whole.replace("(3)", "(3"),
        whole.replace("(3)", "(3").replace("]\n", "\n"),
        whole.replace("(3)", "(3"),
        whole,
    ]:
        module = parse(Source(text), module)
    assert not module.problems
    assert dump(module) == dump(parse(Source(whole)))
