"""Open documents, kept in step with the editor change by change.

pygls splits lines as `str.splitlines` does, and so loses step after a form feed or U+2028; its
position codec moves positions that lie past an end. Nothing of either is used here.
"""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument, Workspace

from ml_architect.lsp.encoding import Encoding, to_column
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.text import Source
from ml_architect.text.lines import split_lines

logger = logging.getLogger(__name__)

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_PYTHON_SUFFIXES = (".py", ".pyi", ".pyw")


class Place(NamedTuple):
    """A place in a document: row from 0, column in code points."""

    row: int
    column: int


def path_of(uri: str) -> Path | None:
    """Return the path of a ``file:`` URI, else None."""
    path = to_fs_path(uri)
    return Path(path) if path else None


class Document(TextDocument):
    """The text of one open document as a list of lines, so that an edit costs the lines it touches."""

    def __init__(self, item: types.TextDocumentItem, encoding: Encoding) -> None:
        super().__init__(item.uri, item.text, item.version, item.language_id)
        self._encoding = encoding
        self._rows = split_lines(_storable(item.text))

    @property
    def source(self) -> str:
        """The whole text."""
        return "".join(self._rows)

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their endings; the last one has none."""
        return self._rows

    @property
    def is_python(self) -> bool:
        """Whether the editor, or else the name, says that this is Python."""
        return self.language_id == "python" or self.uri.endswith(_PYTHON_SUFFIXES)

    def apply_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        """Make one change, of a range or of the whole text."""
        text = _storable(change.text)
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = sorted((self.place(change.range.start), self.place(change.range.end)))
            self._replace(start, end, text)
        else:
            self._rows = split_lines(text)

    def place(self, position: types.Position) -> Place:
        """Return where `position` points; past the end of a line or of the document is that end."""
        if position.line >= len(self._rows):
            return Place(len(self._rows) - 1, len(self._rows[-1]))
        line = self._rows[position.line].rstrip("\r\n")
        return Place(position.line, to_column(line, position.character, self._encoding))

    def offset(self, place: Place) -> int:
        """Return how many code points stand before `place`."""
        return sum(map(len, self._rows[: place.row])) + place.column

    def _replace(self, start: Place, end: Place, text: str) -> None:
        # One row more on each side: a lone "\r" and a "\n" may come together or be parted.
        first = max(start.row - 1, 0)
        after = min(end.row + 2, len(self._rows))
        piece = "".join(
            (
                *self._rows[first : start.row],
                self._rows[start.row][: start.column],
                text,
                self._rows[end.row][end.column :],
                *self._rows[end.row + 1 : after],
            ),
        )
        fresh = split_lines(piece)
        if after < len(self._rows):
            fresh.pop()  # the piece ends with a line ending, and its next line is already there
        self._rows[first:after] = fresh


class Documents(Workspace):
    """The open documents by URI, in the place of pygls' own workspace.

    Unlike pygls' workspace it never reads a file, and a change to an unknown document is only logged.
    """

    def __init__(self, folders: Sequence[types.WorkspaceFolder], root_uri: str | None, encoding: Encoding) -> None:
        super().__init__(root_uri, workspace_folders=folders, position_encoding=encoding)
        self._encoding = encoding
        self._open: dict[str, Document] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._serial = 0

    def put_text_document(self, text_document: types.TextDocumentItem, notebook_uri: str | None = None) -> None:
        """Begin to follow a document."""
        key = unquote(text_document.uri)
        self._open[key] = Document(text_document, self._encoding)
        self._snapshots.pop(key, None)
        if notebook_uri:
            self._cell_in_notebook[key] = unquote(notebook_uri)

    def update_text_document(
        self,
        text_doc: types.VersionedTextDocumentIdentifier,
        change: types.TextDocumentContentChangeEvent,
    ) -> None:
        """Make one change in an open document."""
        document = self.find(text_doc.uri)
        if document is None:
            logger.warning("ignored a change of %s, which is not open", text_doc.uri)
            return
        document.apply_change(change)
        document.version = text_doc.version
        self._snapshots.pop(unquote(text_doc.uri), None)

    def remove_text_document(self, doc_uri: str) -> None:
        """Forget a document."""
        super().remove_text_document(doc_uri)
        self._open.pop(unquote(doc_uri), None)
        self._snapshots.pop(unquote(doc_uri), None)

    @property
    def uris(self) -> tuple[str, ...]:
        """The URIs of the open documents, as the editor wrote them."""
        return tuple(document.uri for document in self._open.values())

    @property
    def notebook_uris(self) -> tuple[str, ...]:
        """The URIs of the open notebooks."""
        return ()

    def owner(self, uri: str) -> str:
        """Return the URI of the notebook that a cell belongs to, of anything else its own."""
        return uri

    def find(self, uri: str) -> Document | None:
        """Return the open document with this URI, if there is one."""
        return self._open.get(unquote(uri))

    def snapshot(self, uri: str) -> Snapshot | None:
        """Return the present version of an open document; the same value until it changes."""
        key = unquote(uri)
        document = self._open.get(key)
        if document is None:
            return None
        if key not in self._snapshots:
            self._serial += 1
            source = Source(document.source, path_of(document.uri), document.version)
            self._snapshots[key] = Snapshot(
                document.uri,
                self._serial,
                document.version,
                source,
                document.is_python,
            )
        return self._snapshots[key]

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of the workspace, none where the editor named none."""
        uris = tuple(self.folders) or ((self._root_uri,) if self._root_uri else ())
        return tuple(path for uri in uris if (path := path_of(uri)) is not None)

    @property
    def home(self) -> Path:
        """The folder whose configuration holds for documents without a path."""
        for uri in (*self.folders, self._root_uri):
            if uri and (path := path_of(uri)):
                return path
        return Path.cwd()


def _storable(text: str) -> str:
    """Return `text` without halves of surrogate pairs, which no file can hold; no unit is lost or gained."""
    return text if text.isascii() else _LONE_SURROGATE.sub(_REPLACEMENT, text)
