"""A document version, a range and a replacement are values; nothing here knows Python."""

from ml_architect.text.edit import Edit, OverlappingEditsError, apply_edits
from ml_architect.text.layout import FREE, Cell, Kept, Layout
from ml_architect.text.patch import unified_patch
from ml_architect.text.source import Location, Part, Source
from ml_architect.text.span import Span

__all__ = [
    "FREE",
    "Cell",
    "Edit",
    "Kept",
    "Layout",
    "Location",
    "OverlappingEditsError",
    "Part",
    "Source",
    "Span",
    "apply_edits",
    "unified_patch",
]
