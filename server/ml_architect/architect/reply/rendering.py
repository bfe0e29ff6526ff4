"""What a model wrote, checked, as a page: always the same parts in the same order, and always who wrote it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

from ml_architect.architect.reply.cleaning import harmless
from ml_architect.architect.reply.starting import parse_line
from ml_architect.architect.values import Explanation, Section
from ml_architect.page import (
    Block,
    Bullets,
    Code,
    Heading,
    Paragraph,
    Table,
    as_markdown,
    as_plain,
)
from ml_architect.page.shape import Form, Kind, part_of, sections_of
from ml_architect.rules.api import Cost, Rule

__all__ = ["explanation_markdown", "parts", "writer"]

COSTS = {
    Cost.COMPUTE: "compute",
    Cost.MEMORY: "memory",
    Cost.STABILITY: "stability",
    Cost.GENERALISATION: "generalisation",
    Cost.LATENCY: "latency and throughput",
    Cost.MAINTENANCE: "maintenance",
}
"""The sides of a trade-off as they are shown, in their order."""
_COST_WORDS = {word: cost for cost, title in COSTS.items() for word in (title, cost.value)} | {
    "generalization": Cost.GENERALISATION,
    "throughput": Cost.LATENCY,
}
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(.*)$")
_COST_LINE = re.compile(r"^\s*(?:[-*+]\s+)?([A-Za-z][A-Za-z ]{2,30}?)\s*:\s+(\S.*)$")
_TITLE = re.compile(r"^#{1,6}\s+(.*)$")
_FENCE = re.compile(r"^```([\w+-]*)$")


def explanation_markdown(explanation: Explanation, rules: Sequence[Rule], model: str, plain: bool = False) -> str:
    """Return `explanation` of findings of `rules` as Markdown, or as text without any mark-up where `plain`.

    `model` is the name of the model that wrote it.
    """
    blocks = list(_page(explanation, rules, model))
    return as_plain(blocks) if plain else as_markdown(blocks)


def parts(
    kind: Kind,
    texts: Mapping[Section, str],
    missing: Collection[Section] = (),
    more: Mapping[Section, Sequence[Block]] = MappingProxyType({}),
) -> Iterator[Block]:
    """Yield the parts of an answer of `kind` in their order: the cleaned `texts`, and below each what is in `more`.

    A part of `missing` that has neither is shown as missing.
    """
    for section in sections_of(kind):
        below = more.get(section, ())
        if section in texts or below:
            yield Heading(2, part_of(section).title)
            yield from _section(section, texts.get(section, ""))
            yield from below
        elif section in missing:
            yield Heading(2, part_of(section).title)
            yield Paragraph(f"Missing: the model gave no text for this part ({part_of(section).holds}).")


def writer(model: str) -> str:
    """Return the name of a model as it is shown."""
    return " ".join(harmless(model, 100).replace("`", "").split()) or "a model"


def _page(explanation: Explanation, rules: Sequence[Rule], model: str) -> Iterator[Block]:
    names = list(dict.fromkeys(rule.name for rule in rules))
    yield Heading(1, ", ".join(names) or "Explanation")
    yield Paragraph(f"Written by {writer(model)}, checked by ml-architect: {_checks(explanation)}.")
    yield from parts(Kind.EXPLAIN, dict(explanation.sections), explanation.missing)
    if explanation.remarks:
        yield Heading(2, "Remarks")
        yield Bullets(explanation.remarks)


def _checks(explanation: Explanation) -> str:
    if not explanation.remarks:
        return "the names exist and the numbers lie in the rules' ranges"
    return "parts of it were replaced or taken out, see the remarks"


def _section(section: Section, text: str) -> Iterator[Block]:
    form = part_of(section).form
    if not text:
        return
    if form is Form.VALUES:
        yield from _values(text)
    elif form is Form.SIDES:
        yield from _tradeoffs(text)
    else:
        yield from _blocks(text.split("\n"))


def _values(text: str) -> Iterator[Block]:
    lines = [line for row in text.split("\n") if (line := parse_line(row))]
    rows = tuple((f"`{line.name}`", f"`{line.start}`", line.range, line.why) for line in lines)
    yield Table(("Setting", "Start with", "Range", "Reason"), rows)


def _tradeoffs(text: str) -> Iterator[Block]:
    """Yield the lines about one side each, in the order of sides, and the rest before them."""
    sides: dict[Cost, list[str]] = {cost: [] for cost in COSTS}
    rest: list[str] = []
    for row in text.split("\n"):
        found = _COST_LINE.match(row)
        cost = _COST_WORDS.get(found.group(1).lower()) if found else None
        if found and cost is not None:
            sides[cost].append(found.group(2))
        else:
            rest.append(row)
    yield from _blocks(rest)
    items = tuple(f"{COSTS[cost]}: {line}" for cost, lines in sides.items() for line in lines)
    if items:
        yield Bullets(items)


def _blocks(rows: Sequence[str]) -> Iterator[Block]:
    """Yield the paragraphs, lists, titles and code blocks of a cleaned text."""
    row = 0
    while row < len(rows):
        kind = _kind(rows[row])
        end = row + 1
        if kind == "fence":
            while end < len(rows) and _FENCE.match(rows[end]) is None:
                end += 1
            yield Code("text", "\n".join(rows[row + 1 : end]))
            end += 1
        elif kind == "title":
            yield Heading(0, rows[row].lstrip("# "))
        elif kind:
            while end < len(rows) and _kind(rows[end]) == kind:
                end += 1
            yield from _run(kind, rows[row:end])
        row = end


def _kind(row: str) -> str:
    if not row.strip():
        return ""
    if _FENCE.match(row):
        return "fence"
    if _TITLE.match(row):
        return "title"
    return "item" if _ITEM.match(row) else "words"


def _run(kind: str, rows: Sequence[str]) -> Iterator[Block]:
    if kind == "item":
        yield Bullets(tuple(_ITEM.sub(r"\1", row) for row in rows))
    else:
        yield Paragraph(" ".join(row.strip() for row in rows))
