"""Whether every part of a change is needed: leaving out any one of them must spoil the result.

A part is one statement, or one header of a block, that the change adds, removes or rewrites. Parts are found by the
residues: lines with the same residue belong together, lines without one come and go. What is left when a part is
taken back is written anew from its tokens and analysed; it is compared with the changed document written in the same
way, so that comments and layout play no role.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from ml_architect.architect.change import Change, Version, change_between
from ml_architect.architect.names import undefined_name
from ml_architect.architect.permits import Permits
from ml_architect.architect.residual import ResidueLine
from ml_architect.engine import Analysis
from ml_architect.text.lines import split_lines

__all__ = ["MAX_PARTS", "newcomers", "unneeded"]

MAX_PARTS = 12
"""A change with more parts is too large to be proven minimal in reasonable time."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a change, and the lines of the changed document without it."""

    told: str
    lines: tuple[ResidueLine, ...]


def unneeded(change: Change) -> str | None:
    """Return what the change could do without, in words; None where every part is needed.

    The residues of the two versions must be equal.
    """
    parts = list(_parts(change))
    if len(parts) > MAX_PARTS:
        return f"it has {len(parts)} parts, more than can be shown to be needed"
    if len(parts) <= 1:
        return None
    before, behind = _around(change.new)
    whole = change.new.analysis.with_text(before + _written([line for line, _ in change.new.full]) + behind)
    for part in parts:
        if not _is_worse(whole, whole.with_text(before + _written(part.lines) + behind)):
            return f"{part.told}, which the repair does not need"
    return None


def _around(version: Version) -> tuple[str, str]:
    """Return what stands before and behind the lines of `version` that are not shared."""
    places = [place for line, _ in version.full for place in line.places if place >= 0]
    if version.statements is None or not places:
        return "", ""
    lines = split_lines(version.text)
    source = version.analysis.source
    first, last = source.row_at(places[0]), source.row_at(version.facts.span(version.statements[-1]).end)
    return "".join(lines[:first]), "".join(lines[last + 1 :])


def newcomers(change: Change) -> list[ResidueLine]:
    """Return the lines without a residue that were added, or that were moved to where or to how deep they stand."""
    had = Counter(_standing(row) for row in _rows(change.old.full))
    has = Counter(_standing(row) for row in _rows(change.new.full))
    return [row.line for row in _rows(change.new.full) if not row.is_kept and has[_standing(row)] > had[_standing(row)]]


def _standing(row: "_Row") -> tuple[int, int, tuple[str, ...]]:
    return row.rank, row.line.depth, row.line.tokens


def _is_worse(whole: Analysis, without: Analysis) -> bool:
    """Return whether a document has a problem without a part that the whole change does not have."""
    change = change_between(whole, without, (), (), Permits(()))
    if change is None or len(without.problems) > len(whole.problems) or undefined_name(change) is not None:
        return True
    return bool(_findings(without) - _findings(whole))


def _findings(analysis: Analysis) -> Counter[str]:
    return Counter(item.code for item in (*analysis.diagnostics, *analysis.suppressed))


# --- parts ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A line, whether it has a residue, and how many lines with one stand before it."""

    line: ResidueLine
    is_kept: bool
    rank: int


def _rows(lines: Sequence[tuple[ResidueLine, bool]]) -> list[_Row]:
    rows: list[_Row] = []
    rank = 0
    for line, is_kept in lines:
        rows.append(_Row(line, is_kept, rank))
        rank += is_kept
    return rows


def _parts(change: Change) -> Iterator[_Part]:
    old, new = _rows(change.old.full), _rows(change.new.full)
    before = {row.rank: row.line for row in old if row.is_kept}
    for index, row in enumerate(new):
        if row.is_kept and row.line.tokens != before[row.rank].tokens:
            for told, tokens in _taken_back(before[row.rank].tokens, row.line.tokens, change.permits):
                yield _Part(told, _replaced(new, index, ResidueLine(row.line.depth, tokens, ())))
    gone, come = _gone_and_come(old, new)
    for is_one in (_says_the_same, _stands_there):
        for index in tuple(come):
            before_it = next((place for place in gone if is_one(old[place], new[index])), None)
            if before_it is not None:
                gone.remove(before_it)
                come.remove(index)
                told = f"`{_told(new[index].line)}` has come for `{_told(old[before_it].line)}`"
                yield _Part(told, _lines(_put_back(old, before_it, _dropped(new, index))))
    for index in come:
        yield _Part(f"`{_told(new[index].line)}` is added", _lines(_dropped(new, index)))
    for index in gone:
        yield _Part(f"`{_told(old[index].line)}` is removed", _lines(_put_back(old, index, new)))


