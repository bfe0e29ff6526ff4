"""Puts the blocks of a reply into the document: each in its region, where its text stands and nowhere else.

A text is found exactly, or up to blanks at line ends, or up to a uniform shift of its indentation; similarity never
counts. A step that finds it in two places asks the line hint, and refuses where that selects none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from ml_architect.architect.reply.envelope import Block
from ml_architect.architect.reply.layout import Relayout, indentation, is_mixed, relayout
from ml_architect.architect.reply.page import Line, Page, Place, page_of
from ml_architect.architect.reply.redaction import PLACEHOLDER, restore
from ml_architect.architect.values import Refusal, Region, Rung
from ml_architect.engine.difference import difference
from ml_architect.text import Edit, Source

__all__ = ["apply_blocks"]

_BLANKS = " \t"
_NUMBERED = re.compile(r"\s*\d+\s?[|:]")
_ELISIONS = ("...", "…")


class _RefusedError(Exception):
    """A block cannot be applied; its text is the line for the model."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What a block makes of rows of the document."""

    place: Place
    lines: tuple[Line, ...]
    block: Block


def apply_blocks(
    source: Source, regions: Sequence[Region], blocks: Sequence[Block], placeholders: Sequence[tuple[str, str]]
) -> tuple[Edit, ...] | Refusal:
    """Return the ordered, minimal edits of `source` that `blocks` mean, or why they cannot be applied.

    `placeholders` are what the model saw in the place of secrets; they are mapped back.
    """
    page = page_of(source, regions, placeholders)
    try:
        changes = _apart(_change(page, block, placeholders) for block in blocks)
    except _RefusedError as problem:
        return Refusal(Rung.APPLY, str(problem))
    edits = _edits(source, page, changes)
    return edits or Refusal(Rung.APPLY, "the blocks change nothing; send a change, or decline")


def _apart(changes: Iterable[_Change]) -> list[_Change]:
    """Return `changes` in order of their lines, which none shares with another."""
    result = sorted(changes, key=lambda change: change.place.first)
    for before, after in pairwise(result):
        if after.place.first < before.place.last:
            message = f"two blocks of {after.block.region} change the same lines; merge them into one"
            raise _RefusedError(message)
    return result


def _change(page: Page, block: Block, placeholders: Sequence[tuple[str, str]]) -> _Change:
    """Return what `block` makes of the lines that it means."""
    region = page.regions.get(block.region)
    if region is None:
        message = f"{_shortened(block.region)} is no region; the regions are {', '.join(page.regions)}"
        raise _RefusedError(message)
    new = _reply_lines(block.new)
    if block.old is None:
        place, new = region, _whole(page, region, block, new)
        old = page.views(region)
    else:
        old = _reply_lines(block.old)
        place, layout = _find(page, region, block, old)
        old, new = (_laid_out(lines, layout, block) for lines in (old, new))
    _check_new(page, region, block, old, new)
    lines = tuple(_merged(page, place, new, placeholders))
    if [line.text for line in lines] == [line.text for line in page.lines[place.first : place.last]]:
        message = f"an edit of {block.region} changes nothing; leave it out, or change something"
        raise _RefusedError(message)
    return _Change(place, lines, block)


def _reply_lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _shortened(text: str) -> str:
    return text if len(text) <= 20 and text.isprintable() else "a block's name"  # noqa: PLR2004 - room in a line


def _find(page: Page, region: Place, block: Block, old: list[str]) -> tuple[Place, Relayout | None]:
    """Return where `old` stands in `region`, and how lines of the block are laid out there."""
    if not any(line.strip() for line in old):
        message = f"the OLD text of an edit of {block.region} is blank; copy the lines that it replaces"
        raise _RefusedError(message)
    views = page.views(region)
    steps: tuple[list[tuple[int, Relayout | None]], ...] = (
        [(row, None) for row in _hits(views, old)],
        [(row, _bare) for row in _hits([_bare(line) for line in views], [_bare(line) for line in old])],
        list(_shifted_hits(page, views, old, block)),
    )
    for found in filter(None, steps):
        row, layout = _selected(found, region, block)
        if any(other != row and _is_hinted(other, region, block) for step in steps for other, _ in step):
            message = f"{block.region}: OLD text and line={block.line} mean different places; copy OLD text exactly"
            raise _RefusedError(message)
        return Place(region.first + row, region.first + row + len(old)), layout
    raise _RefusedError(_not_found(page, region, block, old))


def _bare(line: str) -> str:
    return line.rstrip(_BLANKS)


def _hits(lines: list[str], wanted: list[str]) -> Iterator[int]:
    """Yield the rows of `lines` at which all of `wanted` stand."""
    count = len(wanted)
    return (row for row in range(len(lines) - count + 1) if lines[row : row + count] == wanted)


def _stands(lines: Iterable[str], bare: list[str]) -> bool:
    """Return whether `bare` stands in `lines`, whatever their indentation."""
    return next(_hits([line.strip(_BLANKS) for line in lines], bare), None) is not None


def _shifted_hits(page: Page, views: list[str], old: list[str], block: Block) -> Iterator[tuple[int, Relayout | None]]:
    """Yield the rows at which `old` stands but for a uniform shift of its indentation, with that shift."""
    theirs = [*old, *_reply_lines(block.new)]
    for row in _hits([line.strip(_BLANKS) for line in views], [line.strip(_BLANKS) for line in old]):
        layout = relayout(page.all_views, theirs, list(zip(views[row : row + len(old)], old, strict=True)))
        if layout is not None:
            yield row, layout


