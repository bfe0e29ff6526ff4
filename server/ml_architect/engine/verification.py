"""Checks that a repair keeps its promise, by comparing the findings before and after it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ml_architect.engine.report import Diagnostic
from ml_architect.syntax.nodes import SyntaxProblem
from ml_architect.text import Edit, OverlappingEditsError, Source, Span
from ml_architect.text.edit import ordered
from ml_architect.text.source import LINE_BREAK

__all__ = ["Snapshot", "acceptable", "appeared", "minimal_edit", "tidy"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is compared: a document, its findings, and what in it does not parse."""

    source: Source
    diagnostics: tuple[Diagnostic, ...]
    problems: tuple[SyntaxProblem, ...]


def minimal_edit(before: str, after: str) -> Edit | None:
    """Return the one smallest edit that turns `before` into `after`, None where they are equal."""
    return _trimmed(before, Edit(Span(0, len(before)), after))


def tidy(source: Source, edits: Iterable[Edit]) -> tuple[Edit, ...] | None:
    """Return `edits` in order and as small as they can be, with the document's line endings, each inside one cell.

    Returns None where they leave the document, overlap, change nothing, or cannot stay inside one cell each.
    """
    length = len(source.text)
    result: list[Edit] = []
    for edit in edits:
        if not 0 <= edit.span.start <= edit.span.end <= length:
            return None
        small = _trimmed(source.text, Edit(edit.span, LINE_BREAK.sub(source.newline, edit.replacement)))
        if small is not None:
            result.append(small)
    try:
        return source.fitted(ordered(result)) or None
    except OverlappingEditsError:
        return None


def acceptable(before: Snapshot, after: Snapshot, edits: Sequence[Edit], gone: Collection[Diagnostic]) -> bool:
    """Return whether `edits` made the findings in `gone` disappear and did no harm.

    Harm is a piece that no longer parses, a finding that was not there, or an edit of a line that did not parse
    before.
    """
    if len(after.problems) > len(before.problems):
        return False
    broken = [_whole_lines(before.source, problem) for problem in before.problems]
    if any(edit.span.touches(span) for edit in edits for span in broken):
        return False
    return not appeared(before, after, edits, gone)


def appeared(
    before: Snapshot, after: Snapshot, edits: Sequence[Edit], gone: Collection[Diagnostic]
) -> list[Diagnostic]:
    """Return the findings after `edits` that were not there before; what is still there of `gone` is one of them."""
    kept = [diagnostic for diagnostic in before.diagnostics if diagnostic not in gone]
    return _appeared(before.source.text, kept, after, edits)


def _whole_lines(source: Source, problem: SyntaxProblem) -> Span:
    first, last = source.row_at(problem.start), source.row_at(problem.end)
    return Span(source.line_span(first)[0], source.line_span(last)[1])


def _appeared(text: str, kept: list[Diagnostic], after: Snapshot, edits: Sequence[Edit]) -> list[Diagnostic]:
    """Return the findings in `after` that are not one of `kept`, which were found in `text`."""
    unmatched = [(old, _moved(old.span, edits)) for old in kept]
    new = list(after.diagnostics)
    for matcher in (_same_place, _same_text, _touching):
        rest: list[Diagnostic] = []
        for diagnostic in new:
            hit = next(
                (
                    index
                    for index, (old, span) in enumerate(unmatched)
                    if old.code == diagnostic.code and matcher(_Pair(text, old, span, after.source.text, diagnostic))
                ),
                None,
            )
            if hit is None:
                rest.append(diagnostic)
            else:
                del unmatched[hit]
        new = rest
    return new


@dataclass(frozen=True, slots=True)
class _Pair:
    """A finding before (and where edits moved its place) and one after, of the same rule."""

    old_text: str
    old: Diagnostic
    moved: Span
    new_text: str
    new: Diagnostic


def _same_place(pair: _Pair) -> bool:
    return pair.moved.start == pair.new.span.start


def _same_text(pair: _Pair) -> bool:
    old, new = pair.old.span, pair.new.span
    return pair.old_text[old.start : old.end] == pair.new_text[new.start : new.end]


def _touching(pair: _Pair) -> bool:
    return pair.moved.touches(pair.new.span)


def _moved(span: Span, edits: Sequence[Edit]) -> Span:
    """Return where `span` stands once `edits` are made."""
    start = _moved_offset(span.start, edits)
    return Span(start, max(start, _moved_offset(span.end, edits)))


def _moved_offset(offset: int, edits: Sequence[Edit]) -> int:
    shift = 0
    for edit in edits:
        if edit.span.end <= offset:
            shift += len(edit.replacement) - (edit.span.end - edit.span.start)
        elif edit.span.start < offset:
            return edit.span.start + shift
    return offset + shift


def _trimmed(text: str, edit: Edit) -> Edit | None:
    """Return `edit` without what it replaces by itself, None where nothing is left."""
    old, new = text[edit.span.start : edit.span.end], edit.replacement
    if old == new:
        return None
    prefix = _common(old, new)
    if old[prefix - 1 : prefix] == "\r":
        prefix -= 1
    limit = min(len(old), len(new)) - prefix
    suffix = next((index for index, same in enumerate(_equal_ends(old, new, limit)) if not same), limit)
    if suffix and old[len(old) - suffix] == "\n" and old[len(old) - suffix - 1 : len(old) - suffix] == "\r":
        suffix -= 1
    span = Span(edit.span.start + prefix, edit.span.end - suffix)
    return Edit(span, new[prefix : len(new) - suffix])


def _common(old: str, new: str) -> int:
    """Return how many characters `old` and `new` have in common at their start."""
    limit = min(len(old), len(new))
    if old[:limit] == new[:limit]:
        return limit
    return next(index for index in range(limit) if old[index] != new[index])


def _equal_ends(old: str, new: str, limit: int) -> Iterator[bool]:
    return (old[-1 - index] == new[-1 - index] for index in range(limit))
