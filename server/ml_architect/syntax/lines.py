"""Where the logical lines of a text start and end, also while a bracket or quote is missing.

A logical line is what Python's tokeniser ends with NEWLINE: it goes on inside brackets, inside
triple quotes and after a backslash. Blank lines and comment lines belong to none.
"""

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from ml_architect.syntax.literals import AFTER_FORMATTED_PREFIX, FORMATTED_REST, SINGLE, TRIPLE, formatted_end
from ml_architect.syntax.window import Window

_BREAK = r"(?:\r\n|\n|\r)"
_BLANKS = rf"(?:[ \t\f]*(?:\#[^\r\n]*)?(?:{_BREAK}|\Z))*"
_START = r"([ \t\f]*)([^\W\d]\w*|@)?"
_ATOM = re.compile(
    r"[^'\"()\[\]{}\#\\\r\n]*(?:"
    r"\([^()\[\]{}'\"\#\\\r\n]*\)"  # an ordinary pair of brackets, at once
    rf"|({_BREAK}){_BLANKS}{_START}"
    r"|([(\[{])"
    r"|([)\]}])"
    rf"|{AFTER_FORMATTED_PREFIX}(?:{FORMATTED_REST}|(\"\"\"|'''|\"|'))"
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
_HEADERS = frozenset({"async", "class", "def", "elif", "except", "for", "if", "while", "with"})
_MAX_BRACKETS = 64
_TAB = 8
_MAX_CULPRITS = 5
_END_OF_ROW = re.compile(r"[^\r\n]*")
_TRIPLE = re.compile(rf"{SINGLE}|({TRIPLE})|\#[^\r\n]*", re.DOTALL)
_TOP_LEVEL_CODE = re.compile(
    r"^(?:@\w|(?:async )?def \w+\(|class \w+[(:]|import \w+|from [\w.]+ import |if __name__)", re.MULTILINE
)
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
    """The start of a logical line: its indentation and content, and where the row before it stops and ends."""

    start: int
    column: int
    word: str
    content: int
    previous_stop: int
    previous_end: int


def _begun(match: re.Match[str]) -> _Begun:
    """Return the line that starts behind the line break and the blank lines of `match`."""
    start, content = match.span(_INDENT)
    column = content - start
    if column:
        indentation = match.group(_INDENT)
        if indentation.strip(" "):
            column = _columns(indentation)
    return _Begun(start, column, match.group(_WORD) or "", content, *match.span(_BREAK_GROUP))


def _ending(limit: int) -> _Begun:
    """Return the line that would start at the end of the text."""
    return _Begun(limit, 0, "", limit, limit, limit)


def _columns(indentation: str) -> int:
    column = 0
    for character in indentation:
        if character == "\t":
            column += _TAB - column % _TAB
        else:
            column = 0 if character == "\f" else column + 1
    return column


class _Scan:
    """The scan of ``text[position:limit]`` into logical lines; `position` is where a line may start.

    It ends early before a line that starts at one of `stops`; `stopped` is that place. `unterminated`
    says whether a triple quote was never closed.
    """

    def __init__(self, text: str, position: int, limit: int, stops: frozenset[int] = frozenset()) -> None:
        self.lines: list[Line] = []
        self.unterminated = False
        self.stopped: int | None = None
        self._text = text
        self._limit = limit
        self._stops = stops
        self._brackets: list[str] = []
        self._retreat: _Begun | None = None
        first = _FIRST.match(text, position, limit)
        self._line = _begun(first) if first else _ending(limit)
        if self._line.start in stops:
            self.stopped = self._line.start
        restart: int | None = self._line.start
        while restart is not None and self.stopped is None:
            restart = self._run(restart)

    def _run(self, position: int) -> int | None:
        """Scan from `position` on; return where to go on if that is not behind the last atom."""
        for match in _ATOM.finditer(self._text, position, self._limit):
            kind = match.lastindex
            if kind is None:
                continue
            if kind == _OPENER:
                self._brackets.append(match.group(_OPENER))
            elif kind == _CLOSER:
                self._close(match.group(_CLOSER))
            elif kind <= _WORD:
                if not self._brackets:
                    self._finish(match.end(_BREAK_GROUP), _begun(match))
                    if self.stopped is not None:
                        return None
                elif self._gives_up(_begun(match)):
                    return self._break_off(_begun(match))
            else:
                return self._special(kind, match)
        return None

    def _finish(self, end: int, following: _Begun) -> None:
        line = self._line
        self.lines.append(Line(line.start, end, line.column, line.word))
        self._line = following
        if following.start in self._stops:
            self.stopped = following.start

    def _close(self, bracket: str) -> None:
        """Close brackets up to the one that `bracket` belongs to, if any is open."""
        for index in range(len(self._brackets) - 1, -1, -1):
            if _CLOSED_BY[self._brackets[index]] == bracket:
                del self._brackets[index:]
                if not index:
                    self._retreat = None
                return

    def _gives_up(self, following: _Begun) -> bool:
        """Return whether the line `following` inside brackets shows that one of them is never closed.

        Remembers the first line that could be a statement beside the one begun: if a bracket proves
        to be missing later on, that line is where the scan goes on.
        """
        if following.word in _NEVER_IN_BRACKETS or len(self._brackets) > _MAX_BRACKETS:
            return True
        if self._retreat is None and following.content < self._limit and self._may_be_statement(following):
            self._retreat = following
        return False

    def _may_be_statement(self, following: _Begun) -> bool:
        """Return whether a line inside brackets could be a statement beside the line begun, or in its block."""
        if following.column <= self._line.column:
            return self._text[following.content] not in ")]}"
        return self._line.word in _HEADERS and self._text[following.previous_stop - 1] == ":"

    def _break_off(self, following: _Begun) -> int:
        """End the line begun as broken, at its first possible successor; return where that one starts."""
        line = self._line
        following = self._retreat or following
        self.lines.append(Line(line.start, following.previous_end, line.column, line.word, broken=True))
        self._line = following
        self._brackets.clear()
        self._retreat = None
        if following.start in self._stops:
            self.stopped = following.start
        return following.start

    def _special(self, kind: int, match: re.Match[str]) -> int | None:
        """Handle an f-string that the pattern does not cover, an unterminated one, or the end of the text."""
        if kind == _FORMATTED:
            end = formatted_end(self._text, match.end(), match.group(_FORMATTED))
            if end is not None and end <= self._limit:
                return end
            if len(match.group(_FORMATTED)) == 1:
                return _END_OF_ROW.match(self._text, match.end(), self._limit).end()  # type: ignore[union-attr]
        if kind != _END:
            self.unterminated = True
            return self._break_off(self._next_code(match.end()))
        if self._brackets:
            return self._break_off(_ending(self._limit))
        if self._line.start < self._limit:
            self._finish(self._limit, _ending(self._limit))
        return None

    def _next_code(self, position: int) -> _Begun:
        """Return the first line behind `position` that looks like a statement beside the one begun."""
        for match in _NEXT.finditer(self._text, position, self._limit):
            following = _begun(match)
            if following.column <= self._line.column and _CODE.match(self._text, following.content, self._limit):
                return following
        return _ending(self._limit)


def logical_lines(text: str) -> list[Line]:
    """Return the logical lines of `text`.

    If a triple quote is left open, everything behind it reads inside out. Then the first string that
    holds what looks like top-level code is taken for the culprit, and its first quotes for letters.
    """
    scan = _Scan(text, 0, len(text))
    if not scan.unterminated:
        return scan.lines
    readable = text
    culprits: list[int] = []
    while scan.unterminated and len(culprits) < _MAX_CULPRITS:
        culprit = _misplaced_quotes(readable)
        if culprit is None:
            break
        culprits.append(culprit)
        readable = f"{readable[:culprit]}___{readable[culprit + 3 :]}"
        scan = _Scan(readable, 0, len(text))
    for culprit in culprits:
        index = max(0, bisect_right(scan.lines, culprit, key=_start) - 1)
        scan.lines[index] = scan.lines[index]._replace(broken=True)
    return scan.lines


def _misplaced_quotes(text: str) -> int | None:
    """Return the place of the first triple quotes whose string holds what looks like top-level code."""
    for match in _TRIPLE.finditer(text):
        if match.lastindex and _TOP_LEVEL_CODE.search(match.group()):
            return match.start()
    return None


def updated_lines(text: str, window: Window, old: list[Line]) -> list[Line]:
    """Return the logical lines of `text`, which `window` made out of a text with the lines `old`.

    Lines far from the change are taken over. Broken lines get another chance first. If the change
    leaves brackets or quotes open, all lines behind it stay as they were.
    """
    touched = bisect_left(old, window.start, key=_end)
    behind = bisect_left(old, window.old_end, key=_start)
    attempts = [(touched, behind)]
    if broken := [index for index, line in enumerate(old) if line.broken]:
        attempts.insert(0, (min(touched, broken[0]), max(behind, broken[-1] + 1)))
    for first, stop in attempts:
        lines = _rescanned(text, window, old, first, stop)
        if lines is not None:
            return lines
    return _forced(text, window, old, touched, behind)


def _rescanned(text: str, window: Window, old: list[Line], first: int, behind: int) -> list[Line] | None:
    """Scan again from line `first` on, until a line starts where one from `behind` on did.

    Returns None if a bracket or quote is left open.
    """
    shift = window.shift
    stops = frozenset([line.start + shift for line in old[behind:]])
    scan = _Scan(text, _end_before(old, first), len(text), stops)
    if scan.unterminated or any(line.broken for line in scan.lines):
        return None
    if scan.stopped is None:
        return old[:first] + scan.lines
    kept = bisect_left(old, scan.stopped - shift, key=_start)
    return old[:first] + scan.lines + _shifted(old[kept:], shift)


def _forced(text: str, window: Window, old: list[Line], first: int, behind: int) -> list[Line]:
    """Scan again from line `first` on, up to the first line behind the change whatever is left open."""
    position = _end_before(old, first)
    shift = window.shift
    for kept in range(behind, len(old)):
        stop = old[kept].start + shift
        if stop > position and text[stop - 1] in "\r\n":
            break
    else:
        kept, stop = len(old), len(text)
    fresh = _Scan(text, position, stop).lines
    if fresh:
        fresh[-1] = fresh[-1]._replace(broken=True)
    return old[:first] + fresh + _shifted(old[kept:], shift)


def _shifted(lines: list[Line], shift: int) -> list[Line]:
    if not shift:
        return lines
    return [Line(start + shift, end + shift, column, word, broken) for start, end, column, word, broken in lines]


def _end_before(lines: list[Line], index: int) -> int:
    return lines[index - 1].end if index else 0


def _start(line: Line) -> int:
    return line.start


def _end(line: Line) -> int:
    return line.end
