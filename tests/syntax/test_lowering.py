"""What nodes say, for constructs whose meaning is more than their place."""

import ast
import math

import pytest

from ml_architect.syntax import nodes, parse
from ml_architect.syntax.nodes import children, walk
from ml_architect.text import Source


def only(text):
    module = parse(Source(text))
    assert not module.problems
    assert len(module.body) == 1
    return module.body[0]


def value(text):
    return only(f"x = {text}\n").value


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@pytest.mark.parametrize(
    "literal",
    [
        "0",
        "0x_fF",
        "0b1_0",
        "0o17",
        "1_000",
        "1.5e-3",
        ".5",
        "5.",
        "1j",
        "1e5J",
        "0777j",
        "00",
        "'a'",
        '""',
        "''''''",
        "'''a\nb'''",
        '"""it\'s "quoted" """',
        r"'\n\t\\\'\"\a\b\f\v\r\0\101\x41\u00e9\U0001F600\N{BULLET}'",
        r"'\d \8'",
        "'a\\\nb'",
        r"r'\n\''",
        "u'x'",
        r"b'\xff\n\'\101\u0041'",
        r"rb'\xff'",
        "'a' 'b' \"c\"",
        "b'a' b'b'",
        "'" + "x" * 10_000 + "'",
        "None",
        "True",
        "...",
    ],
)
def test_literals_have_the_value_that_python_gives_them(literal):
    node = value(literal)
    assert isinstance(node, nodes.Constant)
    expected = ast.literal_eval(literal)
    assert node.value == expected
    assert type(node.value) is type(expected)


def test_line_ends_in_strings_read_as_newlines():
    assert value('"""a\r\nb\rc"""').value == "a\nb\nc"
    assert value('b"""a\r\nb"""').value == b"a\nb"


def test_a_number_too_long_for_python_says_nothing():
    assert isinstance(value("9" * 10_000), nodes.Unknown)


def test_infinite_literal():
    assert value("1e999").value == math.inf


def test_formatted_strings_hold_text_and_expressions_in_order():
    node = value("""f'a{{b}} {x.y!r:>{width}} {z=}' 'tail\\n' rf"\\d{f(1)}" """)
    assert isinstance(node, nodes.FormattedString)
    shown = [part.value if isinstance(part, nodes.Constant) else type(part).__name__ for part in node.parts]
    assert shown == ["a{b} ", "Attribute", ">", "Name", " ", "Name", "tail\n", "\\d", "Call"]


def test_template_strings_are_no_text():
    node = value("""t'a{x.y!r:>{width}}' """)
    assert isinstance(node, nodes.Unknown)
    assert [type(part).__name__ for part in node.parts] == ["Constant", "Attribute", "Constant", "Name"]


def test_dotted_names():
    assert value("a.b.c").dotted == "a.b.c"
    assert value("a.b().c").dotted is None
    assert value("a[0].b").dotted is None


def test_operators():
    node = value("a - b * c ** -d")
    assert (node.operator, node.right.operator, node.right.right.operator) == ("-", "*", "**")
    assert node.right.right.right.operator == "-"
    assert value("a is not b not in c == d").operators == ("is not", "not in", "==")
    node = value("a or b and not c")
    assert (node.operator, node.right.operator, node.right.right.operator) == ("or", "and", "not")
    assert only("x //= 2\n").operator == "//"


def test_a_long_chain_of_operators_is_one_node():
    node = value(" + ".join("abc" for _ in range(300)))
    assert isinstance(node, nodes.Unknown)
    assert len(node.parts) == 300
    node = value(" + ".join("abc" for _ in range(30)))
    assert isinstance(node, nodes.BinaryOperation)


def test_call_arguments():
    call = value("f(a, *b, c=1, **d)")
    assert [(item.keyword, item.star) for item in call.arguments] == [(None, ""), (None, "*"), ("c", ""), (None, "**")]


def test_subscripts():
    assert [type(item) for item in value("x[1, a:b:c, ..., *d]").index] == [
        nodes.Constant,
        nodes.Slice,
        nodes.Constant,
        nodes.Starred,
    ]
    part = value("x[::2]").index[0]
    assert (part.lower, part.upper, part.step.value) == (None, None, 2)
    part = value("x[1:]").index[0]
    assert (part.lower.value, part.upper, part.step) == (1, None, None)


