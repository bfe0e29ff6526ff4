"""A repair that is known to be good, written as a reply: the worked example of a prompt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ml_architect.architect.reply.envelope import MOST_BLOCKS
from ml_architect.architect.values import Region, Section
from ml_architect.engine import minimal_edit
from ml_architect.page.shape import Kind, sections_of
from ml_architect.rules import Rule
from ml_architect.rules.api import Fires
from ml_architect.text import Edit, Source, Span, apply_edits
from ml_architect.text.source import LINE_BREAK

__all__ = ["EXAMPLE_NONCE", "example_part", "render_blocks", "render_reply", "rule_sections"]

EXAMPLE_NONCE = "EXAMPLE"


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines of a region, counted from its first, and what stands there afterwards."""

    first: int
    stop: int
    new: tuple[str, ...]


def render_reply(nonce: str, sections: Mapping[Section, str], blocks: Iterable[str]) -> str:
    """Return a complete reply with these sections and blocks."""
    lines = [f"<<<FIX {nonce}>>>"]
    for section in sections_of(Kind.EXPLAIN):
        if section in sections:
            lines += [f"## {section.value}", sections[section]]
    return "\n".join([*lines, *blocks, f"<<<END {nonce}>>>", ""])


def render_blocks(source: Source, regions: Sequence[Region], edits: Iterable[Edit]) -> list[str]:
    """Return `edits` as blocks of a reply: the changed lines with one line around them; of at most four blocks.

    Where more would be needed, the regions that need most are written out as a whole.

    Raises:
        ValueError: if an edit lies in no region.
    """
    changes: list[tuple[Region, list[str], list[str]]] = []
    for region, inside in _by_region(regions, edits):
        old = source.text[region.span.start : region.span.end]
        shifted = [Edit(edit.span.shifted(-region.span.start), edit.replacement) for edit in inside]
        changes.append((region, _lines(old), _lines(apply_edits(old, shifted))))
    hunks = [_hunks(old, new) for _, old, new in changes]
    whole = {index for index, (_, old, _) in enumerate(changes) if not any(line.strip() for line in old)}
    while sum(1 if i in whole else len(found) for i, found in enumerate(hunks)) > MOST_BLOCKS:
        whole.add(max((i for i in range(len(hunks)) if i not in whole), key=lambda i: len(hunks[i])))
    blocks: list[str] = []
    for index, (region, before, new) in enumerate(changes):
        if index in whole:
            blocks.append(_text(f"<<<REGION {region.name}>>>", *new))
        else:
            row = source.row_at(region.span.start)
            blocks += [_block(region.name, row, before, hunk) for hunk in hunks[index]]
    return blocks


def _by_region(regions: Sequence[Region], edits: Iterable[Edit]) -> list[tuple[Region, list[Edit]]]:
    found: dict[str, tuple[Region, list[Edit]]] = {}
    for edit in edits:
        region = next((region for region in regions if region.span.contains(edit.span)), None)
        if region is None:
            message = f"the edit at {edit.span.start} lies in no region"
            raise ValueError(message)
        found.setdefault(region.name, (region, []))[1].append(edit)
    return list(found.values())


def _lines(text: str) -> list[str]:
    """Return the lines of `text`, whose last one may end with a line break."""
    lines = LINE_BREAK.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def _hunks(old: list[str], new: list[str]) -> list[_Hunk]:
    """Return what differs, each with a line around it; hunks that meet are one."""
    found: list[_Hunk] = []
    for tag, first, stop, new_first, new_stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        above, below = _context(old, first, stop)
        floor = found[-1].stop if found else 0
        if found and above < floor:
            last = found.pop()
            between = old[floor:first] if floor < first else []
            kept = last.new if floor <= first else last.new[: len(last.new) - (floor - first)]
            start, before = last.first, (*kept, *between)
        else:
            start, before = above, tuple(old[above:first])
        found.append(_Hunk(start, below, (*before, *new[new_first:new_stop], *old[stop:below])))
    return found


def _context(old: list[str], first: int, stop: int) -> tuple[int, int]:
    """Return where the lines to look for start and stop: one line more on each side, and more where all are blank."""
    above, below = max(0, first - 1), min(len(old), stop + 1)
    while not any(line.strip() for line in old[above:below]) and (above > 0 or below < len(old)):
        above, below = max(0, above - 1), min(len(old), below + 1)
    return above, below


def _block(name: str, row: int, old: list[str], hunk: _Hunk) -> str:
    head = f"<<<EDIT {name} line={row + hunk.first + 1}>>>"
    return _text(head, "<<<OLD>>>", *old[hunk.first : hunk.stop], "<<<NEW>>>", *hunk.new)


def _text(*lines: str) -> str:
    return "\n".join([*lines, "<<<DONE>>>"])


# --- the worked example --------------------------------------------------------------------------


def example_part(rule: Rule) -> list[str]:
    """Return an example of `rule` with a good reply, nothing where the rule has none that shows a repair."""
    example = next((item for item in rule.fires if item.after is not None and item.after != item.code), None)
    if example is None or example.after is None:
        return []
    return [
        "Example of other code with the same finding; all of it is region R1:",
        *(f"{number:>4}|{line}" for number, line in enumerate(_lines(example.code), start=1)),
        f"A good reply to it (yours has the nonce of this request where {EXAMPLE_NONCE} stands):",
        render_reply(EXAMPLE_NONCE, rule_sections(rule), _example_blocks(example, example.after)).rstrip("\n"),
    ]


def _example_blocks(example: Fires, after: str) -> list[str]:
    source = Source(example.code)
    region = Region("R1", Span(0, len(example.code)), "code")
    edit = minimal_edit(example.code, after)
    return render_blocks(source, [region], [edit] if edit is not None else [])


def rule_sections(rule: Rule) -> dict[Section, str]:
    """Return what the rule itself says under each heading."""
    values = [
        f"{item.setting} = {item.value} | {item.range} | {' '.join(item.reason.split())}"
        for item in rule.starting_values
    ]
    costs = [f"{cost.value}: {' '.join(text.split())}" for cost, text in rule.tradeoffs.items()]
    why = " ".join(rule.why.split("\n\n", maxsplit=1)[0].split())
    return {
        Section.APPROACH: why,
        Section.VALUES: "\n".join(values) or "none",
        Section.TRADEOFFS: "\n".join(costs) or "none",
        Section.VERIFY: f"Check the file again: {rule.name} is no longer reported.",
        Section.EXPECT: "All else in the file works as before.",
        Section.NEXT: "Compare the first epochs of a run before the change and one after it.",
    }
