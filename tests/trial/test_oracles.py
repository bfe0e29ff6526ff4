"""The oracle accepts the stored good answers, and none of the wrong ones or of the mutants of a good one."""

import ast
import io
import tokenize
from collections.abc import Iterator
from itertools import islice, pairwise

import pytest
from answering_cases import REPAIRS, answers_to, repaired

from ml_architect.trial.case import all_cases
from ml_architect.trial.oracle.expectation import Expectation
from ml_architect.trial.oracle.judging import problems_of
from ml_architect.trial.oracle.matching import is_one_of, patterns

LEAST_MUTANTS = 1000
STRIDE = 2
"""All of them take twice as long; none was accepted when all were tried."""
each_repair = pytest.mark.parametrize("case", REPAIRS, ids=lambda case: case.name)


@each_repair
def test_good_answers_are_accepted(case):
    for text in answers_to(case.name).good:
        assert problems_of(case.code, text, case.expectation) == ()


@each_repair
def test_wrong_answers_are_refused(case):
    wrong = answers_to(case.name).wrong
    assert len(wrong) >= 3
    for text in (case.code, *wrong):
        assert problems_of(case.code, text, case.expectation), text


@each_repair
def test_mutants_of_the_good_answer_are_refused(case):
    good = {ast.dump(ast.parse(text)) for text in answers_to(case.name).good}
    every_second = islice(mutants(repaired(case), case.expectation), 0, None, STRIDE)
    accepted = [text for text in every_second if is_accepted(case, text)]
    assert [text for text in accepted if ast.dump(ast.parse(text)) not in good] == []


def test_there_are_many_mutants():
    count = sum(1 for case in REPAIRS for _ in mutants(repaired(case), case.expectation))
    assert count // STRIDE >= LEAST_MUTANTS


def test_each_case_has_wrong_answers_also_where_declining_is_right():
    for case in all_cases():
        for text in answers_to(case.name).wrong:
            ast.parse(text)
            assert text != case.code


def is_accepted(case, text):
    return problems_of(case.code, text, case.expectation) == ()


def mutants(good: str, expectation: Expectation) -> Iterator[str]:
    """Yield texts that mean something else than `good`: lines lost, doubled or swapped, constants and names changed."""
    lines = good.splitlines(keepends=True)
    for row in simple_rows(good):
        yield parsed([*lines[:row], *lines[row + 1 :]])
        indent = lines[row][: len(lines[row]) - len(lines[row].lstrip())]
        yield parsed([*lines[: row + 1], f'{indent}print("and more")\n', *lines[row + 1 :]])
    yield from swapped(good, lines, expectation)
    tokens = list(tokenize.generate_tokens(io.StringIO(good).readline))
    for before, token in pairwise(tokens):
        for new in replacements(before, token):
            (row, start), (_, stop) = token.start, token.end
            line = lines[row - 1]
            yield parsed([*lines[: row - 1], line[:start] + new + line[stop:], *lines[row:]])


def parsed(lines: list[str]) -> str:
    """Return the text; one that does not parse is a mutant as well."""
    return "".join(lines)


def simple_rows(good: str) -> list[int]:
    """Return the rows of statements of one line, docstrings aside."""
    return [
        node.lineno - 1
        for node in ast.walk(ast.parse(good))
        if isinstance(node, ast.stmt)
        and not hasattr(node, "body")
        and node.lineno == node.end_lineno
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


def swapped(good: str, lines: list[str], expectation: Expectation) -> Iterator[str]:
    """Yield the text with two neighbouring statements in the other order, unless one of them may stand anywhere."""
    free = patterns(expectation.free.statements)
    for node in ast.walk(ast.parse(good)):
        body = getattr(node, "body", [])
        for one, two in pairwise(body) if isinstance(body, list) else ():
            pair = [one, two]
            contents = [each.value if isinstance(each, ast.Expr) else each for each in pair]
            whole = all(each.lineno == each.end_lineno and not hasattr(each, "body") for each in pair)
            whole = whole and not any(isinstance(each, ast.Import | ast.ImportFrom) for each in pair)  # means the same
            neighbours = two.lineno == one.lineno + 1
            if whole and neighbours and not any(is_one_of(free, each) for each in contents):
                row = one.lineno - 1
                yield parsed([*lines[:row], lines[row + 1], lines[row], *lines[row + 2 :]])


def replacements(before: tokenize.TokenInfo, token: tokenize.TokenInfo) -> list[str]:
    if token.type == tokenize.COMMENT:
        return ["", "# something else"]
    if token.type == tokenize.NUMBER:
        return [f"{token.string}7", "0.123"]
    if token.string in {"True", "False"}:
        return [str(token.string == "False")]
    if token.type == tokenize.NAME and before.string == ".":
        return [f"{token.string}_again"]
    if token.type == tokenize.STRING and not token.string.startswith(('"""', "f")):
        return ['"another"']
    return []
