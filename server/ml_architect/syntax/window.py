"""What changed between two versions of a text: one range that was replaced."""

from typing import NamedTuple


class Window(NamedTuple):
    """``old[start:old_end]`` became ``new[start:new_end]``; all else is the same."""

    start: int
    old_end: int
    new_end: int

    @property
    def shift(self) -> int:
        """How much further on everything behind the change stands."""
        return self.new_end - self.old_end

    def forward(self, place: int) -> int:
        """Return where `place` of the old text stands in the new one (inside the change: clamped)."""
        if place <= self.start:
            return place
        return place + self.shift if place >= self.old_end else min(place, self.new_end)

    def backward(self, place: int) -> int:
        """Return where `place` of the new text stood in the old one (inside the change: clamped)."""
        if place <= self.start:
            return place
        return place - self.shift if place >= self.new_end else min(place, self.old_end)


def changed_window(old: str, new: str) -> Window:
    """Return the smallest window that turns `old` into `new`."""
    limit = min(len(old), len(new))
    start = _common_prefix(old, new, limit)
    tail = _common_suffix(old, new, limit - start)
    return Window(start, len(old) - tail, len(new) - tail)


def _common_prefix(old: str, new: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(old: str, new: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low
