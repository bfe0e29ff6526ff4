"""The tokens of one piece of text, with their places."""

import re
from typing import NamedTuple

from ml_architect.syntax.literals import FORMATTED_OPENER, FORMATTED_STRING, PLAIN_STRING, formatted_end

_NAME = r"[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*"
_NUMBER = r"0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?"
_OPERATOR = r"\*\*=?|//=?|>>=?|<<=?|->|:=|[=!<>+\-*/%&|^@]=|\.\.\.|[^\s\\]"
_TOKEN = re.compile(
    rf"(?=[rRbBuUfFtT'\"])(?:{PLAIN_STRING}|{FORMATTED_STRING}|({FORMATTED_OPENER}))"
    rf"|{_NAME}|{_NUMBER}|(\#[^\r\n]*)|{_OPERATOR}",
    re.DOTALL,
)
_FORMATTED, _COMMENT = 1, 2
_BYTE_ORDER_MARK = "\ufeff"


class Tokens(NamedTuple):
    """Significant tokens in text order: their texts, and where each starts and ends."""

    texts: list[str]
    starts: list[int]
    ends: list[int]


def tokenize(text: str) -> Tokens:
    """Return the tokens of `text`, without white space, line ends and comments.

    A string literal is one token, an f-string too. Nothing is rejected: a character that starts
    no token is a token of its own. A byte order mark at the start is none: it would become part of a name.
    """
    tokens = Tokens([], [], [])
    texts, starts, ends = tokens
    position: int | None = 1 if text.startswith(_BYTE_ORDER_MARK) else 0
    while position is not None:
        for match in _TOKEN.finditer(text, position):
            kind = match.lastindex
            if kind is None:
                texts.append(match.group())
                starts.append(match.start())
                ends.append(match.end())
            elif kind == _FORMATTED:
                position = formatted_end(text, match.end(), match.group()) or match.end()
                texts.append(text[match.start() : position])
                starts.append(match.start())
                ends.append(position)
                break
        else:
            position = None
    return tokens


_FIELD_STOPS = frozenset({"}", ":", ":=", "=", "!"})


def field_tokens(text: str, position: int) -> Tokens:
    """Return the tokens of the expression of an f-string's field, which starts at `position`."""
    tokens = Tokens([], [], [])
    depth = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        if match.lastindex == _COMMENT:
            continue
        if match.lastindex == _FORMATTED:
            position = formatted_end(text, position, match.group()) or position
        found = text[match.start() : position]
        if not depth and found in _FIELD_STOPS:
            break
        if found in "([{":
            depth += 1
        elif found in ")]}":
            depth -= 1
        tokens.texts.append(found)
        tokens.starts.append(match.start())
        tokens.ends.append(position)
    return tokens
