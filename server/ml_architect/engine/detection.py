"""Ask the rules, and turn what they found into places in one version of a document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from ml_architect.engine.builtin import BUILTINS, SYNTAX_ERROR
from ml_architect.engine.guard import GUARD
from ml_architect.engine.places import is_stale, place_span
from ml_architect.engine.report import Diagnostic, RelatedPlace, Tag, fingerprint
from ml_architect.engine.selection import Selection
from ml_architect.facts import ModuleFacts
from ml_architect.facts.environment import Environment
from ml_architect.rewrite import Safety
from ml_architect.rules.api import Category, Finding, FixKind, Rule
from ml_architect.syntax import Module
from ml_architect.text import Span

__all__ = ["Detected", "Draft", "ask_rules", "ask_unused", "numbered", "syntax_errors"]

_SAFETY = {FixKind.SAFE: Safety.SAFE, FixKind.UNSAFE: Safety.UNSAFE}


@dataclass(frozen=True, slots=True)
class Draft:
    """A finding together with its place; `finding` keeps the promise of a fix."""

    diagnostic: Diagnostic
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Detected:
    """What the rules said, and which of them had a say."""

    drafts: tuple[Draft, ...]
    asked: frozenset[str]


_Answer: TypeAlias = tuple[Draft, ...] | None


def ask_rules(module: Module, facts: ModuleFacts, selection: Selection, environment: Environment) -> Detected:
    """Return what the selected rules find; a rule whose versions are certainly not in use is not asked."""
    drafts: list[Draft] = []
    asked: set[str] = set()
    for rule in selection.rules:
        answer = _ask(rule, module, facts, selection, environment)
        if answer is not None:
            asked.add(rule.name)
            drafts += answer
    return Detected(tuple(_once(drafts)), frozenset(asked))


def ask_unused(module: Module, findings: Iterable[Finding], selection: Selection, code: str) -> tuple[Draft, ...]:
    """Return the findings of the built-in check `code`, which all have a safe fix."""
    severity = selection.severity(code, BUILTINS[code].severity)
    drafts: list[Draft] = []
    for finding in findings:
        span = place_span(module, finding.place)
        diagnostic = Diagnostic(code, finding.message, severity, span, fix_safety=Safety.SAFE, tags=("unnecessary",))
        drafts.append(Draft(diagnostic, finding))
    return tuple(_once(drafts))


def syntax_errors(module: Module, selection: Selection) -> tuple[Draft, ...]:
    """Return a finding for each piece that does not parse, shown on the first line of the place."""
    severity = selection.severity(SYNTAX_ERROR, BUILTINS[SYNTAX_ERROR].severity)
    source = module.source
    drafts: list[Draft] = []
    for problem in module.problems:
        place = place_span(module, Span(problem.start, problem.end))
        line_end = source.line_span(source.row_at(place.start))[1]
        span = Span(place.start, max(place.start, min(place.end, line_end)))
        drafts.append(Draft(Diagnostic(SYNTAX_ERROR, problem.message, severity, span)))
    return tuple(_once(drafts))


def numbered(text: str, drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """Return `drafts` sorted by place, with fingerprints."""
    seen: dict[tuple[str, str], int] = {}
    result: list[Draft] = []
    for draft in sorted(drafts, key=lambda item: _order(item.diagnostic)):
        diagnostic = draft.diagnostic
        marked = text[diagnostic.span.start : diagnostic.span.end]
        key = (diagnostic.code, fingerprint(diagnostic.code, marked, 0))
        seen[key] = seen.get(key, -1) + 1
        name = fingerprint(diagnostic.code, marked, seen[key])
        result.append(Draft(replace(diagnostic, fingerprint=name), draft.finding))
    return tuple(result)


def _ask(rule: Rule, module: Module, facts: ModuleFacts, selection: Selection, environment: Environment) -> _Answer:
    def ask() -> _Answer:
        if environment.allows(rule.applies_to) is False:
            return None
        return tuple(_draft(rule, finding, module, selection) for finding in rule.detect(facts))

    return GUARD.run(f"rule {rule.name}", ask, None)


def _draft(rule: Rule, finding: Finding, module: Module, selection: Selection) -> Draft:
    tags: tuple[Tag, ...] = ("deprecated",) if rule.category is Category.UPGRADE else ()
    tags += ("unnecessary",) if rule.no_effect else ()
    diagnostic = Diagnostic(
        code=rule.name,
        message=finding.message,
        severity=selection.severity(rule.name, finding.severity or rule.severity),
        span=place_span(module, finding.place),
        related=tuple(RelatedPlace(place_span(module, item.place), item.message) for item in finding.related),
        stale=is_stale(module, finding.place),
        fix_safety=_SAFETY.get(rule.fix) if finding.fix is not None else None,
        tags=tags,
    )
    return Draft(diagnostic, finding)


def _once(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Yield one draft for each rule and place."""
    seen: set[tuple[str, Span]] = set()
    for draft in drafts:
        key = (draft.diagnostic.code, draft.diagnostic.span)
        if key not in seen:
            seen.add(key)
            yield draft


def _order(diagnostic: Diagnostic) -> tuple[Span, str, str]:
    return diagnostic.span, diagnostic.code, diagnostic.message
