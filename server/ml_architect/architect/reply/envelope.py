"""The strict reader of replies: a reply is an envelope with sections and blocks, a decline, or refused.

The reply's text is hostile until proven otherwise. Only lines between the opening and the end line that carry this
request's nonce count, so neither a comment of the file nor an earlier reply can pass for one.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ml_architect.architect.reply.cleaning import harmless
from ml_architect.architect.reply.marks import (
    FENCE,
    HEADING,
    MOST_CHARACTERS,
    MalformedError,
    Mark,
    mark_of,
    opened,
    unfenced,
)
from ml_architect.architect.values import Refusal, Rung, Section
from ml_architect.page.shape import Kind, needed, sections_of

__all__ = ["MOST_BLOCKS", "MOST_CHARACTERS", "Block", "Decline", "Envelope", "read_reply"]

MOST_BLOCKS = 4
"""More blocks than this are no small repair any more."""
MOST_REASON = 600
"""Characters of a decline that are shown."""
FIRST = needed(Kind.EXPLAIN)[0]
"""The section without which a repair is refused; what else is missing in an explanation is asked for, then shown."""

_NO_BLOCKS = "an explanation changes no code; leave the blocks out"
_NO_LETTER = re.compile(r"[^a-z]")
_SECTION_NAMES = MappingProxyType({section.value: section for section in sections_of(Kind.EXPLAIN)})


@dataclass(frozen=True, slots=True)
class Block:
    r"""One change of a region. `old` and `new` are whole lines that end with ``\n``; an empty text has no line."""

    region: str
    line: int | None
    """Where `old` starts, as the model counts lines of the document (from 1): a hint."""
    old: str | None
    """What to replace; None where `new` is the whole region."""
    new: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A reply that keeps the grammar; nothing in it is checked yet."""

    sections: Mapping[Section, str]
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Decline:
    """The model's own words why it changes nothing, made harmless."""

    reason: str


