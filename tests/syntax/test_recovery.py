"""What a module still says while something in it does not parse."""

import pytest

from ml_architect.syntax import nodes, parse
from ml_architect.syntax.nodes import walk
from ml_architect.text import Source

LINE = "            optimizer.zero_grad()\n"


def simple(module):
    """The texts of all simple statements that are not stale."""
    kinds = (nodes.Assign, nodes.ExpressionStatement, nodes.AugmentedAssign, nodes.Return, nodes.Import)
    found = [node for statement in module.body for node in walk(statement) if isinstance(node, kinds)]
    return [module.text_of(node) for node in found if not module.is_stale(node)]


def stale(module):
    return [node for statement in module.body for node in walk(statement) if module.is_stale(node)]


@pytest.mark.parametrize(
    "opener", ["(", "[", "{", '"', "'", '"""', "'''", "f(x, [", 'f"{', "f'''{", "x = (", "\\", "def", "$", "a b"]
)
def test_an_unfinished_line_harms_no_other(training, opener):
    before = parse(Source(training))
    where = training.index(LINE) + len(LINE) - 1
    after = parse(Source(training[:where] + opener + training[where:]), before)
    assert len(after.problems) == 1
    lost = [text for text in simple(before) if text not in simple(after)]
    assert set(lost) <= {"optimizer.zero_grad()", "outputs = model(inputs)"} and len(lost) <= 2


@pytest.mark.parametrize("opener", ["(", "[", "'", "f(x, ", "x = {"])
def test_an_unfinished_line_of_a_file_just_opened_harms_few_others(training, opener):
    whole = parse(Source(training))
    where = training.index(LINE) + len(LINE) - 1
    module = parse(Source(training[:where] + opener + training[where:]))
    assert len(simple(module)) >= len(simple(whole)) - 3


def test_an_open_triple_quote_in_a_file_just_opened(training):
    whole = parse(Source(training))
    where = training.index("parser.add_argument")
    module = parse(Source(training[:where] + '"""' + training[where:]))
    assert len(simple(module)) >= len(simple(whole)) - 12
    assert {"Net", "main"} <= {
        item.name for item in module.body if isinstance(item, (nodes.ClassDef, nodes.FunctionDef))
    }


def test_a_broken_statement_keeps_its_last_meaning():
    before = parse(Source("a = 1\nloss = criterion(model(x), y)\nb = 2\n"))
    after = parse(Source("a = 1\nloss = criterion(model(x), y\nb = 2\n"), before)
    (kept,) = [node for node in stale(after) if isinstance(node, nodes.Assign)]
    assert after.text_of(kept) == "loss = criterion(model(x), y"
    assert after.text_of(kept.value.arguments[0]) == "model(x)"
    assert simple(after) == ["a = 1", "b = 2"]
    assert [item.message for item in after.problems] == ["`(` is never closed"]


def test_a_stale_statement_moves_with_its_text_and_survives_more_edits():
    module = parse(Source("x = f(a, b)\n"))
    for text in ["x = f(a, b\n", "x = f(a, b, c.\n", "# above\n\nx = f(a, b, c.\n", "# above\n\nx = f(a, b, c.d=\n"]:
        module = parse(Source(text), module)
        (kept,) = module.body
        assert module.is_stale(kept)
        assert module.text_of(kept).startswith("x = f(a, b")
        assert module.text_of(kept.value.arguments[1]).startswith("b")
    module = parse(Source("# above\n\nx = f(a, b, c.d)\n"), module)
    assert not module.is_stale(module.body[0])
    assert not module.problems


def test_one_broken_statement_of_several_in_a_block():
    text = "def f():\n    a = 1\n    b = g(2)\n    c = 3\n    return a\n"
    before = parse(Source(text))
    after = parse(Source(text.replace("b = g(2)", "b = g(2) +")), before)
    (function,) = after.body
    assert [after.is_stale(item) for item in function.body] == [False, True, False, False]
    assert not after.is_stale(function)
    assert after.text_of(function.body[1]) == "b = g(2)"


