"""Whole replies of a model, from their envelope to the verdict, for rules of the rule book as it stands."""

from dataclasses import replace

import pytest

from ml_architect.architect.checks import judge as judge_module
from ml_architect.architect.checks.judge import feedback, judge
from ml_architect.architect.values import Brief, Refusal, Region, Rung, Section, Target, Task, Tier, Verdict, digest
from ml_architect.engine import Settings, analyze
from ml_architect.engine.guard import GUARD
from ml_architect.facts import Environment
from ml_architect.page.shape import Kind, needed, sections_of
from ml_architect.rules import rule_named
from ml_architect.rules.allowance import Allowance
from ml_architect.text import Source, Span, apply_edits

NONCE = "k3Jd82ms"
CODE = "missing-zero-grad"
TEXT = rule_named(CODE).fires[0].code
AFTER = rule_named(CODE).fires[0].after
LINE = "        loss.backward()\n"
STEP = f"{LINE}        optimizer.step()\n"
ZERO = "        optimizer.zero_grad()\n"
GOOD = f"        optimizer.zero_grad()\n{LINE}"


@pytest.fixture(autouse=True)
def _allowance(monkeypatch):
    """Let the rule allow what it is about, whatever the rule book says."""
    rule = replace(rule_named(CODE), architect=Allowance(statements=("$optimizer.zero_grad($*rest)",)))
    monkeypatch.setattr(judge_module, "rule_named", {CODE: rule}.get)


def asked(text: str = TEXT, task: Task = Task.FIX):
    analysis = analyze(Source(text), Settings(), Environment())
    targets = tuple(Target(d.fingerprint, d.code, d.message, d.span) for d in analysis.diagnostics if d.code == CODE)
    start = text.index("def train")
    regions = (Region("R1", Span(start, len(text)), "code"), Region("R2", Span(0, start), "imports"))
    return analysis, Brief(task, targets, regions, (), NONCE, digest(analysis.source.text))


def reply(
    *blocks: str, nonce: str = NONCE, opener: str = "FIX", sections: str = "## approach\nClear the gradients.\n"
) -> str:
    return f"<<<{opener} {nonce}>>>\n{sections}{''.join(blocks)}<<<END {nonce}>>>\n"


def edit(old: str, new: str, region: str = "R1", line: int = 8) -> str:
    return f"<<<EDIT {region} line={line}>>>\n<<<OLD>>>\n{old}<<<NEW>>>\n{new}<<<DONE>>>\n"


def test_a_good_reply_is_proven_and_explained():
    analysis, brief = asked()
    verdict = judge(analysis, brief, f"<think>hm</think>\n{reply(edit(LINE, GOOD))}\nDone!")
    assert (verdict.tier, verdict.refusal) == (Tier.PROVEN, None)
    assert apply_edits(TEXT, verdict.edits) == AFTER
    assert dict(verdict.explanation.sections)[Section.APPROACH].startswith("Clear the gradients.")
    assert feedback(verdict) is None


def test_a_whole_region_is_taken_too():
    analysis, brief = asked()
    body = AFTER[AFTER.index("def train") :]
    verdict = judge(analysis, brief, reply(f"<<<REGION R1>>>\n{body}<<<DONE>>>\n"))
    assert verdict.tier is Tier.PROVEN
    assert apply_edits(TEXT, verdict.edits) == AFTER


BAD = {
    "prose": (Rung.PROTOCOL, "call zero_grad first"),
    "another nonce": (Rung.PROTOCOL, reply(edit(LINE, GOOD), nonce="0000")),
    "no end": (Rung.PROTOCOL, reply(edit(LINE, GOOD)).partition("<<<END")[0]),
    "text that is not there": (Rung.APPLY, reply(edit("        loss.backwards()\n", GOOD))),
    "an unknown region": (Rung.APPLY, reply(edit(LINE, GOOD, region="R9"))),
    "nothing": (Rung.APPLY, reply(edit(LINE, LINE))),
    "a character that cannot be seen": (Rung.PARSE, reply(edit(LINE, GOOD.replace("zero", "ze\u200bro")))),
    "no Python": (Rung.PARSE, reply(edit(LINE, GOOD.replace("()", "(", 1)))),
    "a comment that hides": (Rung.SHAPE, reply(edit(LINE, f"{LINE.rstrip()}  # noqa\n"))),
    "a shell": (Rung.CAPABILITY, reply(edit(LINE, f"{GOOD}        exec('1')\n"))),
    "an unknown name": (Rung.NAMES, reply(edit(LINE, GOOD.replace("optimizer", "optimiser")))),
    "the wrong place": (Rung.REANALYSIS, reply(edit("        optimizer.step()\n", "        optimizer.zero_grad()\n        optimizer.step()\n"))),
}  # fmt: skip


