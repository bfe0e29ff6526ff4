"""Whatever the text is, parsing it raises nothing and takes no time to speak of."""

import time

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_architect.syntax import nodes, parse, pieces
from ml_architect.syntax.nodes import walk
from ml_architect.text import Source

DEEP = 10_000
HOSTILE = {
    "brackets": "(" * DEEP + ")" * DEEP,
    "unclosed brackets": "([{" * DEEP,
    "closing brackets": ")]}" * DEEP,
    "calls": "f(" * DEEP + "1" + ")" * DEEP,
    "dictionaries": "{1:" * DEEP,
    "unary": "-" * DEEP + "1",
    "not": "not " * DEEP + "x",
    "lambda": "lambda: " * DEEP + "x",
    "conditional": "a if b else " * DEEP + "x",
    "powers": "**".join("x" * DEEP),
    "sum": "+".join("x" * DEEP),
    "booleans": " or ".join("x" * DEEP),
    "attributes": "x" + ".y" * DEEP,
    "call chain": "x" + ".y()" * DEEP,
    "subscripts": "x" + "[0]" * DEEP,
    "comparisons": "<".join("x" * DEEP),
    "formatted": 'f"' + "{" * DEEP + '"',
    "formatted brackets": 'f"{' + "(" * DEEP + ")" * DEEP + '}"',
    "nested formatted": 'f"{' * 100 + '}"' * 100,
    "indentation": "".join(" " * depth + "if x:\n" for depth in range(200)) + " " * 200 + "pass\n",
    "elif": "if x: pass\n" + "elif y: pass\n" * 2000 + "else: pass\n",
    "long line": "x = [" + "1, " * 50_000 + "]\n",
    "concatenation": "x = " + "'a' " * 2000,
    "decorators": "@a\n" * 2000 + "def f(): pass\n",
    "quotes": "'" * DEEP + '"' * DEEP,
    "triple quotes": '"""\n' * 501,
    "open brackets by line": "x = (\n" * 3000,
    "open strings by line": "x = '\n" * 3000,
    "backslashes": "\\\n" * DEEP,
    "semicolons": "x;" * DEEP,
    "assignments": "x = " * 300 + "1",
    "huge number": "x = " + "9" * 5000,
}
ODD = {
    "empty": "",
    "spaces": "   ",
    "only a comment": "# comment",
    "only comments": "# a\n\n    # b\n# c",
    "lone CR": "x = 1\ry = 2\r",
    "CRLF": "if x:\r\n    y = 1\r\nelse:\r\n    z = '''a\r\nb'''\r\n",
    "mixed line ends": "a = 1\r\nb = 2\rc = 3\n",
    "form feed in a block": "class A:\n"
    + "    x = 1\n" * 20
    + "\n\x0c    def f(self):\n        a = 1\n        return a\n",
    "form feed": "x = 1\n\x0cdef f():\n\x0c    return 1\n",
    "tabs": "if x:\n\tif y:\n\t\tz = 1\n\telse:\n\t\tz = 2\n",
    "line separator": "x = 'a\u2028b'  # c\u2029d\ny = 1\n",
    "no newline at the end": "def f():\n    return 1",
    "white space at the end": "x = 1\n    ",
    "comment at the end": "if x:\n    y = 1\n    # end",
    "type comments": "x = []  # type: list[int]\ndef f(a):\n    # type: (int) -> int\n    return a\n",
    "one line compounds": "if x: y = 1; z = 2\nelse: y = 2\nwhile x: break\nfor a in b: pass\n",
    "line continuation": "x = 1 + \\\n    2\nif a and \\\n   b:\n    pass\nassert x, \\\n  y\n",
    "astral": "𝔘 = '😀'; é = 变量\n",
    "combining": "का = 1\n",
    "comment between decorators": "@a\n# why\n@b\n\ndef f(): pass\n",
    "comment less indented": "def f():\n    x = 1\n# less\n    y = 2\n        # more\n    z = 3\n",
    "keywords as attributes": "x.match = y.type.case\nmatch.x = 1\ntype(x).y\n",
    "string statement then else": "if x:\n    '''a\nelse:\n    '''\nelse:\n    pass\n",
}
BROKEN = {
    "NUL": "x = 1\n\0\ny = 2\n",
    "Python 2": "print 'a'\nx = 1\nexec 'b'\ntry:\n    pass\nexcept A, b:\n    y = 2\nraise E, 'c'\nz = 0777\nw = `x`\n",
    "lone surrogate": "x = 1\ny = '\ud800'\n",
    "vertical tab": "x = 1\n\x0b\ny = 2\n",
    "no-break space": "x =\u00a01\ny = 2\n",
    "orphan clauses": "else:\n    x = 1\nexcept A:\n    y = 2\nfinally:\n    z = 3\nelif b:\n    w = 4\n",
    "decorator without a definition": "@a\nx = 1\n",
    "decorator at the end": "x = 1\n@a\n",
    "header without a block": "def f():\nx = 1\nfor a in b:\n",
    "tab and spaces": "if x:\n\ty = 1\n        z = 2\n",
}


