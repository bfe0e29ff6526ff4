"""A document as a model saw it: in lines, without its secrets, with the rows of the regions that may be edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ml_architect.architect.reply.redaction import redact, restore
from ml_architect.architect.values import Region
from ml_architect.text import Source, Span
from ml_architect.text.lines import split_lines

__all__ = ["Line", "Page", "Place", "page_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the document."""

    text: str
    """As it stands, without its end."""
    view: str
    """As the model saw it."""
    end: str


@dataclass(frozen=True, slots=True)
class Place:
    """The rows of the document that a region, or the text of a block, takes; `last` is not included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Page:
    """The document in lines, and the rows of its regions."""

    lines: tuple[Line, ...]
    regions: Mapping[str, Place]
    newline: str

    @property
    def all_views(self) -> list[str]:
        """All lines as a model would see them."""
        return [line.view for line in self.lines]

    def views(self, place: Place) -> list[str]:
        """Return the lines of `place` as the model saw them."""
        return [line.view for line in self.lines[place.first : place.last]]


def page_of(source: Source, regions: Sequence[Region], placeholders: Sequence[tuple[str, str]]) -> Page:
    """Return the document as the model saw it: its placeholders may be numbered otherwise than ours."""
    given = {secret: name for name, secret in placeholders}
    redacted = redact(source.text)
    shown = restore(redacted.text, [(name, given.get(secret, secret)) for name, secret in redacted.placeholders])
    pairs = zip(split_lines(source.text), split_lines(shown), strict=True)
    lines = tuple(_line(text, view) for text, view in pairs)
    return Page(lines, {region.name: _rows(source, region.span) for region in regions}, source.newline)


def _line(text: str, view: str) -> Line:
    bare = text.rstrip("\r\n")
    return Line(bare, view.rstrip("\r\n"), text[len(bare) :])


def _rows(source: Source, span: Span) -> Place:
    first, last = source.row_at(span.start), source.row_at(span.end)
    begins_row = last < len(source.line_starts) and source.line_starts[last] == span.end
    return Place(first, last if begins_row and last > first else last + 1)
