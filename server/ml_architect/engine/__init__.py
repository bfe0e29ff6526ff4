"""Source and settings in, a sorted report out; repairs that are verified before anyone sees them."""

from ml_architect.engine.analysis import Analysis, analyze, load_knowledge
from ml_architect.engine.builtin import BUILTINS, BuiltIn, undecodable_file
from ml_architect.engine.fixing import FixResult, fix_all, fix_these
from ml_architect.engine.frameworks import imports_framework
from ml_architect.engine.links import rule_page, rule_url
from ml_architect.engine.report import Diagnostic, RelatedPlace
from ml_architect.engine.selection import Selection, selection_for
from ml_architect.engine.selectors import known_selectors, unknown_selectors
from ml_architect.engine.settings import Settings
from ml_architect.engine.verification import minimal_edit
from ml_architect.policy.limits import ModelLimits

__all__ = [
    "BUILTINS",
    "Analysis",
    "BuiltIn",
    "Diagnostic",
    "FixResult",
    "ModelLimits",
    "RelatedPlace",
    "Selection",
    "Settings",
    "analyze",
    "fix_all",
    "fix_these",
    "imports_framework",
    "known_selectors",
    "load_knowledge",
    "minimal_edit",
    "rule_page",
    "rule_url",
    "selection_for",
    "undecodable_file",
    "unknown_selectors",
]
