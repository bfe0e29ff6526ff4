"""Places of nodes agree with LibCST's own position provider."""

import ast
import re
from collections import Counter

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from ml_architect.syntax import nodes, parse
from ml_architect.syntax.nodes import Piece, walk
from ml_architect.syntax.pieces import Shape, lower_piece
from ml_architect.text import Source, Span

COUNTERPARTS = {
    nodes.Argument: (cst.Arg,),
    nodes.Assert: (cst.Assert,),
    nodes.Assign: (cst.Assign, cst.AnnAssign, cst.TypeAlias),
    nodes.Attribute: (cst.Attribute,),
    nodes.AugmentedAssign: (cst.AugAssign,),
    nodes.Await: (cst.Await,),
    nodes.BinaryOperation: (cst.BinaryOperation,),
    nodes.BooleanOperation: (cst.BooleanOperation,),
    nodes.Call: (cst.Call,),
    nodes.Case: (cst.MatchCase,),
    nodes.ClassDef: (cst.ClassDef,),
    nodes.Comparison: (cst.Comparison,),
    nodes.Comprehension: (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp),
    nodes.Conditional: (cst.IfExp,),
    nodes.Constant: (
        cst.Name,
        cst.Integer,
        cst.Float,
        cst.Imaginary,
        cst.SimpleString,
        cst.ConcatenatedString,
        cst.Ellipsis,
        cst.FormattedStringText,
    ),
    nodes.Delete: (cst.Del,),
    nodes.Dictionary: (cst.Dict,),
    nodes.ExpressionStatement: (cst.Expr,),
    nodes.For: (cst.For,),
    nodes.FormattedString: (cst.FormattedString, cst.ConcatenatedString),
    nodes.FunctionDef: (cst.FunctionDef,),
    nodes.Handler: (cst.ExceptHandler, cst.ExceptStarHandler),
    nodes.If: (cst.If,),
    nodes.Import: (cst.Import,),
    nodes.ImportFrom: (cst.ImportFrom,),
    nodes.ImportedName: (cst.ImportAlias,),
    nodes.Lambda: (cst.Lambda,),
    nodes.Match: (cst.Match,),
    nodes.Name: (cst.Name,),
    nodes.NamedExpression: (cst.NamedExpr,),
    nodes.Raise: (cst.Raise,),
    nodes.Return: (cst.Return,),
    nodes.ScopeDeclaration: (cst.Global, cst.Nonlocal),
    nodes.Simple: (cst.Pass, cst.Break, cst.Continue),
    nodes.Slice: (cst.Slice,),
    nodes.Starred: (cst.StarredElement, cst.Index),
    nodes.Subscript: (cst.Subscript,),
    nodes.Try: (cst.Try, cst.TryStar),
    nodes.UnaryOperation: (cst.UnaryOperation,),
    nodes.While: (cst.While,),
    nodes.With: (cst.With,),
    nodes.WithItem: (cst.WithItem,),
    nodes.Yield: (cst.Yield,),
}
SKIPPED = (nodes.Slice, nodes.Starred, nodes.Unknown)
EXACT = (nodes.Call, nodes.Attribute, nodes.Comparison, nodes.FunctionDef, nodes.If, nodes.Assign, nodes.Argument)


def all_nodes(module):
    return [node for statement in module.body for node in walk(statement)]


