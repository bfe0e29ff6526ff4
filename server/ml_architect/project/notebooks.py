"""Notebook files as documents, and edited documents as notebook files."""

import codecs
from pathlib import Path

from ml_architect.notebook import NotebookError, joined, read_notebook, rewritten
from ml_architect.project.problems import ProblemKind, ReadProblem
from ml_architect.text import Source

__all__ = ["NOTEBOOK_SUFFIX", "decode_notebook", "encode_notebook", "is_notebook"]

NOTEBOOK_SUFFIX = ".ipynb"


def is_notebook(path: Path | None) -> bool:
    """Return whether the file at `path` is a notebook, by its name."""
    return path is not None and path.suffix == NOTEBOOK_SUFFIX


def decode_notebook(data: bytes, path: Path | None = None) -> Source | ReadProblem:
    """Return the Python cells of the notebook in `data` as one document; an empty one if there are none."""
    try:
        text, has_bom = _text(data)
        cells = [(cell.number, cell.text) for cell in read_notebook(text).cells]
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not {error.encoding} text ({error.reason})"
        return ReadProblem(path or Path("-"), ProblemKind.UNDECODABLE, message)
    except NotebookError as error:
        return ReadProblem(path or Path("-"), ProblemKind.UNDECODABLE, str(error))
    return joined(cells, path, has_bom=has_bom)


def encode_notebook(data: bytes, before: Source, after: Source) -> bytes:
    """Return the notebook in `data`, whose document is `before`, with the changed cells of `after`.

    All else stays as it is to the byte: outputs, identifiers, metadata, the order of keys, white space.
    """
    changed = {
        new.number: new.source.text
        for old, new in zip(before.parts, after.parts, strict=True)
        if new.number is not None and new.source.text != old.source.text
    }
    if not changed:
        return data
    text, has_bom = _text(data)
    return (codecs.BOM_UTF8 if has_bom else b"") + rewritten(text, changed).encode()


def _text(data: bytes) -> tuple[str, bool]:
    has_bom = data.startswith(codecs.BOM_UTF8)
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8"), has_bom
