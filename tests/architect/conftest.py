"""What the tests of whole repairs share."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from ml_architect.architect.judge import judge_text
from ml_architect.architect.values import Brief, Region, Target, Task, Verdict
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.rules.api import Fires, Rule
from ml_architect.text import Source, Span

Judge = Callable[[Rule, Fires, str], Verdict]


@cache
def analysis_of(code: str, versions: tuple[tuple[str, str], ...]) -> Analysis:
    known = {name: LibraryVersion("example", exact=version) for name, version in versions}
    settings = Settings(select=("all",), preview=True)
    return analyze(Source(code, Path("example.py")), settings, Environment(known))


@pytest.fixture(scope="session")
def verdict_of() -> Judge:
    """Return what the ladder says of a text that is to repair an example of a rule, and may edit all of it."""

    def judge(rule: Rule, example: Fires, text: str) -> Verdict:
        analysis = analysis_of(example.code, tuple(example.versions.items()))
        finding = next(item for item in analysis.diagnostics if item.code == rule.name)
        brief = Brief(
            task=Task.FIX,
            targets=(Target(finding.fingerprint, finding.code, finding.message, finding.span),),
            regions=(Region("R1", Span(0, len(example.code)), "code"),),
            messages=(),
            nonce="nonce",
            digest=hashlib.sha256(example.code.encode()).hexdigest(),
        )
        return judge_text(analysis, brief, text)

    return judge