def _selected(found: Sequence[tuple[int, Relayout | None]], region: Place, block: Block) -> tuple[int, Relayout | None]:
    """Return the one place, or the one at which the line hint points."""
    if len(found) > 1:
        hinted = [item for item in found if _is_hinted(item[0], region, block)]
        if not hinted:
            message = f"{block.region}: OLD text matches {len(found)} places; add a neighbouring line"
            raise _RefusedError(message)
        found = hinted
    return found[0]


def _is_hinted(row: int, region: Place, block: Block) -> bool:
    return region.first + row + 1 == block.line


def _not_found(page: Page, region: Place, block: Block, old: list[str]) -> str:
    """Return what to tell a model whose OLD text does not stand in its region."""
    name = block.region
    if any(_is_elision(line) for line in old):
        return f"{name}: OLD text is elided with dots; copy each line of it"
    if all(_NUMBERED.match(line) for line in old if line.strip()):
        return f"{name}: OLD text holds line numbers; leave them and the bar out"
    bare = [line.strip(_BLANKS) for line in old]
    if _stands(page.views(region), bare):
        if is_mixed(page.all_views):
            return f"{name}: the document mixes tabs and blanks; copy OLD text with exactly its indentation"
        return f"{name}: the indentation of OLD text or NEW text is not that of the document; copy it exactly"
    for other, place in page.regions.items():
        if other != name and _stands(page.views(place), bare):
            return f"{name}: OLD text stands in {other}; name that region"
    if _stands((line.view for line in page.lines), bare):
        return f"{name}: OLD text stands outside the regions that may be edited"
    return f"{name}: OLD text is not in the region; copy whole lines of it exactly, comments included"


def _is_elision(line: str) -> bool:
    bare = line.strip().removeprefix("#").strip()
    return bare in _ELISIONS or (line.strip().startswith("#") and bare.startswith(_ELISIONS))


def _laid_out(lines: list[str], layout: Relayout | None, block: Block) -> list[str]:
    if layout is None:
        return lines
    moved = [layout(line) for line in lines]
    if None in moved:
        message = f"{block.region}: the indentation of NEW text does not fit that of the document; copy it exactly"
        raise _RefusedError(message)
    return [line for line in moved if line is not None]


def _whole(page: Page, region: Place, block: Block, new: list[str]) -> list[str]:
    """Return the new lines of a whole region in the document's layout, with the blank lines around it kept."""
    views = page.views(region)
    filled = [row for row, line in enumerate(new) if line.strip()]
    ours = [row for row, line in enumerate(views) if line.strip()]
    if not filled or not ours:
        message = f"the new text of {block.region} is blank; send all its lines"
        raise _RefusedError(message)
    core = new[filled[0] : filled[-1] + 1]
    first = views[ours[0]]
    if indentation(first) != indentation(core[0]) or _uses_other_blanks(page.all_views, core):
        layout = relayout(page.all_views, core, [(first, core[0])])
        if layout is None:
            message = f"{block.region}: the indentation of the new text is not that of the document; copy it exactly"
            raise _RefusedError(message)
        core = _laid_out(core, layout, block)
    return [*views[: ours[0]], *core, *views[ours[-1] + 1 :]]


def _uses_other_blanks(ours: list[str], theirs: list[str]) -> bool:
    return not is_mixed(ours) and is_mixed([*ours, *theirs])


def _check_new(page: Page, region: Place, block: Block, old: list[str], new: list[str]) -> None:
    """Refuse new text that leaves something out, or that names a secret which the replaced text does not hold."""
    known = {line.strip() for line in page.views(region)}
    if any(_is_elision(line) and line.strip() not in known for line in new):
        message = f"{block.region}: NEW text is elided with dots; write each line of it"
        raise _RefusedError(message)
    before, after = ({match.group() for line in lines for match in PLACEHOLDER.finditer(line)} for lines in (old, new))
    if after - before:
        message = (
            f"{block.region}: NEW text holds a placeholder that OLD text does not; leave {min(after - before)} out"
        )
        raise _RefusedError(message)


def _merged(page: Page, place: Place, new: list[str], placeholders: Sequence[tuple[str, str]]) -> Iterator[Line]:
    """Yield the lines of `place` after the change: the document's own where the model left them."""
    ours = page.lines[place.first : place.last]
    views = [_bare(line.view) for line in ours]
    matcher = SequenceMatcher(None, views, [_bare(line) for line in new], autojunk=False)
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        if kind == "equal":
            yield from ours[first:last]
            continue
        ends = [line.end for line in ours[first:last]]
        for index, line in enumerate(new[new_first:new_last]):
            text = restore(line, placeholders)
            yield Line(text, line, ends[index] if index < len(ends) else page.newline)


def _edits(source: Source, page: Page, changes: Sequence[_Change]) -> tuple[Edit, ...]:
    """Return the small edits that lead from the lines before to the lines after."""
    edits: list[Edit] = []
    for change in changes:
        start = source.line_starts[change.place.first]
        at_end = change.place.last == len(page.lines)
        end = len(source.text) if at_end else source.line_starts[change.place.last]
        before = source.text[start:end]
        after = "".join(line.text + line.end for line in change.lines)
        if at_end:
            after = _ended(change.lines, page.newline)
        edits += (Edit(edit.span.shifted(start), edit.replacement) for edit in difference(before, after))
    return tuple(edits)


def _ended(lines: Sequence[Line], newline: str) -> str:
    """Return the last lines of a document: only the very last has no line end."""
    pieces = [line.text + (line.end or newline) for line in lines[:-1]]
    return "".join([*pieces, lines[-1].text]) if lines else ""
