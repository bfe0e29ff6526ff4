"""What a model is told about findings: rules, facts, versions, signatures, starting values and our own repair."""

import difflib
import re
from collections.abc import Iterator

from ml_architect.architect.question.evidence import evidence
from ml_architect.architect.question.sheet import Sheet, fitted, shortened
from ml_architect.architect.question.words import allowance_lines, range_lines
from ml_architect.architect.reply.redaction import redact
from ml_architect.engine.frameworks import FRAMEWORKS
from ml_architect.facts.environment import LibraryVersion
from ml_architect.rules.api import Allowance, Framework, Rule, StartingValue
from ml_architect.text import apply_edits
from ml_architect.text.source import LINE_BREAK

__all__ = ["environment_part", "finding_part", "guidance_part"]

_ESTABLISHED = "What the analyser established:"
_ALLOWED = 4800
"""Characters for what repairs may do, all rules together; a few rules speak of very many arguments."""
_ALLOWED_EACH = 2400
_WORD = re.compile(r"[A-Za-z_]\w+")
_PATTERN_WORD = re.compile(r"(?<![$\w])[A-Za-z_]\w+(?=[^`]*`)")
_MESSAGE = 400
"""Characters of the message of a finding."""


def finding_part(sheet: Sheet, room: int, *, repair: bool) -> list[str]:
    """Return what is wrong, why, and (for a `repair`) what may be touched; then, up to `room` characters, the facts."""
    lines: list[str] = []
    for number, item in enumerate(sheet.findings, start=1):
        where = next((f", in {region.name}" for region in sheet.regions if region.span.contains(item.span)), "")
        lines += [
            f"Finding {number}: {item.code} ({item.severity.value}), line {sheet.line(item.span)}{where}",
            *sheet.data([shortened(sheet.clean(item.message), _MESSAGE)]),
        ]
    for rule in sheet.rules:
        lines.append(f"The rule {rule.name}: {rule.summary}.")
        if repair and rule.architect is not None:
            lines += [f"A repair of {rule.name} may do this and nothing else:", *_allowed(sheet, rule.architect)]
            if rule.architect.advice:
                lines.append(f"Advice: {_one_line(rule.architect.advice)}")
        elif rule.architect is not None and rule.architect.keywords:
            lines += [f"Settings that {rule.name} speaks of, and what they may be:", *range_lines(rule.architect)]
    known = sheet.data([])
    spent = sum(len(line) + 1 for line in (*lines, _ESTABLISHED, *known))
    facts = fitted(evidence(sheet), room - spent)
    return [*lines, _ESTABLISHED, *sheet.data(facts)] if facts else lines


def _allowed(sheet: Sheet, allowance: Allowance) -> list[str]:
    """Return what a repair may do; of a long list first what speaks of words in the shown code."""
    lines = allowance_lines(allowance)
    room = min(_ALLOWED_EACH, _ALLOWED // len(sheet.rules))
    if _size(lines) <= room:
        return lines
    code = {word for rows in sheet.shown for line in sheet.numbered(rows) for word in _WORD.findall(line)}
    return fitted(sorted(lines, key=lambda line: -len(code & set(_PATTERN_WORD.findall(line)))), room)


def environment_part(sheet: Sheet) -> list[str]:
    """Return what is known of versions, with where it comes from; what is not known is said to be unknown."""
    environment = sheet.analysis.environment
    lines = ["- Python version, operating system, CPU cores, GPU, memory, size of the data: unknown"]
    for library in _libraries(sheet):
        known = environment.version(library)
        lines.append(f"- {library}: {_version(known) if known else 'version unknown'}")
    return lines


def _libraries(sheet: Sheet) -> list[str]:
    """Return the libraries that the file imports and that we know as frameworks, and those of the rules."""
    own = {rule.framework.value for rule in sheet.rules if rule.framework is not Framework.ANY}
    return sorted(sheet.facts.imported_roots.intersection(FRAMEWORKS) | own)


def _version(known: LibraryVersion) -> str:
    origin = redact(known.origin).text  # an environment may lie in the home of a person
    if known.exact is not None:
        return f"exactly {known.exact} (known from: {origin})"
    ends = [f"at least {known.minimum}" if known.minimum else "", f"below {known.maximum}" if known.maximum else ""]
    spoken = " and ".join(filter(None, ends)) or "version unknown"
    return f"{spoken} (known from: {origin})"


def guidance_part(sheet: Sheet, room: int) -> list[str]:
    """Return starting values, our own repairs as a diff, why each rule matters and its trade-offs."""
    lines: list[str] = []
    for rule in sheet.rules:
        lines += _values(rule)
    lines = fitted(lines, room)
    for block in (*_own_repairs(sheet), *map(_reasons, sheet.rules)):
        if _size([*lines, *block]) <= room:
            lines += block
    return lines


def _reasons(rule: Rule) -> list[str]:
    costs = [f"- {cost.value}: {_one_line(text)}" for cost, text in rule.tradeoffs.items()]
    return [f"{rule.name}, why: {_one_line(rule.why)}", *costs]


def _values(rule: Rule) -> Iterator[str]:
    if rule.starting_values:
        yield f"Starting values of {rule.name}, as: name = start | low to high | why"
    for value in rule.starting_values:
        yield _value(value)


def _value(value: StartingValue) -> str:
    return f"{value.setting} = {value.value} | {value.range} | {_one_line(value.reason)}"


def _own_repairs(sheet: Sheet) -> Iterator[list[str]]:
    """Yield the verified repair by template of each finding that has one."""
    text = sheet.analysis.source.text
    for item in sheet.findings:
        fix = sheet.analysis.fix(item)
        if fix is None:
            continue
        before, after = (LINE_BREAK.split(version) for version in (text, apply_edits(text, fix.edits)))
        diff = list(difflib.unified_diff(before, after, n=1, lineterm=""))
        title = f"Our own verified repair of {item.code}, which may serve as it is ({sheet.clean(fix.title)}):"
        yield [title, *sheet.data(map(sheet.clean, diff[2:]))]


def _size(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())
