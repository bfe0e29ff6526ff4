"""A half-open range of code points in one text."""

from typing import NamedTuple


class Span(NamedTuple):
    """Code points ``start`` (inclusive) to ``end`` (exclusive), counted from the start of a text."""

    start: int
    end: int

    def shifted(self, offset: int) -> "Span":
        """Return the same range, `offset` code points further on."""
        return Span(self.start + offset, self.end + offset)

    def contains(self, other: "Span") -> bool:
        """Return whether `other` lies wholly inside this range."""
        return self.start <= other.start and other.end <= self.end

    def touches(self, other: "Span") -> bool:
        """Return whether the two ranges share a code point, or meet where one of them is empty."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end
