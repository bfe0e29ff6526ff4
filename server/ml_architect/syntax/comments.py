"""The comments of a text."""

import re
from collections.abc import Iterator

from ml_architect.syntax.lines import Line
from ml_architect.syntax.literals import AFTER_FORMATTED_PREFIX, FORMATTED_REST, SINGLE, TRIPLE, formatted_end
from ml_architect.syntax.nodes import Comment

_ATOM = re.compile(
    r"[^'\"\#]*(?:"
    rf"{AFTER_FORMATTED_PREFIX}(?:{FORMATTED_REST}|(\"\"\"|'''|\"|'))"
    rf"|{SINGLE}|{TRIPLE}"
    r"|(\#[^\r\n]*)"
    r"|\"\"\"|'''|[\"'][^\r\n]*|\Z)",
    re.DOTALL,
)
_FORMATTED, _COMMENT = 1, 2


def comments_of(text: str, lines: list[Line]) -> Iterator[Comment]:
    """Yield the comments of `text`, in order; `lines` are its logical lines.

    An open quote hides comments up to the end of its logical line at most.
    """
    if "#" not in text:
        return
    position = 0
    for line in lines:
        if line.broken:
            yield from _comments_between(text, position, line.end)
            position = line.end
    yield from _comments_between(text, position, len(text))


def _comments_between(text: str, position: int, limit: int) -> Iterator[Comment]:
    while position < limit:
        for match in _ATOM.finditer(text, position, limit):
            position = limit
            if match.lastindex == _COMMENT:
                yield _comment(text, match.start(_COMMENT), match.group(_COMMENT))
            elif match.lastindex == _FORMATTED:
                position = formatted_end(text, match.end(), match.group(_FORMATTED)) or match.end()
                break


def _comment(text: str, start: int, content: str) -> Comment:
    row = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    return Comment(start, content, alone=not text[row:start].strip(" \t\f"))
