"""How string literals look and what they mean: shared by the line scanner, the tokeniser and the lowering."""

import re
import unicodedata

_ESCAPED = r"\\(?:\r\n|.)"
TRIPLE = (
    r'(?:"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*''')"
)
SINGLE = (
    rf'(?:"(?!"")[^"\\\r\n]*(?:{_ESCAPED}[^"\\\r\n]*)*"'
    rf"|'(?!'')[^'\\\r\n]*(?:{_ESCAPED}[^'\\\r\n]*)*')"
)
PLAIN_STRING = rf"(?:[rRuU]|[bB][rR]?|[rR][bB])?(?:{SINGLE}|{TRIPLE})"
"""A string literal that is not an f-string (compile with DOTALL)."""

_FIELD = r"\{[^{}\"'\\\r\n#]*\}"
_FORMATTED_PREFIX = r"(?:[fFtT][rR]?|[rR][fFtT])"
_ITEM = rf"(?:\\(?:\r\n|[^{{}}])|\{{\{{|\}}\}}|{_FIELD})"
FORMATTED_REST = (
    rf'(?:"(?!"")[^"\\\r\n{{}}]*(?:{_ITEM}[^"\\\r\n{{}}]*)*"'
    rf"|'(?!'')[^'\\\r\n{{}}]*(?:{_ITEM}[^'\\\r\n{{}}]*)*')"
)
"""A single-line f-string behind its prefix, if its fields hold no quotes, braces or comments (use DOTALL)."""

AFTER_FORMATTED_PREFIX = r"(?:(?<=\b[fFtT])|(?<=\b[fFtT][rR])|(?<=\b[rR][fFtT]))"
"""Matches, before a quote, where the string is an f-string."""

FORMATTED_STRING = _FORMATTED_PREFIX + FORMATTED_REST
FORMATTED_OPENER = rf"""{_FORMATTED_PREFIX}(?:\"\"\"|'''|"|')"""
"""The start of any other f-string; `formatted_end` finds where it ends."""

_MAX_FORMATTED_DEPTH = 20
_PLAIN = re.compile(PLAIN_STRING, re.DOTALL)
_FORMATTED = re.compile(FORMATTED_OPENER)
_LITERAL_STOP = re.compile(r"""\\(?:\r\n|[^{}])|\{\{|\}\}|[{}\r\n]|"{1,3}|'{1,3}""", re.DOTALL)
_FIELD_STOP = re.compile(r"""[rRuUbBfFtT]{0,2}["']|[()\[\]{}:]|\#[^\r\n]*|!=""")


def formatted_end(text: str, position: int, opener: str) -> int | None:
    """Return where an f-string ends whose prefix and quotes, `opener`, end at `position`; None if it never does."""
    return _literal_end(text, position, opener.lstrip("fFtTrR"), 0)


def _literal_end(text: str, position: int, quote: str, depth: int) -> int | None:
    """Return the place after the closing `quote` of f-string text that goes on at `position`."""
    while match := _LITERAL_STOP.search(text, position):
        found = match.group()
        position = match.end()
        if found[0] == quote[0] and found.startswith(quote):
            return match.start() + len(quote)
        if found in "\r\n" and len(quote) == 1:
            return None
        if found == "{":
            after = _field_end(text, position, quote, depth + 1)
            if after is None:
                return None
            position = after
    return None


def _spec_end(text: str, position: int, quote: str, depth: int) -> int | None:
    """Return the place of the ``}`` that ends a format specification."""
    while match := _LITERAL_STOP.search(text, position):
        found = match.group()
        position = match.end()
        if found in {"}", "}}"}:
            return match.start()
        if found[0] == quote[0] and found.startswith(quote):
            return None
        if found in {"{", "{{"}:
            after = _field_end(text, match.start() + 1, quote, depth + 1)
            if after is None:
                return None
            position = after
    return None


def _field_end(text: str, position: int, quote: str, depth: int) -> int | None:
    """Return the place after the ``}`` of a replacement field whose expression starts at `position`."""
    if depth > _MAX_FORMATTED_DEPTH:
        return None
    open_brackets = 0
    while match := _FIELD_STOP.search(text, position):
        found = match.group()
        position = match.end()
        if found[-1] in "\"'" and found[0] != "#":
            after = _nested_string_end(text, match, depth)
            if after is None:
                return None
            position = after
        elif found in "([{":
            open_brackets += 1
        elif found == ":" and not open_brackets:
            end = _spec_end(text, position, quote, depth)
            return None if end is None else end + 1
        elif found in ")]}":
            if not open_brackets:
                return position if found == "}" else None
            open_brackets -= 1
    return None


def _nested_string_end(text: str, found: re.Match[str], depth: int) -> int | None:
    """Return where the string literal inside a replacement field ends that starts at `found`."""
    if match := _PLAIN.match(text, found.start()):
        return match.end()
    if opener := _FORMATTED.match(text, found.start()):
        return _literal_end(text, opener.end(), opener.group().lstrip("fFtTrR"), depth + 1)
    return None


_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE = re.compile(
    r"""\\(\r\n|[\r\n\\'"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\})"""
)
_ESCAPE_IN_BYTES = re.compile(r"""\\(\r\n|[\r\n\\'"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2})""")
_MAX_CODE_POINT = 0x10FFFF


def _unescaped(match: re.Match[str]) -> str:
    escape = match.group(1)
    kind = escape[0]
    if kind in "\r\n":
        return ""
    if kind in "\\'\"":
        return kind
    if kind in _ESCAPES:
        return _ESCAPES[kind]
    if kind == "N":
        try:
            return unicodedata.lookup(escape[2:-1])
        except KeyError:
            return match.group()
    number = int(escape, 8) if kind in "01234567" else int(escape[1:], 16)
    return chr(number) if number <= _MAX_CODE_POINT else match.group()


def text_value(raw: str, *, is_raw: bool = False) -> str:
    """Return what the characters `raw` between the quotes of a string literal mean."""
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    return raw if is_raw or "\\" not in raw else _ESCAPE.sub(_unescaped, raw)


def string_value(literal: str) -> str | bytes | None:
    """Return the value of the string literal `literal` (not an f-string), or None if it has none."""
    first = min(place for place in (literal.find("'"), literal.find('"')) if place >= 0)
    prefix = literal[:first].lower()
    width = 3 if literal[first : first + 3] in {'"""', "'''"} and len(literal) >= first + 6 else 1
    raw = literal[first + width : len(literal) - width]
    if "b" not in prefix:
        return text_value(raw, is_raw="r" in prefix)
    raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if "r" not in prefix:
        raw = _ESCAPE_IN_BYTES.sub(_unescaped, raw)
    try:
        return raw.encode("latin-1")
    except UnicodeEncodeError:
        return None


def number_value(literal: str) -> int | float | complex | None:
    """Return the value of the number literal `literal`, or None for one that Python refuses."""
    digits = literal.replace("_", "")
    try:
        if digits[-1] in "jJ":
            return complex(digits)
        if digits[:2].lower() in {"0x", "0o", "0b"}:
            return int(digits, 0)
        return int(digits) if digits.isdecimal() else float(digits)
    except ValueError:
        return None
