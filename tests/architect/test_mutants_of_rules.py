"""Small faults in the repairs of all rules: what is called proven is the repair itself, whatever was broken."""

import ast
import io
import random
import tokenize
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from ml_architect.architect.values import Tier, Verdict
from ml_architect.catalog.load import load_catalog
from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.rules import all_rules
from ml_architect.rules.allowance import Allowance, Free
from ml_architect.rules.api import Fires, FixKind, Rule
from ml_architect.text import Source, apply_edits

PER_REPAIR = 20
FEWEST = 2000


_AROUND = 2
"""How many lines around a change a fault may hit: what a reply repeats of the document."""
_OPERATORS = ("+", "-", "*", "/", "<", ">", "<=", ">=", "==", "!=", "%", "**")
_DANGERS = ('eval("1")', 'exec("1")', 'os.system("ls")', 'open("x", "w")', 'torch.load("m.pt")', '__import__("os")')
_IMPORTS = ("import os", "import subprocess", "from os import system", "import numpy as torch", "import evil_helpers")
_INSERTED = (
    "import os",
    "print(1)",
    "del model",
    "model.eval()",
    "x = 1",
    "global state",
    "raise SystemExit",
    "assert False",
)
_ABSURD = ("-1", "10**9", "None", "'nonsense'", "[]", "0.5")


@dataclass(frozen=True, slots=True)
class Place:
    """A repaired text, and the lines (from 0) that a fault may hit: those of the change and a few around them."""

    text: str
    lines: tuple[int, ...]
    owned: frozenset[str] = frozenset()
    """The keywords whose values the rule lets a repair choose from a range or a list."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A repaired text with one fault, and the name of the operator that made it."""

    operator: str
    text: str


def place_of(before: str, after: str, owned: Collection[str] = ()) -> Place:
    """Return where a repair that turned `before` into `after` may be mutated."""
    old, new = before.splitlines(), after.splitlines()
    hit: set[int] = set()
    for kind, _, _, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            hit.update(range(start - _AROUND, stop + _AROUND))
    return Place(after, tuple(sorted(line for line in hit if 0 <= line < len(new))), frozenset(owned))


def mutants(place: Place, seed: str, count: int) -> Iterator[Mutant]:
    """Yield up to `count` different faulty versions of a text; the same for the same seed."""
    dice = random.Random(seed)
    names = sorted(OPERATORS)
    seen = {place.text}
    for number in range(count * 4):
        if len(seen) > count:
            return
        name = names[number % len(names)] if number < len(names) else dice.choice(names)
        text = OPERATORS[name](place, dice)
        if text is not None and text not in seen:
            seen.add(text)
            yield Mutant(name, text)


# --- operators on lines -------------------------------------------------------------------------------------------


def _delete_line(place: Place, dice: random.Random) -> str | None:
    return _with_lines(place, dice, lambda lines, at: lines.pop(at))


def _duplicate_line(place: Place, dice: random.Random) -> str | None:
    return _with_lines(place, dice, lambda lines, at: lines.insert(at, lines[at]))


def _swap_lines(place: Place, dice: random.Random) -> str | None:
    def swap(lines: list[str], at: int) -> None:
        other = at + 1 if at + 1 < len(lines) else at - 1
        lines[at], lines[other] = lines[other], lines[at]

    return _with_lines(place, dice, swap)


def _move_line(place: Place, dice: random.Random) -> str | None:
    return _with_lines(place, dice, lambda lines, at: lines.insert(dice.randrange(len(lines)), lines.pop(at)))


def _indent_line(place: Place, dice: random.Random) -> str | None:
    def indent(lines: list[str], at: int) -> None:
        lines[at] = lines[at][4:] if lines[at].startswith("    ") and dice.random() < 0.5 else f"    {lines[at]}"

    return _with_lines(place, dice, indent)


def _insert_statement(place: Place, dice: random.Random) -> str | None:
    return _with_lines(place, dice, lambda lines, at: lines.insert(at, _indent(lines[at]) + dice.choice(_INSERTED)))


def _wrap_in_try(place: Place, dice: random.Random) -> str | None:
    def wrap(lines: list[str], at: int) -> None:
        space = _indent(lines[at])
        lines[at] = f"{space}try:\n    {lines[at]}\n{space}except Exception:\n{space}    pass"

    return _with_lines(place, dice, wrap)


