"""Add a rule to ``ignore`` in a pyproject.toml with as few changes as can be; all else keeps its form, comments too."""

import copy
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_architect.project.config import find_settings
from ml_architect.text import Edit, Span, apply_edits

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["ConfigurationEdit", "disable_rule", "ignoring"]

_NAME = "ml-architect"
_QUOTED_NAME = rf"""(?:{_NAME}|"{_NAME}"|'{_NAME}')"""
_HEADER = re.compile(rf"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*{_QUOTED_NAME}[ \t]*\][^\r\n]*", re.MULTILINE)
_BELOW = re.compile(rf"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*{_QUOTED_NAME}[ \t]*\.", re.MULTILINE)
_NEXT_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)
_KEY = re.compile(r"^[ \t]*ignore[ \t]*=[ \t]*\[", re.MULTILINE)
_STRING = r""""(?:[^"\\\r\n]|\\.)*"|'[^'\r\n]*'"""
_TOKEN = re.compile(rf"(?P<space>[ \t\r\n]+)|(?P<comment>\#[^\r\n]*)|(?P<comma>,)|(?P<end>\])|(?P<value>{_STRING})")
"""What an array of plain strings is made of."""


@dataclass(frozen=True, slots=True)
class ConfigurationEdit:
    """Edits of one configuration file, whose present text is `text`."""

    path: Path
    text: str
    edits: tuple[Edit, ...]


def disable_rule(path: Path, name: str, unsaved: Mapping[Path, str]) -> ConfigurationEdit | None:
    """Return how the configuration of the file at `path` is made to ignore the rule `name`.

    It is that of the nearest pyproject.toml with a table of ours, else a table is put into the nearest pyproject.toml.
    `unsaved` holds texts that are newer than those on disk. None where there is no such file, where it cannot be
    read, or where the edit would not do this and nothing else.
    """
    config = find_settings(path).config_path or _nearest(path)
    if config is None:
        return None
    text = unsaved.get(config)
    if text is None:
        try:
            text = config.read_bytes().decode("utf-8")
        except (OSError, ValueError):
            return None
    edits = ignoring(text, name)
    return ConfigurationEdit(config, text, edits) if edits else None


def ignoring(text: str, name: str) -> tuple[Edit, ...]:
    """Return the edits of `text`, a pyproject.toml, that add `name` to ``ignore`` and change no other value.

    Empty where none were found that are proven to do so.
    """
    try:
        before = tomllib.loads(text)
        edits = tuple(_edits(text, name))
        after = tomllib.loads(apply_edits(text, edits))
    except (ValueError, RecursionError):
        return ()
    return edits if edits and after == _with_name(before, name) else ()


def _nearest(path: Path) -> Path | None:
    configs = (folder / "pyproject.toml" for folder in path.parents)
    return next((config for config in configs if config.is_file()), None)


def _with_name(document: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return `document` as it is to become; None where it has something else in our place, or the name already."""
    wanted = copy.deepcopy(dict(document))
    table = wanted.setdefault("tool", {})
    table = table.setdefault(_NAME, {}) if isinstance(table, dict) else None
    names = table.setdefault("ignore", []) if isinstance(table, dict) else None
    if not isinstance(names, list) or name in names:
        return None
    names.append(name)
    return wanted


def _edits(text: str, name: str) -> Iterator[Edit]:
    line_end = "\r\n" if "\r\n" in text else "\n"
    entry = f'ignore = ["{name}"]{line_end}'
    header = _HEADER.search(text)
    if header is None:
        yield _new_table(text, entry, line_end)
        return
    following = _NEXT_HEADER.search(text, header.end())
    end = following.start() if following else len(text)
    key = _KEY.search(text, header.end(), end)
    if key is not None:
        yield from _appended(text, key.end(), name, line_end)
        return
    first = re.compile(r"\r\n|\n|\r").match(text, header.end())
    place = first.end() if first else len(text)
    yield Edit(Span(place, place), entry if first else f"{line_end}{entry}")


def _new_table(text: str, entry: str, line_end: str) -> Edit:
    """Return the edit that makes our table: before the tables inside it, else at the end."""
    table = f"[tool.{_NAME}]{line_end}{entry}"
    below = _BELOW.search(text)
    if below is not None:
        return Edit(Span(below.start(), below.start()), f"{table}{line_end}")
    if not text:
        gap = ""
    elif text.endswith(("\n", "\r")):
        gap = line_end
    else:
        gap = line_end * 2
    return Edit(Span(len(text), len(text)), f"{gap}{table}")


def _appended(text: str, start: int, name: str, line_end: str) -> Iterator[Edit]:
    """Yield the edits that add a last entry to the array of strings that begins at `start`, in its own layout.

    Raises:
        ValueError: if it holds anything but strings.
    """
    value_end, comma_end = start, None
    indent = None
    tokens = list(_array(text, start))
    for token in tokens:
        if token.lastgroup == "value":
            value_end, comma_end = token.end(), None
            row = text[: token.start()].rpartition("\n")[2]
            indent = row if not row.strip() else None
        elif token.lastgroup == "comma":
            comma_end = token.end()
    is_empty = all(token.lastgroup != "value" for token in tokens)
    close = "," if comma_end is not None else ""
    if is_empty:
        yield Edit(Span(start, start), f'"{name}"')
        return
    if indent is None:
        place = comma_end or value_end
        yield Edit(Span(place, place), f' "{name}"{close}' if close else f', "{name}"')
        return
    place = _end_of_row(text, comma_end or value_end)
    entry = f'{line_end}{indent}"{name}"{close}'
    if close:
        yield Edit(Span(place, place), entry)
    elif place == value_end:
        yield Edit(Span(place, place), f",{entry}")
    else:
        yield Edit(Span(value_end, value_end), ",")
        yield Edit(Span(place, place), entry)


def _end_of_row(text: str, start: int) -> int:
    """Return where the row ends, behind a comment, if nothing else stands there; else `start`."""
    rest = re.compile(r"[ \t]*(?:#[^\r\n]*)?").match(text, start)
    return rest.end() if rest and text[rest.end() : rest.end() + 1] in "\r\n" else start


def _array(text: str, start: int) -> Iterator[re.Match[str]]:
    place = start
    while True:
        token = _TOKEN.match(text, place)
        if token is None:
            message = "not an array of plain strings"
            raise ValueError(message)
        yield token
        if token.lastgroup == "end":
            return
        place = token.end()
