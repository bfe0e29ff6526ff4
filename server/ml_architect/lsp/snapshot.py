"""One version of an open document. Imports nothing of the protocol, so that the worker can read it."""

from dataclasses import dataclass

from ml_architect.text import Source


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """One version of an open document, as an immutable value.

    `serial` is never given twice; `version` is the editor's own count.
    """

    uri: str
    serial: int
    version: int | None
    source: Source
    is_python: bool
