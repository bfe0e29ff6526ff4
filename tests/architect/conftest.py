"""What the tests of the architect's room share: a scripted endpoint, a model process, and allowances."""

from dataclasses import replace

import pytest
from calling import Calls
from endpoint import Endpoint

from ml_architect import rules
from ml_architect.architect.access import litellm_is_installed
from ml_architect.rules.api import Allowance, Choice, Number


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