def positions(text):
    """The places of all LibCST nodes, by type."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    found = Counter()
    for node, place in wrapper.resolve(PositionProvider).items():
        start = starts[place.start.line - 1] + place.start.column
        end = starts[place.end.line - 1] + place.end.column
        found[type(node), start, end] += 1
    return found


def test_every_node_has_the_place_that_libcst_reports(texts):
    for text in texts:
        module = parse(Source(text))
        expected = positions(text)
        for node in all_nodes(module):
            kinds = COUNTERPARTS.get(type(node))
            span = module.span(node)
            if isinstance(node, nodes.Comprehension) and text[span.start] == "(":
                span = span._replace(start=span.start + 1, end=span.end - 1)
            if kinds:
                assert any((kind, *span) in expected for kind in kinds), (type(node), module.text_of(node))


def test_no_call_attribute_or_statement_is_missing(texts):
    for text in texts:
        module = parse(Source(text))
        imports = [
            module.span(node) for node in all_nodes(module) if isinstance(node, (nodes.Import, nodes.ImportFrom))
        ]
        expected = {
            key: count
            for key, count in positions(text).items()
            if not any(span.contains(Span(*key[1:])) for span in imports)
        }
        for kind in EXACT:
            found = Counter(module.span(node) for node in all_nodes(module) if type(node) is kind)
            wanted = Counter({Span(*key[1:]): count for key, count in expected.items() if key[0] in COUNTERPARTS[kind]})
            assert found == wanted, kind


def test_tuples_and_generators_include_their_own_parentheses():
    module = parse(Source("x = ((1, 2))\ny = 1, 2,\nz = f((a for a in b))\nw = f(a for a in b)\n"))
    found = [module.text_of(node) for node in all_nodes(module) if isinstance(node, nodes.Collection)]
    assert found == ["(1, 2)", "1, 2,"]
    found = [module.text_of(node) for node in all_nodes(module) if isinstance(node, nodes.Comprehension)]
    assert found == ["(a for a in b)", "a for a in b"]


def test_the_text_of_an_expression_parses_to_the_same_tree(constructs, dump_statements):
    module = parse(Source(constructs))
    seen = set()
    for node in all_nodes(module):
        text = module.text_of(node)
        if not isinstance(node, nodes.Expression) or isinstance(node, SKIPPED) or text in seen:
            continue
        seen.add(text)
        if isinstance(node, nodes.Constant) and not text.lstrip("rRbBuU").startswith(("'", '"')):
            continue
        if isinstance(node, nodes.Comprehension) and node.kind == "generator" and text[0] != "(":
            continue
        bare_tuple = isinstance(node, nodes.Collection) and node.kind == "tuple" and text[0] != "("
        again = parse(Source(f"x = {text}\n" if bare_tuple else f"({text})\n"))
        assert not again.problems, text
        value = again.body[0].value
        shift = again.span(value).start - module.span(node).start
        expected = shifted(dump_statements(node), module.bases[node.piece] + shift)
        assert shifted(dump_statements(value), again.bases[value.piece]) == expected


def shifted(tree, distance):
    if isinstance(tree, tuple):
        return tuple(item + distance if type(item) is int else shifted(item, distance) for item in tree)
    return tree


def test_parsing_in_pieces_gives_the_tree_of_parsing_at_once(texts, dump, dump_statements):
    for text in texts:
        module = parse(Source(text))
        whole = lower_piece(Piece(text, indented=False), Shape(indented=False))
        assert not module.problems
        assert dump(module) == dump_statements(whole)


def test_the_pieces_of_a_large_function_are_small(training):
    module = parse(Source(training))
    assert len(module.bases) > 12
    assert max(len(piece.text) for piece in module.bases) < 1600


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("if x:\n    pass\n", "if x:"),
        ("for a in b: pass\n", "for a in b:"),
        ("@decorator\ndef f(a: int = {1: 2}, *, b=lambda: 0) -> int:\n    pass\n", None),
        ("if (lambda: 1)():\n    pass\n", "if (lambda: 1)():"),
        ("while lambda x: x:\n    pass\n", "while lambda x: x:"),
        ("class A(B):\n    x: int = 1\n", "class A(B):"),
        ("with a as b, c:  # why: because\n    pass\n", "with a as b, c:"),
        ("if (n := 1): pass\n", "if (n := 1):"),
    ],
)
def test_header_span_ends_with_the_colon(text, header):
    module = parse(Source(text))
    span = module.header_span(module.body[0])
    assert text[span.start : span.end] == (header or "def f(a: int = {1: 2}, *, b=lambda: 0) -> int:")


def test_header_span_of_a_function_parsed_in_parts(training):
    module = parse(Source(training))
    function = next(item for item in module.body if isinstance(item, nodes.FunctionDef) and item.name == "main")
    span = module.header_span(function)
    assert training[span.start : span.end] == "def main():"


def test_places_of_call_parentheses_and_attribute_names():
    text = "é.b  (1, f(2)).c\n"
    module = parse(Source(text))
    outer = module.body[0].value
    call = outer.value
    assert text[outer.attr_start :].startswith("c\n")
    assert (text[call.open], text[call.close]) == ("(", ")")
    assert text[call.open : call.close + 1] == "(1, f(2))"
    assert ast.unparse(ast.parse(module.text_of(call))) == "é.b(1, f(2))"


def test_places_of_parameters():
    text = "async def f(a, /, b: int = 1, *c: str, d, **e): pass\n"
    module = parse(Source(text))
    assert [module.text_of(item) for item in module.body[0].parameters] == ["a", "b: int = 1", "*c: str", "d", "**e"]
    assert text[module.body[0].name_start] == "f"


@pytest.mark.parametrize("text", ['"""What it is."""\nx = 1\n', "x = 1\n", "# why\nx = 'a'\n", "f'{x}'\n", "(x)\n"])
def test_a_byte_order_mark_is_no_part_of_what_follows(text):
    plain, marked = (parse(Source(start + text)) for start in ("", "\ufeff"))
    assert marked.problems == ()
    first, second = plain.body[0], marked.body[0]
    assert type(first) is type(second)
    start, end = plain.span(first)
    assert marked.span(second) == Span(start + 1, end + 1)
