"""Findings about suppressions that suppress nothing."""

from collections.abc import Callable, Collection, Iterator

from ml_architect.engine.builtin import BUILTINS
from ml_architect.engine.selectors import ALL, nearest
from ml_architect.engine.suppression import Directive, complaint, removal
from ml_architect.rewrite import Fix, Safety
from ml_architect.rules import all_rules, rule_named
from ml_architect.rules.api import Finding
from ml_architect.text import Source, Span

__all__ = ["unused_suppressions"]


def unused_suppressions(source: Source, directives: tuple[Directive, ...], asked: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each name in `directives` that had no use; only rules in `asked` can have had one.

    A name that no rule has, and a directive that names none, are found as well.
    """
    for directive in directives:
        if not directive.is_ours:
            continue
        message = complaint(directive)
        if message is not None:
            yield _finding(source, directive, directive.span, message, None)
            continue
        for name, span in directive.names:
            reason = _reason(name, directive, asked)
            if reason is not None:
                yield _finding(source, directive, span, reason, name)


def _reason(name: str, directive: Directive, asked: Collection[str]) -> str | None:
    if name in directive.used or name in BUILTINS:
        return None
    if name == ALL:
        everything = all(rule.name in asked for rule in all_rules() if not rule.preview)
        return "suppression of all rules is not needed: none of them finds anything here" if everything else None
    if rule_named(name) is None:
        return f"suppression of the unknown rule '{name}'{nearest(name, (rule.name for rule in all_rules()))}"
    return f"suppression of '{name}' is not needed: the rule finds nothing here" if name in asked else None


def _finding(source: Source, directive: Directive, span: Span, message: str, name: str | None) -> Finding:
    return Finding(span, message, fix=_repair(source, directive, name))


def _repair(source: Source, directive: Directive, name: str | None) -> Callable[[], Fix]:
    def fix() -> Fix:
        return Fix("remove the unused suppression", (removal(source, directive, name),), Safety.SAFE)

    return fix
