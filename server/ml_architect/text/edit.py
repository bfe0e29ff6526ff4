"""Replacements in a text, and how a set of them is applied."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from ml_architect.text.span import Span


class Edit(NamedTuple):
    """Put `replacement` in the place of the code points of `span` (an insertion has an empty span)."""

    span: Span
    replacement: str


class OverlappingEditsError(ValueError):
    """Two edits of one set claim the same code points."""


def ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Return `edits` without repetitions, in text order.

    Raises:
        OverlappingEditsError: if two different edits overlap.
    """
    result = sorted(set(edits))
    for before, after in pairwise(result):
        if after.span.start < before.span.end:
            message = f"edits overlap at {after.span.start}"
            raise OverlappingEditsError(message)
    return result


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with all `edits` made; spans refer to the text before any of them.

    Raises:
        OverlappingEditsError: if two different edits overlap.
    """
    pieces: list[str] = []
    position = 0
    for edit in ordered(edits):
        pieces += (text[position : edit.span.start], edit.replacement)
        position = edit.span.end
    pieces.append(text[position:])
    return "".join(pieces)
