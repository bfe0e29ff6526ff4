"""Where the page of a rule is found: in the installed package, so that it opens without a network."""

from functools import cache
from pathlib import Path

__all__ = ["rule_page", "rule_url"]

_PAGES = Path(__file__).parent.parent / "docs" / "rules"


def rule_page(name: str) -> Path:
    """Return the file that describes the rule or built-in check with this name."""
    return _PAGES.resolve() / f"{name}.md"


@cache
def rule_url(name: str) -> str:
    """Return the address (``file://``) of the page of the rule or built-in check with this name."""
    return rule_page(name).as_uri()
