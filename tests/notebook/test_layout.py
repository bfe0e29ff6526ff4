"""Edits of joined cells stay inside their cell, and leave alone what is kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_architect.notebook import joined
from ml_architect.text import Edit, Source, Span

CELLS = [(2, "a = 1\nb = 2"), (3, "%%bash\nls"), (5, "!ls\nc = 3"), (9, "%time d = 4")]


@pytest.fixture
def source():
    return joined(CELLS)


def replaced(source, old, new):
    """Return the texts of the cells after an edit of the joined text, or None if it is refused."""
    start = source.written.index(old)
    edits = source.fitted([Edit(Span(start, start + len(old)), new)])
    return edits and [part.source.text for part in source.edited(edits).parts]


def inserted(source, before, new):
    start = source.written.index(before)
    edits = source.fitted([Edit(Span(start, start), new)])
    return edits and [part.source.text for part in source.edited(edits).parts]


def texts(**changed):
    return [changed.get(f"cell{number}", text) for number, text in CELLS]


def test_cells_start_lines_and_keep_their_numbers(source):
    assert source.text == "a = 1\nb = 2\n      \n  \n0  \nc = 3\n0;    d = 4\n"
    assert [part.number for part in source.parts] == [2, 3, 5, 9]
    assert [part.source.text for part in source.parts] == [text for _, text in CELLS]


def test_a_place_is_told_by_its_cell(source):
    offset = source.text.index("c = 3")
    part = source.part(offset)
    assert (part.number, part.source.location(offset - part.start)) == (5, (2, 1))
    assert source.part(len(source.text)).number == 9
    assert part.local(Span(offset, len(source.text))) == Span(4, 9)


def test_an_edit_inside_a_cell(source):
    assert replaced(source, "b = 2", "b = 22") == texts(cell2="a = 1\nb = 22")
    assert replaced(source, "c = 3", "c = 33\nx") == texts(cell5="!ls\nc = 33\nx")
    assert replaced(source, "d = 4", "d") == texts(cell9="%time d")


def test_the_last_line_of_a_cell_can_go(source):
    assert replaced(source, "b = 2\n", "") == texts(cell2="a = 1")
    assert replaced(source, "b = 2\n", "b = 3\n") == texts(cell2="a = 1\nb = 3")
    assert replaced(source, "a = 1\nb = 2\n", "") == texts(cell2="")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2\n%%bash", "x"),
        ("b = 2\n%%bash\nls\n!ls\nc", ""),
        ("b = 2\n", "b = 3 + "),
        ("!ls", "x"),
        ("ls\nc", "x"),
        ("%%bash", ""),
        ("%time ", ""),
        ("d = 4", "\f4"),
    ],
)
def test_an_edit_that_crosses_cells_or_touches_what_is_kept_is_refused(source, old, new):
    assert replaced(source, old, new) is None


def test_a_line_may_be_put_before_a_magic_but_not_before_one_of_the_whole_cell(source):
    assert inserted(source, "!ls", "x = 1\n") == texts(cell5="x = 1\n!ls\nc = 3")
    assert inserted(source, "!ls", "x = ") is None
    assert inserted(source, "%%bash", "x = 1\n") is None
    assert inserted(source, "\nc = 3", "  # why") is None
    assert inserted(source, "\nc = 3", "\nx = 1") == texts(cell5="!ls\nx = 1\nc = 3")


def test_what_is_indented_belongs_to_the_block_above():
    source = joined([(1, "for x in y:\n    a"), (2, "b")])
    assert inserted(source, "b", "    z\n") == ["for x in y:\n    a\n    z", "b"]
    assert inserted(source, "b", "z\n") == ["for x in y:\n    a", "z\nb"]


def test_a_line_at_the_very_end_belongs_to_the_last_cell():
    source = joined([(1, "a"), (2, "b")])
    end = len(source.text)
    edits = source.fitted([Edit(Span(end, end), "c\n")])
    assert [part.source.text for part in source.edited(edits).parts] == ["a", "b\nc"]


def test_a_document_without_cells_takes_every_edit():
    source = Source("a\nb\n")
    edits = (Edit(Span(0, 4), "x"),)
    assert source.fitted(edits) == edits
    assert source.edited(edits).text == "x"
    assert source.part(3) == (source, 0, None)


LINES = st.sampled_from(["x = 1", "!ls", "%time f(x)", "    y", "if x:", "", "z = !ls", "é😀"])
TEXTS = st.lists(st.lists(LINES, max_size=4).map("\n".join), min_size=1, max_size=5)


@settings(deadline=None)
@given(TEXTS, st.data())
def test_an_accepted_edit_changes_one_cell_and_no_magic(cells, data):
    source = joined(list(enumerate(cells, start=1)))
    ends = st.integers(0, len(source.text))
    start, end = sorted((data.draw(ends), data.draw(ends)))
    new = data.draw(st.sampled_from(["", "n", "n\n", "\nn", "    n\n", " "]))
    edits = source.fitted([Edit(Span(start, end), new)])
    if edits is None:
        return
    after = source.edited(edits)
    assert len(after.parts) == len(cells)
    assert [part.number for part in after.parts] == [part.number for part in source.parts]
    changed = [old for old, part in zip(cells, after.parts, strict=True) if part.source.text != old]
    assert len(changed) <= 1
    assert [kept.text for kept in after.layout.kept] == [kept.text for kept in source.layout.kept]
    again = joined([(part.number, part.source.text) for part in after.parts])
    assert (again.written, again.layout.cells) == (after.written, after.layout.cells)
