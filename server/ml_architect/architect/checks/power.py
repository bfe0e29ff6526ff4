"""One thing that a document can do, as a value."""

from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Power", "PowerKind"]


class PowerKind(str, Enum):
    """What sort of thing a power is; the value is how a refusal speaks of it."""

    CALL = "the call of"
    READ = "the use of"
    IMPORT = "the import of"
    BIND = "the new meaning of"
    STORE = "the assignment to"
    ARGUMENT = "the argument"
    STRING = "the text"
    FORMATTED = "the formatted text"
    DECORATOR = "the decorator"
    DUNDER = "the internal name"
    CONSTRUCT = "the new"


@dataclass(frozen=True, slots=True)
class Power:
    """One thing that a document does; where it does it does not count."""

    kind: PowerKind
    name: str
    detail: str = ""
    """What an import binds its name to."""
    offset: int = field(default=0, compare=False)
