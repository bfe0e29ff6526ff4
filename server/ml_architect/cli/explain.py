"""`ml-architect explain RULE`: the page of one rule."""

import sys
from difflib import get_close_matches
from typing import Any

from ml_architect.cli import rules as listing
from ml_architect.cli.output.json import dump
from ml_architect.cli.pages import CHECKS, page
from ml_architect.engine import BuiltIn
from ml_architect.rules import all_rules, rule_named
from ml_architect.rules.api import Rule, Shown
from ml_architect.rules.render import code_text

WIDEST = 100
"""Columns of a rendered page: longer lines are hard to read."""


def find(name: str) -> Rule | BuiltIn | None:
    """Return the rule or built-in check called `name`; underscores and capitals are forgiven."""
    wanted = _normalised(name)
    return rule_named(wanted) or CHECKS.get(wanted)


def nearest(name: str) -> str:
    """Return a hint that names what the caller may have meant, or nothing."""
    names = [*(rule.name for rule in all_rules()), *CHECKS]
    close = get_close_matches(_normalised(name), names, n=3)
    return f", did you mean {' or '.join(close)}?" if close else ", `ml-architect rules` lists them"


def as_markdown(subject: Rule | BuiltIn) -> str:
    """Return the page of `subject`."""
    return page(subject)


def show(markdown: str, color: bool) -> None:
    """Render `markdown` on standard output for a reader at a terminal."""
    from rich.console import Console  # noqa: PLC0415 - loaded for pages on a terminal only
    from rich.markdown import Markdown  # noqa: PLC0415

    console = Console(file=sys.stdout, force_terminal=color or None, no_color=not color, highlight=False)
    console.print(Markdown(markdown, code_theme="ansi_dark"), width=min(console.width, WIDEST))


def as_json(subject: Rule | BuiltIn) -> str:
    """Return everything known about `subject` as one JSON object."""
    return dump(_check_details(subject) if isinstance(subject, BuiltIn) else _details(subject))


def _check_details(check: BuiltIn) -> dict[str, Any]:
    return {
        "name": check.name,
        "severity": check.severity.value,
        "summary": check.summary,
        "why": check.why,
        "markdown": page(check),
    }


def _details(rule: Rule) -> dict[str, Any]:
    evidence = rule.evidence
    return {
        **listing.record(rule),
        "summary": rule.summary,
        "why": rule.why,
        "tradeoffs": {cost.value: text for cost, text in rule.tradeoffs.items()},
        "starting_values": [
            {"setting": start.setting, "value": start.value, "range": start.range, "reason": start.reason}
            for start in rule.starting_values
        ],
        "applies_to": rule.applies_to or None,
        "evidence_detail": evidence.test if isinstance(evidence, Shown) else evidence.reason,
        "fix_safety": rule.fix_safety or None,
        "references": [{"title": item.title, "url": item.url} for item in rule.references],
        "examples": [
            {"code": code_text(item.code), "after": None if item.after is None else code_text(item.after)}
            for item in rule.fires
        ],
        "near_misses": [{"code": code_text(item.code), "because": item.because} for item in rule.quiet],
        "markdown": page(rule),
    }


def _normalised(name: str) -> str:
    return name.strip().lower().replace("_", "-")
