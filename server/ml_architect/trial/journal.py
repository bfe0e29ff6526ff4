"""The file that lets an interrupted run go on: one line of JSON for the run, then one for each finished question."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ml_architect.policy import reason
from ml_architect.trial.sample import Key, Sample

__all__ = ["Journal", "JournalError"]

_MARK = "ml-architect-trial"
_FORMAT = 1
_Value = TypeVar("_Value")


class JournalError(Exception):
    """The file cannot be used; the text is one line for the user."""


class Journal:
    """What is finished. Lines are only added; a last line that was cut off is dropped and its question asked again."""

    def __init__(self, path: Path, run: Mapping[str, Any]) -> None:
        """Open `path` for a run, which is described by plain values and has to be the one that began the file.

        Raises:
            JournalError: if it is another run's file, none of ours, damaged, or cannot be read or written.
        """
        self._path = path
        self.done: dict[Key, Sample] = {}
        head = {_MARK: _FORMAT, **run}
        try:
            data = path.read_bytes() if path.exists() else b""
            whole = data[: data.rfind(b"\n") + 1]
            if not whole and not _line(head).startswith(data):
                message = f"{path} is no file of a trial"
                raise JournalError(message)
            if whole:
                self._read(whole, head)
            self._restart(whole or _line(head))
        except OSError as problem:
            message = f"{path}: {reason(problem)}"
            raise JournalError(message) from None

    def add(self, sample: Sample) -> None:
        """Write down a finished question at once.

        Raises:
            JournalError: if it cannot be written.
        """
        self.done[sample.key] = sample
        try:
            with self._path.open("ab") as file:
                file.write(_line(sample.as_json()))
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            message = f"{self._path}: {reason(problem)}"
            raise JournalError(message) from None

    def _read(self, whole: bytes, head: dict[str, Any]) -> None:
        first, *lines = whole.splitlines()
        self._compare(self._parsed(1, first, dict), head)
        for number, line in enumerate(lines, start=2):
            sample = self._parsed(number, line, Sample.from_json)
            self.done[sample.key] = sample

    def _parsed(self, number: int, line: bytes, make: Callable[[Any], _Value]) -> _Value:
        try:
            return make(json.loads(line))
        except (ValueError, KeyError, TypeError):
            message = f"{self._path}:{number}: this line is damaged; remove it, or begin with another file"
            raise JournalError(message) from None

    def _compare(self, found: dict[str, Any], head: dict[str, Any]) -> None:
        if _MARK not in found:
            message = f"{self._path} is no file of a trial"
            raise JournalError(message)
        for name, value in head.items():
            if found.get(name) != value:
                message = f"{self._path} is of a run with {name} {found.get(name)!r}, not {value!r}"
                raise JournalError(message)

    def _restart(self, whole: bytes) -> None:
        """Let the file hold whole lines only."""
        if self._path.exists() and self._path.stat().st_size == len(whole):
            return
        if self._path.exists() and self._path.stat().st_size > len(whole):
            os.truncate(self._path, len(whole))
            return
        self._path.write_bytes(whole)


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True).encode() + b"\n"
