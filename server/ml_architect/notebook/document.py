"""The JSON of a notebook file: which cells it has, and how the source of some is replaced while all else stays.

The text is never written anew from its values, so that key order, indentation, escapes and outputs stay as they are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json.decoder import JSONDecodeError, JSONDecoder
from typing import Any, Final

from ml_architect.notebook.literals import replaced_value
from ml_architect.text import Span

__all__ = ["Document", "NotebookCell", "NotebookError", "read_notebook", "rewritten"]

_DECODER: Final = JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_OLDEST_FORMAT = 4
_TOO_DEEP = "its JSON nests too deeply"


class NotebookError(ValueError):
    """A text is not a notebook that can be read; the message says why on one line."""

    def __init__(self, why: str) -> None:
        super().__init__(f"is not a notebook: {why}")


@dataclass(frozen=True, slots=True)
class NotebookCell:
    """One cell with Python code."""

    number: int
    """Its place among all cells, from 1."""
    text: str
    value: Span
    """Where the JSON value of its source stands in the file."""


@dataclass(frozen=True, slots=True)
class Document:
    """The Python cells of one notebook file, in order; none if it is in another language."""

    cells: tuple[NotebookCell, ...]


def read_notebook(text: str) -> Document:
    """Return the notebook that the JSON `text` describes.

    Raises:
        NotebookError: if it is not JSON, or not a notebook in format 4.
    """
    whole = _decoded(text)
    if not isinstance(whole, dict):
        why = "it is not a JSON object"
        raise NotebookError(why)
    _expect_format(whole)
    return Document(tuple(_cells(text)) if _is_python(whole) else ())


def rewritten(text: str, texts: Mapping[int, str]) -> str:
    """Return the JSON `text` with the source of some cells replaced: `texts` has the new ones by cell number.

    Raises:
        NotebookError: if `text` is not a notebook.
    """
    pieces: list[str] = []
    position = 0
    for cell in read_notebook(text).cells:
        new = texts.get(cell.number)
        if new is not None and new != cell.text:
            value = text[slice(*cell.value)]
            pieces += (text[position : cell.value.start], replaced_value(value, new, text))
            position = cell.value.end
    return "".join((*pieces, text[position:]))


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except JSONDecodeError as error:
        why = f"it is not JSON ({error.msg}, line {error.lineno})" if text.strip() else "it is empty"
        raise NotebookError(why) from error
    except RecursionError as error:
        raise NotebookError(_TOO_DEEP) from error
    except ValueError as error:  # a number too long to be read
        raise NotebookError(str(error)) from error


def _expect_format(whole: Mapping[str, Any]) -> None:
    number = whole.get("nbformat", _OLDEST_FORMAT)
    if "worksheets" in whole or (isinstance(number, int) and number < _OLDEST_FORMAT):
        why = "its format is older than 4; `jupyter nbconvert --to notebook` makes a new file of it"
        raise NotebookError(why)
    if not isinstance(whole.get("cells"), list):
        why = "it has no list of cells"
        raise NotebookError(why)
    for number, cell in enumerate(whole["cells"], start=1):
        if not isinstance(cell, dict):
            why = f"cell {number} is not a JSON object"
            raise NotebookError(why)
        source = cell.get("source", "")
        parts = source if isinstance(source, list) else [source]
        if not all(isinstance(part, str) for part in parts):
            why = f"the source of cell {number} is not text"
            raise NotebookError(why)


def _is_python(whole: Mapping[str, Any]) -> bool:
    """Return whether the notebook is in Python: where it does not say, it is."""
    metadata = whole.get("metadata")
    for section, key in (("language_info", "name"), ("kernelspec", "language")):
        said = metadata.get(section) if isinstance(metadata, dict) else None
        name = said.get(key) if isinstance(said, dict) else None
        if isinstance(name, str):
            return name.lower() in {"python", "ipython"}
    return True


def _cells(text: str) -> Iterator[NotebookCell]:
    place = dict(_members(text, _SPACE.match(text).end()))["cells"]  # type: ignore[union-attr]  # it always matches
    for number, span in enumerate(_items(text, place.start), start=1):
        cell = json.loads(text[slice(*span)])
        if cell.get("cell_type") == "code" and "source" in cell and _says_python(cell):
            source = cell["source"]
            value = dict(_members(text, span.start))["source"]
            yield NotebookCell(number, source if isinstance(source, str) else "".join(source), value)


def _says_python(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell is in the notebook's language; some editors note another one."""
    metadata = cell.get("metadata")
    vscode = metadata.get("vscode") if isinstance(metadata, dict) else None
    language = vscode.get("languageId") if isinstance(vscode, dict) else None
    return language in {None, "python"}


def _members(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """Yield the names in the JSON object at `start`, which is valid, with the places of their values."""
    position = _behind_space(text, start + 1)
    while text[position] != "}":
        name, end = _DECODER.raw_decode(text, position)
        begin = _behind_space(text, _behind_space(text, end) + 1)
        _, end = _DECODER.raw_decode(text, begin)
        yield name, Span(begin, end)
        position = _behind_space(text, end)
        position = _behind_space(text, position + 1) if text[position] == "," else position


def _items(text: str, start: int) -> Iterator[Span]:
    """Yield the places of the values in the JSON array at `start`, which is valid."""
    position = _behind_space(text, start + 1)
    while text[position] != "]":
        _, end = _DECODER.raw_decode(text, position)
        yield Span(position, end)
        position = _behind_space(text, end)
        position = _behind_space(text, position + 1) if text[position] == "," else position


def _behind_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
