"""`ml-architect eval`: measure a model on the bundled cases, beside baselines that need none."""

import json
import math
import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ml_architect import __version__
from ml_architect.architect.desk import Terms
from ml_architect.architect.inquiry import limits_of
from ml_architect.architect.model.access import Access, Missing
from ml_architect.architect.model.ledger import Budget, Ledger
from ml_architect.architect.model.metered import Metered
from ml_architect.architect.model.process import WorkerProvider
from ml_architect.architect.question.prompt import Limits
from ml_architect.cli import destination, model
from ml_architect.cli.exits import Exit
from ml_architect.policy import reason
from ml_architect.project import find_settings
from ml_architect.trial.baselines import BASELINES
from ml_architect.trial.execution import outcome_of
from ml_architect.trial.journal import Journal, JournalError
from ml_architect.trial.running import Examiner, HopelessError, Question, bundle_digest, estimate, plan, run
from ml_architect.trial.sample import Key, Sample
from ml_architect.trial.scores import Scores, scores_of
from ml_architect.trial.sheet import blind_sheet
from ml_architect.trial.table import as_table

_SECONDS = 60.0
"""The deadline of a baseline, which needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user asked for."""

    model: str
    samples: int
    seed: int
    cases: tuple[str, ...]
    parts: tuple[str, ...]
    execute: bool
    output_format: Literal["text", "json"]
    resume: Path | None
    sheet: Path | None
    threshold: float | None
    baselines: bool


class _RefusedError(Exception):
    """The run cannot begin, or cannot go on; the text is one line for the user."""


def evaluate(options: Options) -> Exit:
    """Ask the model all questions, print what came of them, and return 1 where it is below the threshold."""
    try:
        return _evaluated(options)
    except (_RefusedError, JournalError) as problem:
        model.say([str(problem)])
        return Exit.USAGE


def _evaluated(options: Options) -> Exit:
    questions = plan(options.cases, options.parts, options.samples, options.seed)
    if not questions:
        message = "no case is chosen; --cases takes names, kinds, frameworks and rules, with * for anything"
        raise _RefusedError(message)
    if options.threshold is not None and math.isnan(options.threshold):
        message = "--threshold takes a number from 0 to 1"
        raise _RefusedError(message)
    unwritable = destination.problem_of(options.sheet)
    if unwritable:
        raise _RefusedError(unwritable)
    access = None if options.model in BASELINES else _access(options.model)
    journal = _journal(options, access)
    done = dict(journal.done) if journal else {}
    limits = limits_of(access)
    if access is None:
        examiner = _baseline(options.model, limits, execute=options.execute)
        problem = model.run(_collected(questions, examiner, journal, done))
    else:
        _announce(questions, done, access, options)
        problem = model.run(_asked(questions, access, journal, done, execute=options.execute))
    answered = [done[question.key] for question in questions if question.key in done]
    columns = {options.model or (access.model if access else ""): scores_of(answered)}
    if options.baselines:
        columns |= _baseline_scores(options, questions, limits)
    _print(options, columns, answered)
    _write_sheet(options, answered)
    if problem:
        more = "; the finished questions are kept, run the same again to go on" if journal else ""
        message = f"{problem} ({len(answered)} of {len(questions)} questions are answered){more}"
        raise _RefusedError(message)
    return _judged(options, next(iter(columns.values())))


def _access(name: str) -> Access:
    access, own = model.reach(find_settings(Path()).settings, name)
    model.say(own.problems)
    if isinstance(access, Missing):
        message = f"{access.reason}; {access.remedy}"
        raise _RefusedError(message)
    return access


def _journal(options: Options, access: Access | None) -> Journal | None:
    if options.resume is None:
        return None
    name = access.model if access else options.model
    run_of = {"version": __version__, "model": name, "seed": options.seed, "execute": options.execute}
    return Journal(options.resume, {**run_of, "cases": bundle_digest()})


def _announce(questions: Sequence[Question], done: dict[Key, Sample], access: Access, options: Options) -> None:
    """Say what will be sent and what it may take; refuse where the budget cannot hold it and nothing would be kept."""
    left = [question for question in questions if question.key not in done or done[question.key].failure]
    tokens = estimate(left, limits_of(access))
    price = "the provider may charge for it" if access.priced else "the price is not known"
    what = f"{len(left)} questions about bundled code (none of yours) are sent to {access.host} ({access.model})"
    model.say([f"{what}: {len(left)} to {2 * len(left)} requests, {tokens} to {2 * tokens} input tokens; {price}"])
    short = _short_of(access.budget, len(left), tokens)
    if short and options.resume is None:
        message = (
            f"the budget does not hold that: {short}; raise it in your own configuration, choose fewer questions "
            "with --cases and --part, or spread them over several runs with --resume FILE"
        )
        raise _RefusedError(message)


