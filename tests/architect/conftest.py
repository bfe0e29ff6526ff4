"""What the tests of the architect's room share: a scripted endpoint, a model process, allowances, verdicts."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from calling import Calls
from endpoint import Endpoint

from ml_architect import rules
from ml_architect.architect.checks.judge import judge_text
from ml_architect.architect.model.access import litellm_is_installed
from ml_architect.architect.values import Brief, Region, Target, Task, Verdict
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.rules.api import Allowance, Choice, Fires, Number, Rule
from ml_architect.text import Source, Span


@pytest.fixture
def endpoint():
    with Endpoint() as running:
        yield running


@pytest.fixture(scope="module")
def calls():
    if not litellm_is_installed():  # asked without importing it into this process
        pytest.skip("litellm is not installed")
    made = Calls()
    yield made
    made.close()


@pytest.fixture
def open_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a model repair every rule: one that has no allowance of its own gets an empty one."""
    book = {rule.name: replace(rule, architect=rule.architect or Allowance()) for rule in rules.all_rules()}
    monkeypatch.setattr(rules, "_by_name", lambda: book)


CLEARING = Allowance(
    statements=("$optimizer.zero_grad($*rest)",),
    advice="Clear the gradients once in each pass, before the backward pass. Leave the order of all else as it is.",
)
LOADING = Allowance(
    keywords={
        "torch.utils.data.DataLoader:num_workers": Number(0, 16, whole=True),
        "torch.utils.data.DataLoader:shuffle": Choice(("True", "False")),
    },
    imports=("os",),
    calls=("os.cpu_count",),
)


@pytest.fixture
def fixed_allowances(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give some rules allowances that stay as they are here, and take all others away."""
    given = {"missing-zero-grad": CLEARING, "train-loader-not-shuffled": LOADING}
    book = {rule.name: replace(rule, architect=given.get(rule.name)) for rule in rules.all_rules()}
    monkeypatch.setattr(rules, "_by_name", lambda: book)


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
