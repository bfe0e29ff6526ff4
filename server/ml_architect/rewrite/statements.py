"""Inserting, deleting and moving whole statements, with the indentation and line ending of their place."""

from ml_architect.facts import ModuleFacts, Site
from ml_architect.syntax.nodes import FunctionDef
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span


def lines_of(facts: ModuleFacts, site: Site) -> Span | None:
    """Return the whole lines of a statement, line ending included; None where it shares a line with another one."""
    source = facts.module.source
    span = facts.span(site.statement)
    first, last = source.row_at(span.start), source.row_at(max(span.start, span.end - 1))
    start = source.line_starts[first]
    end = source.line_starts[last + 1] if last + 1 < len(source.line_starts) else len(source.text)
    before, after = source.text[start : span.start], source.text[span.end : end].strip()
    if before.strip() or (after and not after.startswith("#")):
        return None
    return Span(start, end)


def indentation(facts: ModuleFacts, site: Site) -> str:
    """Return the white space before a statement."""
    source = facts.module.source
    start = facts.span(site.statement).start
    return source.text[source.line_starts[source.row_at(start)] : start]


def insert_before(facts: ModuleFacts, site: Site, *lines: str) -> Edit | None:
    """Insert `lines` as statements before `site` (before its decorators, for a function)."""
    span = lines_of(facts, site)
    if span is None:
        return None
    indent, newline = indentation(facts, site), facts.module.source.newline
    return Edit(Span(span.start, span.start), "".join(f"{indent}{line}{newline}" for line in lines))


def insert_after(facts: ModuleFacts, site: Site, *lines: str) -> Edit | None:
    """Insert `lines` as statements after `site`, at its indentation."""
    span = lines_of(facts, site)
    if span is None:
        return None
    indent, newline = indentation(facts, site), facts.module.source.newline
    code = "".join(f"{indent}{line}{newline}" for line in lines)
    if not facts.module.source.text[: span.end].endswith(("\n", "\r")):
        code = newline + code.removesuffix(newline)
    return Edit(Span(span.end, span.end), code)


def delete(facts: ModuleFacts, site: Site) -> Edit | None:
    """Delete a statement with its lines; None if its block would be left empty or its comment lost."""
    span = lines_of(facts, site)
    if (
        span is None
        or is_alone(facts, site)
        or "#" in facts.module.source.text[facts.span(site.statement).end : span.end]
    ):
        return None
    return Edit(span, "")


def is_alone(facts: ModuleFacts, site: Site) -> bool:
    """Return whether `site` is the only statement of its block."""
    owner = site.block.owner
    body = facts.structure.blocks.get((owner.statement, site.block.branch), []) if owner else facts.structure.body
    return len(body) <= 1


def move_after(facts: ModuleFacts, site: Site, anchor: Site) -> tuple[Edit, ...] | None:
    """Move a one-line or many-line statement behind `anchor`; both must stand in one block."""
    return _move(facts, site, anchor, after=True)


def move_before(facts: ModuleFacts, site: Site, anchor: Site) -> tuple[Edit, ...] | None:
    """Move a statement before `anchor`; both must stand in one block."""
    return _move(facts, site, anchor, after=False)


def _move(facts: ModuleFacts, site: Site, anchor: Site, *, after: bool) -> tuple[Edit, ...] | None:
    span, target = lines_of(facts, site), lines_of(facts, anchor)
    if span is None or target is None or site.block is not anchor.block or span == target:
        return None
    text = facts.module.source.text
    code = text[span.start : span.end]
    place = target.end if after else target.start
    newline = facts.module.source.newline
    if not code.endswith(("\n", "\r")):
        code += newline
    if after and not text[: target.end].endswith(("\n", "\r")):
        code = newline + code.removesuffix(newline)
    return Edit(span, ""), Edit(Span(place, place), code)


def body_start(facts: ModuleFacts, site: Site, *lines: str) -> Edit | None:
    """Insert `lines` as first statements of the body of a compound statement (behind a function's docstring)."""
    body = facts.structure.blocks.get((site.statement, "body"), [])
    if not body:
        return None
    first = body[0]
    if isinstance(site.statement, FunctionDef) and _is_docstring(facts, first):
        return insert_before(facts, body[1], *lines) if len(body) > 1 else insert_after(facts, first, *lines)
    return insert_before(facts, first, *lines)


def _is_docstring(facts: ModuleFacts, site: Site) -> bool:
    text = facts.text(site.statement)
    return text.startswith(('"', "'", 'r"', "r'"))
