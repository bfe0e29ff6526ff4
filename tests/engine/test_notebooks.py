"""Cells analysed as one document: what is left open in one ends with it, and repairs stay in theirs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ml_architect.engine import Settings, analyze, fix_all
from ml_architect.facts.environment import Environment
from ml_architect.notebook import joined

MODEL = "import torch\nmodel = torch.nn.Linear(4, 2)"
BAD = "optimizer = torch.optim.SGD(model.parameters, lr=0.1)"
LOOP = "for x, y in batches:\n    loss = (model(x) - y).sum()\n    loss.backward()\n    optimizer.step()"
OPEN = [
    "x = foo(",
    "s = '''",
    "if x:",
    "x = 1 \\",
    "@decorator",
    "try:\n    y",
    "    z",
    "def f(:",
    "%%bash\nls 'it",
    "!ls (",
]
CELLS = st.lists(st.sampled_from([MODEL, BAD, LOOP, "else:\n    x", "", *OPEN]), min_size=1, max_size=6)


def examined(cells, previous=None):
    return analyze(joined(list(enumerate(cells, start=1))), Settings(), Environment(), previous)


def told(analysis):
    source = analysis.source
    return [(source.part(item.span.start).number, item.code, item.message) for item in analysis.diagnostics]


def test_whatever_is_open_in_a_cell_ends_with_it():
    expected = told(examined([MODEL, "", BAD, LOOP]))
    assert len(expected) == 2
    for text in OPEN:
        found = [item for item in told(examined([MODEL, text, BAD, LOOP])) if item[1] != "syntax-error"]
        assert found == expected, text


def test_only_the_cell_that_does_not_parse_is_said_to_be_wrong():
    for text in OPEN[:8]:
        wrong = [item[0] for item in told(examined([MODEL, text, BAD])) if item[1] == "syntax-error"]
        assert set(wrong) <= {2}, text


@settings(deadline=None, max_examples=60)
@given(CELLS, CELLS)
def test_how_a_notebook_came_to_be_does_not_matter_once_it_parses(before, after):
    warm = examined(after, examined(before))
    cold = examined(after)
    assert bool(warm.problems) == bool(cold.problems)
    if not cold.problems:
        assert told(warm) == told(cold)


def test_the_same_text_in_other_cells_is_another_document():
    whole = examined([f"{MODEL}\nif model:\n    {BAD}"])
    parted = examined([f"{MODEL}\nif model:", f"    {BAD}"], whole)
    assert not whole.problems
    assert parted.problems


def test_all_repairs_are_made_and_no_magic_is_touched():
    cells = [f"!ls 'it\n{MODEL}", f"%time {BAD}", f"{LOOP}\n    !echo ("]
    result = fix_all(examined(cells), unsafe=True)
    texts = [part.source.text for part in result.source.parts]
    assert texts[0] == cells[0]
    assert texts[1] == f"%time {BAD.replace('parameters', 'parameters()')}"
    assert texts[2].replace("    optimizer.zero_grad()\n", "") == cells[2]
    assert told(result.analysis) == []
