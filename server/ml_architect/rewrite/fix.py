"""A repair: edits with a title and a promise about behaviour."""

from dataclasses import dataclass
from enum import Enum

from ml_architect.text.edit import Edit


class Safety(str, Enum):
    """Whether a repair keeps what the program does."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits to one document that repair one finding; spans count code points from the document's start."""

    title: str
    edits: tuple[Edit, ...]
    safety: Safety
