"""The strict reader of answers to a user's own question: sections and whole files, or questions, in one envelope.

As in every reply, only lines between the opening and the end line that carry this request's nonce count.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ml_architect.architect.answers import Asked
from ml_architect.architect.reply.cleaning import Cleaner
from ml_architect.architect.reply.envelope import Decline
from ml_architect.architect.reply.marks import FENCE, HEADING, MalformedError, Mark, mark_of, opened, unfenced
from ml_architect.architect.values import Refusal, Rung, Section
from ml_architect.page.shape import Kind, sections_of

__all__ = ["MOST_FILES", "MOST_QUESTIONS", "Letter", "Questions", "read_letter"]

MOST_FILES = 8
MOST_QUESTIONS = 5
_MOST_REASON = 600
_SUFFIXES = (".py", ".toml", ".txt", ".yaml", ".yml", ".json", ".cfg", ".ini")
_FILE_NAME = re.compile(r"(?:[\w-]+/){0,3}[\w][\w.-]{0,60}", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9-]{0,40}")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_NO_LETTER = re.compile(r"[^a-z]")
_SECTIONS = MappingProxyType({section.value: section for section in sections_of(Kind.ASK)})


@dataclass(frozen=True, slots=True)
class Letter:
    """An answer that keeps the grammar; nothing in it is checked yet."""

    sections: Mapping[Section, str]
    files: Mapping[str, str]
    """The text of each file by its name, in the order of the reply."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What the model wants to know first."""

    items: tuple[Asked, ...]


@dataclass(slots=True)
class _Body:
    sections: dict[Section, list[str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    open_section: Section | None = None
    fenced: bool = False


def read_letter(text: str, nonce: str) -> Letter | Questions | Decline | Refusal:
    """Return what `text` holds between the marks with `nonce`, or why it is refused."""
    try:
        word, lines = opened(text, nonce, ("ANSWER", "QUESTIONS"), f"<<<ANSWER {nonce}>>>")
        if word == "DECLINE":
            return Decline(Cleaner().text("\n".join(line for line in lines if not mark_of(line)), _MOST_REASON))
        return Questions(_questions(lines)) if word == "QUESTIONS" else _letter(lines)
    except MalformedError as problem:
        return Refusal(Rung.PROTOCOL, str(problem))


def _questions(lines: list[str]) -> tuple[Asked, ...]:
    found: dict[str, Asked] = {}
    cleaner = Cleaner()
    for line in lines:
        parts = [part.strip() for part in _BULLET.sub("", line).strip().strip("|").split("|", 2)]
        key = parts[0].strip("`* ").lower().replace("_", "-")
        if len(parts) == 3 and _KEY.fullmatch(key) and parts[1] and parts[2]:  # noqa: PLR2004 - three fields
            found.setdefault(key, Asked(key, cleaner.line(parts[1]), cleaner.line(parts[2])))
        elif line.strip():
            message = "a question is malformed; write each on one line as: key | the question | what it decides"
            raise MalformedError(message)
    if not found:
        message = "the questions are missing; write each on one line as: key | the question | what it decides"
        raise MalformedError(message)
    return tuple(found.values())[:MOST_QUESTIONS]


def _letter(lines: list[str]) -> Letter:
    body = _Body()
    row = 0
    while row < len(lines):
        mark = mark_of(lines[row])
        if mark is not None:
            row = _file(body, mark, lines, row + 1)
        else:
            _text_line(body, lines[row])
            row += 1
    sections = {name: text for name, rows in body.sections.items() if (text := "\n".join(rows).strip())}
    if not sections and not body.files:
        message = "the answer is empty; write the sections and the files that were asked for"
        raise MalformedError(message)
    return Letter(MappingProxyType(sections), MappingProxyType(body.files))


def _file(body: _Body, mark: Mark, lines: list[str], row: int) -> int:
    """Take the file that `mark` opens, whose first line is `row`; return the row behind it."""
    if mark.word != "FILE":
        message = "an unknown <<<...>>> line; use FILE, DONE and END, as the grammar says"
        raise MalformedError(message)
    name = mark.rest.strip("`'\" ")
    if not _FILE_NAME.fullmatch(name) or not name.endswith(_SUFFIXES):
        message = f"a file has no plain name; write <<<FILE name>>> with a name that ends with {', '.join(_SUFFIXES)}"
        raise MalformedError(message)
    if name in body.files:
        message = f"the file {name} stands there twice; write it once"
        raise MalformedError(message)
    if len(body.files) >= MOST_FILES:
        message = f"the answer has more than {MOST_FILES} files; use fewer"
        raise MalformedError(message)
    for end in range(row, len(lines)):
        found = mark_of(lines[end])
        if found == Mark("DONE", ""):
            body.files[name] = unfenced(_trimmed(lines[row:end]))
            body.fenced = False
            return end + 1
        if found is not None:
            break
    message = f"the file {name} is malformed: its text has to end with the line <<<DONE>>>"
    raise MalformedError(message)


def _trimmed(lines: list[str]) -> list[str]:
    """Return `lines` without blank ones at both ends."""
    filled = [row for row, line in enumerate(lines) if line.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _text_line(body: _Body, line: str) -> None:
    fence = FENCE.fullmatch(line.strip())
    heading = None if body.fenced else HEADING.fullmatch(line.strip())
    if heading:
        body.open_section = _section(heading.group(1))
        if body.open_section in body.sections:
            message = f"the section ## {body.open_section.value} stands there twice; write it once"
            raise MalformedError(message)
        body.sections[body.open_section] = []
    elif body.open_section is not None:
        body.fenced ^= fence is not None
        body.sections[body.open_section].append(line)


def _section(title: str) -> Section:
    section = _SECTIONS.get(_NO_LETTER.sub("", title.lower()))
    if section is None:
        names = ", ".join(f"## {name}" for name in _SECTIONS)
        message = f"an unknown section; the sections are {names}"
        raise MalformedError(message)
    return section