def _taken_back(old: tuple[str, ...], new: tuple[str, ...], permits: Permits) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a rewritten statement changes, in words, and its tokens without that.

    The statement counts as one; but where only owned keywords are changed, each that it had has to be needed by itself.
    """
    yield f"`{_cut(' '.join(new))}` is changed", old
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [opcode for opcode in opcodes if opcode[0] != "equal"]
    if len(changed) == 1 or not all(
        _is_owned(old, first, last, permits) or _is_owned(new, new_first, new_last, permits)
        for _, first, last, new_first, new_last in changed
    ):
        return
    for _, first, last, new_first, new_last in changed:
        if last > first:
            tokens = (*new[:new_first], *old[first:last], *new[new_last:])
            yield f"`{_cut(' '.join(old[first:last]))}` is changed", tokens


def _is_owned(tokens: tuple[str, ...], first: int, last: int, permits: Permits) -> bool:
    """Return whether the tokens from `first` to `last` are of a keyword argument that `permits` lets change."""
    starts = (first - 2, first, first + 1) if last > first else ()
    return any(
        0 <= place < last and tokens[place + 1 : place + 2] == ("=",) and permits.has_parameter(tokens[place])
        for place in starts
    )


def _gone_and_come(old: Sequence[_Row], new: Sequence[_Row]) -> tuple[list[int], list[int]]:
    """Return the lines without a residue that stand in only one of two versions."""
    before, after = _optional(old), _optional(new)
    gone = [index for key in before for index in before[key][len(after.get(key, [])) :]]
    come = [index for key in after for index in after[key][len(before.get(key, [])) :]]
    return sorted(gone), sorted(come)


def _says_the_same(old: _Row, new: _Row) -> bool:
    """Return whether a line was moved: the same statement, or a header made of what was a statement."""
    return _core(old.line.tokens) == _core(new.line.tokens)


def _core(tokens: tuple[str, ...]) -> tuple[str, ...]:
    if tokens[0] == "with":
        return tokens[1:-1]
    return tokens[1:] if tokens[0] == "@" else tokens


def _stands_there(old: _Row, new: _Row) -> bool:
    """Return whether a line stands in the place of another."""
    return old.rank == new.rank


def _lines(rows: Sequence[_Row]) -> tuple[ResidueLine, ...]:
    return tuple(row.line for row in rows)


def _optional(rows: Sequence[_Row]) -> dict[tuple[int, tuple[str, ...]], list[int]]:
    """Return the lines without a residue by what they say and between which other lines they stand."""
    found: dict[tuple[int, tuple[str, ...]], list[int]] = {}
    for index, row in enumerate(rows):
        if not row.is_kept:
            found.setdefault((row.rank, row.line.tokens), []).append(index)
    return found


def _replaced(rows: Sequence[_Row], index: int, line: ResidueLine) -> tuple[ResidueLine, ...]:
    return tuple(line if place == index else row.line for place, row in enumerate(rows))


def _dropped(rows: Sequence[_Row], index: int) -> tuple[_Row, ...]:
    """Return the lines without that at `index`; if it is a header, what stands in its block moves out."""
    stop = _behind_block(rows, index)
    inside = [_moved(row, -1) for row in rows[index + 1 : stop]]
    return (*rows[:index], *inside, *rows[stop:])


def _put_back(old: Sequence[_Row], index: int, new: Sequence[_Row]) -> tuple[_Row, ...]:
    """Return the lines of `new` with the line of `old` at `index`; if it is a header, its block moves in."""
    row = old[index]
    last = old[_behind_block(old, index) - 1]
    start = next((place for place, other in enumerate(new) if other.rank >= row.rank), len(new))
    while (
        start < len(new) and new[start].rank == row.rank and not new[start].is_kept and _leads(old, index, new[start])
    ):
        start += 1
    depth = _depth_there(old, index, new)
    restored = _Row(ResidueLine(depth, row.line.tokens, ()), is_kept=False, rank=row.rank)
    is_header = last is not row
    inside = [_moved(other, 1) for other in new[start:] if is_header and other.rank <= last.rank]
    return (*new[:start], restored, *inside, *new[start + len(inside) :])


def _leads(old: Sequence[_Row], index: int, other: _Row) -> bool:
    """Return whether a line like `other` stands before the line of `old` at `index`, among those without a residue."""
    return any(row.rank == other.rank and row.line.tokens == other.line.tokens for row in old[:index])


def _depth_there(old: Sequence[_Row], index: int, new: Sequence[_Row]) -> int:
    """Return how deep the line of `old` at `index` would stand in `new`: as deep as its neighbours moved."""
    depths = {row.rank: row.line.depth for row in new if row.is_kept}
    depth = old[index].line.depth
    for row in (*old[index + 1 :], *reversed(old[:index])):
        if row.is_kept and row.line.depth == depth:
            return depths.get(row.rank, depth)
    return depth


def _behind_block(rows: Sequence[_Row], index: int) -> int:
    """Return the first line behind the block that the line at `index` heads; the next line if it heads none."""
    depth = rows[index].line.depth
    deeper = groupby(rows[index + 1 :], key=lambda row: row.line.depth > depth)
    is_deeper, inside = next(deeper, (False, iter(())))
    return index + 1 + (sum(1 for _ in inside) if is_deeper else 0)


def _moved(row: _Row, levels: int) -> _Row:
    return _Row(ResidueLine(row.line.depth + levels, row.line.tokens, ()), row.is_kept, row.rank)


def _told(line: ResidueLine) -> str:
    return _cut(" ".join(line.tokens))


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."


_WIDTH = 60


def _written(lines: Sequence[ResidueLine]) -> str:
    """Return the program that consists of `lines`."""
    rows: list[str] = []
    for line, following in zip(lines, (*lines[1:], None), strict=True):
        rows.append("    " * line.depth + " ".join(line.tokens))
        if line.tokens[-1] == ":" and (following is None or following.depth <= line.depth):
            rows.append("    " * (line.depth + 1) + "pass")
    return "\n".join((*rows, ""))
