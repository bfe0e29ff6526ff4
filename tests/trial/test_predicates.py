"""Each predicate of the oracle on small texts."""

import pytest

from ml_architect.trial.oracle.erasing import check
from ml_architect.trial.oracle.expectation import Expectation, Freedom, Requirement
from ml_architect.trial.oracle.judging import problems_of
from ml_architect.trial.oracle.matching import pattern

LOOP = """\
def train():
    start()
    for batch in batches:
        clear()
        back()
        step(1)
    end()
"""
WITH = """\
@quiet
def one():
    ask()

def two():
    with quiet, other:
        ask()
    with other:
        ask()
"""


def holds(text: str, /, **requirement) -> bool:
    facts = requirement.pop("facts", {})
    expectation = Expectation(must=(Requirement(**requirement),), facts=facts)
    return problems_of(text, text, expectation) == ()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"kind": "contains", "code": "step(1)"}, True),
        ({"kind": "contains", "code": "step(ANY)"}, True),
        ({"kind": "contains", "code": "step()"}, False),
        ({"kind": "contains", "code": "step(1)", "count": 2}, False),
        ({"kind": "contains", "code": "step(1)", "function": "other"}, False),
        ({"kind": "lacks", "code": "step(2)"}, True),
        ({"kind": "lacks", "code": "clear()"}, False),
        ({"kind": "either", "codes": ("clear()", "wipe()")}, True),
        ({"kind": "either", "codes": ("clear()", "back()")}, False),
        ({"kind": "order", "codes": ("start()", "clear()", "end()")}, True),
        ({"kind": "order", "codes": ("clear()", "start()")}, False),
        ({"kind": "order", "codes": ("clear() || wipe()", "end()")}, True),
        ({"kind": "order", "codes": ("wipe()", "end()")}, False),
        ({"kind": "cycle", "codes": ("clear()", "back()", "step(1)")}, True),
        ({"kind": "cycle", "codes": ("back()", "step(1)", "clear()")}, True),
        ({"kind": "cycle", "codes": ("back()", "clear()", "step(1)")}, False),
        ({"kind": "cycle", "codes": ("start()", "back()", "step(1)")}, False),
        ({"kind": "cycle", "codes": ("end()",)}, False),
        ({"kind": "loops", "code": "step(1)", "depth": 1}, True),
        ({"kind": "loops", "code": "end()", "depth": 0}, True),
        ({"kind": "loops", "code": "end()", "depth": 1}, False),
        ({"kind": "loops", "code": "gone()", "depth": 0}, False),
        ({"kind": "branch", "code": "clear()", "codes": ("back()",)}, True),
        ({"kind": "branch", "code": "clear()", "codes": ("end()",)}, False),
    ],
)
def test_places(wanted, expected):
    assert holds(LOOP, **wanted) is expected


def test_one_match_at_the_right_depth_is_enough_where_some_is_said():
    code = "go()\nfor x in y:\n    go()\n"
    assert not holds(code, kind="loops", code="go()", depth=1)
    assert holds(code, kind="loops", code="go()", depth=1, some=True)


def test_contexts():
    assert holds(WITH, kind="under", function="one", code="ask()", contexts=("quiet",)) is True
    assert holds(WITH, kind="under", function="two", code="ask()", contexts=("quiet",)) is False
    assert holds(WITH, kind="under", function="two", code="ask()", contexts=("other",)) is True


@pytest.mark.parametrize(
    ("argument", "expected"),
    [("workers=2", True), ("workers=0", False), ("workers=9", False), ("workers=True", False), ("", False)],
)
def test_numbers(argument, expected):
    assert (
        holds(f"load.Loader({argument})", kind="keyword", call="Loader", keyword="workers", low=1, high=8) is expected
    )


def test_numbers_of_workers_end_at_the_cores():
    wanted = {
        "kind": "keyword",
        "call": "Loader",
        "keyword": "num_workers",
        "low": 1,
        "high": 16,
        "facts": {"cores": 4},
    }
    assert holds("Loader(num_workers=4)", **wanted)
    assert not holds("Loader(num_workers=5)", **wanted)


def test_values_and_first_arguments():
    code = "Loader(train, shuffle=True)\nLoader(val, shuffle=False)\n"
    wanted = {"kind": "keyword", "call": "Loader", "keyword": "shuffle", "values": ("True",)}
    assert not holds(code, **wanted)
    assert holds(code, code="train", **wanted)
    assert not holds(code, code="test", **wanted)
    assert not holds(code, kind="without", call="Loader", code="train", keyword="shuffle")
    assert holds(code, kind="without", call="Loader", code="val", keyword="shuffle")


@pytest.mark.parametrize(
    ("free", "before", "after", "same"),
    [
        (Freedom(statements=("a()",)), "b()\n", "a()\nb()\n", True),
        (Freedom(statements=("a()",)), "b()\n", "a(1)\nb()\n", False),
        (Freedom(statements=("a()",)), "if x:\n    a()\n", "if x:\n    pass\n", True),
        (Freedom(keywords=("Loader:n",)), "t.Loader(n=1)\n", "t.Loader()\n", True),
        (Freedom(keywords=("Loader:n",)), "t.Other(n=1)\n", "t.Other()\n", False),
        (Freedom(contexts=("quiet",)), "a()\n", "with quiet:\n    a()\n", True),
        (Freedom(contexts=("quiet",)), "def f():\n    a()\n", "@quiet\ndef f():\n    a()\n", True),
        (Freedom(contexts=("quiet",)), "a()\n", "with loud:\n    a()\n", False),
        (Freedom(expressions=(("f(x)", "x"),)), "y = f(x)\n", "y = x\n", True),
        (Freedom(expressions=(("f(x)", "x"),)), "y = f(x)\n", "y = f(z)\n", False),
        (Freedom(imports=("copy",)), "a()\n", "import copy\na()\n", True),
        (Freedom(imports=("copy.deepcopy",)), "a()\n", "from copy import deepcopy\na()\n", True),
        (Freedom(imports=("copy",)), "a()\n", "import os\na()\n", False),
        (Freedom(), "a()  # why\n", "a()\n", False),
        (Freedom(), "a()\n", "a(\n", False),
    ],
)
def test_only_what_is_free_may_differ(free, before, after, same):
    assert (problems_of(before, after, Expectation(free=free)) == ()) is same


def test_data_that_cannot_be_read_are_refused():
    with pytest.raises(ValueError, match="not one statement"):
        pattern("a()\nb()")
    with pytest.raises(ValueError, match="not one statement"):
        pattern("a(")
    with pytest.raises(ValueError, match="callee:keyword"):
        check(Freedom(keywords=("shuffle",)))
