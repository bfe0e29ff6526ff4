"""What the analyser knows around a finding, in sentences: loops, events, loaders, optimizers, devices."""

from collections.abc import Iterator
from itertools import pairwise

from ml_architect.architect.question.paths import Path
from ml_architect.architect.question.sheet import Sheet
from ml_architect.catalog import Kind
from ml_architect.engine import Diagnostic
from ml_architect.facts import Answer, Event, EventKind, Loop, Site
from ml_architect.syntax.nodes import ClassDef, For, FunctionDef, While

__all__ = ["evidence"]

_MOST = 14
"""More facts than these are not read."""
_EVENTS = 14
_PER_KIND = 3
_SILENT = frozenset({EventKind.UNSEEN, EventKind.OTHER_STEP})
_CONSTRUCTED = (
    ("optimizer", (Kind.OPTIMIZER, Kind.KERAS_OPTIMIZER)),
    ("learning-rate scheduler", (Kind.SCHEDULER, Kind.PLATEAU_SCHEDULER)),
    ("gradient scaler", (Kind.GRAD_SCALER,)),
    ("device", (Kind.DEVICE,)),
    ("data set split", (Kind.SPLIT,)),
    ("trainer", (Kind.TRAINER,)),
)
_FITTING = ("compile", "fit", "fit_transform", "fit_resample")
"""The methods by which Keras and scikit-learn train."""


def evidence(sheet: Sheet) -> list[str]:
    """Return what is known for certain around the findings, a line each; lines count from 1."""
    lines: dict[str, None] = {}
    for finding in sheet.findings:
        path = sheet.paths.to(finding.span.start)
        lines.update(dict.fromkeys([*_related(sheet, finding), *_place(sheet, finding, path), *_loops(sheet, path)]))
    lines.update(dict.fromkeys([*_loaders(sheet), *_constructed(sheet)]))
    return [f"- {line}" for line in lines][:_MOST]


def _related(sheet: Sheet, finding: Diagnostic) -> Iterator[str]:
    for related in finding.related:
        yield f"line {sheet.line(related.span)}: {sheet.clean(related.message)}"


def _place(sheet: Sheet, finding: Diagnostic, path: Path) -> Iterator[str]:
    line = sheet.line(finding.span)
    names = [step.site.statement for step in path if isinstance(step.site.statement, (FunctionDef, ClassDef))]
    if not names:
        yield f"line {line} stands at module level, in no function"
        return
    yield f"line {line} stands in `{'.'.join(item.name for item in names)}`"
    function = sheet.facts.structure.function_of.get(names[-1]) if isinstance(names[-1], FunctionDef) else None
    callers = sheet.facts.callers(function) if function is not None else ()
    if callers:
        calls = ", ".join(str(sheet.line(call.node)) for call in callers[:_PER_KIND])
        yield f"`{names[-1].name}` is called at line {calls}"


def _loops(sheet: Sheet, path: Path) -> Iterator[str]:
    """Say what loops stand around a place, and what happens in each pass of the innermost that trains."""
    around = [step.site for step in path if isinstance(step.site.statement, (For, While))]
    for outer, inner in pairwise(around):
        yield f"the loop at line {_line(sheet, inner)} runs inside the loop at line {_line(sheet, outer)}"
    training = [loop for loop in sheet.facts.training_loops if _is_near(loop, around, path)]
    for loop in training[-2:]:
        yield from _trained(sheet, loop)


def _is_near(loop: Loop, around: list[Site], path: Path) -> bool:
    """Return whether `loop` is around the place, in the loop around it, or in its function."""
    if around:
        return loop.site in around or any(loop.site.inside(site) for site in around)
    return bool(path) and loop.function is not None and loop.function is path[-1].site.function


def _trained(sheet: Sheet, loop: Loop) -> Iterator[str]:
    line = _line(sheet, loop.site)
    yield f"the loop at line {line} trains: a backward pass happens in each of its passes"
    own = [event for event in loop.events if event.kind not in _SILENT]
    if own:
        told = ", ".join(_told(sheet, event, loop.site) for event in own[:_EVENTS])
        yield f"in each pass of it, in order: {told}{', ...' if len(own) > _EVENTS else ''}"


def _told(sheet: Sheet, event: Event, loop: Site) -> str:
    """Return what happens, where, and whether it may be skipped."""
    condition = " (not in every pass)" if event.conditional(loop) else ""
    return f"{event.kind.value.replace('_', ' ')} at line {sheet.line(event.place)}{condition}"


def _loaders(sheet: Sheet) -> Iterator[str]:
    for loader in sheet.facts.data_loaders[:_PER_KIND]:
        line = sheet.line(loader.call.node)
        known = {Answer.YES: "train", Answer.NO: "are not trained on"}.get(loader.trains)
        use = f"; its batches {known}" if known else "; what its batches are used for is unknown"
        read = ", ".join(str(_line(sheet, site)) for site in loader.consumers[:_PER_KIND])
        yield f"line {line}: loader `{sheet.quoted(loader.call.node)}`{use}{f', read at line {read}' if read else ''}"


def _constructed(sheet: Sheet) -> Iterator[str]:
    for word, kinds in _CONSTRUCTED:
        for call in sheet.facts.calls_of(*kinds)[:_PER_KIND]:
            yield f"line {sheet.line(call.node)}: {word} `{sheet.quoted(call.node)}`"
    for call in sheet.facts.method_calls(*_FITTING)[:_PER_KIND]:
        yield f"line {sheet.line(call.node)}: `{sheet.quoted(call.node)}`"


def _line(sheet: Sheet, site: Site) -> int:
    return sheet.line(site.statement)