@pytest.mark.parametrize(("rung", "text"), BAD.values(), ids=BAD)
def test_a_bad_reply_is_refused_and_the_model_is_told_why(rung, text):
    analysis, brief = asked()
    verdict = judge(analysis, brief, text)
    assert (verdict.tier, verdict.edits) == (Tier.EXPLAINED, ())
    assert verdict.refusal.rung is rung
    told = feedback(verdict)
    assert told is None if rung is Rung.CAPABILITY else told == f"{rung.value}: {verdict.refusal.message}"
    if rung not in (Rung.PROTOCOL, Rung.APPLY):
        assert verdict.explanation.sections


def test_a_decline_is_no_failure():
    analysis, brief = asked()
    verdict = judge(analysis, brief, f"<<<DECLINE {NONCE}>>>\nThe gradients are kept on purpose.\n<<<END {NONCE}>>>\n")
    assert (verdict.tier, verdict.reason) == (Tier.DECLINED, "The gradients are kept on purpose.")
    assert feedback(verdict) is None


def test_a_document_that_moved_on_is_refused_for_good():
    analysis, brief = asked()
    verdict = judge(analysis.with_text(TEXT + "\n"), brief, reply(edit(LINE, GOOD)))
    assert (verdict.refusal.rung, verdict.refusal.final) == (Rung.FRESHNESS, True)
    assert feedback(verdict) is None


def test_an_explanation_changes_nothing():
    analysis, brief = asked(task=Task.EXPLAIN)
    sections = "".join(f"## {section.value}\nWords.\n" for section in sections_of(Kind.EXPLAIN))
    verdict = judge(analysis, brief, reply(opener="EXPLAIN", sections=sections))
    assert (verdict.tier, verdict.edits, verdict.refusal) == (Tier.EXPLAINED, (), None)
    assert verdict.explanation.sections


@pytest.mark.parametrize("section", needed(Kind.EXPLAIN))
def test_a_missing_part_of_an_explanation_is_asked_for(section):
    analysis, brief = asked(task=Task.EXPLAIN)
    sections = "".join(f"## {other.value}\nWords.\n" for other in needed(Kind.EXPLAIN) if other is not section)
    verdict = judge(analysis, brief, reply(opener="EXPLAIN", sections=sections))
    assert (verdict.tier, verdict.refusal, verdict.explanation.missing) == (Tier.EXPLAINED, None, (section,))
    assert f"## {section.value} (" in feedback(verdict) and feedback(verdict).endswith("is missing; write it")


def test_a_rule_without_an_allowance_is_never_repaired(monkeypatch):
    monkeypatch.setattr(judge_module, "rule_named", {CODE: replace(rule_named(CODE), architect=None)}.get)
    analysis, brief = asked()
    verdict = judge(analysis, brief, reply(edit(LINE, GOOD)))
    assert (verdict.tier, verdict.refusal.rung, verdict.refusal.final) == (Tier.EXPLAINED, Rung.CAPABILITY, True)


def test_a_repair_that_changes_more_may_be_narrowed():
    analysis, brief = asked()
    verdict = judge(analysis, brief, reply(edit(STEP, GOOD + STEP.removeprefix(LINE) + ZERO)))
    assert verdict.tier is Tier.STRUCTURAL
    assert feedback(verdict).endswith(f"- {verdict.also[0]}")


def test_nothing_is_asked_again_where_code_has_to_move():
    moved = Verdict(Tier.STRUCTURAL, also=("repairs of this kind move code, so they can only be previewed", "line 3"))
    assert feedback(moved) is None
    assert feedback(Verdict(Tier.EXPLAINED, refusal=Refusal(Rung.SHAPE, "too long"))) == "shape: too long"


def test_a_fault_of_our_own_is_a_refusal(monkeypatch):
    monkeypatch.setattr(GUARD, "reraise", False)
    monkeypatch.setattr(judge_module, "judge_text", lambda *_: 1 / 0)
    analysis, brief = asked()
    verdict = judge(analysis, brief, reply(edit(LINE, GOOD)))
    assert (verdict.tier, verdict.refusal.final) == (Tier.EXPLAINED, True)
