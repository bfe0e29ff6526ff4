"""Whether the result of a change is Python: it parses, and no statement stands where Python does not take it."""

from collections import Counter
from collections.abc import Iterator

from ml_architect.architect.checks.change import line_of
from ml_architect.architect.values import Refusal, Rung
from ml_architect.engine import Analysis
from ml_architect.facts import ModuleFacts, Site
from ml_architect.syntax.nodes import Constant, ExpressionStatement, ImportFrom, Return, Simple

__all__ = ["unparsable"]


def unparsable(before: Analysis, after: Analysis) -> Refusal | None:
    """Return why a change is refused after which something no longer parses, None where all is as good as before."""
    if len(after.problems) > len(before.problems):
        known = {problem.message for problem in before.problems}
        problem = next((item for item in after.problems if item.message not in known), after.problems[-1])
        line = line_of(after.source, problem.start)
        return Refusal(Rung.PARSE, f"line {line} of the result does not parse: {problem.message}")
    if before.facts is None or after.facts is None:
        return None
    had = Counter(told for told, _ in _out_of_place(before.facts))
    for told, site in _out_of_place(after.facts):
        had[told] -= 1
        if had[told] < 0:
            line = line_of(after.source, after.facts.span(site.statement).start)
            return Refusal(Rung.PARSE, f"line {line} of the result is no Python: {told}")
    return None


def _out_of_place(facts: ModuleFacts) -> Iterator[tuple[str, Site]]:
    """Yield what is wrong with statements that parse by themselves but may not stand where they do."""
    is_first = True
    for site in facts.structure.sites:
        statement = site.statement
        if isinstance(statement, ImportFrom) and statement.module == "__future__":
            if not is_first:
                yield "`from __future__` has to come first", site
            continue
        is_first = is_first and isinstance(statement, ExpressionStatement) and isinstance(statement.value, Constant)
        if isinstance(statement, Return) and site.function is None:
            yield "`return` stands outside of a function", site
        if isinstance(statement, Simple) and statement.keyword != "pass" and not site.loops:
            yield f"`{statement.keyword}` stands outside of a loop", site
