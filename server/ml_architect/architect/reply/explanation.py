"""Checks what a model says: harmless, in names that exist, with numbers that the rule states, and no word as ours.

Whatever fails a check is replaced by the rule's own text, or struck, and a remark says so: at worst an explanation
is the static one.
"""

import re
from collections.abc import Mapping, Sequence

from ml_architect.architect.reply.cleaning import Cleaner
from ml_architect.architect.reply.commands import is_command, is_plain_command, is_shown_code, looks_dangerous
from ml_architect.architect.reply.starting import Line, as_text, parse_line, ranges_for, static_lines
from ml_architect.architect.reply.vocabulary import Vocabulary, vocabulary_of
from ml_architect.architect.values import Explanation, Section
from ml_architect.engine import Analysis
from ml_architect.page.shape import Kind, sections_of
from ml_architect.rules.api import Rule, Shown

__all__ = ["SUGGESTED", "checked"]

SUGGESTED = "Suggested by the model, not checked:"
"""Stands before what a model proposes for verifying; all above it is ours."""

_NO_VALUES = "a line of values that has not the form name = start | low to high | why was left out"
_MOST_VALUES = 12
_MOST_REMARKS = 12
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_FENCED = re.compile(r"^```[\w+-]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE_NAME = re.compile(r"[\w.-]+")
_FIGURES = re.compile(r"[+-]?\d[\d.,_eE+x%-]*(?:[ \u2013\u2014-]+[A-Za-z\d.,_+x%-]+){0,8}")
_CHOICE = re.compile(r"[\w.,'\"() ]+")
_NAMED = re.compile(r"[\w.]{1,40}")


def checked(sections: Mapping[Section, str], rules: Sequence[Rule], analysis: Analysis) -> Explanation:
    """Return what is left of a model's `sections` about findings of `rules`, completed from the rules' own text."""
    checker = _Checker(rules, vocabulary_of(rules, analysis))
    found: dict[Section, str] = {}
    for section in sections_of(Kind.EXPLAIN):
        given = sections.get(section, "")
        text = checker.values(given) if section is Section.VALUES else checker.prose(given, section)
        if section is Section.VERIFY:
            text = "\n".join([*_our_checks(rules, analysis), *((f"\n{SUGGESTED}\n\n{text}",) if text else ())])
        elif not text:
            text = _static_text(section, rules)
            if text:
                checker.cleaner.note(f"the section {section.value} is the rule's own text")
        if text:
            found[section] = text
    return Explanation(tuple(found.items()), tuple(checker.cleaner.remarks)[:_MOST_REMARKS])


class _Checker:
    """The checks of one explanation, and the remarks that they leave."""

    def __init__(self, rules: Sequence[Rule], vocabulary: Vocabulary) -> None:
        self.cleaner = Cleaner()
        self._rules = rules
        self._vocabulary = vocabulary

    def prose(self, text: str, section: Section) -> str:
        """Return running text without commands and code that must not pass, and without unknown names."""
        parts = _FENCED.split(self.cleaner.text(text) + "\n") if text.strip() else []
        kept = [
            self._code(part) if index % 2 else self._lines(part, section)
            for index, part in enumerate(parts)
            if part.strip()
        ]
        return "\n".join(part for part in kept if part.strip()).strip()

    def values(self, text: str) -> str:
        """Return the lines of values that hold, and the rules' own in the place of those that do not."""
        lines: dict[Line, None] = {}
        for row in text.split("\n")[: 4 * _MOST_VALUES]:
            if row.strip() and "|" in row and not set(row) <= set("|-: "):
                lines.update(dict.fromkeys(self._value(row)))
            elif row.strip() and not row.strip().startswith("```"):
                self.cleaner.note(_NO_VALUES)
        return "\n".join(as_text(line) for line in list(lines)[:_MOST_VALUES])

    def _value(self, row: str) -> list[Line]:
        line = parse_line(row)
        if line is None:
            self.cleaner.note(_NO_VALUES)
            return []
        ranges, static = ranges_for(line.name, self._rules)
        name = line.name if _NAMED.fullmatch(line.name) or static else "a setting"
        if not ranges:
            self.cleaner.note(f"{name} was left out: the rule states no range for it")
            return []
        if not self._is_plain(line) or not any(item.allows(line) for item in ranges):
            end = "the rule's own line stands there" if static else "it was left out"
            self.cleaner.note(f"the values for {name} were outside of the rule's range: {end}")
            return static
        why = self._names(self.cleaner.line(line.why.replace("|", "/")))
        return [Line(line.name, line.start, self.cleaner.line(line.range, 80), why)]

    def _is_plain(self, line: Line) -> bool:
        """Return whether start and range of `line` are numbers and a few words, or names that are known."""
        return all(
            _FIGURES.fullmatch(text) or (_CHOICE.fullmatch(text) and self._vocabulary.knows(text))
            for text in (line.start, line.range)
        )

    def _lines(self, text: str, section: Section) -> str:
        return "\n".join(self._names(row) for row in text.split("\n") if self._is_shown(row, section))

    def _is_shown(self, row: str, section: Section) -> bool:
        """Return whether a line of prose may stay: it is no command, or a plain one where commands belong."""
        bare = re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", row)
        unquoted = bare.strip().strip("`")
        dangerous = looks_dangerous(bare.replace("`", ""))
        if section is Section.VERIFY and is_command(unquoted):
            dangerous = not is_plain_command(unquoted)
        if dangerous:
            self.cleaner.note("a command was left out")
        return not dangerous

    def _code(self, text: str) -> str:
        if not is_shown_code(text):
            self.cleaner.note("a block of code or commands was left out")
            return ""
        return f"```text\n{text.rstrip()}\n```"

    def _names(self, text: str) -> str:
        """Return `text` with names between backticks struck where nothing is known of them."""

        def kept(match: re.Match[str]) -> str:
            code = match.group(1)
            if self._vocabulary.knows(code):
                return match.group()
            shown = f"~~{code}~~" if _NAMED.fullmatch(code) else "[unknown name]"
            named = code if _NAMED.fullmatch(code) else "a piece of code"
            self.cleaner.note(f"{named} was struck: no such name is known")
            return shown

        return _CODE_SPAN.sub(kept, text)


def _our_checks(rules: Sequence[Rule], analysis: Analysis) -> list[str]:
    """Return how we verify ourselves: the check of the file, and what shows the rule's claim."""
    path = analysis.source.path
    name = path.name if path is not None and _FILE_NAME.fullmatch(path.name) else "FILE"
    lines = [f"- `ml-architect check {name} --select {rule.name}` reports nothing any more" for rule in rules]
    tests = [rule.evidence.test for rule in rules if isinstance(rule.evidence, Shown)]
    lines += [f"- the claim itself is executed by the test `{test}`" for test in tests]
    return list(dict.fromkeys(lines))


def _static_text(section: Section, rules: Sequence[Rule]) -> str:
    """Return what the rules themselves say in a section; empty where they say nothing."""
    if section is Section.APPROACH:
        return "\n\n".join(dict.fromkeys(rule.why.strip() for rule in rules))
    if section is Section.VALUES:
        return "\n".join(as_text(line) for line in static_lines(rules))
    if section is Section.TRADEOFFS:
        lines = [f"- {cost.value}: {text}" for rule in rules for cost, text in rule.tradeoffs.items()]
        return "\n".join(dict.fromkeys(lines))
    return ""
