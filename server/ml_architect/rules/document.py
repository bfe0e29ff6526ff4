"""A page as a sequence of blocks, and how it reads as Markdown and as plain text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Block", "Bullets", "Code", "Heading", "Link", "Paragraph", "Table", "as_markdown", "as_plain"]


@dataclass(frozen=True, slots=True)
class Link:
    """A title that leads somewhere."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A title of `level` 1 to 6; level 0 is a bold line that opens no section."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; what stands between backticks is code, the rest is plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without an order."""

    items: tuple[str | Link, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str | Link, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Text that keeps its form; `language` names its highlighting."""

    language: str
    text: str


Block: TypeAlias = Heading | Paragraph | Bullets | Table | Code

CODE = re.compile(r"(`+[^`]+`+)")
SPECIAL = re.compile(
    r"[\\*<>\[\]]|(?<![^\W_])_+|_+(?![^\W_])|^(?:[#+-](?=\s)|\d+(?=[.)]\s))",
    re.MULTILINE,
)
"""Marks of Markdown in plain words; an underscore inside a word is none."""
FENCE = re.compile(r"^`{3,}", re.MULTILINE)


def as_markdown(blocks: Iterable[Block]) -> str:
    """Return `blocks` as Markdown that ends with one line break."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def as_plain(blocks: Sequence[Block]) -> str:
    """Return `blocks` as text without any mark-up, for readers that show it as it is."""
    pieces: list[str] = []
    before: Block | None = None
    for block in blocks:
        if before is not None:
            belongs = isinstance(before, Heading) and not isinstance(block, Heading | Paragraph)
            pieces.append("\n" if belongs else "\n\n")
        pieces.append(_plain(block))
        before = block
    return "".join(pieces) + "\n"


def escaped(text: str) -> str:
    """Return plain words as Markdown that shows them unchanged; code between backticks stays code."""
    parts = CODE.split(text)
    return "".join(part if index % 2 else SPECIAL.sub(_escape, part) for index, part in enumerate(parts))


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    return f"{found}\\" if found.isdigit() else "".join(f"\\{character}" for character in found)


def _markdown(block: Block) -> str:
    match block:
        case Heading(0, text):
            return f"**{escaped(text)}**"
        case Heading(level, text):
            return f"{'#' * min(level, 6)} {escaped(text)}"
        case Paragraph(text):
            return escaped(text)
        case Bullets(items):
            return "\n".join(f"- {_markdown_item(item)}" for item in items)
        case Table(header, rows):
            lines = [_row(header), _row("---" for _ in header), *(_row(_cell(cell) for cell in row) for row in rows)]
            return "\n".join(lines)
        case Code(language, text):
            fence = max((match.group() for match in FENCE.finditer(text)), key=len, default="``") + "`"
            return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _markdown_item(item: str | Link) -> str:
    return f"[{escaped(item.title)}]({item.url})" if isinstance(item, Link) else escaped(item)


def _cell(cell: str | Link) -> str:
    return _markdown_item(cell).replace("|", "\\|").replace("\n", " ")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(block: Block) -> str:
    match block:
        case Heading(_, text) | Paragraph(text):
            return text.replace("`", "")
        case Bullets(items):
            return "\n".join(f"- {_plain_item(item)}" for item in items)
        case Table(header, rows):
            return "\n".join(_plain_row(header, row) for row in rows)
        case Code(_, text):
            return "\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines())


def _plain_row(header: tuple[str, ...], row: tuple[str | Link, ...]) -> str:
    return "; ".join(f"{name}: {_plain_item(cell)}" for name, cell in zip(header, row, strict=True))


def _plain_item(item: str | Link) -> str:
    return f"{item.title}: {item.url}" if isinstance(item, Link) else item.replace("`", "")
