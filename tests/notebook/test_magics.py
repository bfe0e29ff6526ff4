"""What IPython takes and Python does not leaves the text, but neither its length nor its lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_architect.notebook.magics import neutralised
from ml_architect.text.lines import split_lines


def python(text):
    """Return the lines of a cell as they are analysed, without the spaces at their ends."""
    return [line.rstrip() for line in neutralised(text)[0].replace("\f", "").split("\n")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%matplotlib inline\nx = 1", ["0", "x = 1"]),
        ("!pip install 'torch\nx = 1", ["0", "x = 1"]),
        ("if x:\n    !ls\n    %cd ..\nelse:\n    y", ["if x:", "    0", "    0", "else:", "    y"]),
        ("!wget \\\n  -q 'url\nx", ["0", "", "x"]),
        ("?x\nx?\nfoo.bar??\ny.*?", ["0", "0", "0", "0"]),
        ("files = !ls\nd['a'], b = %env HOME", ["files = _", "d['a'], b = _"]),
        ("%%bash\nls 'it\nfi", ["", "", ""]),
        ("\n%%writefile a.py\nimport torch", ["", "", ""]),
        ("%%time\nmodel.fit(x)", ["", "model.fit(x)"]),
        ("%%capture out\nx = 1", ["", "x = 1"]),
        ("%time model.fit(x)", ["0;    model.fit(x)"]),
        ("%timeit -n 3 f()\n%time\n%time for x in y: pass", ["0", "0", "0"]),
        ("pip install torch\nconda install x\nls -la", ["0", "0", "0"]),
        ("/print 1\n,f a\n;f a", ["0", "0", "0"]),
        (" x = 1\nif x:\n    y = 2", ["x = 1", "if x:", "    y = 2"]),
        (">>> if x:\n...     y\n>>> z", ["if x:", "    y", "z"]),
    ],
)
def test_what_is_not_python_is_taken_out(text, expected):
    assert python(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "x = (a\n  % b)",
        "s = '''\n!ls\n%d\n'''",
        's = """it\'s\n%%bash\n"""\n',
        "a = b % c\nx != 3\nx %= 3\nprint('why?')  # or?",
        "x = f(a='!', b=3) # = !ls",
        "pip = 3\nls = pip\ncat in ls\nls - pip\nrm(x)",
        "await x()\nasync for y in z: pass",
        "f(\n!ls\n)",
        "x = \\\n  y",
        "# !ls\n@decorator\ndef f(): ...",
    ],
)
def test_what_is_python_stays(text):
    assert neutralised(text) == (text, ())


WORDS = ("%", "!", "?", "%%", "%%time\n", "%time ", "x", " = ", "=!", ";", "/", ",", "ls", "pip install ", "if x:\n")
MARKS = ("'", '"', "'''", "#", "\\", "(", ")", "\n", "\r\n", "\r", "    ", ">>> ", "... ", "\f", "\u2028", "😀")
PIECES = st.sampled_from(WORDS + MARKS)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_neither_length_nor_lines_change_and_all_can_be_put_back(text):
    result, kept = neutralised(text)
    assert len(result) == len(text)
    assert [len(line) for line in split_lines(result)] == [len(line) for line in split_lines(text)]
    position = 0
    back = []
    for item in kept:
        assert position <= item.span.start < item.span.end
        assert len(item.text) == item.span.end - item.span.start
        back += (result[position : item.span.start], item.text)
        position = item.span.end
    assert "".join((*back, result[position:])) == text
