"""Pages for people: blocks, the one shape of an answer, and how both are written down."""

from ml_architect.page.blocks import Block, Bullets, Code, Heading, Link, Paragraph, Table
from ml_architect.page.html import as_html
from ml_architect.page.markdown import as_markdown, escaped
from ml_architect.page.plain import as_plain

__all__ = [
    "Block",
    "Bullets",
    "Code",
    "Heading",
    "Link",
    "Paragraph",
    "Table",
    "as_html",
    "as_markdown",
    "as_plain",
    "escaped",
]
