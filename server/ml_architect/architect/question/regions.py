"""Which lines a reply may edit: the code around findings and what explains them, and the imports."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ml_architect.architect.question.paths import Path, Paths, Rows, rows_of, span_of
from ml_architect.architect.values import Region, Unfit
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.facts import Site
from ml_architect.syntax.nodes import ClassDef, FunctionDef, Import, ImportFrom
from ml_architect.text import Source, Span

__all__ = ["GUTTER", "MAX_REGIONS", "editable", "top_imports"]

MAX_REGIONS = 4
"""Of which one holds the imports; a reply has at most four blocks."""
GUTTER = 6
"""Characters before each shown line: four digits, a bar, and the line break."""
_STRETCH_ROWS = 60
"""Statements outside of functions are shown with their neighbours up to so many lines."""
_GROWN_ROWS = 20
"""Where a function is too long, the part of it that is shown has its neighbours up to so many lines."""
_IMPORTS_SHARE = 0.25
"""How much of the room a long list of imports may take; of a longer one the end is shown."""

_DEFINITIONS = (FunctionDef, ClassDef, Import, ImportFrom)


@dataclass(slots=True)
class _Group:
    """Places that share a function, or a stretch of statements outside of functions."""

    stretch: Rows | None
    findings: list[Path] = field(default_factory=list)
    """The ways to findings, from the function or the stretch down; a group that has some cannot be left out."""
    others: list[Path] = field(default_factory=list)
    """The ways to what explains them, or would change with them."""

    @property
    def paths(self) -> list[Path]:
        """All ways."""
        return [*self.findings, *self.others]


@dataclass(slots=True)
class _Plan:
    """The rows chosen so far, and the characters left for more."""

    source: Source
    room: int
    chosen: list[Rows] = field(default_factory=list)

    def fits(self, rows: Rows) -> bool:
        return cost(self.source, rows) <= self.room

    def take(self, rows: Rows) -> None:
        self.room -= cost(self.source, rows)
        self.chosen.append(rows)


def cost(source: Source, rows: Rows) -> int:
    """Return how many characters `rows` take in a prompt."""
    span = span_of(source, rows)
    return span.end - span.start + GUTTER * (rows.last - rows.first + 1)


def editable(analysis: Analysis, diagnostics: Sequence[Diagnostic], room: int) -> tuple[Region, ...] | Unfit:
    """Return the regions for a repair of `diagnostics`; their text and line numbers take at most `room` characters.

    A region is the outermost function around a finding, where that fits; else the largest statement list that does.
    Outside of functions it is the statements around the finding. Code in other functions that explains a finding, or
    that our own repair would change, gets regions of its own as far as there is room. The imports come last.
    """
    if analysis.facts is None:
        return Unfit("nothing is known of this document")
    if any(item.stale for item in diagnostics):
        return Unfit("the finding stands in a statement that does not parse at the moment")
    paths = Paths(analysis.facts)
    imports = top_imports(paths)
    shown = _shown_imports(paths, imports, diagnostics, room) if imports is not None else _imports_place(paths)
    plan = _Plan(analysis.source, room - cost(analysis.source, shown))
    groups = _groups(paths, _places(analysis, diagnostics, imports), imports)
    for group in groups:
        rows = _chosen(paths, group, plan)
        if rows is not None and _apart(plan.chosen, rows) < MAX_REGIONS:
            plan.take(rows)
        elif group.findings:
            return Unfit(_too_much(rows))
    return _checked(analysis, _merged(plan.chosen), shown)


def _too_much(rows: Rows | None) -> str:
    if rows is None:
        return "the code around the finding is too long for the budget of the prompt"
    return f"the findings stand in more than {MAX_REGIONS - 1} separate places; ask for fewer at once"


def _apart(chosen: list[Rows], rows: Rows) -> int:
    """Return how many regions there are once `rows` are one of them."""
    return len(_merged([*chosen, rows]))


def _checked(analysis: Analysis, code: list[Rows], imports: Rows) -> tuple[Region, ...] | Unfit:
    """Return the regions by name, the imports last; where they share a line with code, they are part of it."""
    source = analysis.source
    apart = not any(rows.touches(imports) for rows in code)
    code = code if apart else _merged([*code, imports])
    for problem in analysis.problems:
        broken = rows_of(source, Span(problem.start, problem.end))
        if any(rows.touches(broken) for rows in [*code, imports]):
            return Unfit("a statement near the finding does not parse at the moment")
    regions = [Region(f"R{number}", span_of(source, rows), "code") for number, rows in enumerate(code, start=1)]
    if apart:
        regions.append(Region(f"R{len(regions) + 1}", span_of(source, imports), "imports"))
    return tuple(regions)


def _merged(rows: Iterable[Rows]) -> list[Rows]:
    """Return `rows` in order, those that share a line as one."""
    result: list[Rows] = []
    for item in sorted(rows):
        if result and result[-1].touches(item):
            result[-1] = result[-1].joined(item)
        else:
            result.append(item)
    return result


# --- the places that matter ----------------------------------------------------------------------


def _places(analysis: Analysis, diagnostics: Sequence[Diagnostic], imports: Rows | None) -> Iterator[tuple[Span, bool]]:
    """Yield the places that a repair may have to change, and whether a finding itself stands there."""
    for item in diagnostics:
        yield item.span, True
    for item in diagnostics:
        fix = analysis.fix(item)
        for edit in fix.edits if fix else ():
            row = analysis.source.row_at(edit.span.start)
            behind = imports is not None and edit.span.start == edit.span.end and row == imports.last + 1
            if not behind:
                yield edit.span, False
    for item in diagnostics:
        for related in item.related:
            yield related.span, False


def _groups(paths: Paths, places: Iterable[tuple[Span, bool]], imports: Rows | None) -> list[_Group]:
    """Return the places by the function or stretch that they stand in, those of findings first."""
    found: dict[int, _Group] = {}
    for span, marked in places:
        if imports is not None and imports.first <= paths.source.row_at(span.start) <= imports.last:
            continue
        path = paths.to(span.start)
        if not path:
            continue
        index = paths.outermost_function(path)
        if index is not None:
            key, stretch = path[index].site.order, None
        else:
            index = next((i for i, step in enumerate(path) if not isinstance(step.site.statement, ClassDef)), 0)
            first, last = _stretch(path[index].siblings, path[index].site)
            key, stretch = first.order, paths.run(first, last)
        group = found.setdefault(key, _Group(stretch))
        (group.findings if marked else group.others).append(path[index:])
    return sorted(found.values(), key=lambda group: not group.findings)


def _stretch(siblings: list[Site], site: Site) -> tuple[Site, Site]:
    """Return the first and last of the statements around `site` among which there is no definition and no import."""
    position = siblings.index(site)
    first = last = position
    if isinstance(site.statement, _DEFINITIONS):
        return site, site
    while first > 0 and not isinstance(siblings[first - 1].statement, _DEFINITIONS):
        first -= 1
    while last + 1 < len(siblings) and not isinstance(siblings[last + 1].statement, _DEFINITIONS):
        last += 1
    return siblings[first], siblings[last]


# --- how much of the code around them ------------------------------------------------------------


def _chosen(paths: Paths, group: _Group, plan: _Plan) -> Rows | None:
    """Return the first that fits of the candidates for a group, None where none does."""
    stretch = group.stretch
    if stretch is not None and stretch.last - stretch.first < _STRETCH_ROWS and plan.fits(stretch):
        return stretch
    ways = [group.paths, group.findings] if group.findings and group.others else [group.paths]
    for run in (run for some in ways for run in _runs(some)):
        rows = paths.run(run.first, run.last)
        if plan.fits(rows):
            return _grown(paths, run, plan)
    return None


class _Run(NamedTuple):
    """Statements of one list, from `first` to `last`."""

    first: Site
    last: Site
    siblings: list[Site]


def _runs(ways: list[Path]) -> Iterator[_Run]:
    """Yield the statements that hold the ends of all `ways`, list by list, from the outside in."""
    for depth in range(min(map(len, ways))):
        steps = [way[depth] for way in ways]
        if any(step.siblings is not steps[0].siblings for step in steps):
            return
        sites = sorted((step.site for step in steps), key=lambda site: site.order)
        yield _Run(sites[0], sites[-1], steps[0].siblings)
        if sites[0] is not sites[-1]:
            return


def _grown(paths: Paths, run: _Run, plan: _Plan) -> Rows:
    """Return the rows of a run with its neighbours, up to twenty rows in all and as far as there is room."""
    rows = paths.run(run.first, run.last)
    if isinstance(run.first.statement, _DEFINITIONS):
        return rows
    position = run.siblings.index(run.first), run.siblings.index(run.last)
    for sites in (reversed(run.siblings[: position[0]]), run.siblings[position[1] + 1 :]):
        for site in sites:
            more = rows.joined(paths.rows(site))
            if isinstance(site.statement, _DEFINITIONS) or more.last - more.first >= _GROWN_ROWS or not plan.fits(more):
                break
            rows = more
    return rows


# --- imports -------------------------------------------------------------------------------------


def top_imports(paths: Paths) -> Rows | None:
    """Return the rows of the first run of imports at the top of the module, None where there is none."""
    run: list[Site] = []
    for site in paths.facts.structure.body:
        if isinstance(site.statement, (Import, ImportFrom)):
            run.append(site)
        elif run or isinstance(site.statement, (FunctionDef, ClassDef)):
            break
    return paths.run(run[0], run[-1]) if run else None


def _shown_imports(paths: Paths, imports: Rows, diagnostics: Sequence[Diagnostic], room: int) -> Rows:
    """Return the imports, of a long list the last ones only; all of them where a finding stands there."""
    first = imports.first
    found = (paths.source.row_at(item.span.start) for item in diagnostics)
    marked = [row for row in found if imports.first <= row <= imports.last]
    while (
        first < min([imports.last, *marked]) and cost(paths.source, Rows(first, imports.last)) > room * _IMPORTS_SHARE
    ):
        first = _next_import(paths, first, imports)
    return Rows(first, imports.last)


def _imports_place(paths: Paths) -> Rows:
    """Return the line beside which a first import would go: the end of the docstring, else the first statement."""
    body = paths.facts.structure.body
    if not body:
        return Rows(0, 0)
    rows = paths.rows(body[0])
    row = rows.last if paths.facts.text(body[0].statement)[:1] in {'"', "'"} else rows.first
    return Rows(row, row)


def _next_import(paths: Paths, row: int, imports: Rows) -> int:
    """Return the row of the first import that starts behind `row`."""
    starts = [paths.rows(site).first for site in paths.facts.structure.body]
    return next((start for start in starts if row < start <= imports.last), imports.last)
