"""Yes, no, or unknown."""

from collections.abc import Iterable
from enum import Enum


class Answer(Enum):
    """What a fact says. Rules act on `YES` (or on `NO`); `UNKNOWN` is silent by default.

    An answer has no truth value, so that ``if facts.is_kind(...)`` cannot mistake unknown for yes.
    """

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        """Refuse to be a bool.

        Raises:
            TypeError: always; compare with ``is Answer.YES`` or ``is Answer.NO``.
        """
        message = "an answer is not a bool: compare it with Answer.YES or Answer.NO"
        raise TypeError(message)

    @classmethod
    def of(cls, value: bool | None) -> "Answer":
        """Return the answer for True, False or None."""
        return cls.UNKNOWN if value is None else cls.YES if value else cls.NO

    @classmethod
    def agree(cls, answers: "Iterable[Answer]") -> "Answer":
        """Return the common answer, `UNKNOWN` where answers differ or there are none."""
        seen = set(answers)
        return seen.pop() if len(seen) == 1 else cls.UNKNOWN