@dataclass(slots=True)
class _Body:
    """What has been read of an envelope so far."""

    sections: dict[Section, list[str]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    open_section: list[str] | None = None
    fenced: bool = False


class _UnknownRegionError(Exception):
    """A block names a region that was not offered."""


def read_reply(text: str, nonce: str, regions: Collection[str], wants_blocks: bool) -> Envelope | Decline | Refusal:
    """Return what `text` holds between the marks with `nonce`, or why it is refused.

    `regions` are the names that a block may name; `wants_blocks` tells a repair from an explanation.
    """
    wanted = "FIX" if wants_blocks else "EXPLAIN"
    try:
        word, lines = opened(text, nonce, (wanted,), f"<<<{wanted} {nonce}>>>")
        return Decline(_reason(lines)) if word == "DECLINE" else _complete(_read(lines, regions), wants_blocks)
    except MalformedError as problem:
        return Refusal(Rung.PROTOCOL, str(problem))
    except _UnknownRegionError as problem:
        return Refusal(Rung.APPLY, str(problem))


def _reason(lines: list[str]) -> str:
    if any(mark_of(line) for line in lines):
        message = "a decline holds a reason and nothing else; leave the other <<<...>>> lines out"
        raise MalformedError(message)
    return harmless("\n".join(lines), MOST_REASON)


def _read(lines: list[str], regions: Collection[str]) -> _Body:
    """Return the sections and blocks of an envelope."""
    body = _Body()
    row = 0
    while row < len(lines):
        mark = mark_of(lines[row])
        if mark is not None:
            block, row = _block(mark, lines, row + 1, regions)
            body.blocks.append(block)
            _close_section(body)
        else:
            _text_line(body, lines[row])
            row += 1
    return body


def _close_section(body: _Body) -> None:
    """End the open section; a fence that it left open on its last line belongs to the block that follows."""
    rows = body.open_section
    if rows and body.fenced and FENCE.fullmatch(rows[-1].strip()):
        rows.pop()
    body.open_section, body.fenced = None, False


def _text_line(body: _Body, line: str) -> None:
    """Take a line that stands in no block."""
    fence = FENCE.fullmatch(line.strip())
    heading = None if body.fenced else HEADING.fullmatch(line.strip())
    if heading:
        section = _section(heading.group(1))
        if section in body.sections:
            message = f"the section ## {section.value} stands there twice; write it once"
            raise MalformedError(message)
        body.open_section = body.sections[section] = []
    elif body.open_section is not None:
        body.fenced ^= fence is not None
        body.open_section.append(line)
    elif body.blocks and line.strip() and not fence:
        message = "text stands between or after the blocks; write it into a section"
        raise MalformedError(message)


def _section(title: str) -> Section:
    section = _SECTION_NAMES.get(_NO_LETTER.sub("", title.lower()))
    if section is None:
        names = ", ".join(f"## {name}" for name in _SECTION_NAMES)
        message = f"an unknown section; the sections are {names}"
        raise MalformedError(message)
    return section


def _block(mark: Mark, lines: list[str], row: int, regions: Collection[str]) -> tuple[Block, int]:
    """Return the block that `mark` opens, whose next line is `row`, and the row behind it."""
    if mark.word == "EDIT":
        region, hint = _edit_header(mark.rest)
    elif mark.word == "REGION":
        region, hint = mark.rest, None
    elif mark.word in {"OLD", "NEW", "DONE"}:
        message = f"<<<{mark.word}>>> stands outside a block; open each block with <<<EDIT region line=n>>>"
        raise MalformedError(message)
    else:
        message = "an unknown <<<...>>> line; use EDIT, OLD, NEW, DONE, REGION and END, as the grammar says"
        raise MalformedError(message)
    if not regions:
        raise MalformedError(_NO_BLOCKS)
    if region not in regions:
        message = f"a block names an unknown region; the regions are {', '.join(sorted(regions))}"
        raise _UnknownRegionError(message)
    if mark.word == "REGION":
        new, row = _until("DONE", lines, row)
        return Block(region, hint, None, new), row
    while row < len(lines) and not lines[row].strip():
        row += 1
    found = mark_of(lines[row]) if row < len(lines) else None
    if found != Mark("OLD", ""):
        message = f"an edit of {region} is malformed: <<<OLD>>> has to follow its first line"
        raise MalformedError(message)
    old, row = _until("NEW", lines, row + 1)
    new, row = _until("DONE", lines, row)
    return Block(region, hint, old, new), row


def _edit_header(rest: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"([A-Za-z]\w*)(?:\s+line\s*=\s*(\d{1,7}))?", rest, re.ASCII)
    if found is None:
        message = "an edit's first line is malformed; write <<<EDIT region line=n>>>"
        raise MalformedError(message)
    return found.group(1), int(found.group(2)) if found.group(2) else None


def _until(word: str, lines: list[str], row: int) -> tuple[str, int]:
    """Return the lines before the mark `word` as text, and the row behind the mark."""
    for end in range(row, len(lines)):
        mark = mark_of(lines[end])
        if mark == Mark(word, ""):
            return unfenced(lines[row:end]), end + 1
        if mark is not None:
            break
    message = f"a block is malformed: its text has to end with the line <<<{word}>>>"
    raise MalformedError(message)


def _complete(body: _Body, wants_blocks: bool) -> Envelope:
    """Return what was read, if nothing is missing."""
    sections = {section: text for section, rows in body.sections.items() if (text := "\n".join(rows).strip())}
    if FIRST not in sections and (wants_blocks or not sections):
        state = "empty" if FIRST in body.sections else "missing"
        message = f"the section ## {FIRST.value} is {state}; write it"
        raise MalformedError(message)
    if len(body.blocks) > MOST_BLOCKS:
        message = f"the reply has {len(body.blocks)} blocks; use {MOST_BLOCKS} at most"
        raise MalformedError(message)
    if wants_blocks and not body.blocks:
        message = "the reply changes nothing; add an <<<EDIT region line=n>>> block, or decline"
        raise MalformedError(message)
    if body.blocks and not wants_blocks:
        raise MalformedError(_NO_BLOCKS)
    return Envelope(MappingProxyType(sections), tuple(body.blocks))
