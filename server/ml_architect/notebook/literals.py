"""The JSON value of a cell's source, replaced in the style in which it stands."""

import json
import re
from collections.abc import Sequence
from json.decoder import JSONDecoder
from typing import Final

_DECODER: Final = JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_ESCAPED_LETTER = re.compile(r"(?<!\\)(?:\\\\)*\\u(?:00[89a-fA-F]|0[1-9a-fA-F]|[1-9a-fA-F])")
_SURROGATE = re.compile("[\ud800-\udfff]")


def replaced_value(value: str, new: str, document: str) -> str:
    """Return the JSON for `new` in the style of `value`: one string, or a list of lines with the same white space.

    Lines that are still there keep their own JSON. `document` tells whether letters beyond ASCII are escaped.
    """
    ascii_only = document.isascii() and _ESCAPED_LETTER.search(document) is not None
    if value.startswith('"'):
        return _literal(new, ascii_only)
    old = _Listed(value)
    literals = dict(zip(old.texts, old.literals, strict=True))
    lines = _redivided(old.texts, new)
    if not lines:
        return "[]"
    written = [literals[line] if line in literals else _literal(line, ascii_only) for line in lines]
    return old.opening + old.separator.join(written) + old.closing


class _Listed:
    """A JSON array of strings, with the white space around them."""

    def __init__(self, value: str) -> None:
        self.texts: list[str] = []
        self.literals: list[str] = []
        gaps: list[str] = []
        position = end = 1
        while value[position := _behind_space(value, position)] != "]":
            gaps.append(value[end:position])
            text, stop = _DECODER.raw_decode(value, position)
            self.texts.append(text)
            self.literals.append(value[position:stop])
            end = stop
            position = _behind_space(value, stop)
            position += value[position] == ","
        self.opening = f"[{gaps[0]}" if gaps else "["
        self.closing = f"{value[end:]}"
        self.separator = gaps[1] if len(gaps) > 1 else f",{gaps[0] if gaps else ' '}"


def _redivided(old: Sequence[str], new: str) -> list[str]:
    """Return `new` in pieces: at both ends those of `old`, between them lines."""
    start, first = 0, 0
    while first < len(old) and new.startswith(old[first], start) and old[first].endswith("\n"):
        start += len(old[first])
        first += 1
    stop, last = len(new), len(old)
    while last > first and stop - len(old[last - 1]) >= start and new.endswith(old[last - 1], 0, stop):
        length = len(old[last - 1])
        if stop - length > start and new[stop - length - 1] != "\n":
            break
        stop -= length
        last -= 1
    middle = re.findall(r"[^\n]*\n|[^\n]+", new[start:stop])
    return [*old[:first], *middle, *old[last:]]


def _literal(text: str, ascii_only: bool) -> str:
    return json.dumps(text, ensure_ascii=ascii_only or _SURROGATE.search(text) is not None)


def _behind_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
