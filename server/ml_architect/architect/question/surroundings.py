"""The code that a model is shown: the regions that it may edit, and what they refer to."""

from collections.abc import Iterator

from ml_architect.architect.question.paths import Rows, rows_of
from ml_architect.architect.question.regions import top_imports
from ml_architect.architect.question.sheet import Sheet
from ml_architect.facts import Class, Function, Site
from ml_architect.facts.structure import Binding
from ml_architect.syntax.nodes import (
    Attribute,
    ClassDef,
    For,
    FunctionDef,
    If,
    Match,
    Name,
    Node,
    Try,
    While,
    With,
    children,
)
from ml_architect.text import Span

__all__ = ["code_part", "reference_part", "regions_part"]

_BODY = 24
"""A definition of more lines is shown without its body, or with the first lines of it."""
_HEAD = 8
_COMPOUND = (If, Match, Try, While, With)


def regions_part(sheet: Sheet) -> list[str]:
    """Return the editable regions with line numbers."""
    lines: list[str] = []
    imports = " (imports)" if top_imports(sheet.paths) else " (a first import goes beside this line, which stays)"
    for region in sheet.regions:
        rows = sheet.rows(region)
        kind = imports if region.role == "imports" else ""
        lines.append(f"Region {region.name}{kind}: lines {rows.first + 1} to {rows.last + 1}")
        lines += sheet.data(sheet.numbered(rows))
    return lines


def code_part(sheet: Sheet) -> list[str]:
    """Return the code around findings that are only to be explained."""
    lines: list[str] = []
    for rows in sheet.shown:
        lines += sheet.data(sheet.numbered(rows))
    return lines


def reference_part(sheet: Sheet, room: int) -> list[str]:
    """Return what the shown code refers to elsewhere in the file, the nearest first, in at most `room` characters.

    The bodies of long functions and classes are left out, with a mark.
    """
    taken = list(sheet.shown)
    blocks: list[str] = []
    for rows in _referenced(sheet):
        if any(rows.touches(other) for other in taken):
            continue
        block = _block(sheet, rows)
        size = sum(len(line) + 1 for line in block)
        if size <= room:
            room -= size
            blocks += block
            taken.append(rows)
    return sheet.data(blocks) if blocks else []


def _block(sheet: Sheet, rows: Rows) -> list[str]:
    length = rows.last - rows.first + 1
    if length <= _BODY:
        return sheet.numbered(rows)
    head = sheet.numbered(Rows(rows.first, rows.first + _HEAD - 1))
    return [*head, f"    | ({length - _HEAD} more lines left out)"]


def _referenced(sheet: Sheet) -> list[Rows]:
    """Return the rows of the statements that bind the code that is shown reads, and of the calls of its functions."""
    near = [site for site in sheet.facts.structure.sites if _touches(sheet.paths.rows(site), sheet.shown)]
    sites = [site for site in near if _touches(_header(sheet, site), sheet.shown)]
    found: dict[Rows, None] = {}
    for site in sites:
        for binding in _bindings(sheet, site):
            found[_bound_rows(sheet, binding.site)] = None
        found.update(dict.fromkeys(_around(sheet, site)))
    marks = [sheet.line(item.span) - 1 for item in sheet.findings]
    outside = [rows for rows in found if not _touches(rows, sheet.shown)]
    return sorted(outside, key=lambda rows: (min(_distance(rows, mark) for mark in marks), rows))


def _touches(rows: Rows, shown: tuple[Rows, ...]) -> bool:
    return any(rows.touches(other) for other in shown)


def _distance(rows: Rows, mark: int) -> int:
    return max(rows.first - mark, mark - rows.last, 0)


def _bindings(sheet: Sheet, site: Site) -> Iterator[Binding]:
    """Yield where the names and attributes that a statement reads get their values, imports aside."""
    for node in _own(sheet, site):
        if isinstance(node, Name):
            found = sheet.facts.names.lookup(node.id, site.scope)
            bindings = found[1] if found is not None else []
        elif isinstance(node, Attribute):
            bindings = _attribute(site.function, node)
        else:
            continue
        yield from (item for item in bindings if item.bound.how != "import" and item.parameter is None)


def _own(sheet: Sheet, site: Site) -> Iterator[Node]:
    """Yield the nodes of a statement without those of the statements inside it."""
    inner = sheet.facts.structure.summaries
    stack: list[Node] = list(children(site.statement))
    while stack:
        node = stack.pop()
        if node not in inner:
            yield node
            stack.extend(children(node))


def _attribute(function: Function | None, node: Attribute) -> list[Binding]:
    """Return where an attribute of the instance is set."""
    root, _, name = (node.dotted or "").partition(".")
    if function is None or function.owner is None or root != function.receiver:
        return []
    method = function.owner.methods.get(name)
    stored = function.owner.attributes.get(name, [])
    return stored or ([] if method is None else function.owner.scope.bindings.get(name, []))


def _around(sheet: Sheet, site: Site) -> Iterator[Rows]:
    """Yield the header of the class around a method, and the calls of a function that is shown."""
    if not isinstance(site.statement, FunctionDef):
        return
    function = sheet.facts.structure.function_of[site.statement]
    if isinstance(function.owner, Class):
        yield _header(sheet, function.owner.site)
    for call in sheet.facts.callers(function):
        yield rows_of(sheet.analysis.source, sheet.facts.span(call.node))


def _bound_rows(sheet: Sheet, site: Site) -> Rows:
    """Return the rows of a statement that binds a name; of loops and the like those of the header."""
    return _header(sheet, site) if isinstance(site.statement, (For, *_COMPOUND)) else sheet.paths.rows(site)


def _header(sheet: Sheet, site: Site) -> Rows:
    """Return the rows of a simple statement, of a compound one those of its header."""
    if not isinstance(site.statement, (For, FunctionDef, ClassDef, *_COMPOUND)):
        return sheet.paths.rows(site)
    span = sheet.facts.module.header_span(site.statement)
    return rows_of(sheet.analysis.source, Span(span.start, max(span.start, span.end)))
