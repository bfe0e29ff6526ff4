"""Python text as a tree of statements with places, kept up to date while the text is edited."""

from ml_architect.syntax.module import Module, parse

__all__ = ["Module", "parse"]
