"""Blocks as text without any mark-up."""

from collections.abc import Sequence

from ml_architect.page.blocks import Block, Bullets, Code, Heading, Link, Paragraph, Table

__all__ = ["as_plain"]


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
