"""Which findings, and which files, a model may be asked about."""

from ml_architect.engine import Analysis, Diagnostic
from ml_architect.policy import matches
from ml_architect.rules import rule_named

__all__ = ["is_eligible", "is_excluded"]


def is_eligible(diagnostic: Diagnostic) -> bool:
    """Return whether a model may be asked to repair this finding: its rule says what a repair may change."""
    rule = rule_named(diagnostic.code)
    return rule is not None and rule.architect is not None and not diagnostic.stale


def is_excluded(analysis: Analysis) -> bool:
    """Return whether the project keeps this file from being sent."""
    path, settings = analysis.source.path, analysis.settings
    return path is not None and matches(settings.architect.exclude, path, settings.root)
