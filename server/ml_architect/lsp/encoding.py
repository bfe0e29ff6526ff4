"""Columns as an editor counts them (UTF-8, UTF-16 or UTF-32 units) and as we do (code points)."""

from typing import Literal, TypeAlias, get_args

Encoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]

DEFAULT_ENCODING: Encoding = "utf-16"
"""What the protocol prescribes where nothing is negotiated."""

_END_OF_ONE_BYTE = 0x80
_END_OF_TWO_BYTES = 0x800
_END_OF_BASIC_PLANE = 0x10000


def known_encoding(name: str) -> Encoding:
    """Return `name` as an encoding; an unknown one is the protocol's default."""
    return next((encoding for encoding in get_args(Encoding) if encoding == name), DEFAULT_ENCODING)


def _width(character: str, encoding: Encoding) -> int:
    """Return how many units of `encoding` one code point takes."""
    code = ord(character)
    if encoding == "utf-16":
        return 1 if code < _END_OF_BASIC_PLANE else 2
    if code < _END_OF_ONE_BYTE:
        return 1
    if code < _END_OF_TWO_BYTES:
        return 2
    return 3 if code < _END_OF_BASIC_PLANE else 4


def to_units(line: str, column: int, encoding: Encoding) -> int:
    """Return how many units of `encoding` the first `column` code points of `line` take."""
    head = line[:column]
    if encoding == "utf-32" or head.isascii():
        return len(head)
    return sum(_width(character, encoding) for character in head)


def to_column(line: str, units: int, encoding: Encoding) -> int:
    """Return how many code points of `line` lie before `units` units.

    A place past the end is the end; a place inside a code point is that code point's start.
    """
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    passed = 0
    for column, character in enumerate(line):
        passed += _width(character, encoding)
        if passed > units:
            return column
    return len(line)
