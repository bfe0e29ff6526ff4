"""File patterns, read as in a ``.gitignore``."""

from functools import lru_cache
from pathlib import PurePath

from pathspec import GitIgnoreSpec

__all__ = ["compiled", "is_pattern", "matches"]


@lru_cache(maxsize=256)
def compiled(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    """Return the matcher for `patterns`, of which the last that matches decides.

    Raises:
        ValueError: if one of them is no pattern.
    """
    return GitIgnoreSpec.from_lines(patterns)


def is_pattern(text: str) -> bool:
    """Return whether `text` can be read as a pattern."""
    try:
        compiled((text,))
    except (ValueError, TypeError):
        return False
    return True


def matches(patterns: tuple[str, ...], path: PurePath, root: PurePath | None, *, folder: bool = False) -> bool:
    """Return whether `path` matches `patterns` that stand in `root`.

    Both are absolute; without a root, or above it, the whole path counts.
    """
    if not patterns:
        return False
    if root is not None and path.is_relative_to(root):
        path = path.relative_to(root)
    text = path.as_posix().lstrip("/")
    return compiled(patterns).match_file(f"{text}/" if folder else text)
