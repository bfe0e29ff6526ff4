"""One finished question: what came back, and what it is worth."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ml_architect.architect.desk import Outcome, State
from ml_architect.architect.values import Tier
from ml_architect.text import apply_edits
from ml_architect.trial.case import Case, Kind
from ml_architect.trial.oracle.judging import problems_of
from ml_architect.trial.points import points_of

__all__ = ["Key", "Sample", "sample_of"]

BUNDLED, VARIANT, PAIR = "bundled", "variant", "pair"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which question a sample answers."""

    form: str
    """``bundled``, ``variant`` or ``pair``."""
    case: str
    """The name of the case, or of the pair."""
    number: int
    """Counts the samples of one question from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What became of one question. `seconds` is the only field that differs between equal runs."""

    key: Key
    rule: str
    kind: Kind
    state: str
    tier: str = ""
    failure: str = ""
    """Why there is no reply, empty where there is one."""
    refusal: str = ""
    """Why our checks refused the last change, as ``check: reason``."""
    declined: str = ""
    """Why the model declined, in its own words."""
    problems: tuple[str, ...] = ()
    """What the oracle says against a proven change."""
    executed: str = ""
    """``passed``, why it did not, or empty where nothing was executed."""
    points: int = 0
    most_points: int = 0
    rounds: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    """US dollars, None where the price is not known."""
    seconds: float = 0.0
    after: str = ""
    """The changed text, empty where nothing was let through."""
    explanation: dict[str, str] = field(default_factory=dict)

    @property
    def is_proven(self) -> bool:
        """Whether a change was let through as proven."""
        return self.tier == Tier.PROVEN.value

    @property
    def is_declined(self) -> bool:
        """Whether the model declined."""
        return self.state == State.DECLINED.value

    @property
    def is_right(self) -> bool:
        """Whether the reply is the right one: a proven change that the oracle accepts, or a decline where it is due."""
        if self.kind is Kind.ABSTAIN:
            return self.is_declined
        return self.is_proven and not self.problems

    @property
    def is_false_accept(self) -> bool:
        """Whether our checks let through what is wrong."""
        return self.is_proven and (self.kind is Kind.ABSTAIN or bool(self.problems))

    def as_json(self) -> dict[str, Any]:
        """Return all fields as plain values."""
        return {**asdict(self), "kind": self.kind.value, "problems": list(self.problems), "right": self.is_right}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Sample":
        """Return the sample that `as_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: if it is none.
        """
        known = {each.name: data[each.name] for each in fields(cls)}
        key = Key(**known.pop("key"))
        return cls(**{**known, "key": key, "kind": Kind(known["kind"]), "problems": tuple(known["problems"])})


def sample_of(key: Key, case: Case, outcome: Outcome, seconds: float) -> Sample:
    """Return what the outcome of the question about `case` is worth; nothing is executed here."""
    verdict, usage = outcome.verdict, outcome.usage
    sections = {section.value: text for section, text in verdict.explanation.sections} if verdict else {}
    after = apply_edits(case.code, verdict.edits) if verdict and verdict.edits else ""
    proven = verdict is not None and verdict.tier is Tier.PROVEN
    wanted = case.kind is not Kind.ABSTAIN
    points, most = points_of(sections, case) if wanted else (0, 0)
    refusal = verdict.refusal if verdict else None
    return Sample(
        key=key,
        rule=case.rule,
        kind=case.kind,
        state=outcome.state.value,
        tier=verdict.tier.value if verdict else "",
        failure=outcome.problem if verdict is None else "",
        refusal=f"{refusal.rung.value}: {refusal.message}" if refusal else "",
        declined=verdict.reason if verdict else "",
        problems=problems_of(case.code, after, case.expectation) if proven and wanted else (),
        points=points,
        most_points=most,
        rounds=outcome.rounds,
        requests=outcome.requests,
        input_tokens=usage.input_tokens if usage else 0,
        output_tokens=usage.output_tokens if usage else 0,
        cost=usage.cost if usage else None,
        seconds=seconds,
        after=after,
        explanation=sections,
    )
