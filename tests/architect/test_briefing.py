"""Briefs: who may be asked what, second rounds, what belongs together, and what would be sent."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from oracle import render_fix
from programs import CLASSIFIER, SCRIPT

from ml_architect import rules
from ml_architect.architect.question.briefing import (
    Limits,
    as_text,
    at_once,
    brief_explanation,
    brief_fix,
    brief_together,
    is_eligible,
    together,
    with_feedback,
)
from ml_architect.architect.values import Brief, Task, Unfit
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts import Environment
from ml_architect.text import Source

SETTINGS = Settings(select=("all",), preview=True)
SECRET = "hf_abcdefghijklmnopqrstuvwxyz0123"

pytestmark = pytest.mark.usefixtures("fixed_allowances")


def examine(code: str = CLASSIFIER) -> Analysis:
    return analyze(Source(code, Path("train.py")), SETTINGS, Environment())


def named(analysis: Analysis, code: str = "missing-zero-grad") -> str:
    return next(item.fingerprint for item in analysis.diagnostics if item.code == code)


def fix(analysis: Analysis, code: str = "missing-zero-grad", tokens: int = 6000) -> Brief:
    brief = brief_fix(analysis, [named(analysis, code)], "n0nce", Limits(tokens))
    assert isinstance(brief, Brief), brief
    return brief


def size(brief: Brief) -> int:
    return sum(len(message.content) for message in brief.messages)


def test_a_brief_names_its_findings_and_its_version() -> None:
    analysis = examine()
    brief = fix(analysis)
    finding = analysis.find(named(analysis))
    assert finding is not None
    assert brief.task is Task.FIX
    assert [(item.fingerprint, item.code, item.span) for item in brief.targets] == [
        (finding.fingerprint, "missing-zero-grad", finding.span)
    ]
    assert brief.digest == hashlib.sha256(CLASSIFIER.encode()).hexdigest()
    assert [message.role for message in brief.messages] == ["system", "user"]


def test_an_explanation_may_edit_nothing() -> None:
    analysis = examine()
    brief = brief_explanation(analysis, named(analysis), "n0nce", Limits())
    assert isinstance(brief, Brief)
    assert (brief.task, brief.regions) == (Task.EXPLAIN, ())
    assert "<<<EXPLAIN n0nce>>>" in brief.messages[1].content


def test_rules_without_an_allowance_are_explained_but_not_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    book = {rule.name: replace(rule, architect=None) for rule in rules.all_rules()}
    monkeypatch.setattr(rules, "_by_name", lambda: book)
    analysis = examine()
    assert not any(is_eligible(item) for item in analysis.diagnostics)
    assert brief_fix(analysis, [named(analysis)], "n0nce", Limits()) == Unfit(
        "missing-zero-grad has no repair that a model may write"
    )
    assert isinstance(brief_explanation(analysis, named(analysis), "n0nce", Limits()), Brief)
    assert together(analysis, named(analysis), "file") == ()


@pytest.mark.parametrize("fingerprints", [(), ("0" * 16,), (None, "0" * 16)])
def test_findings_that_are_gone_are_not_asked_about(fingerprints: tuple[str | None, ...]) -> None:
    analysis = examine()
    asked = [item or named(analysis) for item in fingerprints]
    assert brief_fix(analysis, asked, "n0nce", Limits()) == Unfit("the finding is no longer there")


def test_a_file_without_frameworks_has_nothing_to_ask_about() -> None:
    assert isinstance(brief_fix(examine("x = 1\n"), ["0" * 16], "n0nce", Limits()), Unfit)


def test_secrets_are_never_sent_and_stay_known() -> None:
    analysis = examine()
    brief = fix(analysis)
    assert SECRET not in as_text(brief)
    assert brief.placeholders == (("REDACTED_1", SECRET),)
    assert "replaced in it: 1 key or token (REDACTED_1)" in as_text(brief).splitlines()[0]


def test_a_secret_in_what_a_second_round_repeats_is_not_sent() -> None:
    analysis = examine()
    again = with_feedback(fix(analysis), f"I saw {SECRET}", f"the text {SECRET} is not there")
    assert SECRET not in as_text(again)


def test_a_second_round_repeats_the_reply_and_says_what_was_wrong() -> None:
    analysis = examine()
    brief = fix(analysis)
    repair = analysis.fix(analysis.find(named(analysis)))
    assert repair is not None
    reply = render_fix(brief, analysis.source, repair.edits)
    again = with_feedback(brief, reply, "R1: the OLD text matches 2 places")
    assert again.messages[:2] == brief.messages
    assert [message.role for message in again.messages[2:]] == ["assistant", "user"]
    assert again.messages[2].content == reply
    assert "R1: the OLD text matches 2 places" in again.messages[3].content
    assert (again.nonce, again.regions, again.digest) == (brief.nonce, brief.regions, brief.digest)


@pytest.mark.parametrize("tokens", [2300, 3000, 6000])
def test_a_second_round_stays_within_the_budget(tokens: int) -> None:
    brief = fix(examine(), tokens=tokens)
    again = with_feedback(brief, "x" * 50_000, "y" * 50_000, Limits(tokens))
    assert size(again) <= Limits(tokens).characters
    third = with_feedback(again, "x" * 50_000, "z" * 50_000, Limits(tokens))
    assert size(third) <= Limits(tokens).characters
    assert [message.role for message in third.messages] == ["system", "user", "assistant", "user"]
    assert "yyy" not in third.messages[3].content


def test_findings_of_one_function_belong_together() -> None:
    analysis = examine()
    both = {named(analysis), named(analysis, "train-loader-not-shuffled")}
    assert set(together(analysis, named(analysis), "loop")) == both
    assert set(together(analysis, named(analysis), "file")) == both


def test_findings_of_other_functions_do_not_belong_to_a_loop() -> None:
    other = CLASSIFIER[CLASSIFIER.index("def train") : CLASSIFIER.index("def push")].replace("def train", "def tune")
    analysis = examine(CLASSIFIER.replace("def push", other + "def push"))
    loops = [item.fingerprint for item in analysis.diagnostics if item.code == "missing-zero-grad"]
    assert len(loops) == 2
    first, second = (together(analysis, item, "loop") for item in loops)
    assert loops[0] in first
    assert not set(first) & set(second)
    assert set(together(analysis, loops[0], "file")) == {*first, *second}


def test_only_as_many_findings_as_one_reply_can_repair_are_asked_for_at_once() -> None:
    function = CLASSIFIER[CLASSIFIER.index("def train") : CLASSIFIER.index("def push")]
    copies = "".join(function.replace("def train", f"def train_{number}") for number in range(4))
    analysis = examine(CLASSIFIER.replace("def push", copies + "def push"))
    loops = [item.fingerprint for item in analysis.diagnostics if item.code == "missing-zero-grad"]
    assert len(loops) == 5
    assert isinstance(brief_fix(analysis, loops, "n0nce", Limits()), Unfit)
    chosen = at_once(analysis, loops, Limits(8000))
    assert chosen == tuple(loops[:3])
    assert isinstance(brief_fix(analysis, chosen, "n0nce", Limits(8000)), Brief)
    assert at_once(analysis, ["0" * 16], Limits()) == ()


def test_a_file_with_more_than_fits_is_asked_about_in_part() -> None:
    function = CLASSIFIER[CLASSIFIER.index("def train") : CLASSIFIER.index("def push")]
    copies = "".join(function.replace("def train", f"def train_{number}") for number in range(4))
    analysis = examine(CLASSIFIER.replace("def push", copies + "def push"))
    every = together(analysis, named(analysis), "file")
    last = every[-1]
    brief = brief_together(analysis, last, "file", "n0nce", Limits(8000))
    assert isinstance(brief, Brief)
    assert last in {target.fingerprint for target in brief.targets}
    assert len(brief.targets) > 1
    assert brief.left == len(every) - len(brief.targets) > 0
    whole = brief_together(analysis, last, "loop", "n0nce", Limits(8000))
    assert isinstance(whole, Brief)
    assert whole.left == 0
    assert brief_together(analysis, "0" * 16, "file", "n0nce", Limits()) == Unfit("the finding is no longer there")


def test_a_loader_outside_of_functions_belongs_to_the_loop_that_reads_it() -> None:
    code = SCRIPT.replace(
        "for epoch",
        "from torch.utils.data import DataLoader, TensorDataset\ntrain_loader = DataLoader(TensorDataset(x, y))\n\nfor epoch",
    ).replace("for start in range(0, 512, 64):", "for bx, by in train_loader:")
    code = code.replace("x[start : start + 64]", "bx").replace("y[start : start + 64]", "by")
    analysis = examine(code)
    both = {named(analysis), named(analysis, "train-loader-not-shuffled")}
    assert set(together(analysis, named(analysis), "loop")) == both
    assert set(together(analysis, named(analysis, "train-loader-not-shuffled"), "loop")) == both


def test_what_would_be_sent_is_shown_word_for_word() -> None:
    brief = fix(examine(SCRIPT))
    text = as_text(brief)
    assert text.startswith(f"{size(brief)} characters (about ")
    assert "no secret was found in it" in text.splitlines()[0]
    assert all(message.content in text for message in brief.messages)
