"""The running text of an answer: made harmless, its commands plain, its numbers compared with what our rules state."""

import re
from dataclasses import replace

from ml_architect.architect.reply.cleaning import Cleaner
from ml_architect.architect.reply.commands import is_command, is_plain_command, is_shown_code, looks_dangerous
from ml_architect.architect.reply.packages import is_known_install, is_known_requirement
from ml_architect.architect.reply.starting import Line, as_text, parse_line, ranges_for
from ml_architect.architect.reply.vocabulary import Vocabulary
from ml_architect.architect.values import Section
from ml_architect.page.shape import Form, part_of
from ml_architect.rules import all_rules

__all__ = ["Prose"]

_MOST = 6000
"""Characters of one part."""
_MOST_VALUES = 20
_FENCED = re.compile(r"^```[\w+-]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_WORD = re.compile(r"[A-Za-z_]\w*")
_NAME = re.compile(r"(?:torch|tensorflow|tf|keras|sklearn)(?:\.[A-Za-z_]\w*)+")
_COMMANDS = frozenset({Section.VERIFY, Section.ENVIRONMENT, Section.NEXT, Section.EXPECT})
"""Where commands belong."""
_MOST_NAMES = 8


class Prose:
    """Cleans the parts of one answer, and remembers in `remarks` what it took out or what a reader should know."""

    def __init__(self, known: str) -> None:
        """`known` is text whose names are known: the question, the user's files, the files of the answer."""
        self._cleaner = Cleaner()
        self._vocabulary = Vocabulary(frozenset(_WORD.findall(known)), ())
        self._unknown: dict[str, None] = {}

    @property
    def remarks(self) -> list[str]:
        """What was taken out, and names that neither the catalogue nor the answer's own code knows."""
        names = ", ".join(f"`{name}`" for name in list(self._unknown)[:_MOST_NAMES])
        told = [f"not known to our catalogue, so look them up before you rely on them: {names}"] if names else []
        return [*self._cleaner.remarks, *told]

    def part(self, section: Section, text: str) -> str:
        """Return the text of a part as it may be shown; empty where nothing is left of it."""
        if part_of(section).form is Form.VALUES:
            return self._values(text)
        pieces = _FENCED.split(self._cleaner.text(text, _MOST) + "\n") if text.strip() else []
        kept = [
            self._block(piece) if index % 2 else self._lines(piece, section)
            for index, piece in enumerate(pieces)
            if piece.strip()
        ]
        return "\n".join(piece for piece in kept if piece.strip()).strip()

    def _lines(self, text: str, section: Section) -> str:
        return "\n".join(self._named(row) for row in text.split("\n") if self._is_shown(row, section))

    def _is_shown(self, row: str, section: Section) -> bool:
        """Return whether a line may stay: it is no command, or a plain and known one where commands belong."""
        bare = _BULLET.sub("", row).strip()
        whole = bare.strip("`")
        if section in _COMMANDS and _is_allowed(whole):
            return True
        bad = section in _COMMANDS and "`" not in whole and is_command(whole)
        rest = _CODE_SPAN.sub(lambda match: "" if _is_allowed(match.group(1)) else match.group(1), bare)
        bad = bad or looks_dangerous(rest if section in _COMMANDS else bare.replace("`", ""))
        if bad:
            self._cleaner.note("a command was left out")
        return not bad

    def _block(self, text: str) -> str:
        """Return a block of commands, requirements or output; one that fetches or hides something is left out."""
        rows = [row for row in text.split("\n") if row.strip() and not row.strip().startswith("#")]
        plain = all(_is_allowed(row) or is_known_requirement(row) for row in rows)
        words = not any(looks_dangerous(row) or is_command(row) for row in rows)
        if not rows or plain or words or is_shown_code(text):
            return f"```text\n{text.rstrip()}\n```" if rows else ""
        self._cleaner.note("a block of code or commands was left out")
        return ""

    def _named(self, row: str) -> str:
        """Return `row`, and remember the names of libraries in it that nothing here knows."""
        for span in _CODE_SPAN.findall(row):
            for name in _NAME.findall(span):
                if not self._vocabulary.knows(name):
                    self._unknown.setdefault(name)
        return row

    # --- values -------------------------------------------------------------------------------------

    def _values(self, text: str) -> str:
        lines: dict[str, Line] = {}
        for row in text.split("\n"):
            line = parse_line(row) if "|" in row and not set(row) <= set("|-: ") else None
            if line is not None:
                clean = self._cleaner.line
                why = clean(line.why.replace("|", "/"), 300)
                made = Line(clean(line.name, 60), clean(line.start, 60), clean(line.range, 100), why)
                lines.setdefault(made.name, made)
                self._compared(made)
            elif row.strip() and not row.strip().startswith("```") and not set(row) <= set("|-: "):
                self._cleaner.note(
                    "a line of values that has not the form name = start | low to high | why was left out"
                )
        return "\n".join(as_text(line) for line in list(lines.values())[:_MOST_VALUES])

    def _compared(self, line: Line) -> None:
        """Remember where a starting value lies outside of what each of our rules states for a setting of this name."""
        ranges, stated = ranges_for(line.name, all_rules())
        start = replace(line, range=f"{line.start} to {line.start}")
        if ranges and stated and not any(item.allows(start) for item in ranges):
            known = "; ".join(dict.fromkeys(f"{item.name}: {item.range}" for item in stated[:3]))
            self._cleaner.note(f"`{line.name}` = {line.start} is outside of what our rules state ({known})")


def _is_allowed(text: str) -> bool:
    """Return whether a text is a command that may be shown."""
    return is_plain_command(text) or is_known_install(text)
