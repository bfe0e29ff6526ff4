"""What code that is odd on purpose gets: nothing in tests, information where somebody decided it."""

from pathlib import Path

import pytest

from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment
from ml_architect.notebook import joined
from ml_architect.rules import rule_named
from ml_architect.rules.api import Severity
from ml_architect.text import Source

SILENT_IN_TESTS = [
    "learning-rate-implausible",
    "missing-no-grad-in-eval",
    "partial-seeding",
    "scheduler-gamma-above-one",
    "torch-load-allows-code-execution",
    "whole-module-saved",
]
LOAD = "import torch\n\ndef restore(url, path):\n    {}\n    return torch.load(path, weights_only=False)\n"
RATE = "import torch\n{}\n\ndef configure(model):\n    return torch.optim.{}(model.parameters(), lr={})\n"


def severities(rule: str, code: str, path: str = "example.py") -> list[Severity]:
    analysis = analyze(Source(code, Path(path)), Settings(select=(rule,), preview=True), Environment())
    return [item.severity for item in analysis.diagnostics]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [("evaluation_strategy='epoch'", Severity.WARNING), ("gradient_checkpointing=True", Severity.INFO)],
)
def test_without_a_known_version_only_what_is_gone_is_a_warning(argument: str, expected: Severity) -> None:
    code = f"from transformers import TrainingArguments\n\narguments = TrainingArguments('out', {argument})\n"
    assert severities("removed-training-argument", code) == [expected]


@pytest.mark.parametrize("name", SILENT_IN_TESTS)
def test_some_rules_say_nothing_in_tests(name: str) -> None:
    rule = rule_named(name)
    assert rule is not None
    for example in rule.fires:
        assert len(severities(name, example.code)) == 1
        assert severities(name, example.code, "tests/models/test_fit.py") == []


def test_a_file_is_no_test_by_its_name_alone() -> None:
    rule = rule_named("missing-no-grad-in-eval")
    assert rule is not None
    code = rule.fires[0].code
    assert len(severities(rule.name, code, "portrait_test.py")) == 1
    assert severities(rule.name, f"import pytest\n{code}", "portrait_test.py") == []
    assert severities(rule.name, f"{code}\ndef test_it(): ...\n", "test_portrait.py") == []


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("pass", Severity.INFO),
        ("torch.save({}, path)", Severity.INFO),
        ("torch.hub.download_url_to_file(url, path)", Severity.WARNING),
        ("path = torch.hub.download_url_to_file(url, 'weights.pt')", Severity.WARNING),
    ],
)
def test_a_download_that_is_unpickled_in_full_is_a_warning(before: str, expected: Severity) -> None:
    assert severities("torch-load-allows-code-execution", LOAD.format(before)) == [expected]


@pytest.mark.parametrize(
    ("first", "optimizer", "rate", "expected"),
    [
        ("", "Adam", 0.1, Severity.INFO),
        ("", "Adam", 1, Severity.WARNING),
        ("", "SGD", 20, Severity.INFO),
        ("", "SGD", 200, Severity.WARNING),
        ("from peft import PromptTuningConfig\nconfig = PromptTuningConfig()", "AdamW", 1, Severity.INFO),
        ("from peft import PromptTuningConfig\nconfig = PromptTuningConfig()", "AdamW", -1, Severity.WARNING),
    ],
)
def test_rates_that_somebody_trains_with_are_information(
    first: str, optimizer: str, rate: float, expected: Severity
) -> None:
    assert severities("learning-rate-implausible", RATE.format(first, optimizer, rate)) == [expected]


def test_the_expression_that_ends_a_cell_is_shown_and_not_thrown_away() -> None:
    cells = ["import torch\nrows = torch.zeros(2, 3)", "rows.reshape(3, 2)", "rows.view(3, 2)\nprint(rows)"]
    source = joined(list(enumerate(cells, start=1)), Path("example.ipynb"))
    analysis = analyze(source, Settings(select=("discarded-tensor-result",)), Environment())
    assert [source.text[item.span.start : item.span.end] for item in analysis.diagnostics] == ["rows.view(3, 2)"]