def _add_import(place: Place, dice: random.Random) -> str | None:
    return f"{dice.choice(_IMPORTS)}\n{place.text}"


def _edit_comment(place: Place, dice: random.Random) -> str | None:
    lines = place.text.splitlines()
    commented = [index for index, line in enumerate(lines) if "#" in line]
    at = dice.choice(commented or list(place.lines))
    changed = {0: lines[at].partition("#")[0], 1: f"{lines[at]} nothing", 2: f"{lines[at]}  # noqa"}[dice.randrange(3)]
    lines[at] = changed.rstrip()
    return _joined(lines)


def _with_lines(place: Place, dice: random.Random, change: Callable[[list[str], int], object]) -> str | None:
    lines = place.text.splitlines()
    at = dice.choice(place.lines)
    if not lines[at].strip():
        return None
    change(lines, at)
    return _joined(lines)


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


# --- operators on tokens ------------------------------------------------------------------------------------------


def _change_number(place: Place, dice: random.Random) -> str | None:
    return _with_token(
        place, dice, lambda token: token.type == tokenize.NUMBER, dice.choice(("0", "7", "1e9", "0.123"))
    )


def _flip_bool(place: Place, dice: random.Random) -> str | None:
    token = _chosen(place, dice, lambda token: token.string in {"True", "False"})
    return None if token is None else _replaced(place.text, token, "False" if token.string == "True" else "True")


def _change_operator(place: Place, dice: random.Random) -> str | None:
    return _with_token(place, dice, lambda token: token.string in _OPERATORS, dice.choice(_OPERATORS))


def _change_string(place: Place, dice: random.Random) -> str | None:
    return _with_token(
        place, dice, lambda token: token.type == tokenize.STRING, dice.choice(('"other"', '""', "'loss'"))
    )


def _rename_use(place: Place, dice: random.Random) -> str | None:
    names = sorted({node.id for node in ast.walk(ast.parse(place.text)) if isinstance(node, ast.Name)})
    return _with_token(place, dice, lambda token: token.string in names, dice.choice(names)) if names else None


def _with_token(
    place: Place, dice: random.Random, wanted: Callable[[tokenize.TokenInfo], bool], text: str
) -> str | None:
    token = _chosen(place, dice, wanted)
    return None if token is None else _replaced(place.text, token, text)


def _chosen(
    place: Place, dice: random.Random, wanted: Callable[[tokenize.TokenInfo], bool]
) -> tokenize.TokenInfo | None:
    tokens = tokenize.generate_tokens(io.StringIO(place.text).readline)
    found = [token for token in tokens if token.start[0] - 1 in place.lines and wanted(token)]
    return dice.choice(found) if found else None


def _replaced(text: str, token: tokenize.TokenInfo, new: str) -> str:
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: token.start[0] - 1])) + token.start[1]
    stop = sum(map(len, lines[: token.end[0] - 1])) + token.end[1]
    return text[:start] + new + text[stop:]


# --- operators on calls -------------------------------------------------------------------------------------------


def _change_target(place: Place, dice: random.Random) -> str | None:
    calls = _calls(place)
    if not calls:
        return None
    others = [
        *(ast.unparse(call.func) for call in ast.walk(ast.parse(place.text)) if isinstance(call, ast.Call)),
        "print",
    ]
    return _respelled(place.text, dice.choice(calls).func, dice.choice(others))


def _change_method(place: Place, dice: random.Random) -> str | None:
    calls = [call.func for call in _calls(place) if isinstance(call.func, ast.Attribute)]
    if not calls:
        return None
    func = dice.choice(calls)
    return _respelled(
        place.text, func, f"{ast.unparse(func.value)}.{dice.choice(('close', 'train', 'fit', 'to', 'step'))}"
    )


def _swap_arguments(place: Place, dice: random.Random) -> str | None:
    calls = [call for call in _calls(place) if len(call.args) > 1]
    if not calls:
        return None
    arguments = dice.choice(calls).args
    at = dice.randrange(len(arguments) - 1)
    first, second = arguments[at], arguments[at + 1]
    changed = _respelled(place.text, second, ast.unparse(first))
    return _respelled(changed, first, ast.unparse(second))