@pytest.mark.parametrize(
    ("good", "broken", "kind"),
    [
        ("if x > 1:\n    a = 1\n    b = 2\n", "if x > 1\n    a = 1\n    b = 2\n", nodes.If),
        ("def f(a, b):\n    a = 1\n    b = 2\n", "def f(a, b, :\n    a = 1\n    b = 2\n", nodes.FunctionDef),
        ("class A(B):\n    a = 1\n    b = 2\n", "class A(B:\n    a = 1\n    b = 2\n", nodes.ClassDef),
        ("for i in f(x):\n    a = 1\n    b = 2\n", "for i in f(x:\n    a = 1\n    b = 2\n", nodes.For),
        ("while f(x):\n    a = 1\n    b = 2\n", "while f(x)):\n    a = 1\n    b = 2\n", nodes.While),
        ("with f(x) as y:\n    a = 1\n    b = 2\n", "with f(x) as :\n    a = 1\n    b = 2\n", nodes.With),
        (
            "@d\nasync def f(a):\n    a = 1\n    b = 2\n",
            "@d\nasync def f(a) ->:\n    a = 1\n    b = 2\n",
            nodes.FunctionDef,
        ),
    ],
)
def test_a_broken_header_keeps_its_block_and_its_last_meaning(good, broken, kind):
    after = parse(Source(broken), parse(Source(good)))
    (statement,) = after.body
    assert isinstance(statement, kind)
    assert after.is_stale(statement)
    assert simple(after) == ["a = 1", "b = 2"]
    assert after.text_of(statement).endswith("b = 2")
    cold = parse(Source(broken))
    assert isinstance(cold.body[0], kind)
    assert not cold.is_stale(cold.body[0])
    assert simple(cold) == ["a = 1", "b = 2"]


def test_a_broken_clause_keeps_the_others():
    good = "if a:\n    x = 1\nelif f(b):\n    y = 2\nelse:\n    z = 3\n"
    after = parse(Source(good.replace("f(b):", "f(b:")), parse(Source(good)))
    assert simple(after) == ["x = 1", "y = 2", "z = 3"]
    assert isinstance(after.body[0].orelse[0].test, nodes.Call)
    good = "try:\n    x = 1\nexcept A(b) as c:\n    y = 2\nfinally:\n    z = 3\n"
    after = parse(Source(good.replace("A(b) as c", "A(b) as")), parse(Source(good)))
    assert simple(after) == ["x = 1", "y = 2", "z = 3"]
    assert after.body[0].handlers[0].name == "c"


def test_deleted_statements_do_not_come_back():
    before = parse(Source("a = 1\nb = 2\nc = 3\nd = 4\n"))
    after = parse(Source("a = 1\nd = 4\n"), before)
    assert simple(after) == ["a = 1", "d = 4"]
    after = parse(Source("a = 1\nx = (\nd = 4\n"), after)
    assert not stale(after)
    assert simple(after) == ["a = 1", "d = 4"]


@pytest.mark.parametrize(
    ("text", "message", "shown"),
    [
        ("x = \n", "unexpected end of line", "="),
        ("x = (1\n", "`(` is never closed", "("),
        ("if 1:\n    x = = 2\n", "unexpected `=`", "="),
        ("print 'a'\n", "unexpected `'a'`", "'a'"),
        ("  x = 1\n", "unexpected indentation", "x = 1"),
        ("x = 1\n  y = 2\nz = 3\n", "unexpected indentation", "y"),
        ("if x:\n", "expected an indented block", ":"),
        ("if x:\n    a\n  b\n", "unindent does not match any outer indentation level", "b"),
        ("else:\n    x\n", "unexpected `else`", "else"),
        ("try:\n  x\ny = 2\n", "expected `except` or `finally` after `try`", "try:"),
        ("for x in y\n    print(x)\n", "unexpected end of line", "y"),
        ("f(a b\n  c)\n", "unexpected `b`", "b"),
        ("x = 'a\ny = 2\n", "unterminated string literal", "x = 'a"),
        ("match x:\n    case 1: pass\n    case : y\n", "unexpected `:`", ":"),
        ("b'x' 'y'\n", "cannot concatenate string and bytes", "b'x' 'y'"),
    ],
)
def test_problems_say_what_and_where(text, message, shown):
    (problem,) = parse(Source(text)).problems
    assert (problem.message, text[problem.start : problem.end]) == (message, shown)