def check(text, previous=None):
    module = parse(Source(text), previous)
    for problem in module.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert problem.message
    for statement in module.body:
        for node in walk(statement):
            span = module.span(node)
            assert 0 <= span.start <= span.end <= len(text)
    for comment in module.comments:
        assert text.startswith(comment.text, comment.start)
    return module


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text(name):
    text = HOSTILE[name]
    started = time.perf_counter()
    module = check(text)
    check(text + "\nx = 1\n", module)
    check("x = 1\n" + text, module)
    assert time.perf_counter() - started < 60


@pytest.mark.parametrize("name", ODD)
def test_odd_but_right(name):
    module = check(ODD[name])
    assert not module.problems


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told_and_the_rest_is_read(name):
    text = BROKEN[name]
    module = check(text)
    assert module.problems
    check(text, module)
    good = [row for row in text.splitlines() if row.lstrip() in {"x = 1", "y = 2", "z = 2", "z = 3", "w = 4"}]
    targets = [
        node.targets[0].id
        for statement in module.body
        for node in walk(statement)
        if isinstance(node, nodes.Assign) and module.text_of(node.value).isdigit()
    ]
    assert set(targets) >= {row.split()[0] for row in good if "\u00a0" not in row}


def test_an_edit_beside_a_long_chain_of_clauses():
    text = HOSTILE["elif"]
    module = check(text.replace("elif y: pass\n", "elif y:\n    pass\n"))
    for changed in [text + "x = (", text + "x = ()\n", "x(", text]:
        module = check(changed, module)


def test_a_kind_of_node_that_is_not_known_is_a_problem(monkeypatch):
    monkeypatch.delitem(pieces._EXPRESSIONS, cst.Lambda)
    module = check("a = 1\nb = lambda: 2\nc = 3\n")
    assert [item.message for item in module.problems] == ["the text could not be read token by token"]
    assert len(module.body) == 2


def test_a_very_long_file():
    text = "".join(f"value_{number} = compute({number}, mode='x')  # {number}\n" for number in range(50_000))
    module = parse(Source(text))
    assert len(module.body) == 50_000
    started = time.perf_counter()
    edited = parse(Source(text.replace("compute(25000,", "compute(25_000,")), module)
    assert time.perf_counter() - started < 5
    assert not edited.problems


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.sampled_from("ab01 \t\n\r\f\\'\"#()[]{}:=,.@*f;é\0"), max_size=60))
def test_any_characters(text):
    check(text, check(text[: len(text) // 2]))


WORDS = [
    "if",
    "else",
    "elif",
    "for",
    "in",
    "while",
    "try",
    "except",
    "finally",
    "with",
    "as",
    "def",
    "class",
    "lambda",
    "async",
    "await",
    "yield",
    "return",
    "import",
    "from",
    "match",
    "case",
]


@settings(max_examples=150, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from([*WORDS, "x", "1", "'s'", "f'{x}'", *"()[]{}:=,.@*;#", "\n", "\n    ", "\n\t", '"""']),
        max_size=40,
    )
)
def test_any_tokens(parts):
    check(" ".join(parts), check(" ".join(parts[::2])))