def _short_of(budget: Budget, requests: int, tokens: int) -> str:
    if requests > budget.requests:
        return f"{budget.requests} requests"
    return f"{budget.input_tokens} input tokens" if tokens > budget.input_tokens else ""


async def _asked(
    questions: Sequence[Question], access: Access, journal: Journal | None, done: dict[Key, Sample], *, execute: bool
) -> str:
    ledger = Ledger(access.budget)
    worker = WorkerProvider(access)
    metered = Metered(worker, ledger)
    terms = Terms(access.model, str(access.host), access.max_output_tokens, access.deadline)
    runs = outcome_of if execute else None
    examiner = Examiner(terms, limits_of(access), lambda *_: metered, runs)
    try:
        return await _collected(questions, examiner, journal, done)
    finally:
        await worker.close()
        model.say([ledger.summary()])


def _baseline(name: str, limits: Limits, *, execute: bool) -> Examiner:
    terms = Terms(name, "", limits.output_tokens, _SECONDS)
    return Examiner(terms, limits, BASELINES[name], outcome_of if execute else None)


async def _collected(
    questions: Sequence[Question], examiner: Examiner, journal: Journal | None, done: dict[Key, Sample]
) -> str:
    """Put the samples of all questions into `done`; return why it ended early, else an empty text."""
    try:
        async with aclosing(run(questions, examiner, dict(done))) as samples:
            async for sample in samples:
                done[sample.key] = sample
                if journal is not None:
                    journal.add(sample)
                _show_progress(len(done), len(questions))
    except HopelessError as problem:
        return str(problem)
    finally:
        _show_progress(0, 0)
    return ""


def _show_progress(finished: int, of: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{finished} of {of} questions" if of else "\r\x1b[2K")
        sys.stderr.flush()


def _baseline_scores(options: Options, questions: Sequence[Question], limits: Limits) -> dict[str, Scores]:
    """Return the scores of the baselines that are not asked for anyway; they execute nothing."""
    found: dict[str, Scores] = {}
    for name in BASELINES:
        if name != options.model:
            done: dict[Key, Sample] = {}
            model.run(_collected(questions, _baseline(name, limits, execute=False), None, done))
            found[name] = scores_of(done.values())
    return found


def _print(options: Options, columns: dict[str, Scores], samples: Sequence[Sample]) -> None:
    if options.output_format == "text":
        sys.stdout.write(as_table(columns))
        return
    sys.stdout.write(json.dumps(_report(options, columns, samples), indent=2) + "\n")


def _report(options: Options, columns: dict[str, Scores], samples: Sequence[Sample]) -> dict[str, Any]:
    """Return everything as plain values; only what stands under ``timing`` differs between equal runs."""
    results = [sample.as_json() for sample in samples]
    seconds = [result.pop("seconds") for result in results]
    return {
        "version": __version__,
        "model": next(iter(columns)),
        "seed": options.seed,
        "samples": options.samples,
        "cases": bundle_digest(),
        "scores": {name: scores.as_json() for name, scores in columns.items()},
        "results": results,
        "timing": {"seconds": seconds, "median_and_p95": {name: scores.seconds for name, scores in columns.items()}},
    }


def _write_sheet(options: Options, samples: Sequence[Sample]) -> None:
    if options.sheet is None:
        return
    sheet = blind_sheet(samples, options.seed)
    key = options.sheet.with_name(f"{options.sheet.name}.key.json")
    try:
        options.sheet.write_text(sheet.text, encoding="utf-8")
        key.write_text(json.dumps(sheet.key, indent=2) + "\n", encoding="utf-8")
    except OSError as problem:
        message = f"{options.sheet}: {reason(problem)}"
        raise _RefusedError(message) from None
    model.say([f"{len(sheet.key)} explanations to rate are in {options.sheet}, who wrote them in {key}"])


def _judged(options: Options, scores: Scores) -> Exit:
    share = scores.right.share if scores.right.of else scores.variants.share
    if options.threshold is None or (share is not None and share >= options.threshold):
        return Exit.CLEAN
    told = "nothing was asked that it is about" if share is None else f"{share:.0%} of the answers are right"
    model.say([f"{told}, the threshold is {options.threshold:.0%}"])
    return Exit.FINDINGS
