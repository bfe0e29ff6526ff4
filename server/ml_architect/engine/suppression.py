"""Comments by which people decline findings.

``# ml-architect: ignore[rule-name, other-rule] reason`` declines findings of its line, of the statement that starts
or ends there, or, alone on a line, of the next line; ``# ml-architect: ignore-file[rule-name] reason`` declines
those of the file. The name ``all`` stands for every rule, but for no built-in check. ``# noqa: rule-name`` is
honoured, too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from ml_architect.engine.builtin import BUILTINS
from ml_architect.engine.places import innermost_statement, statement_rows
from ml_architect.engine.selectors import ALL
from ml_architect.syntax import Module
from ml_architect.syntax.nodes import Comment
from ml_architect.text import Edit, Source, Span

__all__ = [
    "Directive",
    "Suppressions",
    "complaint",
    "file_suppression_edits",
    "removal",
    "suppression_edits",
]

_VERBS: Final = ("ignore", "ignore-file")
_HINT = re.compile(r"#\s*(?:ml-architect|noqa)\s*:", re.IGNORECASE)
_OURS = re.compile(r"#\s*ml-architect\s*:\s*([\w-]*)(?:\s*(\[)([^\]\r\n]*)(\])?)?([^#\r\n]*)")
_NOQA = re.compile(r"#\s*noqa\s*:\s*([^#\r\n]*)", re.IGNORECASE)
_NAME = re.compile(r"[^\s,]+")


@dataclass(slots=True, eq=False)
class Directive:
    """One comment that declines findings; `row` is the line it speaks of, None for the whole file."""

    span: Span
    """From its ``#`` to the end of its reason."""
    verb: str
    names: tuple[tuple[str, Span], ...]
    row: int | None
    own_row: int
    alone: bool
    close: int | None
    """Where a further name can be put in; None where the directive is not of our form."""
    used: set[str] = field(default_factory=set)

    @property
    def is_ours(self) -> bool:
        """Whether it is of our form, so that we may judge it."""
        return self.verb != "noqa"


