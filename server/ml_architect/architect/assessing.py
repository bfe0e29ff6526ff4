"""The question for the written assessment of a review, as the desk asks it: one round, and one more for what lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ml_architect.architect.assessments import Assessment, Questioned, joined, lacking
from ml_architect.architect.question.assessing import asked_again, brief_assessment
from ml_architect.architect.question.prompt import Limits
from ml_architect.architect.reply.assessment import read_assessment
from ml_architect.architect.reply.vocabulary import vocabulary_in
from ml_architect.architect.values import Brief, Refusal, Unfit
from ml_architect.review.values import Review
from ml_architect.rules import rule_named

__all__ = ["Matter", "assessed", "question", "second"]


@dataclass(frozen=True, slots=True)
class Matter:
    """What is assessed: a review, and the paths and texts of the files that may be sent."""

    review: Review
    texts: tuple[tuple[str, str], ...]


def question(matter: Matter, nonce: str, limits: Limits) -> Questioned | Unfit:
    """Return what to ask."""
    return brief_assessment(matter.review, matter.texts, nonce, limits)


def assessed(matter: Matter, questioned: Questioned, reply: str, before: Assessment | None) -> Assessment | Refusal:
    """Return what holds of `reply`, together with what held `before`."""
    shown: Mapping[str, frozenset[int]] = {file.path: file.lines for file in questioned.shown}
    codes = dict.fromkeys(note.code for note in matter.review.findings)
    rules = [rule for code in codes if (rule := rule_named(code)) is not None]
    vocabulary = vocabulary_in([questioned.words, *_paths(matter.texts)], rules)
    found = read_assessment(reply, questioned.brief.nonce, shown, vocabulary)
    if isinstance(found, Refusal):
        return found if before is None else before
    return found if before is None else joined(before, found)


def _paths(texts: Sequence[tuple[str, str]]) -> list[str]:
    return [path for path, _ in texts]


def second(questioned: Questioned, reply: str, result: Assessment | Refusal) -> Brief | None:
    """Return the second question; None where nothing is missing."""
    if isinstance(result, Refusal):
        return asked_again(questioned, reply, result.message)
    missing = lacking(result)
    if not missing:
        return None
    names = ", ".join(f"## {stage.value}" for stage in missing)
    problem = (
        f"no claim about a line that you were shown, in names that exist, is left in {names}; "
        "write `path:line | claim` there, or the word none"
    )
    return asked_again(questioned, reply, problem)