def _rename_keyword(place: Place, dice: random.Random) -> str | None:
    keywords = _keywords(place)
    if not keywords:
        return None
    keyword = dice.choice(keywords)
    name = dice.choice((f"{keyword.arg}s", "shuffle", "lr", "worker_init_fn"))
    return _respelled(place.text, keyword, f"{name}={ast.unparse(keyword.value)}")


def _absurd_value(place: Place, dice: random.Random) -> str | None:
    keywords = [keyword for keyword in _keywords(place) if keyword.arg in place.owned]
    return _respelled(place.text, dice.choice(keywords).value, dice.choice(_ABSURD)) if keywords else None


def _dangerous_argument(place: Place, dice: random.Random) -> str | None:
    return _with_argument(place, dice, dice.choice(_DANGERS))


def _dangerous_value(place: Place, dice: random.Random) -> str | None:
    keywords = _keywords(place)
    if not keywords:
        return None
    return _respelled(place.text, dice.choice(keywords).value, dice.choice((*_DANGERS, "lambda: 0", "(y := 1)")))


def _lambda(place: Place, dice: random.Random) -> str | None:
    return _with_argument(place, dice, dice.choice(("lambda: 0", "lambda x: x", "collate_fn=lambda b: b")))


def _walrus(place: Place, dice: random.Random) -> str | None:
    arguments = [argument for call in _calls(place) for argument in call.args if isinstance(argument, ast.Name)]
    if not arguments:
        return _with_argument(place, dice, "(y := 1)")
    argument = dice.choice(arguments)
    return _respelled(place.text, argument, f"(y := {ast.unparse(argument)})")


def _with_argument(place: Place, dice: random.Random, argument: str) -> str | None:
    calls = _calls(place)
    if not calls:
        return None
    call = dice.choice(calls)
    end = _offset(place.text, call.end_lineno or 1, (call.end_col_offset or 1) - 1)
    comma = "" if not (call.args or call.keywords) or place.text[:end].rstrip().endswith(",") else ", "
    return f"{place.text[:end]}{comma}{argument}{place.text[end:]}"


def _calls(place: Place) -> list[ast.Call]:
    nodes = ast.walk(ast.parse(place.text))
    return [node for node in nodes if isinstance(node, ast.Call) and node.lineno - 1 in place.lines]


def _keywords(place: Place) -> list[ast.keyword]:
    return [keyword for call in _calls(place) for keyword in call.keywords if keyword.arg]


def _respelled(text: str, node: ast.expr | ast.keyword, new: str) -> str:
    start = _offset(text, node.lineno, node.col_offset)
    stop = _offset(text, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
    return text[:start] + new + text[stop:]


def _offset(text: str, line: int, column: int) -> int:
    return sum(map(len, text.splitlines(keepends=True)[: line - 1])) + column


OPERATORS: dict[str, Callable[[Place, random.Random], str | None]] = {
    function.__name__.removeprefix("_"): function
    for function in (
        *(_delete_line, _duplicate_line, _swap_lines, _move_line, _indent_line, _insert_statement, _wrap_in_try),
        *(_add_import, _edit_comment, _change_number, _flip_bool, _change_operator, _change_string, _rename_use),
        *(_change_target, _change_method, _swap_arguments, _rename_keyword, _absurd_value, _dangerous_argument),
        *(_dangerous_value, _lambda, _walrus),
    )
}


# --- equality -----------------------------------------------------------------------------------------------------


def equal(one: str, other: str, owned: Collection[str], places: Collection[tuple[str, int]] = ()) -> bool:
    """Return whether two texts are one program but for the values of the keywords `owned`, comments included.

    `places` are arguments by position that are owned as well: the last name of the callee, and the index.
    """
    try:
        return _normal(one, owned, places) == _normal(other, owned, places) and _comments(one) == _comments(other)
    except (SyntaxError, tokenize.TokenError):
        return False


def _normal(text: str, owned: Collection[str], places: Collection[tuple[str, int]]) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            callee = ast.unparse(node.func).rpartition(".")[2]
            node.args = [argument for index, argument in enumerate(node.args) if (callee, index) not in places]
            node.keywords = [keyword for keyword in node.keywords if keyword.arg not in owned]
            node.keywords.sort(key=lambda keyword: keyword.arg or "")
    return ast.dump(tree)


def _comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT]


