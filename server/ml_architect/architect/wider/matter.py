"""What a user asks about, as a value, and what is asked of a model: once, and once more after a check."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ml_architect.architect.desk import REPLY_TIMES
from ml_architect.architect.eligibility import is_excluded
from ml_architect.architect.question.prompt import Limits
from ml_architect.architect.reply.redaction import redact
from ml_architect.architect.values import Brief, Message, Task, Unfit, Verdict, digest
from ml_architect.architect.wider.judging import Ground, said_wrong
from ml_architect.architect.wider.prompt import Asking, prompt
from ml_architect.engine import Analysis, Settings
from ml_architect.facts.environment import Environment

__all__ = ["Matter", "ask_again", "ask_first", "ground_of", "known_of", "question_problem", "wider_limits"]

_MOST_QUESTION = 4000
"""Characters of a question."""
_CUT = "\n(the rest is left out for length)"
_REPLY_SHARE = 0.6
"""Of the second prompt, for the reply that was not good enough."""


@dataclass(frozen=True)
class Matter:
    """A question of the user's own, the files that it is about, and what a person has said of the project."""

    question: str
    analyses: tuple[Analysis, ...] = ()
    environment: Environment = field(default_factory=Environment)
    known: Mapping[str, str] = field(default_factory=dict)
    """Answers of the user, by key: of the project's configuration, or given with this question."""
    may_ask: bool = True
    """Whether the model may ask for what is decisive before it answers."""

    @cached_property
    def asking(self) -> Asking:
        """All that the prompt is written from, without secrets."""
        question = redact(self.question.strip()).text
        known = {key: redact(value).text for key, value in self.known.items()}
        return Asking(question, self.analyses, self.environment, known, self.may_ask)


def wider_limits(input_tokens: int, output_tokens: int) -> Limits:
    """Return the limits of a wider question, by what the user allows for a repair."""
    return Limits(input_tokens, output_tokens * REPLY_TIMES)


def ask_first(matter: Matter, nonce: str, limits: Limits) -> Brief | Unfit:
    """Return what is asked, Unfit where nothing can be."""
    problem = question_problem(matter.question)
    if problem is not None:
        return Unfit(problem)
    if any(is_excluded(analysis) for analysis in matter.analyses):
        return Unfit("the project excludes this file from what is sent to models")
    messages = prompt(matter.asking, nonce, limits.characters)
    if isinstance(messages, Unfit):
        return messages
    sent = "\n".join(message.content for message in messages)
    texts = "\0".join(analysis.source.text for analysis in matter.analyses)
    return Brief(
        task=Task.ASK,
        targets=(),
        regions=(),
        messages=messages,
        nonce=nonce,
        digest=digest(texts),
        placeholders=tuple(pair for pair in _placeholders(matter) if pair[0] in sent),
    )


def ask_again(matter: Matter, brief: Brief, reply: str, verdict: Verdict, limits: Limits) -> Brief | None:
    """Return the one other question, which says what was wrong; None where the answer is good or never will be.

    All messages stay within `limits`: the question is asked in a shorter form, and a long reply is cut.
    """
    wrong = said_wrong(verdict)
    if wrong is None:
        return None
    short = prompt(matter.asking, brief.nonce, int(limits.characters * (1 - _REPLY_SHARE)))
    base = brief.messages[:2] if isinstance(short, Unfit) else short
    asked = (
        f"Our checks found this wrong with your reply:\n{wrong}\n\n"
        f"Reply once more in full, every section and every file, from <<<ANSWER {brief.nonce}>>> to "
        f"<<<END {brief.nonce}>>>, with all of it repaired."
    )
    room = limits.characters - len(asked) - sum(len(message.content) for message in base)
    said = reply if len(reply) <= room else reply[: max(0, room - len(_CUT))] + _CUT
    return replace(brief, messages=(*base, Message("assistant", said), Message("user", asked)))


def question_problem(question: str) -> str | None:
    """Return why nobody can answer `question`, None where nothing is against it."""
    if not question.strip():
        return "the question is empty"
    if len(question.strip()) > _MOST_QUESTION:
        return f"the question has {len(question.strip())} characters, {_MOST_QUESTION} are the most; shorten it"
    if any("\ud800" <= sign <= "\udfff" for sign in question):
        return "the question holds bytes that are no text"
    return None


def known_of(settings: Settings, given: Mapping[str, str]) -> Mapping[str, str]:
    """Return what a person has said: in the project's configuration (`settings`), and over it with this question."""
    configured = {key: _spelled(value) for key, value in settings.profile.answers()}
    return {**configured, **given}


def _spelled(value: object) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def ground_of(matter: Matter, interpreter: Path | None = None) -> Ground:
    """Return by what an answer to `matter` is judged; with an `interpreter` its packages are asked, too."""
    words = "\n".join([matter.question, *(analysis.source.text for analysis in matter.analyses)])
    return Ground(matter.environment, frozenset(matter.known), matter.may_ask, words, interpreter)


def _placeholders(matter: Matter) -> list[tuple[str, str]]:
    texts = [matter.question, *matter.known.values(), *(analysis.source.text for analysis in matter.analyses)]
    return [pair for text in texts for pair in redact(text).placeholders]
