"""What a project permits, as plain values that every process may import: file patterns, and limits on models."""

from ml_architect.policy.limits import ModelLimits
from ml_architect.policy.patterns import compiled, is_pattern, matches
from ml_architect.policy.reasons import reason

__all__ = ["ModelLimits", "compiled", "is_pattern", "matches", "reason"]