# --- the test ---


def repaired(rule: Rule, example: Fires) -> str | None:
    """Return the text that the deterministic fix gives, or the one that was written by hand."""
    if rule.fix is FixKind.ARCHITECT:
        return example.after
    known = {name: LibraryVersion("example", exact=version) for name, version in example.versions.items()}
    settings = Settings(select=("all",), preview=True)
    analysis = analyze(Source(example.code, Path("example.py")), settings, Environment(known))
    fix = analysis.fix(next(item for item in analysis.diagnostics if item.code == rule.name))
    return apply_edits(example.code, fix.edits) if fix else None


def owned_by(allowance: Allowance) -> tuple[frozenset[str], frozenset[tuple[str, int]]]:
    """Return the keywords whose values a repair may choose, and where it may give them by position."""
    keywords, places = set(), set()
    for key in allowance.keywords:
        callee, _, parameter = key.rpartition(":")
        keywords.add(parameter)
        symbol = load_catalog().symbol(callee) if callee else None
        place = symbol.position(parameter) if symbol is not None else None
        if place is not None:
            places.add((callee.rpartition(".")[2], place))
    return frozenset(keywords), frozenset(places)


def repairs() -> Iterator[object]:
    for rule in all_rules():
        for number, example in enumerate(rule.fires if rule.architect else ()):
            after = repaired(rule, example)
            if after is not None:
                yield pytest.param(rule, example, after, id=f"{rule.name}-{number}")


REPAIRS = list(repairs())


def mutated(rule: Rule, example: Fires, after: str) -> tuple[Place, list[tuple[str, str]]]:
    assert rule.architect is not None
    judged = {key.rpartition(":")[2] for key, values in rule.architect.keywords.items() if not isinstance(values, Free)}
    place = place_of(example.code, after, judged)
    seed = f"{rule.name}-{rule.fires.index(example)}"
    return place, [(mutant.operator, mutant.text) for mutant in mutants(place, seed, PER_REPAIR)]


@pytest.mark.parametrize(("rule", "example", "after"), REPAIRS)
def test_proven_mutant_is_the_repair_itself(
    rule: Rule, example: Fires, after: str, verdict_of: Callable[[Rule, Fires, str], Verdict]
) -> None:
    assert rule.architect is not None
    keywords, places = owned_by(rule.architect)
    _, faulty = mutated(rule, example, after)
    accepted = [(name, text) for name, text in faulty if verdict_of(rule, example, text).tier is Tier.PROVEN]
    wrong = [(name, text) for name, text in accepted if not equal(text, after, keywords, places)]
    assert not wrong, wrong[0]
    assert "absurd_value" not in {name for name, _ in accepted}


def test_there_are_enough_mutants_of_every_kind() -> None:
    kinds: Counter[str] = Counter()
    for parameters in REPAIRS:
        kinds.update(name for name, _ in mutated(*parameters.values)[1])  # type: ignore[attr-defined]
    assert sum(kinds.values()) >= FEWEST
    assert set(kinds) == set(OPERATORS)
    assert min(kinds.values()) >= FEWEST // 100


EQUAL = {
    "layout": ("f(a,b) # c\n", "f(a, b)  # c\n"),
    "an owned value": ("f(a, workers=1)\n", "f(a, workers=2)\n"),
    "an owned value by position": ("m.g(1)\n", "m.g(2)\n"),
}
OTHER = {
    "another value": ("f(a, size=1)\n", "f(a, size=2)\n"),
    "another order": ("f(a, b)\n", "f(b, a)\n"),
    "a comment": ("f(a) # c\n", "f(a)\n"),
    "a statement": ("f(a)\n", "f(a)\nf(a)\n"),
    "no program": ("f(a)\n", "f(a\n"),
}


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_equality_overlooks_layout_and_owned_values(one: str, other: str) -> None:
    assert equal(one, other, {"workers"}, {("g", 0)})


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_equality_sees_everything_else(one: str, other: str) -> None:
    assert not equal(one, other, {"workers"}, {("g", 0)})
