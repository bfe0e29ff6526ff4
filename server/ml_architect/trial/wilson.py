"""How sure a share is that was counted in few trials."""

from dataclasses import dataclass
from math import sqrt

__all__ = ["Rate", "wilson"]

_Z = 1.959963984540054
"""The quantile of the normal distribution for 95 %, two-sided."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % score interval for a share of `hits` in `of` trials; (0, 1) without any trial.

    The formula is that of E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    Journal of the American Statistical Association 22 (1927), 209-212, without correction for continuity.

    Raises:
        ValueError: if `hits` is not from 0 to `of`.
    """
    if not 0 <= hits <= of:
        message = f"{hits} of {of} is no share"
        raise ValueError(message)
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """The share, None without any trial."""
        return self.hits / self.of if self.of else None

    def as_json(self) -> dict[str, float | int | None]:
        """Return counts, share and interval as plain values."""
        low, high = wilson(self.hits, self.of)
        return {"hits": self.hits, "of": self.of, "share": self.share, "low": low, "high": high}

    def __str__(self) -> str:
        if not self.of:
            return "-"
        low, high = wilson(self.hits, self.of)
        return f"{self.hits}/{self.of} {self.hits / self.of:.0%} ({low:.0%} to {high:.0%})"
