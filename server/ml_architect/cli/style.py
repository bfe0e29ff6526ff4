"""Colour where the reader can see it, and source text that cannot talk to the terminal."""

import os
import unicodedata
from collections.abc import Mapping
from typing import Literal, TextIO, TypeAlias

import click

from ml_architect.rules.api import Severity

ColorChoice: TypeAlias = Literal["auto", "always", "never"]

SEVERITY_COLORS: Mapping[str, str] = {
    Severity.ERROR.value: "red",
    Severity.WARNING.value: "yellow",
    Severity.INFO.value: "cyan",
    Severity.HINT.value: "bright_black",
}
TAB = "    "


def wants_color(choice: ColorChoice, stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether to colour what goes to `stream`: the option first, then NO_COLOR, FORCE_COLOR, terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


class Painter:
    """Wraps words in colours, or leaves them alone."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, foreground: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
        """Return `text` in the colour `foreground`."""
        if not self.color or not text:
            return text
        return click.style(text, fg=foreground, bold=bold or None, dim=dim or None)

    def severity(self, severity: str) -> str:
        """Return the word `severity` in its colour."""
        return self(severity, SEVERITY_COLORS[severity], bold=severity == Severity.ERROR.value)

    def diff(self, text: str) -> str:
        """Return a unified diff with removed and added lines coloured."""
        if not self.color:
            return text
        return "".join(self._diff_line(line) for line in text.splitlines(keepends=True))

    def _diff_line(self, line: str) -> str:
        bare = line.rstrip("\r\n")
        end = line[len(bare) :]
        if bare.startswith(("---", "+++")):
            return self(bare, bold=True) + end
        colors = {"-": "red", "+": "green", "@": "cyan"}
        return self(bare, colors.get(bare[:1])) + end


def visible(text: str) -> str:
    """Return `text` with tabs expanded and control characters replaced by their pictures.

    Source text is data: an escape sequence in a string literal must not move the reader's cursor.
    """
    return "".join(_visible_character(character) for character in text)


def width(text: str) -> int:
    """Return how many terminal cells `visible(text)` takes."""
    return sum(_cells(character) for character in visible(text))


def _visible_character(character: str) -> str:
    if character == "\t":
        return TAB
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:  # noqa: PLR2004 - the C0 controls
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"  # noqa: PLR2004


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
