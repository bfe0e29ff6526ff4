"""Source frames."""

from ml_architect.cli.output.frame import WIDEST, Mark, frame
from ml_architect.cli.style import Painter, visible, width
from ml_architect.text import Source, Span

PLAIN = Painter(color=False)


def drawn(text, *marked, label=""):
    source = Source(text)
    marks = []
    for sign, words in zip("^-----", marked, strict=False):
        start = text.index(words)
        marks.append(Mark(Span(start, start + len(words)), sign, "red", label if sign == "-" else ""))
    return frame(source, marks, PLAIN).splitlines()


def test_neighbours_and_marks():
    assert drawn("a\nb c\nd\ne\n", "c") == ["  |", "1 | a", "2 | b c", "  |   ^", "3 | d", "  |"]


def test_related_places_far_away_are_joined_by_dots():
    assert drawn("one\n2\n3\n4\nfive\n", "five", "one", label="here") == [
        "  |",
        "1 | one",
        "  | --- here",
        "...",
        "4 | 4",
        "5 | five",
        "  | ^^^^",
        "  |",
    ]


def test_two_marks_on_one_line():
    assert drawn("f(a, b)\n", "b", "a", label="first")[2:4] == ["  |   - first", "  |      ^"]


def test_wide_characters_tabs_and_combining_marks_are_underlined_in_the_right_place():
    assert drawn("\tx = '日本', e\u0301, y\n", "y")[2] == "  |" + " " * (1 + 4 + len("x = '") + 4 + len("', e, ")) + "^"


def test_line_breaks_of_unicode_are_no_lines():
    assert drawn("a\u2028b\x0cc\nd\n", "d")[1:3] == ["1 | a\ufffdb␌c", "2 | d"]


def test_mark_over_several_lines_underlines_the_first():
    assert drawn("f(\n  a,\n)\n", "f(\n  a,\n)")[1:3] == ["1 | f(", "  | ^^"]


def test_empty_span_still_shows_a_place():
    lines = frame(Source("ab\n"), [Mark(Span(2, 2), "^", "red")], PLAIN).splitlines()
    assert lines[2] == "  |   ^"


def test_long_line_is_cut_around_its_mark():
    text = f"{'x' * 500} HERE {'y' * 500}\n"
    line, marks = drawn(text, "HERE")[1:3]
    assert len(line) < WIDEST + 20
    assert line.index("HERE") == marks.index("^")


def test_visible_shows_controls_as_pictures():
    assert visible("a\tb\x1b\x7f") == "a    b␛␡"
    assert width("日\t") == 6
