"""All checks of one file of an answer, in one place: what a reader must know before they use it."""

import ast
from collections.abc import Iterator, Sequence

from ml_architect.architect.answers import CodeFile, Fault, FaultKind
from ml_architect.architect.checks.signatures import problem_of
from ml_architect.architect.reply.commands import looks_dangerous
from ml_architect.architect.wider.dangers import dangers, without_dangers
from ml_architect.architect.wider.placeholders import placeholders
from ml_architect.architect.wider.python_text import parsed, undefined_names
from ml_architect.catalog import Symbol, load_catalog
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts.environment import Environment
from ml_architect.rules.api import Severity
from ml_architect.rules.arguments import callee_of
from ml_architect.text import Source

__all__ = ["inspected"]

_MOST = 12
"""Faults of one kind that are told; more make no reader wiser."""
_WRONG = frozenset({Severity.ERROR, Severity.WARNING})


def inspected(name: str, text: str, environment: Environment) -> CodeFile:
    """Return the file with all that our checks find in it; `environment` is that of the project that asks."""
    clean, faults = without_dangers(text)
    is_python = name.endswith(".py")
    if not clean.strip():
        faults.append(Fault(FaultKind.PLACEHOLDER, "the file is empty"))
    elif is_python:
        faults += _python(clean, environment)
    else:
        faults += _other(clean)
    return CodeFile(name, clean, _told(faults))


def _python(text: str, environment: Environment) -> Iterator[Fault]:
    tree = parsed(text)
    if isinstance(tree, Fault):
        yield tree
        return
    yield from dangers(tree)
    yield from undefined_names(text, tree)
    yield from placeholders(text, tree)
    if all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body):
        yield Fault(FaultKind.PLACEHOLDER, "nothing happens in it")
    analysis = analyze(Source(text), Settings(preview=False), environment)
    yield from _known_calls(analysis)
    yield from _findings(analysis)


def _known_calls(analysis: Analysis) -> Iterator[Fault]:
    """Yield the calls that pass what the catalogue, or the file's own definition, does not take."""
    facts = analysis.facts
    if facts is None:
        return
    for call in facts.calls:
        callee = callee_of(facts, call)
        problem = problem_of(facts, call, callee, _older(facts.symbol(call) or callee, analysis.environment))
        if problem is not None:
            yield Fault(FaultKind.ARGUMENTS, problem, _line(analysis, facts.span(call.node).start))


def _older(symbol: Symbol | None, environment: Environment) -> set[str]:
    """Return the keywords of `symbol` that were removed only after the version that the project certainly has."""
    rows = load_catalog().deprecations.get(symbol.name, ()) if symbol is not None else ()
    return {
        row.keyword
        for row in rows
        if row.keyword and row.removed and environment.allows(f"{row.library}<{row.removed}") is True
    }


def _findings(analysis: Analysis) -> Iterator[Fault]:
    """Yield what our own rules find; a comment of the answer hides nothing."""
    for problem in analysis.problems:
        yield Fault(FaultKind.SYNTAX, problem.message, _line(analysis, problem.start))
    for found in (*analysis.diagnostics, *analysis.suppressed):
        if found.severity in _WRONG:
            yield Fault(FaultKind.FINDING, f"{found.message} ({found.code})", _line(analysis, found.span.start))


def _line(analysis: Analysis, offset: int) -> int:
    return analysis.source.row_at(offset) + 1


def _other(text: str) -> Iterator[Fault]:
    for number, line in enumerate(text.split("\n"), start=1):
        if looks_dangerous(line) or "--index-url" in line or "--extra-index-url" in line or "git+" in line:
            yield Fault(FaultKind.UNSAFE, "it holds a command, or takes packages from an address", number)


def _told(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    kept: list[Fault] = []
    for fault in dict.fromkeys(faults):
        if sum(other.kind is fault.kind for other in kept) < _MOST:
            kept.append(fault)
    return tuple(kept)
