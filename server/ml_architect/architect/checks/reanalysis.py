"""Whether the findings are gone, and nothing has come in their place."""

from ml_architect.architect.checks.change import Change, line_of
from ml_architect.architect.values import Refusal, Rung
from ml_architect.engine.verification import acceptable, appeared

__all__ = ["not_repaired"]


def not_repaired(change: Change) -> Refusal | None:
    """Return why a change is refused by what a new analysis finds, None where all is well."""
    old, new = change.old.analysis, change.new.analysis
    before, after = old.snapshot(), new.snapshot()
    for found in appeared(before, after, change.edits, set(change.targets)):
        line = line_of(new.source, found.span.start)
        code = found.code
        if any(target.code == code for target in change.targets):
            return _refused(f"line {line}: {code} is still found: {found.message}")
        return _refused(f"line {line}: the change brings a new finding, {code}: {found.message}")
    if len(new.suppressed) > len(old.suppressed):
        return _refused("a finding is hidden by a comment, repair it instead")
    if not acceptable(before, after, change.edits, set(change.targets)):
        return _refused("lines that do not parse may not be touched")
    return None


def _refused(message: str) -> Refusal:
    return Refusal(Rung.REANALYSIS, message)
