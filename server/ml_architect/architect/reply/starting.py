"""The values section of an explanation: lines that read ``name = start | low to high | why``.

A model's numbers count only inside of the range that the rule itself states; else the rule's own line stands there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ml_architect.rules.allowance import Choice, Number
from ml_architect.rules.api import Rule, StartingValue

__all__ = ["Line", "as_text", "parse_line", "range_of", "ranges_for", "static_lines"]

_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_NUMBER = re.compile(r"(?<![\w.])([+-]?(?:\d[\d_,]*)(?:\.\d*)?(?:[eE][+-]?\d+)?)(x|%)?(?![\w.])")
_TO = re.compile(r"\s+to\s+|\s*[\u2013\u2014]\s*|\s*\.\.\s*|(?<=\d)\s*-\s*(?=\d)")
_OR = re.compile(r"\s+or\s+|\s*[,/]\s*|\s+to\s+")
_SIGNS = str.maketrans("", "", "`'\" ")


@dataclass(frozen=True, slots=True)
class Line:
    """One setting: what to start with, the range, and why."""

    name: str
    start: str
    range: str
    why: str


@dataclass(frozen=True, slots=True)
class Range:
    """What a rule lets a setting be: numbers of one unit between two ends (None is open), or one of some words."""

    low: float | None = None
    high: float | None = None
    unit: str = ""
    options: tuple[str, ...] = ()
    whole: bool = False
    most: float | None = None
    """No number may be larger although the end is open, as in "number of cores": the most that a repair may set."""

    def allows(self, line: Line) -> bool:
        """Return whether start and range of `line` lie in this range."""
        if self.options:
            return all(_option(part) in self.options for part in (line.start, *_OR.split(line.range)))
        start = self._inside(line.start)
        ends = _TO.split(line.range)
        if start is None or len(ends) > 2:  # noqa: PLR2004 - a range has two ends
            return False
        low = self._inside(ends[0])
        high = self._inside(ends[-1])
        if low is None or low > start:
            return False
        if high is None:
            return self.high is None and len(ends) > 1 and not _NUMBER.search(ends[-1])
        return start <= high

    def _inside(self, text: str) -> float | None:
        """Return the one number of `text` if it lies in this range, else None."""
        found = _NUMBER.findall(text)
        number = _float(found[0][0]) if len(found) == 1 else None
        if number is None or found[0][1] != self.unit:
            return None
        high = self.high if self.high is not None else self.most
        if (self.low is not None and number < self.low) or (high is not None and number > high):
            return None
        return None if self.whole and number != int(number) else number


def parse_line(text: str) -> Line | None:
    """Return the setting that a line of a reply states, None where it has another form."""
    parts = [part.strip() for part in _BULLET.sub("", text).strip().strip("|").split("|", 2)]
    name, equals, start = parts[0].partition("=")
    name, start = (part.replace("`", "").strip() for part in (name, start))
    if len(parts) != 3 or not (name and equals and start and parts[1] and parts[2]):  # noqa: PLR2004 - three fields
        return None
    return Line(name, start, parts[1].replace("`", "").strip(), parts[2])


def as_text(line: Line) -> str:
    """Return a line of the section."""
    return f"{line.name} = {line.start} | {line.range} | {line.why}"


def static_lines(rules: Sequence[Rule]) -> list[Line]:
    """Return the lines that the rules state themselves."""
    return list(dict.fromkeys(_static(start) for rule in rules for start in rule.starting_values))


def ranges_for(name: str, rules: Sequence[Rule]) -> tuple[list[Range], list[Line]]:
    """Return the ranges that `rules` know for a setting of this name, and their own lines about it."""
    ranges: list[Range] = []
    lines: list[Line] = []
    for start in (start for rule in rules for start in rule.starting_values):
        if _is_named(name, start.setting):
            ranges.append(range_of(start.range))
            lines.append(_static(start))
    allowed = list(_allowed(name, rules))
    most = max((item.high for item in allowed if item.high is not None), default=None)
    return [replace(item, most=most) for item in ranges] or allowed, lines


def range_of(text: str) -> Range:
    """Return what a rule's own words about a range mean: ``0.05 to 0.3``, ``3x to 30x``, ``True or False``."""
    ends = _TO.split(text)
    if len(ends) == 2:  # noqa: PLR2004 - a range has two ends
        found = [_NUMBER.search(end) for end in ends]
        if any(found):
            low, high = (_float(match.group(1)) if match else None for match in found)
            return Range(low, high, next(match.group(2) or "" for match in found if match))
    return Range(options=tuple(_option(part) for part in _OR.split(text)))


def _allowed(name: str, rules: Sequence[Rule]) -> Iterator[Range]:
    """Yield the ranges of an argument that a repair of `rules` may set."""
    for rule in rules:
        for key, values in rule.architect.keywords.items() if rule.architect else ():
            if key.rpartition(":")[2] != name:
                continue
            if isinstance(values, Number):
                yield Range(values.low, values.high, whole=values.whole)
            elif isinstance(values, Choice):
                yield Range(options=tuple(_option(source) for source in values.sources))


def _static(start: StartingValue) -> Line:
    return Line(start.setting.replace("`", ""), start.value, start.range, start.reason)


def _is_named(name: str, setting: str) -> bool:
    """Return whether `name` is a rule's `setting`, which may go on with words about when: ``lr (Adam, AdamW)``."""
    setting = setting.replace("`", "")
    return name.casefold() == setting.casefold() or _base(name) == _base(setting)


def _base(setting: str) -> str:
    return re.split(r" \(| in ", setting.casefold(), maxsplit=1)[0].strip()


def _option(text: str) -> str:
    """Return a word of a choice in the form in which words are compared."""
    return text.translate(_SIGNS).rpartition(".")[2].casefold()


def _float(text: str) -> float | None:
    try:
        return float(text.replace(",", "").replace("_", ""))
    except ValueError:
        return None
