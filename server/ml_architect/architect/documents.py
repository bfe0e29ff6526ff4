"""Outcomes as documents: an explanation, a patch, the changed text, and what would be sent."""

import difflib
import re
from collections.abc import Iterator

from ml_architect.architect.briefing import as_text
from ml_architect.architect.rendering import explanation_markdown
from ml_architect.architect.values import Brief, Verdict
from ml_architect.rules import rule_named
from ml_architect.text import Source, apply_edits

__all__ = ["changed", "explanation", "patch", "prompt"]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def prompt(brief: Brief) -> str:
    """Return exactly what would be sent, for people to read."""
    return as_text(brief)


def explanation(brief: Brief, verdict: Verdict, model: str, plain: bool = False) -> str:
    """Return the checked explanation of a reply, in Markdown unless `plain`."""
    rules = [rule for target in brief.targets if (rule := rule_named(target.code))]
    return explanation_markdown(verdict.explanation, list(dict.fromkeys(rules)), model, plain)


def changed(source: Source, verdict: Verdict) -> str:
    """Return the text with the change of a reply made."""
    return apply_edits(source.text, verdict.edits)


def patch(source: Source, verdict: Verdict, name: str) -> str:
    """Return the change of a reply as a unified diff of the file `name`."""
    return "".join(_patch_lines(source.text, changed(source, verdict), name))


def _patch_lines(before: str, after: str, name: str) -> Iterator[str]:
    for line in difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
