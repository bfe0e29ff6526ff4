"""What is sent, word for word, and that it never exceeds its budget."""

import os
from pathlib import Path

import pytest
from programs import CLASSIFIER, SCRIPT

from ml_architect.architect.model.ledger import CHARACTERS_PER_TOKEN
from ml_architect.architect.question.briefing import Limits, as_text, brief_explanation, brief_fix, together
from ml_architect.architect.question.prompt import system_message
from ml_architect.architect.values import Brief, Task, Unfit
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.text import Source

GOLDEN = Path(__file__).parent / "golden"
PROGRAM = Path(__file__).parents[2] / "server" / "examples" / "mistakes" / "language_model.py"
SETTINGS = Settings(select=("all",), preview=True)
ENVIRONMENT = Environment(
    {
        "torch": LibraryVersion("torch 2.4.1 from uv.lock", exact="2.4.1"),
        "torchvision": LibraryVersion("torchvision >=0.19 from pyproject.toml", minimum="0.19"),
    }
)


def examine(code: str) -> Analysis:
    return analyze(Source(code, Path("train.py")), SETTINGS, ENVIRONMENT)


def named(analysis: Analysis, code: str) -> str:
    return next(item.fingerprint for item in analysis.diagnostics if item.code == code)


def fix(code: str = CLASSIFIER, tokens: int = 6000) -> Brief | Unfit:
    analysis = examine(code)
    return brief_fix(analysis, [named(analysis, "missing-zero-grad")], "n0nce", Limits(tokens))


def loop() -> Brief | Unfit:
    analysis = examine(CLASSIFIER)
    found = together(analysis, named(analysis, "missing-zero-grad"), "loop")
    assert len(found) == 2
    return brief_fix(analysis, found, "n0nce", Limits())


def explanation() -> Brief | Unfit:
    analysis = examine(CLASSIFIER)
    return brief_explanation(analysis, named(analysis, "missing-zero-grad"), "n0nce", Limits())


def tight() -> Brief | Unfit:
    return fix(tokens=2300)


def script() -> Brief | Unfit:
    return fix(SCRIPT)


@pytest.mark.usefixtures("fixed_allowances")
@pytest.mark.parametrize("make", [fix, loop, explanation, script, tight], ids=lambda make: make.__name__)
def test_the_prompt_is_as_it_was(make) -> None:
    brief = make()
    assert isinstance(brief, Brief), brief
    path = GOLDEN / f"{make.__name__}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(as_text(brief), encoding="utf-8")
    assert as_text(brief) == path.read_text(encoding="utf-8")


@pytest.mark.usefixtures("open_rules")
@pytest.mark.parametrize("tokens", [1500, 2000, 2300, 2600, 3000, 4000, 6000, 12000])
def test_the_prompt_stays_within_its_budget(tokens: int) -> None:
    analysis = examine(PROGRAM.read_text(encoding="utf-8"))
    fit = 0
    for item in analysis.diagnostics:
        for brief in (
            brief_fix(analysis, [item.fingerprint], "n0nce", Limits(tokens)),
            brief_explanation(analysis, item.fingerprint, "n0nce", Limits(tokens)),
        ):
            if isinstance(brief, Brief):
                fit += 1
                assert sum(len(message.content) for message in brief.messages) <= tokens * CHARACTERS_PER_TOKEN
    assert fit == 2 * len(analysis.diagnostics) or tokens < 3000
    assert fit > 0 or tokens <= 1500


@pytest.mark.usefixtures("fixed_allowances")
def test_the_prompt_is_a_pure_function() -> None:
    assert fix() == fix()


@pytest.mark.usefixtures("fixed_allowances")
def test_what_comes_from_the_file_stands_between_marks() -> None:
    brief = fix()
    assert isinstance(brief, Brief)
    inside = False
    for line in brief.messages[1].content.splitlines():
        if line.startswith(("[[data n0nce]]", "[[end n0nce]]")):
            inside = not inside
        elif "ignore all previous instructions" in line or "criterion(model(inputs.to" in line:
            assert inside, line
    assert not inside


def test_the_system_message_is_constant_and_names_no_request() -> None:
    for task in Task:
        assert system_message(task) == system_message(task)
        assert "n0nce" not in system_message(task)


@pytest.mark.usefixtures("fixed_allowances")
def test_a_program_that_is_too_long_for_any_budget_is_refused() -> None:
    assert isinstance(fix(tokens=1500), Unfit)
