"""The page of a rule or built-in check, with what the engine really says about its examples."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ml_architect.cli.examine import with_offers
from ml_architect.cli.output import full
from ml_architect.cli.report import UNREADABLE, FileReport
from ml_architect.cli.style import Painter
from ml_architect.engine import BUILTINS, Analysis, BuiltIn, Settings, analyze
from ml_architect.facts.environment import Environment, LibraryVersion
from ml_architect.page import Heading, Paragraph, Table, as_markdown
from ml_architect.rules.api import Fires, Rule
from ml_architect.rules.render import Observed, code_text, patch, rule_markdown
from ml_architect.text import Source, apply_edits

CHECKS: Mapping[str, BuiltIn] = MappingProxyType({**BUILTINS, UNREADABLE.name: UNREADABLE})
"""What is reported without a rule."""
EXAMPLE = Path("example.py")


def page(subject: Rule | BuiltIn) -> str:
    """Return the full page of `subject` as Markdown."""
    if isinstance(subject, BuiltIn):
        return _check_page(subject)
    return rule_markdown(subject, observed=[_observed(subject, example) for example in subject.fires])


def _observed(rule: Rule, example: Fires) -> Observed:
    code = code_text(example.code)
    known = {name: LibraryVersion(f"{name} {version}", exact=version) for name, version in example.versions.items()}
    settings = Settings(select=(rule.name,), preview=True)
    analysis = analyze(Source(code, EXAMPLE), settings, Environment(known))
    report = FileReport(EXAMPLE, analysis.source, with_offers(analysis))
    blocks = [full.block(report, diagnostic, Painter(color=False)) for diagnostic in report.diagnostics]
    return Observed("\n\n".join(blocks), _patch(code, analysis))


def _patch(code: str, analysis: Analysis) -> str | None:
    for diagnostic in analysis.diagnostics:
        if fix := analysis.fix(diagnostic):
            return patch(code, apply_edits(code, fix.edits))
    return None


def _check_page(check: BuiltIn) -> str:
    summary = f"{check.summary[:1].upper()}{check.summary[1:]}."
    properties = Table(("Property", "Value"), (("Severity", check.severity.value), ("Category", "built in")))
    return as_markdown(
        [Heading(1, check.name), Paragraph(summary), properties, Heading(2, "Why"), Paragraph(check.why)]
    )
