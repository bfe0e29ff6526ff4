"""What the user reads: an explanation, and exactly what would be sent."""

from ml_architect.architect.question.briefing import as_text
from ml_architect.architect.reply.rendering import explanation_markdown
from ml_architect.architect.values import Brief, Verdict
from ml_architect.rules import rule_named

__all__ = ["explanation", "prompt"]


def prompt(brief: Brief) -> str:
    """Return exactly what would be sent, for people to read."""
    return as_text(brief)


def explanation(brief: Brief, verdict: Verdict, model: str, plain: bool = False) -> str:
    """Return the checked explanation of a reply, in Markdown unless `plain`."""
    names = dict.fromkeys(target.code for target in brief.targets)
    rules = [rule for name in names if (rule := rule_named(name))]
    return explanation_markdown(verdict.explanation, rules, model, plain)
