"""The ladder: a reply is material, and only what passes every check is offered as a repair."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ml_architect.architect.checks.capability import new_capability
from ml_architect.architect.checks.change import Change, change_between
from ml_architect.architect.checks.decorating import doubtful_decorator
from ml_architect.architect.checks.limits import unfit_value
from ml_architect.architect.checks.minimal import unneeded
from ml_architect.architect.checks.names import undefined_name
from ml_architect.architect.checks.ours import unlike_ours
from ml_architect.architect.checks.parsing import unparsable
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.placing import lost, misplaced
from ml_architect.architect.checks.reanalysis import not_repaired
from ml_architect.architect.checks.receivers import doubtful_receiver
from ml_architect.architect.checks.residual import difference as residual_difference
from ml_architect.architect.checks.shape import leaves_regions, misshapen
from ml_architect.architect.checks.signatures import wrong_argument
from ml_architect.architect.reply.applying import apply_blocks
from ml_architect.architect.reply.characters import odd_characters
from ml_architect.architect.reply.envelope import Decline, Envelope, read_reply
from ml_architect.architect.reply.explanation import checked
from ml_architect.architect.reply.redaction import without_cut_secrets
from ml_architect.architect.values import Brief, Explanation, Refusal, Rung, Task, Tier, Verdict, digest
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.engine.difference import difference
from ml_architect.engine.guard import GUARD
from ml_architect.engine.verification import tidy
from ml_architect.page.shape import Kind, missing, wanted
from ml_architect.rules import rule_named
from ml_architect.rules.allowance import Allowance
from ml_architect.text import apply_edits

__all__ = ["feedback", "judge", "judge_text"]

_MOVES_CODE: Final = "repairs of this kind move code, so they can only be previewed"
_RUNGS: Final[tuple[Callable[[Change], Refusal | None], ...]] = (
    misshapen,
    new_capability,
    undefined_name,
    wrong_argument,
    unfit_value,
    not_repaired,
)


def judge(analysis: Analysis, brief: Brief, reply: str) -> Verdict:
    """Return what becomes of `reply`, an answer to `brief` about the document of `analysis`. It never raises."""
    failed = Refusal(Rung.REANALYSIS, "our own checks failed on this reply, see the log", final=True)
    return _discreet(GUARD.run("judging a reply", lambda: _judged(analysis, brief, reply), _refused(failed)), brief)


def _discreet(verdict: Verdict, brief: Brief) -> Verdict:
    """Return `verdict` without secrets in its words: they quote the document, and may be sent to the model."""
    refusal, also = verdict.refusal, verdict.also
    if refusal is not None:
        refusal = replace(refusal, message=without_cut_secrets(refusal.message, brief.placeholders))
    return replace(verdict, refusal=refusal, also=tuple(without_cut_secrets(line, brief.placeholders) for line in also))


def feedback(verdict: Verdict) -> str | None:
    """Return what a model is told for another attempt, None where another attempt makes no sense."""
    if verdict.refusal is not None:
        return None if verdict.refusal.final else f"{verdict.refusal.rung.value}: {verdict.refusal.message}"
    if verdict.explanation.missing:
        return wanted(verdict.explanation.missing)
    if verdict.tier is not Tier.STRUCTURAL or _MOVES_CODE in verdict.also:
        return None
    listed = "\n".join(f"- {line}" for line in verdict.also)
    return f"the finding is repaired, but more than that is changed; change nothing else:\n{listed}"


def _judged(analysis: Analysis, brief: Brief, reply: str) -> Verdict:
    names = [region.name for region in brief.regions]
    read = read_reply(reply, brief.nonce, names, wants_blocks=brief.task is Task.FIX)
    if isinstance(read, Refusal):
        return _refused(read)
    if isinstance(read, Decline):
        return Verdict(Tier.DECLINED, reason=read.reason)
    explanation = _explanation(analysis, brief, read)
    if brief.task is Task.EXPLAIN:
        lacking = tuple(part.section for part in missing(Kind.EXPLAIN, read.sections))
        explanation = replace(explanation, missing=lacking)
    if digest(analysis.source.text) != brief.digest:
        stale = Refusal(Rung.FRESHNESS, "the document was changed since the question was asked", final=True)
        return replace(_refused(stale), explanation=explanation)
    if brief.task is Task.EXPLAIN:
        return Verdict(Tier.EXPLAINED, explanation=explanation)
    edits = apply_blocks(analysis.source, brief.regions, read.blocks, brief.placeholders)
    if isinstance(edits, Refusal):
        return replace(_refused(edits), explanation=explanation)
    verdict = judge_text(analysis, brief, apply_edits(analysis.source.text, edits))
    return replace(verdict, explanation=explanation)


def _explanation(analysis: Analysis, brief: Brief, envelope: Envelope) -> Explanation:
    """Return the checked explanation of a reply, by the rules of the findings that it is about."""
    codes = dict.fromkeys(target.code for target in brief.targets)
    rules = [rule for code in codes if (rule := rule_named(code)) is not None]
    return checked(envelope.sections, rules, analysis)


def judge_text(analysis: Analysis, brief: Brief, text: str, allowances: Sequence[Allowance] | None = None) -> Verdict:
    """Return what becomes of a document that a reply turned into `text`: the checks from parse on.

    `allowances` are those of the rules that `brief` is about, unless they are given.

    Raises:
        PatternError: if an allowance holds something that is no pattern.
    """
    targets = _targets(analysis, brief)
    if targets is None:
        return _refused(Refusal(Rung.FRESHNESS, "the finding is not there any more", final=True))
    if allowances is None:
        allowances = _allowances(targets)
    if allowances is None or analysis.facts is None:
        return _refused(Refusal(Rung.CAPABILITY, "no rule lets a model repair this", final=True))
    before = analysis.source.text
    edits = tidy(analysis.source, difference(before, text))
    if edits is None:
        return _refused(Refusal(Rung.APPLY, "nothing is changed"))
    problem = odd_characters(before, text)
    if problem is not None:
        return _refused(problem)
    after = analysis.with_text(apply_edits(before, edits))
    problem = unparsable(analysis, after) or leaves_regions(before, after.source.text, brief.regions)
    if problem is not None:
        return _refused(problem)
    change = change_between(analysis, after, edits, targets, Permits(allowances))
    if change is None:
        return _refused(Refusal(Rung.SHAPE, "the imports that the findings rest on are gone"))
    return _climbed(change)


def _climbed(change: Change) -> Verdict:
    for rung in _RUNGS:
        refusal = rung(change)
        if refusal is not None:
            return _refused(refusal)
    also = residual_difference(change.old.residue, change.new.residue)
    if not also:
        doubt = _doubt(change)
        also = (doubt,) if doubt is not None else ()
    if change.is_free_to_move:
        also = (_MOVES_CODE, *also)
    return Verdict(Tier.STRUCTURAL if also else Tier.PROVEN, change.edits, also=also)


def _doubt(change: Change) -> str | None:
    """Return why a change that touches only what may change is not proven, None where it is."""
    for doubt in (unlike_ours, doubtful_receiver, doubtful_decorator, lost, misplaced):
        told = doubt(change)
        if told is not None:
            return told
    return None if change.is_thorough else unneeded(change)


def _refused(refusal: Refusal) -> Verdict:
    return Verdict(Tier.EXPLAINED, refusal=refusal)


def _targets(analysis: Analysis, brief: Brief) -> tuple[Diagnostic, ...] | None:
    """Return the findings that are to be repaired, None where one is not there."""
    found = [analysis.find(target.fingerprint) for target in brief.targets]
    present = tuple(item for item in found if item is not None)
    return present if present and len(present) == len(found) else None


def _allowances(targets: Sequence[Diagnostic]) -> tuple[Allowance, ...] | None:
    """Return what the rules of `targets` let a model change, None where one lets it change nothing."""
    found: list[Allowance] = []
    for code in dict.fromkeys(target.code for target in targets):
        rule = rule_named(code)
        if rule is None or rule.architect is None:
            return None
        found.append(rule.architect)
    return tuple(found)
