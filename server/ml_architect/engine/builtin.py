"""Checks that need no rule: what is said about a document before, or beside, what rules say."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ml_architect.engine.report import Diagnostic, fingerprint
from ml_architect.rules.api import Severity
from ml_architect.text import Span

__all__ = ["BUILTINS", "SYNTAX_ERROR", "UNDECODABLE_FILE", "UNUSED_SUPPRESSION", "BuiltIn", "undecodable_file"]

SYNTAX_ERROR: Final = "syntax-error"
UNDECODABLE_FILE: Final = "undecodable-file"
UNUSED_SUPPRESSION: Final = "unused-suppression"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A check of the engine itself."""

    name: str
    summary: str
    severity: Severity
    why: str


BUILTINS: Final[Mapping[str, BuiltIn]] = MappingProxyType(
    {
        check.name: check
        for check in (
            BuiltIn(
                SYNTAX_ERROR,
                "a statement is not valid Python",
                Severity.ERROR,
                "The statement cannot be read, so nothing in it is checked. All other statements are checked as usual.",
            ),
            BuiltIn(
                UNDECODABLE_FILE,
                "a file is not text in the encoding that it declares, or no notebook although its name says so",
                Severity.ERROR,
                "Python reads a file as UTF-8 unless a comment in its first two lines, such as "
                "`# -*- coding: latin-1 -*-`, names another encoding. The interpreter refuses this file, too. "
                "A notebook is JSON in format 4 or later.",
            ),
            BuiltIn(
                UNUSED_SUPPRESSION,
                "a comment suppresses a finding that is not there",
                Severity.INFO,
                "A suppression that outlives its finding hides the next one. It names no rule, a rule that does "
                "not exist, or a rule that finds nothing in this place.",
            ),
        )
    }
)


def undecodable_file(message: str) -> Diagnostic:
    """Return the finding for a file that has no text."""
    severity = BUILTINS[UNDECODABLE_FILE].severity
    name = fingerprint(UNDECODABLE_FILE, message, 0)
    return Diagnostic(UNDECODABLE_FILE, message, severity, Span(0, 0), fingerprint=name)
