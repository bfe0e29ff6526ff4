"""Notebooks as values: cells joined into one text, magics made harmless, and the JSON of a file edited in place."""

from ml_architect.notebook.document import Document, NotebookError, read_notebook, rewritten
from ml_architect.notebook.joining import joined

__all__ = ["Document", "NotebookError", "joined", "read_notebook", "rewritten"]
