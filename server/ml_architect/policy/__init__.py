"""What a project permits and states, as plain values that every process may import: patterns, limits, a profile."""

from ml_architect.policy.limits import ModelLimits
from ml_architect.policy.patterns import compiled, is_pattern, matches
from ml_architect.policy.profile import Profile, answer_problem
from ml_architect.policy.reasons import reason

__all__ = ["ModelLimits", "Profile", "answer_problem", "compiled", "is_pattern", "matches", "reason"]
