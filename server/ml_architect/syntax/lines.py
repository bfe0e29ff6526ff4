"""Where the logical lines of a text start and end, also while a bracket or quote is missing.

A logical line is what Python's tokeniser ends with NEWLINE: it goes on inside brackets, inside
triple quotes and after a backslash. Blank lines and comment lines belong to none.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ml_architect.syntax.literals import FORMATTED_REST, SINGLE, TRIPLE, formatted_end

_BREAK = r"(?:\r\n|\n|\r)"
_BLANKS = rf"(?:[ \t\f]*(?:\#[^\r\n]*)?(?:{_BREAK}|\Z))*"
_START = r"([ \t\f]*)([^\W\d]\w*|@)?"
_AFTER_F = r"(?:(?<=[fF])|(?<=[fF][rR]))"
_ATOM = re.compile(
    r"[^'\"()\[\]{}\#\\\r\n]*(?:"
    r"\([^()\[\]{}'\"\#\\\r\n]*\)"  # an ordinary pair of brackets, at once
    rf"|({_BREAK}){_BLANKS}{_START}"
    r"|([(\[{])"
    r"|([)\]}])"
    rf"|{_AFTER_F}(?:{FORMATTED_REST}|(\"\"\"|'''|\"|'))"
    rf"|{SINGLE}|{TRIPLE}"
    r"|(\"\"\"|''')"
    rf"|[\"'][^\r\n]*|\\{_BREAK}?|\#[^\r\n]*"
    r"|(\Z))",
    re.DOTALL,
)
_BREAK_GROUP, _INDENT, _WORD, _OPENER, _CLOSER, _FORMATTED, _UNTERMINATED, _END = range(1, 9)
_FIRST = re.compile(f"(){_BLANKS}{_START}")
_NEXT = re.compile(f"({_BREAK}){_BLANKS}{_START}")
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
_NEVER_IN_BRACKETS = frozenset(
    {"assert", "break", "class", "continue", "def", "del", "elif", "except", "finally", "global", "import"}
    | {"nonlocal", "pass", "raise", "return", "try", "while", "with"}
)
_MAX_BRACKETS = 200
_TAB = 8
_CODE = re.compile(
    r"@\w|(?:async )?def \w+\(|class \w+[(:]|import \w+|from [\w.]+ import |return\b|[\w.\[\]]+ [-+*/]?= |[\w.]+\("
    r"|(?:(?:if|for|while|with|elif) [^\r\n]*|try|else):[ \t]*(?:[\r\n#]|\Z)"
)


class Line(NamedTuple):
    """One logical line: ``text[start:end]`` with its indentation and line ending.

    `column` is its indentation in columns, `word` the word it starts with (``"@"`` for a decorator,
    ``""`` for anything else). A `broken` line ends where it does because the scan gave up on a
    bracket or quote, so where it ends depends on the text behind it, too.
    """

    start: int
    end: int
    column: int
    word: str
    broken: bool = False


class _Begun(NamedTuple):
    """The start of a logical line, and where the line before it ends."""

    start: int
    column: int
    word: str
    content: int
    previous_end: int


def _begun(match: re.Match[str]) -> _Begun:
    """Return the line that starts behind the line break and the blank lines of `match`."""
    start, content = match.span(_INDENT)
    column = content - start
    if column:
        indentation = match.group(_INDENT)
        if indentation.strip(" "):
            column = _columns(indentation)
    return _Begun(start, column, match.group(_WORD) or "", content, match.end(_BREAK_GROUP))


def _columns(indentation: str) -> int:
    column = 0
    for character in indentation:
        if character == "\t":
            column += _TAB - column % _TAB
        else:
            column = 0 if character == "\f" else column + 1
    return column


class Scan:
    """Iterates over the logical lines of ``text[position:limit]``; `position` is where a line may start.

    After the iteration `unterminated` says whether a triple quote was never closed.
    """

    def __init__(self, text: str, position: int, limit: int) -> None:
        first = _FIRST.match(text, position, limit)
        assert first is not None  # noqa: S101  # the pattern matches nothing, too
        self.unterminated = False
        self._text = text
        self._limit = limit
        self._line = _begun(first)
        self._brackets: list[str] = []
        self._retreat: _Begun | None = None

    def __iter__(self) -> Iterator[Line]:
        position = self._line.start
        while position < self._limit:
            position = yield from self._run(position)

    def _run(self, position: int) -> Iterator[Line]:
        """Yield lines until the scan has to go on somewhere else than behind an atom; return where."""
        brackets = self._brackets
        for match in _ATOM.finditer(self._text, position, self._limit):
            kind = match.lastindex
            if kind is None:
                continue
            if kind == _OPENER:
                brackets.append(match.group(_OPENER))
            elif kind == _CLOSER:
                self._close(match.group(_CLOSER))
            elif kind <= _WORD and not brackets:
                line = self._line
                yield Line(line.start, match.end(_BREAK_GROUP), line.column, line.word)
                self._line = _begun(match)
