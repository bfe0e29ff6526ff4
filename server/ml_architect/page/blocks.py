"""What a page is made of: plain values in the order in which they are read."""

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Block", "Bullets", "Code", "Heading", "Link", "Paragraph", "Table"]


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
