"""What IPython takes in a cell that is not Python: magics, shell lines, questions. Known from its documentation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ml_architect.text import FREE, Kept, Span

__all__ = ["neutralised"]

_PYTHON_CELL_MAGICS = frozenset(
    {"capture", "debug", "lprun", "memit", "mprun", "prun", "pypy", "python", "python3", "time", "timeit"}
)
"""Cell magics whose cell is Python all the same."""
_LINE_MAGICS = "time|timeit|prun|lprun|memit|mprun"
"""Line magics whose line goes on with a statement."""

_BREAK = r"(?:\r\n|\n|\r)"
_REST = rf"(?:[^\\\r\n]|\\{_BREAK}|\\)*"
"""The rest of a line, and what a backslash continues it with."""
_CELL_MAGIC = re.compile(rf"(?:[ \t\f]*{_BREAK})*(?P<magic>%%(?P<name>\w*))")
_INDENT = re.compile(r"[ \t\f]*")
_ESCAPED = re.compile(rf"[%!?,;/]{_REST}")
_COMPOUND = "async|class|def|for|if|match|try|while|with"
_TIMED = re.compile(
    rf"%(?:{_LINE_MAGICS})[ \t]+(?![-%!?@\s]|(?:{_COMPOUND})\b)(?=[^\r\n?]*(?:[\r\n]|\Z))",
)
_QUESTION = re.compile(r"[^\r\n'\"#]*[^\s'\"#]\?[ \t]*;?[ \t]*(?=[\r\n]|\Z)")
_COMMANDS = "cat|cd|conda|cp|ls|mamba|mkdir|mv|pip|pip3|rm|rmdir"
_OPERATORS = "and|else|for|if|in|is|not|or"
_AUTOMATIC = re.compile(rf"(?:{_COMMANDS})[ \t]+(?!(?:{_OPERATORS})\b)(?:[\w./~]|-\w|--){_REST}")
"""Commands that IPython takes without an escape, as long as no Python statement can begin in this way."""
_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |(?=[\r\n]|\Z))")
_ASSIGNED = re.compile(rf"(?P<target>(?:[^\r\n'\"#=()]|'[^'\r\n]*'|\"[^\"\r\n]*\")+=[ \t]*)(?P<magic>[!%](?!=){_REST})")
_FIRST_LINE = re.compile(rf"(?:[ \t\f]*{_BREAK})*(?P<indent>[ \t]*)(?P<word>>>>|[^\s])")
_ATOM = re.compile(
    r"[^'\"#\\()\[\]{}\r\n]+"
    r"|(?P<quotes>\"\"\"|''')(?:\\.|(?!(?P=quotes)).)*(?:(?P=quotes)|\Z)"
    r"|\"(?:\\(?:\r\n|.)|[^\"\\\r\n])*\"?|'(?:\\(?:\r\n|.)|[^'\\\r\n])*'?"
    rf"|\#[^\r\n]*|\\{_BREAK}?|(?P<open>[(\[{{])|(?P<close>[)\]}}])|(?P<line>{_BREAK})",
    re.DOTALL,
)
_VISIBLE = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class _Found:
    """A place that is not Python, and what to put at its start, such as a statement or the value of an assignment."""

    span: Span
    head: str


def neutralised(text: str) -> tuple[str, tuple[Kept, ...]]:
    """Return the text of one cell as Python of the same length with the same lines, and what is no longer in it.

    A line of IPython's own becomes a constant that nothing looks at, an assigned one a value that nothing knows.
    A cell in another language becomes white space.
    """
    kept: list[Kept] = []
    pieces: list[str] = []
    position = 0
    for found in _found(text):
        own = text[slice(*found.span)]
        kept.append(Kept(found.span, own))
        pieces += (text[position : found.span.start], found.head, _blank(own[len(found.head) :]))
        position = found.span.end
    return "".join((*pieces, text[position:])), tuple(kept)


def _blank(text: str) -> str:
    return _VISIBLE.sub(" ", text)


def _found(text: str) -> Iterator[_Found]:
    position = 0
    if match := _CELL_MAGIC.match(text):
        if match["name"] not in _PYTHON_CELL_MAGICS:
            yield _Found(Span(match.start("magic"), len(text)), "")
            return
        line = _ESCAPED.match(text, match.start("magic"))
        position = line.end() if line else position
        yield _Found(Span(match.start("magic"), position), "")
    outer = _outer(text)
    while position < len(text):
        if outer is not None and (match := outer.match(text, position)):
            yield _Found(Span(*match.span()), FREE * len(match.group()))
            position = match.end()
        place = _INDENT.match(text, position).end()  # type: ignore[union-attr]  # it matches nothing, too
        found = _at_line_start(text, place)
        if found is not None:
            yield found
            place = found.span.end
        position = _behind_line(text, place)


def _outer(text: str) -> "re.Pattern[str] | None":
    """Return what IPython takes off the lines of a cell: prompts that were copied along, or the first indentation."""
    first = _FIRST_LINE.match(text)
    if first is None:
        return None
    if first["word"] == ">>>":
        return _PROMPT
    return re.compile(rf"{first['indent']}(?=[^\s])") if first["indent"] else None


def _at_line_start(text: str, start: int) -> _Found | None:
    """Return what is not Python in the logical line whose first word stands at `start`."""
    if match := _TIMED.match(text, start):
        return _Found(Span(*match.span()), "0;")
    if match := _ESCAPED.match(text, start) or _QUESTION.match(text, start) or _AUTOMATIC.match(text, start):
        return _Found(Span(start, max(start + len(match.group().rstrip()), start + 1)), "0")
    if match := _ASSIGNED.match(text, start):
        return _Found(Span(match.start("magic"), match.start("magic") + len(match["magic"].rstrip())), "_")
    return None


def _behind_line(text: str, position: int) -> int:
    """Return where the logical line that `position` stands in ends."""
    depth = 0
    for match in _ATOM.finditer(text, position):
        if match["line"] and not depth:
            return match.end()
        depth = max(0, depth + bool(match["open"]) - bool(match["close"]))
    return len(text)