class Suppressions:
    """The directives of one version of a document."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self.directives: tuple[Directive, ...] = ()
        if _HINT.search(module.source.text):
            self.directives = tuple(_directives(module.source, module.comments))

    def covers(self, code: str, span: Span) -> bool:
        """Return whether a directive declines the finding of `code` at `span`, and remember that it was of use."""
        if not self.directives:
            return False
        hit = False
        lines = _Lines.around(self._module, span)
        asked = {code} if code in BUILTINS else {code, ALL}
        for directive in self.directives:
            if directive.row is None or lines.heed(directive):
                names = {name for name, _ in directive.names} & asked
                directive.used |= names
                hit = hit or bool(names)
        return hit

    def applying(self, span: Span) -> Iterator[Directive]:
        """Yield the directives of our form that decline findings at `span` only."""
        lines = _Lines.around(self._module, span)
        yield from (
            item for item in self.directives if item.close is not None and item.row is not None and lines.heed(item)
        )


def removal(source: Source, directive: Directive, name: str | None) -> Edit:
    """Return the edit that takes `name` (None: everything) out of `directive`; a line of its own goes with it."""
    names = [span for known, span in directive.names if known != name]
    if name is not None and names:
        gone = next(span for known, span in directive.names if known == name)
        following = [span.start for span in names if span.start > gone.end]
        if following:
            return Edit(Span(gone.start, following[0]), "")
        return Edit(Span(max(span.end for span in names), gone.end), "")
    start, end = source.line_span(source.row_at(directive.span.start))
    rest = source.text[directive.span.end : end].lstrip()
    before = source.text[start : directive.span.start]
    if rest:
        return Edit(Span(directive.span.start, end - len(rest)), "")
    if before.strip():
        return Edit(Span(start + len(before.rstrip()), end), "")
    row = source.row_at(start)
    following_line = source.line_starts[row + 1] if row + 1 < len(source.line_starts) else end
    return Edit(Span(start, following_line), "")


def suppression_edits(module: Module, suppressions: Suppressions, code: str, span: Span, reason: str) -> Iterator[Edit]:
    """Yield edits of which each may decline the finding of `code` at `span`, the preferred one first."""
    for directive in suppressions.applying(span):
        if directive.close is not None:
            separator = ", " if directive.names else ""
            yield Edit(Span(directive.close, directive.close), f"{separator}{code}")
    source = module.source
    comment = f"# ml-architect: ignore[{code}] {reason}".rstrip()
    first, last = source.row_at(span.start), source.row_at(span.end)
    statement = innermost_statement(module, span.start)
    rows = statement_rows(module, statement) if statement else (first, last)
    for row in dict.fromkeys((first, last, *reversed(rows))):
        line = source.line(row).rstrip()
        if line and not line.endswith("\\"):
            end = source.line_span(row)[0] + len(line)
            yield Edit(Span(end, end), f"  {comment}")
    for row in dict.fromkeys((rows[0], first)):
        line = source.line(row)
        start = source.line_span(row)[0]
        indent = line[: len(line) - len(line.lstrip(" \t\f"))]
        yield Edit(Span(start, start), f"{indent}{comment}{source.newline}")


def file_suppression_edits(module: Module, suppressions: Suppressions, code: str, reason: str) -> Iterator[Edit]:
    """Yield edits of which each may decline all findings of `code` in the file, the preferred one first.

    A comment of its own stands below those at the start of the file, or of the first cell that takes it.
    """
    for directive in suppressions.directives:
        if directive.close is not None and directive.row is None:
            separator = ", " if directive.names else ""
            yield Edit(Span(directive.close, directive.close), f"{separator}{code}")
    source = module.source
    comment = f"# ml-architect: ignore-file[{code}] {reason}".rstrip()
    for part in source.parts:
        row = source.row_at(part.start)
        while row + 1 < len(source.line_starts) and source.line(row).startswith("#"):
            row += 1
        start = source.line_starts[row]
        yield Edit(Span(start, start), f"{comment}{source.newline}")


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines that belong to a finding: its own, those where its statement starts and ends, and both starts."""

    own: range
    ends: tuple[int, int]

    @classmethod
    def around(cls, module: Module, span: Span) -> "_Lines":
        row_at = module.source.row_at
        own = range(row_at(span.start), row_at(max(span.start, span.end - 1)) + 1)
        statement = innermost_statement(module, span.start)
        return cls(own, statement_rows(module, statement) if statement else (own.start, own.start))

    def heed(self, directive: Directive) -> bool:
        if directive.own_row in self.own:
            return True
        if directive.alone:
            return directive.row in {self.own.start, self.ends[0]}
        return directive.row in self.ends


def _directives(source: Source, comments: Iterable[Comment]) -> Iterator[Directive]:
    lines = {source.row_at(comment.start): comment for comment in comments}
    for row, comment in lines.items():
        if not _HINT.search(comment.text):
            continue
        target = row
        while comment.alone and (target == row or (target in lines and lines[target].alone)):
            target += 1
        for match in _OURS.finditer(comment.text):
            yield _ours(match, comment, row, target)
        for match in _NOQA.finditer(comment.text):
            names = _names(match, 1, comment.start)
            span = Span(*match.span()).shifted(comment.start)
            yield Directive(span, "noqa", names, target, row, comment.alone, close=None)


def _ours(match: re.Match[str], comment: Comment, row: int, target: int) -> Directive:
    verb = match[1]
    closed = match[4] is not None and verb in _VERBS
    return Directive(
        span=Span(match.start(), match.start() + len(match[0].rstrip())).shifted(comment.start),
        verb=verb,
        names=_names(match, 3, comment.start) if closed else (),
        row=None if verb == "ignore-file" else target,
        own_row=row,
        alone=comment.alone,
        close=match.start(4) + comment.start if closed else None,
    )


def _names(match: re.Match[str], group: int, offset: int) -> tuple[tuple[str, Span], ...]:
    if match[group] is None:
        return ()
    start = match.start(group) + offset
    return tuple((name[0], Span(*name.span()).shifted(start)) for name in _NAME.finditer(match[group]))


def complaint(directive: Directive) -> str | None:
    """Return what is wrong with the form of `directive`, None where nothing is."""
    if directive.verb not in _VERBS:
        close = get_close_matches(directive.verb[:100], _VERBS, n=1)
        hint = f", did you mean '{close[0]}'?" if close else ", write ignore[rule-name]"
        return f"unknown instruction '{directive.verb}' in a suppression{hint}"
    if not directive.names:
        return f"suppression names no rule, write {directive.verb}[rule-name]"
    return None
