"""Blocks as Markdown."""

import re
from collections.abc import Iterable

from ml_architect.page.blocks import Block, Bullets, Code, Heading, Link, Paragraph, Table

__all__ = ["as_markdown", "escaped"]

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
