import pytest

from ml_architect.architect.reply.characters import odd_characters
from ml_architect.architect.values import Rung

BEFORE = 'rate = 0.1\nname = "x"\n'

REFUSED = {
    "NUL": ("rate = 0.1\0\n", "NUL"),
    "escape": ("rate = 0.1 \x1b[2J\n", "U+001B"),
    "C1 control": ("rate = '\x85'\n", "U+0085"),
    "vertical tab": ("rate = 0.1\x0b\n", "U+000B"),
    "bidi override in a comment": ("rate = 0.1  # \u202e 5\n", "direction of text (U+202E)"),
    "bidi isolate in a string": ("name = '\u2066x\u2069'\n", "direction of text"),
    "zero width space in a name": ("ra\u200bte = 0.1\n", "U+200B"),
    "zero width joiner in a string": ("name = 'a\u200db'\n", "U+200D"),
    "byte-order mark inside": ("rate = 0.1\ufeff\n", "U+FEFF"),
    "soft hyphen": ("name = 'a\u00adb'\n", "U+00AD"),
    "no-break space": ("rate =\u00a00.1\n", "U+00A0"),
    "line separator": ("name = 'a\u2028b'\n", "U+2028"),
    "Hangul filler as a name": ("\u3164 = 0.1\n", "U+3164"),
    "variation selector": ("name = 'a\ufe0f'\n", "U+FE0F"),
    "tag character": ("name = 'a\U000e0041'\n", "U+E0041"),
    "private use": ("name = '\ue000'\n", "U+E000"),
    "smart double quotes": ("name = “x”\n", "typographic quotes"),
    "smart double quotes around two words": ("name = “x y”\n", "typographic quotes"),
    "smart single quotes": ("name = ‘x’\n", "typographic quotes"),
    "Cyrillic letter in a name": ("r\u0430te = 0.1\n", "U+0430"),
    "full-width letter": ("\uff52ate = 0.1\n", "U+FF52"),
    "foreign minus": ("rate = \u22120.1\n", "U+2212"),
    "foreign comma": ("f(1\uff0c 2)\n", "U+FF0C"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_odd_characters_are_refused(case):
    line, words = REFUSED[case]
    refusal = odd_characters(BEFORE, BEFORE + line)
    assert refusal is not None
    assert refusal.rung is Rung.PARSE
    assert words in refusal.message and refusal.message.isprintable()


@pytest.mark.parametrize(
    "line",
    ["rate = 0.2\n", "name = 'naïve ü 😀'\n", "# Größe “quoted” text\n", "\f\trate = 1\r\n", "name = f'{rate} – ok'\n"],
)
def test_words_of_people_are_allowed_in_strings_and_comments(line):
    assert odd_characters(BEFORE, BEFORE + line) is None


def test_what_the_document_has_already_is_not_judged():
    before = "gr\u00f6\u00dfe = 1\nname = '\u200b'\n# \u202e\n"
    assert odd_characters(before, before + "x = 2\n") is None
    assert odd_characters(before, "x = 2\n" + before.replace("= 1", "= 3")) is None
    assert odd_characters(before, before + "name = '\u200b'\n") is not None
