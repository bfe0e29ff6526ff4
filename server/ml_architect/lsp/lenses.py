"""Which training loops have findings, for what an editor shows above them; runs in the worker process."""

from ml_architect.engine import Analysis
from ml_architect.lsp.report import LoopLens
from ml_architect.rewrite import Safety
from ml_architect.text import Span


def loop_lenses(analysis: Analysis) -> tuple[LoopLens, ...]:
    """Return one lens for each training loop with findings, at the outermost loop around it in its function."""
    facts = analysis.facts
    if facts is None:
        return ()
    places: set[Span] = set()
    for loop in facts.training_loops:
        around = [facts.span(site.statement) for site in (loop.site, *loop.site.loops)]
        places.add(min(around, key=lambda span: span.start))
    return tuple(lens for place in sorted(places) if (lens := _lens(analysis, place)).findings)


def _lens(analysis: Analysis, place: Span) -> LoopLens:
    inside = [item for item in analysis.diagnostics if place.contains(item.span) and not item.stale]
    safe = tuple(item.fingerprint for item in inside if item.fix_safety is Safety.SAFE)
    return LoopLens(place, len(inside), safe)
