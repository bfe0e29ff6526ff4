"""A run: which questions are asked, how each is, and in which order the answers come."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from random import Random

from ml_architect.architect.desk import Desk, Outcome, State, Terms
from ml_architect.architect.inquiry import Inquiry, write_brief
from ml_architect.architect.model.ledger import tokens_in
from ml_architect.architect.model.provider import HOPELESS, ErrorKind, Provider
from ml_architect.architect.question.prompt import Limits
from ml_architect.architect.values import Task, Unfit
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.text import Source
from ml_architect.trial.case import CASES, Case, all_cases
from ml_architect.trial.execution import MISSING, PASSED
from ml_architect.trial.pairs import PAIRS, all_pairs
from ml_architect.trial.sample import BUNDLED, PAIR, VARIANT, Key, Sample, sample_of
from ml_architect.trial.variants import variant_of

__all__ = ["Examiner", "HopelessError", "Question", "analysis_of", "bundle_digest", "estimate", "plan", "run"]

AT_ONCE = 2
"""Questions under way at the same time, as in an editor."""


class HopelessError(Exception):
    """No further question is worth asking; holds what the user can do."""

    def __init__(self, kind: ErrorKind) -> None:
        super().__init__(kind.value)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a run."""

    key: Key
    case: Case


def plan(patterns: Sequence[str], forms: Sequence[str], samples: int, seed: int) -> tuple[Question, ...]:
    """Return the questions of a run in their order: each case and its variants, then the pairs.

    `patterns` choose cases by name, kind, framework or rule, all where there are none; a pair goes with its case.
    Variants are drawn from the `seed`, the name of the case and the number of the sample.
    """
    chosen = [case for case in all_cases() if _is_chosen(case, patterns)]
    found: list[Question] = []
    for case in chosen:
        if BUNDLED in forms:
            found += [Question(Key(BUNDLED, case.name, number), case) for number in range(samples)]
        if VARIANT in forms:
            drawn = (Random(f"{seed}:{case.name}:{number}") for number in range(samples))  # noqa: S311 - for variety
            found += [Question(Key(VARIANT, case.name, at), variant_of(case, each)) for at, each in enumerate(drawn)]
    if PAIR in forms:
        names = {case.name for case in chosen}
        pairs = [pair for pair in all_pairs() if pair.base in names]
        found += [Question(Key(PAIR, pair.name, at), pair.changed) for pair in pairs for at in range(samples)]
    return tuple(found)


def _is_chosen(case: Case, patterns: Sequence[str]) -> bool:
    words = (case.name, case.kind.value, case.framework, case.rule)
    return not patterns or any(fnmatchcase(word, pattern) for word in words for pattern in patterns)


def bundle_digest() -> str:
    """Return what names the bundled cases and pairs as they are: a run goes on only with the same."""
    digest = hashlib.sha256()
    for path in sorted([*CASES.glob("*/*"), PAIRS]):
        if path.is_file():
            digest.update(f"{path.parent.name}/{path.name}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def analysis_of(case: Case) -> Analysis:
    """Return the analysis of the code of a case with the versions that it states."""
    return _analysis(case.code, tuple(case.versions.items()))


@lru_cache(maxsize=256)
def _analysis(code: str, versions: tuple[tuple[str, str], ...]) -> Analysis:
    """Return the analysis of a text; a run asks for it once to count tokens and once for each model and baseline."""
    known = {name: LibraryVersion("the case", exact=version) for name, version in versions}
    return analyze(Source(code, Path("train.py")), Settings(), Environment(known))


def finding_of(case: Case) -> tuple[Analysis, str]:
    """Return the analysis of a case and the fingerprint of the finding that is asked about.

    Raises:
        LookupError: if it is not there; the bundled cases and their variants are tested.
    """
    analysis = analysis_of(case)
    found = next((item for item in analysis.diagnostics if item.code == case.rule), None)
    if found is None:
        message = f"{case.name} has no finding of {case.rule}"
        raise LookupError(message)
    return analysis, found.fingerprint


def estimate(questions: Sequence[Question], limits: Limits) -> int:
    """Return the tokens that all first prompts have together, counted from characters (rather too many)."""
    total = 0
    for question in questions:
        analysis, fingerprint = finding_of(question.case)
        brief = write_brief(analysis, fingerprint, Task.FIX, "0" * 12, limits)
        if not isinstance(brief, Unfit):
            total += sum(tokens_in(len(message.content)) for message in brief.messages)
    return total


@dataclass(frozen=True, slots=True)
class Examiner:
    """Asks one model, each question for itself: a reply to one sample never answers the next."""

    terms: Terms
    limits: Limits
    provider_for: Callable[[Analysis, str, Limits], Provider]
    execute: Callable[[Case, str], str] | None = None
    """Runs a proven change, see `execution.outcome_of`; None where nothing may be executed."""
    clock: Callable[[], float] = field(default=time.monotonic)

    async def examine(self, question: Question) -> tuple[Sample, Outcome]:
        """Return what a question is worth, and how it ended."""
        analysis, fingerprint = finding_of(question.case)
        provider = self.provider_for(analysis, fingerprint, self.limits)
        began = self.clock()
        outcome = await Desk(self.terms, provider).ask(Inquiry(analysis, fingerprint, Task.FIX, self.limits))
        sample = sample_of(question.key, question.case, outcome, self.clock() - began)
        if self.execute is None or not question.case.driver or not sample.is_proven or question.key.form != BUNDLED:
            return sample, outcome
        result = await asyncio.to_thread(self.execute, question.case, sample.after)
        failed = (f"executed: {result}",) if result not in {PASSED, MISSING} else ()
        return replace(sample, executed=result, problems=(*sample.problems, *failed)), outcome


async def run(
    questions: Sequence[Question], examiner: Examiner, done: Mapping[Key, Sample]
) -> AsyncGenerator[Sample, None]:
    """Yield the sample of each question that is not `done`, in order; two are under way at a time.

    Raises:
        HopelessError: after the samples before it, if asking further makes no sense.
    """
    open_ones = [question for question in questions if question.key not in done or done[question.key].failure]
    gate = asyncio.Semaphore(AT_ONCE)

    async def asked(question: Question) -> tuple[Sample, Outcome]:
        async with gate:
            return await examiner.examine(question)

    tasks = [asyncio.create_task(asked(question)) for question in open_ones]
    try:
        for task in tasks:
            sample, outcome = await task
            if outcome.state is State.FAILED and outcome.kind in HOPELESS:
                raise HopelessError(outcome.kind)
            yield sample
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
