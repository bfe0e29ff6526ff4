"""Makes a model's words harmless: no mark-up that loads, opens, runs or hides anything survives.

What is left are plain words, code between backticks, code in fences, list items and small titles.
"""

import re
from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

from ml_architect.architect.reply.characters import is_odd
from ml_architect.rules import all_rules

__all__ = ["MOST_CHARACTERS", "Cleaner", "harmless"]

MOST_CHARACTERS = 3_000
"""Of one section; the whole answer is asked to be shorter than twice this."""

_OPEN_HOSTS = frozenset({"github.com", "huggingface.co"})
"""Anyone can publish there: only the very pages that our rules name are linked."""
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ACTIVE = re.compile(r"<(script|style|iframe|svg|object|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,20}:[^<>\s]*)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_DEFINITION = re.compile(r"^[ \t]*\[[^\]\n]+\]:[ \t]*\S.*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])?")
_LINK = re.compile(r"\[([^\[\]\n]*)\](?:\(\s*<?([^)\s>]*)>?[^)\n]*\)|\[[^\]\n]*\])")
_JOINT = re.compile(r"(\]|!)([(\[])")
"""What is left where brackets were nested or not closed; apart they are plain characters."""
_ADDRESS = re.compile(
    r"\b(?:[A-Za-z][A-Za-z0-9+.-]{1,20}://|(?:command|data|javascript|vbscript|file|vscode|vscode-insiders|mailto):(?=\S)"
    r"|www\.)[^\s<>\"'`)\]]*",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"^[ \t]*(?:={3,}|-{3,}|\*{3,}|_{3,})[ \t]*$")
_STRONG = re.compile(r"(?<!\w)(\*\*|__)(?=\S)([^*_\n]+?)(?<=\S)\1(?!\w)")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)([^`\n]+)\1(?!`)")
_LINE_END = re.compile(r"\r\n?|[\x85\u2028\u2029]")
REMOVED = "[link removed]"


class Cleaner:
    """Cleans texts, and remembers in `remarks` what it had to take out."""

    def __init__(self) -> None:
        self.remarks: dict[str, None] = {}

    def note(self, remark: str) -> None:
        """Add a remark, once."""
        self.remarks.setdefault(remark)

    def text(self, text: str, most: int = MOST_CHARACTERS) -> str:
        """Return `text` made harmless, of at most `most` characters."""
        text = self._characters(text)
        if len(text) > most:
            self.note("a text that was too long was cut")
            text = text[:most].rstrip() + " ..."
        pieces = [self._prose(piece) if is_prose else self._code(piece) for is_prose, piece in _divided(text)]
        return "\n".join(piece for piece in pieces if piece.strip()).strip()

    def line(self, text: str, most: int = 240) -> str:
        """Return `text` made harmless, as one line."""
        return " ".join(self.text(text.replace("```", "`"), most).split())

    def _characters(self, text: str) -> str:
        text = _LINE_END.sub("\n", text).replace("\f", "").replace("\t", "    ")
        clean = "".join(character for character in text if not is_odd(character))
        if clean != text:
            self.note("invisible or control characters were taken out")
        return clean

    def _code(self, text: str) -> str:
        """Return a code block whose lines hold no address; the fence is a plain one."""
        rows = text.split("\n")
        language = _FENCE.match(rows[0])
        body = [self._addresses(row.replace("```", "")) for row in rows[1:] if not _FENCE.match(row)]
        return "\n".join([f"```{language.group(2) if language else ''}", *body, "```"])

    def _prose(self, text: str) -> str:
        text = _balanced(_AUTOLINK.sub(r"\1", text))
        bare = _balanced(_ACTIVE.sub("", _COMMENT.sub("", text)))
        bare = _outside_code(bare, _tagless)
        if bare != text:
            self.note("HTML was taken out")
        if _IMAGE.search(bare):
            self.note("an image was taken out")
        bare = _IMAGE.sub(r"\1", _DEFINITION.sub("", bare))
        bare = self._addresses(_LINK.sub(self._link, bare))
        bare = _outside_code(_balanced(bare), lambda part: _JOINT.sub(r"\1 \2", part))
        return _balanced("\n".join(_line(row) for row in bare.split("\n") if not _UNDERLINE.match(row)))

    def _link(self, match: re.Match[str]) -> str:
        title, url = match.group(1), match.group(2) or ""
        if _is_documentation(url):
            return f"{title} ({url})"
        self.note("a link was taken out")
        return title

    def _addresses(self, text: str) -> str:
        def kept(match: re.Match[str]) -> str:
            url = match.group().rstrip(".,;:!?")
            if _is_documentation(url):
                return match.group()
            self.note("a link was taken out")
            return REMOVED

        return _ADDRESS.sub(kept, text)


def harmless(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return a model's `text` made harmless, of at most `most` characters."""
    return Cleaner().text(text, most)


def _divided(text: str) -> list[tuple[bool, str]]:
    """Return the parts of `text`, whether each is prose; a fence that is not closed goes to the end."""
    parts: list[tuple[bool, list[str]]] = [(True, [])]
    fence = ""
    for row in text.split("\n"):
        found = _FENCE.match(row)
        if not fence and found:
            fence = found.group(1)
            parts.append((False, [row]))
        elif fence and found and found.group(1).startswith(fence) and row.strip() == found.group(1):
            fence = ""
            parts[-1][1].append(row)
            parts.append((True, []))
        else:
            parts[-1][1].append(row)
    return [(is_prose, "\n".join(rows)) for is_prose, rows in parts if rows]


def _balanced(text: str) -> str:
    """Return `text` with each code span between single backticks, apart from the next one, and no other backtick.

    Readers of Markdown pair backticks in different ways; what one takes for code another must not take for HTML.
    """
    spans = _SPAN.sub(lambda match: f"\0{match.group(2).strip()}\0", text).replace("`", "")
    return re.sub(r"\0([^\0\n]*)\0(?=(\0?))", _ticked, spans)


def _ticked(match: re.Match[str]) -> str:
    code = match.group(1)
    return f"`{code}`{' ' if match.group(2) else ''}" if code else ""


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts = re.split(r"(`[^`\n]*`)", text)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _line(row: str) -> str:
    heading = _HEADING.match(row)
    return f"#### {heading.group(1)}" if heading else _outside_code(row, lambda part: _STRONG.sub(r"\2", part))


def _tagless(text: str) -> str:
    while (shorter := _TAG.sub("", text)) != text:
        text = shorter
    return _TAG_START.sub("", text)


def _is_documentation(url: str) -> bool:
    """Return whether `url` leads to documentation that one of our rules names, or to a page beside it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.netloc != parts.hostname or port is not None or parts.query:
        return False
    hosts, pages = _references()
    return url in pages if parts.hostname in _OPEN_HOSTS else parts.hostname in hosts


@cache
def _references() -> tuple[frozenset[str], frozenset[str]]:
    pages = frozenset(reference.url for rule in all_rules() for reference in rule.references)
    return frozenset(urlsplit(page).netloc for page in pages), pages
