"""The parts of a change: each statement, header or owned keyword that it adds, removes or rewrites."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from ml_architect.architect.checks.change import Version
from ml_architect.architect.checks.forms import forms_taken_back
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.residual import FullLine, ResidueLine, cut

__all__ = ["Part", "moved_block", "newcomers", "parts_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a change in words, and the lines of the changed document without it."""

    told: str
    lines: tuple[ResidueLine, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A line, whether it has a residue, how many lines with one stand before it, and its level in the residue."""

    line: ResidueLine
    is_kept: bool
    rank: int
    level: int


def _rows(lines: Sequence[FullLine]) -> list[_Row]:
    rows: list[_Row] = []
    rank = 0
    for item in lines:
        rows.append(_Row(item.line, item.is_kept, rank, item.level))
        rank += item.is_kept
    return rows


def parts_of(before: Version, after: Version) -> Iterator[Part]:
    """Yield the parts of the change between two versions with the same residue."""
    old, new = _rows(before.full), _rows(after.full)
    kept = {row.rank: place for place, row in enumerate(old) if row.is_kept}
    for index, row in enumerate(new):
        earlier = old[kept[row.rank]].line if row.is_kept else row.line
        if earlier.tokens == row.line.tokens:
            continue
        yield Part(f"`{_told(row.line)}` is changed", _replaced(new, index, earlier.tokens))
        forms = forms_taken_back(before, before.full[kept[row.rank]], after, after.full[index])
        for told, tokens in (*_keywords_taken_back(earlier.tokens, row.line.tokens, after.permits), *forms):
            yield Part(f"`{cut(told)}` is changed", _replaced(new, index, tokens))
    gone, come = _gone_and_come(old, new)
    for is_one in (_says_the_same, _stands_there):
        for index in tuple(come):
            before_it = next((place for place in gone if is_one(old[place], new[index])), None)
            if before_it is not None:
                gone.remove(before_it)
                come.remove(index)
                told = f"`{_told(new[index].line)}` has come for `{_told(old[before_it].line)}`"
                yield Part(told, _lines(_put_back(old, before_it, _dropped(new, index))))
    for index in come:
        yield Part(f"`{_told(new[index].line)}` is added", _lines(_dropped(new, index)))
    for index in gone:
        yield Part(f"`{_told(old[index].line)}` is removed", _lines(_put_back(old, index, new)))


def _keywords_taken_back(
    old: tuple[str, ...], new: tuple[str, ...], permits: Permits
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what changes of the owned keywords that a statement had, and its tokens without that.

    Keywords that it newly has go together with the rest; and so do all where more than owned keywords is changed.
    """
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
            yield " ".join(old[first:last]), tokens


def _is_owned(tokens: tuple[str, ...], first: int, last: int, permits: Permits) -> bool:
    """Return whether the tokens from `first` to `last` are of a keyword argument that `permits` lets change."""
    starts = (first - 2, first, first + 1) if last > first else ()
    return any(
        0 <= place < last and tokens[place + 1 : place + 2] == ("=",) and permits.has_parameter(tokens[place])
        for place in starts
    )


def newcomers(before: Version, after: Version) -> list[ResidueLine]:
    """Return the lines without a residue that were added, or that were moved to where or to how deep they stand."""
    had = Counter(_standing(row) for row in _rows(before.full))
    has = Counter(_standing(row) for row in _rows(after.full))
    return [row.line for row in _rows(after.full) if not row.is_kept and has[_standing(row)] > had[_standing(row)]]


def _standing(row: _Row) -> tuple[int, int, tuple[str, ...]]:
    return row.rank, row.line.depth, row.line.tokens


def _gone_and_come(old: Sequence[_Row], new: Sequence[_Row]) -> tuple[list[int], list[int]]:
    """Return the lines without a residue that stand in only one of two versions."""
    before, after = _optional(old), _optional(new)
    gone = [index for key in before for index in before[key][len(after.get(key, [])) :]]
    come = [index for key in after for index in after[key][len(before.get(key, [])) :]]
    return sorted(gone), sorted(come)


def moved_block(before: Sequence[FullLine], after: Sequence[FullLine]) -> str | None:
    """Return which block holds other statements than before although its header stayed where it was, or None."""
    old, new = _rows(before), _rows(after)
    old_places, new_places = _optional(old), _optional(new)
    for key, places in old_places.items():
        for one, two in zip(places, new_places.get(key, ()), strict=False):
            if _last_rank(old, one) != _last_rank(new, two):
                return f"the block of `{_told(new[two].line)}` holds other statements"
    return None


def _last_rank(rows: Sequence[_Row], index: int) -> int:
    """Return how many lines with a residue stand before what follows the block that the line at `index` heads."""
    stop = _behind_block(rows, index)
    return rows[index].rank + sum(row.is_kept for row in rows[index + 1 : stop])


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


def _optional(rows: Sequence[_Row]) -> dict[tuple[int, int, tuple[str, ...]], list[int]]:
    """Return the lines without a residue by what they say and between which other lines they stand."""
    found: dict[tuple[int, int, tuple[str, ...]], list[int]] = {}
    for index, row in enumerate(rows):
        if not row.is_kept:
            found.setdefault((row.rank, row.level, row.line.tokens), []).append(index)
    return found


def _replaced(rows: Sequence[_Row], index: int, tokens: tuple[str, ...]) -> tuple[ResidueLine, ...]:
    line = ResidueLine(rows[index].line.depth, tokens, ())
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
    restored = _Row(ResidueLine(depth, row.line.tokens, ()), is_kept=False, rank=row.rank, level=row.level)
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
    return _Row(ResidueLine(row.line.depth + levels, row.line.tokens, ()), row.is_kept, row.rank, row.level)


def _told(line: ResidueLine) -> str:
    return cut(" ".join(line.tokens))
