"""The ladder: a reply is material, and only what passes every check is offered as a repair."""

from collections.abc import Callable, Sequence
from typing import Final

from ml_architect.architect.capability import new_capability
from ml_architect.architect.change import Change, edits_between, line_of
from ml_architect.architect.limits import unfit_value
from ml_architect.architect.minimal import unneeded
from ml_architect.architect.names import undefined_name
from ml_architect.architect.permits import Permits
from ml_architect.architect.reanalysis import not_repaired
from ml_architect.architect.residual import difference, residue
from ml_architect.architect.shape import leaves_regions, misshapen
from ml_architect.architect.signatures import wrong_argument
from ml_architect.architect.values import Brief, Refusal, Rung, Tier, Verdict
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.rules import rule_named
from ml_architect.rules.allowance import Allowance
from ml_architect.text import apply_edits

__all__ = ["judge_text"]

_MOVES_CODE: Final = "repairs of this kind move code, so they can only be previewed"
_RUNGS: Final[tuple[Callable[[Change], Refusal | None], ...]] = (
    misshapen,
    new_capability,
    undefined_name,
    wrong_argument,
    unfit_value,
    not_repaired,
)


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
    edits = edits_between(analysis.source, text)
    if edits is None:
        return _refused(Refusal(Rung.APPLY, "nothing is changed"))
    after = analysis.with_text(apply_edits(analysis.source.text, edits))
    problem = _unparsable(analysis, after) or leaves_regions(analysis.source.text, after.source.text, brief.regions)
    if problem is not None:
        return _refused(problem)
    if after.facts is None:
        return _refused(Refusal(Rung.SHAPE, "the imports that the findings rest on are gone"))
    change = Change(analysis, after, analysis.facts, after.facts, edits, targets, Permits(allowances))
    return _climbed(change)


def _climbed(change: Change) -> Verdict:
    for rung in _RUNGS:
        refusal = rung(change)
        if refusal is not None:
            return _refused(refusal)
    also = difference(*(residue(facts, change.permits.allowances) for facts in (change.old, change.new)))
    if not also:
        spare = unneeded(change)
        also = (spare,) if spare is not None else ()
    if change.is_free_to_move:
        also = (_MOVES_CODE, *also)
    return Verdict(Tier.STRUCTURAL if also else Tier.PROVEN, change.edits, also=also)


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


def _unparsable(before: Analysis, after: Analysis) -> Refusal | None:
    if len(after.problems) <= len(before.problems):
        return None
    known = {problem.message for problem in before.problems}
    problem = next((item for item in after.problems if item.message not in known), after.problems[-1])
    line = line_of(after.source, problem.start)
    return Refusal(Rung.PARSE, f"line {line} of the result does not parse: {problem.message}")
