"""Characters that no repair may bring in: invisible ones, ones that turn text round, ones that pass for others."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from ml_architect.architect.values import Refusal, Rung
from ml_architect.syntax.tokens import tokenize

__all__ = ["is_odd", "odd_characters"]

_PLAIN_CONTROLS = frozenset("\t\n\r\f")
_ODD_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show nothing, whatever their category says."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_QUOTES = frozenset("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u00b4\uff02\uff07")
_STRING_START = re.compile(r"[A-Za-z]{0,3}['\"]")


def is_odd(character: str) -> bool:
    """Return whether `character` is invisible or steers how text is shown; tab, line ends and form feed are not."""
    if character.isascii():
        return (character < " " or character == "\x7f") and character not in _PLAIN_CONTROLS
    category = unicodedata.category(character)
    return category in _ODD_CATEGORIES or character in _BLANKS or _SELECTORS.match(character) is not None


def odd_characters(before: str, after: str) -> Refusal | None:
    """Return why the characters of `after` are refused; what `before` holds as often already is not judged."""
    added = Counter(filter(is_odd, after))
    added.subtract(filter(is_odd, before))
    odd = next((character for character, count in added.items() if count > 0), None)
    if odd is not None:
        return _refused(f"the new text holds {_name(odd)}; use plain characters")
    known = Counter(_foreign(before))
    known.subtract(_foreign(after))
    word = next((word for word, count in known.items() if count < 0), None)
    if word is None:
        return None
    if not _QUOTES.isdisjoint(word):
        return _refused("the new text uses typographic quotes as delimiters; use ' or \"")
    first = next((character for character in word if not character.isascii()), word[0])
    return _refused(
        f"the new code holds the character U+{ord(first):04X} outside strings and comments; use ASCII names"
    )


def _foreign(text: str) -> Iterator[str]:
    """Yield the tokens of code, not strings or comments, that are not plain ASCII."""
    if text.isascii():
        return
    for token in tokenize(text).texts:
        if not token.isascii() and not _STRING_START.match(token):
            yield token


def _name(character: str) -> str:
    code = f"U+{ord(character):04X}"
    if character == "\0":
        return f"a NUL character ({code})"
    if character in _BIDI:
        return f"a character that turns the direction of text ({code})"
    return f"a control or invisible character ({code})"


def _refused(message: str) -> Refusal:
    return Refusal(Rung.PARSE, message)
