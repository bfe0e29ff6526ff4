"""What the samples of a run say together."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ml_architect.trial.case import Kind
from ml_architect.trial.oracle.predicates import number_of
from ml_architect.trial.pairs import Pair, all_pairs
from ml_architect.trial.sample import BUNDLED, PAIR, VARIANT, Key, Sample
from ml_architect.trial.wilson import Rate

__all__ = ["Scores", "holds", "scores_of"]

_LATE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The rates of a run. Samples without a reply count as wrong."""

    right: Rate
    """Bundled cases: a proven repair that the oracle accepts, or a decline where it is due."""
    variants: Rate
    """The same for fresh variants."""
    pairs: Rate
    """Pairs whose relation holds."""
    kinds: Mapping[str, Rate]
    """`right` by kind of case."""
    proven: Rate
    """Questions for a repair, bundled and variants, that end with a proven change."""
    correct: Rate
    """Those of them that end with a proven change that the oracle accepts."""
    second_round: Rate
    """Correct repairs that needed the second round."""
    false_accepts: int
    """Proven changes that the oracle refuses: a fault of our checks, not of the model. Over all samples."""
    precision: Rate
    """Declined questions that should be declined."""
    recall: Rate
    """Questions that should be declined that are."""
    points: Rate
    """Points of the explanations of repairs."""
    executed: Rate
    """Executed changes that did what they should."""
    failures: int
    """Samples without a reply."""
    requests: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    """US dollars, None where the price of a sample is not known."""
    seconds: tuple[float, float]
    """Median and 95th percentile of the time of one question; differs between equal runs."""

    @property
    def gap(self) -> float | None:
        """How much better the bundled texts are answered than fresh variants; None where one is missing."""
        if self.right.share is None or self.variants.share is None:
            return None
        return self.right.share - self.variants.share

    def as_json(self) -> dict[str, Any]:
        """Return everything but the times as plain values."""
        rates = ("right", "variants", "pairs", "proven", "correct", "second_round", "precision", "recall", "points")
        return {
            **{name: getattr(self, name).as_json() for name in (*rates, "executed")},
            "kinds": {name: rate.as_json() for name, rate in self.kinds.items()},
            "gap": self.gap,
            "false_accepts": self.false_accepts,
            "failures": self.failures,
            "requests": self.requests,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
        }


def scores_of(samples: Iterable[Sample]) -> Scores:
    """Return the scores of a run."""
    by_key = {sample.key: sample for sample in samples}
    everything = list(by_key.values())
    bundled = [each for each in everything if each.key.form == BUNDLED]
    variants = [each for each in everything if each.key.form == VARIANT]
    asked = [*bundled, *variants]
    repairs = [each for each in asked if each.kind is not Kind.ABSTAIN]
    correct = [each for each in repairs if each.is_right]
    declined = [each for each in asked if each.is_declined]
    executed = [each for each in everything if each.executed and each.executed != "not installed"]
    return Scores(
        right=_rate(bundled, lambda each: each.is_right),
        variants=_rate(variants, lambda each: each.is_right),
        pairs=_pairs(by_key),
        kinds={kind.value: _rate([e for e in bundled if e.kind is kind], lambda each: each.is_right) for kind in Kind},
        proven=_rate(repairs, lambda each: each.is_proven),
        correct=Rate(len(correct), len(repairs)),
        second_round=_rate(correct, lambda each: each.rounds > 1),
        false_accepts=sum(each.is_false_accept for each in everything),
        precision=_rate(declined, lambda each: each.kind is Kind.ABSTAIN),
        recall=_rate([each for each in asked if each.kind is Kind.ABSTAIN], lambda each: each.is_declined),
        points=Rate(sum(each.points for each in repairs), sum(each.most_points for each in repairs)),
        executed=_rate(executed, lambda each: each.executed == "passed"),
        failures=sum(bool(each.failure) for each in everything),
        requests=sum(each.requests for each in everything),
        input_tokens=sum(each.input_tokens for each in everything),
        output_tokens=sum(each.output_tokens for each in everything),
        cost=_cost(everything),
        seconds=_times([each.seconds for each in everything]),
    )


def _rate(samples: Sequence[Sample], holds_for: Callable[[Sample], bool]) -> Rate:
    return Rate(sum(map(holds_for, samples)), len(samples))


def _cost(samples: Sequence[Sample]) -> float | None:
    costs = [each.cost for each in samples if each.requests]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def _times(seconds: list[float]) -> tuple[float, float]:
    if not seconds:
        return 0.0, 0.0
    ordered = sorted(seconds)
    return median(ordered), ordered[min(len(ordered) - 1, int(_LATE * len(ordered)))]


def _pairs(samples: Mapping[Key, Sample]) -> Rate:
    """Return for how many pairs of samples, of those whose case was asked as well, the relation holds."""
    pairs = {pair.name: pair for pair in all_pairs()}
    judged = [
        holds(pairs[key.case], base, sample)
        for key, sample in samples.items()
        if key.form == PAIR and (base := samples.get(Key(BUNDLED, pairs[key.case].base, key.number)))
    ]
    return Rate(sum(judged), len(judged))


def holds(pair: Pair, base: Sample, changed: Sample) -> bool:
    """Return whether both replies are right and stand in the relation of `pair`."""
    if not (base.is_right and changed.is_right):
        return False
    if not pair.relation.startswith("not-"):
        return True
    first = number_of(ast.parse(base.after), pair.call, pair.keyword)
    second = number_of(ast.parse(changed.after), pair.call, pair.keyword)
    if first is None or second is None:
        return False
    return second <= first if pair.relation == "not-higher" else second >= first