def test_displays_and_comprehensions():
    node = value("{**a, 'b': 1}")
    assert node.keys[0] is None
    assert node.keys[1].value == "b"
    node = value("{k: v for k, v in z if k if v for w in k}")
    assert (node.kind, node.key.id, node.element.id, len(node.generators)) == ("dict", "k", "v", 2)
    assert len(node.generators[0].conditions) == 2
    assert value("[*a, 1]").elements[0].value.id == "a"


def test_parameters():
    function = only("def f(a, /, b: int, c=1, *d, e, g=2, **h): pass\n")
    assert [(item.name, item.kind) for item in function.parameters] == [
        ("a", "positional_only"),
        ("b", "positional"),
        ("c", "positional"),
        ("d", "*"),
        ("e", "keyword_only"),
        ("g", "keyword_only"),
        ("h", "**"),
    ]
    assert function.parameters[1].annotation.id == "int"
    assert function.parameters[2].default.value == 1
    assert [item.kind for item in value("lambda *, a: 0").parameters] == ["keyword_only"]


def test_class_arguments():
    arguments = only("class A(B, *C, m=D, **E): pass\n").arguments
    assert [(item.keyword, item.star, item.value.id) for item in arguments] == [
        (None, "", "B"),
        (None, "*", "C"),
        ("m", "", "D"),
        (None, "**", "E"),
    ]


def test_imports():
    node = only("import a.b as c, d\n")
    assert [(item.name, item.alias) for item in node.names] == [("a.b", "c"), ("d", None)]
    node = only("from ...a.b import (c as d, e,)\n")
    assert (node.module, node.level, node.star) == ("a.b", 3, False)
    assert [(item.name, item.alias) for item in node.names] == [("c", "d"), ("e", None)]
    node = only("from . import *\n")
    assert (node.module, node.level, node.star, node.names) == (None, 1, True, ())


def test_assignments():
    node = only("a = b, c = d\n")
    assert [type(item).__name__ for item in node.targets] == ["Name", "Collection"]
    node = only("x: int\n")
    assert (node.value, node.annotation.id) == (None, "int")
    assert [item.id for item in only("del a, b\n").targets] == ["a", "b"]
    node = only("type A[T] = list[T]\n")
    assert (node.targets[0].id, type(node.value)) == ("A", nodes.Unknown)


def test_elif_is_an_if_alone_in_orelse():
    node = only("if a: pass\nelif b: pass\nelif c: pass\nelse: x\n")
    assert (node.orelse[0].test.id, node.orelse[0].orelse[0].test.id) == ("b", "c")
    assert node.orelse[0].orelse[0].orelse[0].value.id == "x"
    assert node.end == node.orelse[0].end == node.orelse[0].orelse[0].end


def test_try():
    node = only("try: a\nexcept B as c: d\nexcept: e\nelse: f\nfinally: g\n")
    assert [(item.name, item.type and item.type.id) for item in node.handlers] == [("c", "B"), (None, None)]
    assert (node.orelse[0].value.id, node.final[0].value.id) == ("f", "g")


def test_match():
    node = only(
        "match x:\n"
        "    case [a, *rest] if cond: pass\n"
        "    case {'k': K.v, **others}: pass\n"
        "    case Point(x=0, y=b) | None as whole: pass\n"
        "    case _: pass\n"
    )
    assert [item.captures for item in node.cases] == [("a", "rest"), ("others",), ("b", "whole"), ()]
    assert [len(item.parts) for item in node.cases] == [1, 2, 3, 0]


def test_async_is_told():
    function = only("async def f():\n    async for a in b: pass\n    async with c: pass\n    for d in e: await d\n")
    assert function.is_async
    assert [item.is_async for item in function.body] == [True, True, False]


def test_children_come_in_order_and_walk_finds_all(training):
    module = parse(Source(training))
    for statement in module.body:
        below = list(walk(statement))
        assert len(below) == len(set(map(id, below)))
        for node in below:
            starts = [module.span(child).start for child in children(node)]
            if not isinstance(node, (nodes.Conditional, nodes.Comprehension, nodes.FunctionDef, nodes.Dictionary)):
                assert starts == sorted(starts)


def test_trees_are_no_deeper_than_promised():
    deep = value("f(" * 40 + "1" + ")" * 40)
    depth = 0
    while isinstance(deep, nodes.Call):
        deep = deep.arguments[0].value
        depth += 1
    assert depth == 40
