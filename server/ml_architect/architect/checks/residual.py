"""A document without what a repair may change: two versions with the same residue differ in nothing else.

All tokens of the document are written down but those that an allowance leaves out, so that nothing is overlooked:
what no line below speaks of is compared as it stands.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from ml_architect.architect.checks.erasure import plan_of
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.plan import Erasure, Plan, Stretch
from ml_architect.facts import ModuleFacts
from ml_architect.rules.allowance import Allowance
from ml_architect.text.source import LINE_BREAK

__all__ = [
    "FullLine",
    "Residue",
    "ResidueLine",
    "cut",
    "difference",
    "full_lines",
    "residue",
    "residue_from",
    "written_tokens",
]


@dataclass(frozen=True, slots=True)
class ResidueLine:
    """One logical line: how deep it is nested, and what is left of its tokens. Where it stands does not count."""

    depth: int
    tokens: tuple[str, ...]
    places: tuple[int, ...] = field(compare=False, repr=False)
    """Where each token starts in the document, -1 for one that does not stand there."""


class PlacedComment(NamedTuple):
    """A comment, and whether it stands alone on its line; `rank` lines are before it (negative: from the end)."""

    text: str
    rank: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Residue:
    """What is left of a document, with its comments apart. Its text does not count.

    `left_out` are the statements and headers that were left out: the pattern, and their tokens. They may come, go and
    move, so they do not count for equality; but nothing may turn into something else on the way, see `difference`.
    """

    lines: tuple[ResidueLine, ...]
    comments: tuple[PlacedComment, ...]
    text: str = field(compare=False, repr=False)
    left_out: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)


def residue(facts: ModuleFacts, allowances: Sequence[Allowance]) -> Residue:
    """Return what is left of a document without what `allowances`, taken together, let a repair change.

    Left out are statements, ``with`` and ``if`` headers, decorators, keyword arguments and imports that are allowed to
    come and go, and ``pass``; allowed rewritings have one form. White space, line ends, semicolons and a comma behind
    the last argument of a call do not count.

    Raises:
        PatternError: if an allowance holds something that is no pattern.
    """
    return residue_from(facts, plan_of(facts, Permits(allowances)))


def residue_from(facts: ModuleFacts, plan: Plan) -> Residue:
    """Return what `plan` leaves of a document, or of some of its statements. The comments are always those of all."""
    lines = tuple(_lines(plan))
    return Residue(lines, tuple(_comments(facts, plan, lines)), facts.module.source.text, tuple(_left_out(plan)))


def _comments(facts: ModuleFacts, plan: Plan, lines: Sequence[ResidueLine]) -> Iterator["PlacedComment"]:
    """Yield the comments with their places: how many statements of the module and lines of the residue stand before."""
    span = facts.span
    outer = [span(statement).start for statement in facts.module.body]
    starts = [next((place for place in line.places if place >= 0), 0) for line in lines]
    ends = (plan.tokens.starts[0], plan.tokens.ends[-1]) if plan.tokens.starts else (0, 0)
    for comment in facts.module.comments:
        is_inside = ends[0] <= comment.start <= ends[1]
        rank = bisect_right(starts if is_inside else outer, comment.start)
        if comment.start > ends[1]:
            rank -= len(outer)
        yield PlacedComment(comment.text.rstrip(), rank, comment.alone)


def _left_out(plan: Plan) -> Iterator[tuple[str, str]]:
    for (start, stop), pattern in plan.left_out.items():
        yield pattern.source.removeprefix("@"), " ".join(plan.tokens.texts[start:stop])


class FullLine(NamedTuple):
    """A line with all its tokens: whether it leaves anything in the residue, and how deep it is nested there.

    `stretch` are its tokens by index.
    """

    line: ResidueLine
    is_kept: bool
    level: int
    stretch: Stretch


def full_lines(plan: Plan, left: Plan) -> list[FullLine]:
    """Return the lines of a document with all their tokens, and what `left`, the plan of its residue, leaves of them.

    `plan` is its plan where nothing may change. Statements that are together another form of others are one line.
    """
    result: list[FullLine] = []
    for depth, stretches in _logical_lines(plan, left.continued):
        tokens: list[tuple[str, int]] = []
        for start, stop in stretches:
            written = list(written_tokens(plan, start, stop))
            tokens += [(";", -1), *written] if tokens and written else written
        if tokens:
            texts, places = zip(*tokens, strict=True)
            start, stop = stretches[0][0], stretches[-1][1]
            is_kept = next(written_tokens(left, start, stop), None) is not None
            line = ResidueLine(depth, texts, places)
            result.append(FullLine(line, is_kept, left.depths.get(start, depth), (start, stop)))
    return result


def _logical_lines(plan: Plan, continued: Collection[int]) -> list[tuple[int, list[Stretch]]]:
    """Return the lines of `plan` with their levels; those that start at one of `continued` go with the line before."""
    lines: list[tuple[int, list[Stretch]]] = []
    for start, stop in plan.stretches():
        if start in continued and lines:
            lines[-1][1].append((start, stop))
        else:
            lines.append((plan.depths.get(start, 0), [(start, stop)]))
    return lines


def _lines(plan: Plan) -> Iterator[ResidueLine]:
    depth = 0
    tokens: list[str] = []
    places: list[int] = []
    for start, stop in plan.stretches():
        if start in plan.depths and tokens:
            yield ResidueLine(depth, tuple(tokens), tuple(places))
            tokens, places = [], []
        depth = plan.depths.get(start, depth)
        for text, place in written_tokens(plan, start, stop):
            tokens.append(text)
            places.append(place)
    if tokens:
        yield ResidueLine(depth, tuple(tokens), tuple(places))


def written_tokens(
    plan: Plan, start: int, stop: int, inside: Erasure | None = None, only: frozenset[Erasure] | None = None
) -> Iterator[tuple[str, int]]:
    """Yield the tokens from `start` to `stop` with erasures made, and where each stands (-1: nowhere).

    Erasures that hold `inside` are not made; if `only` is given, no others are.
    """
    index = start
    while index < stop:
        erasure = plan.erasure_at(index, stop, inside, only)
        if erasure is None:
            text = plan.tokens.texts[index]
            if text != ";":
                yield text, plan.tokens.starts[index]
            index += 1
            continue
        for part in erasure.parts:
            if isinstance(part, str):
                yield part, -1
            else:
                yield from written_tokens(plan, *part, erasure, only)
        index = erasure.stop


_MOST = 8
"""How many differences are told one by one."""
_WIDTH = 60
_LAYOUT_FREE = frozenset({"=", "."})


def difference(before: Residue, after: Residue) -> tuple[str, ...]:
    """Return what differs between two residues, a line each for people; nothing where they are equal.

    Lines are counted in the document of `after`, from 1, or in that of `before` for what is gone.
    """
    told = [*_different_lines(before, after), *_different_comments(before, after), *_changed_on_the_way(before, after)]
    if len(told) > _MOST:
        told[_MOST:] = [f"{len(told) - _MOST} further differences"]
    return tuple(told)


def _different_lines(before: Residue, after: Residue) -> Iterator[str]:
    matcher = SequenceMatcher(None, before.lines, after.lines, autojunk=False)
    for _, first, last, new_first, new_last in _changes(matcher):
        old, new = before.lines[first:last], after.lines[new_first:new_last]
        if len(old) == len(new):
            for one, two in zip(old, new, strict=True):
                yield f"line {_row(after, two)}: {_compared(before, one, after, two)}"
            continue
        yield from (f"line {_row(before, line)}: `{_shown(before, line)}` is gone" for line in old)
        yield from (f"line {_row(after, line)}: `{_shown(after, line)}` is new" for line in new)


def _changes(matcher: "SequenceMatcher[ResidueLine]") -> list[tuple[str, int, int, int, int]]:
    return [opcode for opcode in matcher.get_opcodes() if opcode[0] != "equal"]


def _compared(before: Residue, old: ResidueLine, after: Residue, new: ResidueLine) -> str:
    if old.tokens == new.tokens:
        return f"`{_shown(after, new)}` stands at another level"
    start = 0
    while start < min(len(old.tokens), len(new.tokens)) and old.tokens[start] == new.tokens[start]:
        start += 1
    end = 0
    limit = min(len(old.tokens), len(new.tokens)) - start
    while end < limit and old.tokens[-1 - end] == new.tokens[-1 - end]:
        end += 1
    while start and old.tokens[start - 1] in _LAYOUT_FREE:
        start = max(0, start - 2)
    gone = _shown(before, old, start, len(old.tokens) - end)
    come = _shown(after, new, start, len(new.tokens) - end)
    if not gone or not come:
        return f"`{come or gone}` is {'new' if come else 'gone'}"
    return f"`{gone}` became `{come}`"


def _different_comments(before: Residue, after: Residue) -> Iterator[str]:
    old, new = (Counter(comment.text for comment in item.comments) for item in (before, after))
    yield from (f"the comment `{cut(text)}` is gone" for text in old - new)
    yield from (f"the comment `{cut(text)}` is new" for text in new - old)
    if old == new:
        moved = (one for one, two in zip(before.comments, after.comments, strict=True) if one != two)
        yield from (f"the comment `{cut(comment.text)}` stands elsewhere" for comment in moved)


def _changed_on_the_way(before: Residue, after: Residue) -> Iterator[str]:
    """Yield where a statement went and another one of the same pattern came, as if it had been moved and changed."""
    gone = Counter(before.left_out) - Counter(after.left_out)
    come = Counter(after.left_out) - Counter(before.left_out)
    for pattern, text in come:
        old = next((other for source, other in gone if source == pattern), None)
        if old is not None:
            yield f"`{cut(old)}` became `{cut(text)}`"


def _row(owner: Residue, line: ResidueLine) -> int:
    place = next((place for place in line.places if place >= 0), 0)
    return len(LINE_BREAK.findall(owner.text, 0, place)) + 1


def _shown(owner: Residue, line: ResidueLine, start: int = 0, stop: int | None = None) -> str:
    """Return tokens of `line` as the document spells them, where they stand there one behind the other."""
    tokens, places = line.tokens[start:stop], line.places[start:stop]
    if not tokens:
        return ""
    if -1 in places:
        return cut(" ".join(tokens))
    return cut(" ".join(owner.text[places[0] : places[-1] + len(tokens[-1])].split()))


def cut(text: str) -> str:
    """Return `text`, shortened to what fits in a message."""
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."
