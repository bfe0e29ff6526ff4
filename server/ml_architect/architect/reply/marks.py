"""The outer form of every reply: an envelope of marked lines, of which only those with this request's nonce count."""

import re
from collections.abc import Collection
from dataclasses import dataclass

__all__ = [
    "FENCE",
    "HEADING",
    "MOST_CHARACTERS",
    "MalformedError",
    "Mark",
    "mark_of",
    "opened",
    "unfenced",
]

MOST_CHARACTERS = 100_000
"""A longer reply is not read: it is many times what was asked for, thinking aloud included."""
HEADING = re.compile(r"##(?!#)\s*(.*)")
FENCE = re.compile(r"(`{3,}|~{3,})\s*\w*")

_OPENERS = frozenset({"FIX", "EXPLAIN", "ANSWER", "QUESTIONS", "DECLINE"})
_THINKING = re.compile(r"\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL)
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the form ``<<<WORD rest>>>``."""

    word: str
    rest: str


class MalformedError(Exception):
    """The reply leaves the grammar; its text is the line for the model."""


def opened(text: str, nonce: str, words: Collection[str], opener: str) -> tuple[str, list[str]]:
    """Return the word of the opening line, one of `words` or a decline, and the lines between it and the end line.

    `opener` is the line that a model is told to start with.

    Raises:
        MalformedError: if there is no such envelope, or more than one.
    """
    return _envelope(_lines(text, opener), nonce, {*words, "DECLINE"}, opener)


def mark_of(line: str) -> Mark | None:
    """Return the mark that a line is, None where it is none."""
    line = line.strip()
    if not (line.startswith("<<<") and line.endswith(">>>")):
        return None
    word, _, rest = line[3:-3].strip().partition(" ")
    return Mark(word, rest.strip()) if word.isascii() and word.isalpha() else None


def unfenced(lines: list[str]) -> str:
    """Return `lines` as text, without a code fence that is their first and last line."""
    fence = FENCE.fullmatch(lines[0].strip()) if len(lines) > 1 else None
    if fence and lines[-1].strip() == fence.group(1):
        lines = lines[1:-1]
    return "".join(f"{line}\n" for line in lines)


def _lines(text: str, opener: str) -> list[str]:
    if len(text) > MOST_CHARACTERS:
        message = f"the reply has more than {MOST_CHARACTERS} characters; answer with the envelope alone"
        raise MalformedError(message)
    if not text.strip():
        message = f"the reply is empty; start with the line {opener}"
        raise MalformedError(message)
    thinking = _THINKING.match(text)
    return _LINE_END.sub("\n", text[thinking.end() :] if thinking else text).split("\n")


def _envelope(lines: list[str], nonce: str, words: Collection[str], opener: str) -> tuple[str, list[str]]:
    marks = [(row, mark) for row, line in enumerate(lines) if (mark := mark_of(line))]
    starts = [(row, mark.word) for row, mark in marks if mark.word in _OPENERS and mark.rest == nonce]
    ends = [row for row, mark in marks if mark.word == "END" and mark.rest == nonce]
    end_line = f"<<<END {nonce}>>>"
    if not starts:
        raise MalformedError(_no_opener(lines, [mark for _, mark in marks], opener, nonce))
    if len(starts) > 1 or len(ends) > 1:
        message = f"the reply holds more than one envelope; send exactly one, from {opener} to {end_line}"
        raise MalformedError(message)
    if not ends or ends[0] < starts[0][0]:
        message = f"the reply is incomplete: the line {end_line} is missing at its end"
        raise MalformedError(message)
    start, word = starts[0]
    if word not in words:
        message = f"the reply starts with the wrong line; start with {opener}"
        raise MalformedError(message)
    return word, lines[start + 1 : ends[0]]


def _no_opener(lines: list[str], marks: list[Mark], opener: str, nonce: str) -> str:
    """Return what to tell a model whose reply has no opening line with `nonce`."""
    if any(mark.word in _OPENERS for mark in marks):
        return f"the marks of the reply do not carry {nonce}; start with the line {opener}"
    first = next(line.strip() for line in lines if line.strip())
    form = "prose"
    if first.startswith(("{", "[")):
        form = "JSON"
    elif any(line.startswith(("--- ", "+++ ", "@@ ")) for line in lines):
        form = "a diff"
    return f"the reply is {form} without an envelope; start with the line {opener}, or with <<<DECLINE {nonce}>>>"
