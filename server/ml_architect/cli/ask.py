"""`ml-architect ask`: a question of the user's own, answered by a model under our checks, or by the static pages."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml_architect.architect.answers import Answer, given_answer
from ml_architect.architect.desk import Outcome, wider_terms
from ml_architect.architect.model.access import Access, Missing
from ml_architect.architect.question.prompt import Limits
from ml_architect.architect.values import SHOWN_NONCE, Brief, Unfit, Verdict
from ml_architect.architect.wider import document
from ml_architect.architect.wider.judging import Ground, judged
from ml_architect.architect.wider.matter import (
    Matter,
    ask_again,
    ask_first,
    ground_of,
    known_of,
    question_problem,
    wider_limits,
)
from ml_architect.architect.wider.running import Ran, main_file, run_file
from ml_architect.architect.wider.shelf import matching
from ml_architect.cli import destination, model
from ml_architect.cli.examine import analyzed
from ml_architect.cli.exits import Exit
from ml_architect.cli.options import Options
from ml_architect.cli.output.json import dump
from ml_architect.engine import Analysis, Settings
from ml_architect.page import Block, as_html, as_markdown
from ml_architect.policy import answer_problem
from ml_architect.project import ReadProblem, environment_for, find_settings, interpreter_for

__all__ = ["Wish", "run_ask"]

_TOKENS = 6000, 1500
"""What a prompt and a repair may have where no model is chosen that says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user wants to know, and how.

    Raises:
        ValueError: if there is no question, or an answer that cannot be understood.
    """

    question: str
    files: tuple[Path, ...] = ()
    answers: tuple[str, ...] = ()
    no_questions: bool = False
    run: bool = False
    prompt: bool = False
    output_format: Literal["markdown", "html", "json"] = "markdown"
    output: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be understood."""
        wrong = next((text for text in self.answers if given_answer(text) is None), None)
        if wrong is not None:
            message = f"--answer takes key=value, such as dataset-size=10000, not {wrong!r}"
            raise ValueError(message)
        problems = [question_problem(self.question), *(answer_problem(*item) for item in self.given.items())]
        problem = next(filter(None, problems), None)
        if problem is not None:
            raise ValueError(problem)

    @property
    def given(self) -> dict[str, str]:
        """The answers of the command line by key."""
        return dict(filter(None, map(given_answer, self.answers)))


@dataclass(frozen=True, slots=True)
class _Case:
    matter: Matter
    access: Access
    ground: Ground

    async def brief(self, nonce: str) -> Brief | Unfit:
        """Return what to ask."""
        return ask_first(self.matter, nonce, _limits(self.access))

    async def judge(self, brief: Brief, reply: str) -> Verdict:
        """Return what a reply is worth."""
        return judged(reply, brief.nonce, self.ground)

    async def again(self, brief: Brief, reply: str, verdict: Verdict) -> Brief | None:
        """Return the second question."""
        return ask_again(self.matter, brief, reply, verdict, _limits(self.access))


def run_ask(wish: Wish) -> Exit:
    """Answer a question, and print or write the page.

    The exit code is 0 for an answer without faults, 1 for one with faults or with questions, 2 where there is none.
    """
    unwritable = destination.problem_of(wish.output)
    if unwritable:
        return _refuse(unwritable)
    analyses: list[Analysis] = []
    for path in wish.files:
        analysis = analyzed(path, Options(paths=(path,)))
        if isinstance(analysis, ReadProblem):
            return _refuse(str(analysis))
        analyses.append(analysis)
    place = wish.files[0] if wish.files else Path()
    config = find_settings(place)
    settings = analyses[0].settings if analyses else config.settings
    model.say(config.problems)
    matter = _matter(wish, tuple(analyses), place, settings)
    access, own = model.reach(settings)
    if wish.prompt:
        return _show_prompt(wish, matter, access)
    model.say(own.problems)
    if isinstance(access, Missing):
        return _pages(wish, access)
    return _answer(wish, matter, access, interpreter_for(place, settings) if wish.run else None)


def _matter(wish: Wish, analyses: tuple[Analysis, ...], place: Path, settings: Settings) -> Matter:
    environment = analyses[0].environment if analyses else environment_for(place, settings)
    return Matter(wish.question, analyses, environment, known_of(settings, wish.given), may_ask=not wish.no_questions)


def _limits(access: Access | None) -> Limits:
    return wider_limits(*((access.context_tokens, access.max_output_tokens) if access else _TOKENS))


def _show_prompt(wish: Wish, matter: Matter, access: Access | Missing) -> Exit:
    brief = ask_first(matter, SHOWN_NONCE, _limits(None if isinstance(access, Missing) else access))
    if isinstance(brief, Unfit):
        return _refuse(brief.reason)
    return _written(wish, model.prompt_text(brief)) or Exit.CLEAN


def _pages(wish: Wish, missing: Missing) -> Exit:
    """Show the static pages that match; a model is what was asked for, so the exit code says that there is none."""
    model.say([f"{missing.reason}; {missing.remedy}"])
    pages = matching(wish.question)
    blocks = document.pages_page(wish.question, pages, f"{missing.reason}; {missing.remedy}")
    data: dict[str, object] = {
        "question": wish.question,
        "state": "pages",
        "message": str(missing),
        "pages": [{"title": page.title, "summary": page.summary, "url": page.url} for page in pages],
    }
    _show(wish, blocks, data)
    return Exit.USAGE


def _answer(wish: Wish, matter: Matter, access: Access, interpreter: Path | None) -> Exit:
    model.say([f"the question{' and code' if matter.analyses else ''} is sent to {access.host} ({access.model})"])
    counter = model.Counter(access, wider_terms(access))
    outcome = model.run(_asked(counter, _Case(matter, access, ground_of(matter, interpreter))))
    model.say([counter.ledger.summary()])
    answer = outcome.verdict.answer if outcome.verdict else None
    if answer is None:
        return _refuse(_problem(outcome))
    if answer.questions:
        blocks = document.questions_page(wish.question, answer, access.model)
        return _show(wish, blocks, document.as_data(wish.question, answer, access.model)) or Exit.FINDINGS
    ran = _run(answer, interpreter) if interpreter is not None else None
    blocks = document.answer_page(wish.question, answer, access.model, ran)
    failed = _show(wish, blocks, document.as_data(wish.question, answer, access.model, ran))
    good = not answer.missing and not any(file.faults for file in answer.files) and (ran is None or ran.went_well)
    return failed or (Exit.CLEAN if good else Exit.FINDINGS)


async def _asked(counter: model.Counter, case: _Case) -> Outcome:
    try:
        return await counter.ask_about(case)
    finally:
        await counter.close()


def _problem(outcome: Outcome) -> str:
    verdict = outcome.verdict
    if verdict is not None and verdict.refusal is not None:
        return f"the model gave no answer that can be shown: {verdict.refusal.message}"
    if verdict is not None and verdict.reason:
        return f"the model declined: {verdict.reason}"
    return outcome.problem or "the model gave no answer"


def _run(answer: Answer, interpreter: Path) -> Ran | None:
    """Run the answer's program, if all its files passed the checks."""
    file = main_file(answer.files)
    if file is None:
        model.say(["nothing is run: a file did not pass the checks, or no file is one to start"])
        return None
    model.say([f"{file.name} is run with {interpreter}"])
    return run_file(file, answer.files, interpreter)


def _show(wish: Wish, blocks: Sequence[Block], data: dict[str, object]) -> Exit | None:
    if wish.output_format == "json":
        return _written(wish, f"{dump(data)}\n")
    if wish.output_format == "html":
        return _written(wish, as_html(document.title_of(wish.question), blocks))
    text = as_markdown(blocks)
    if wish.output is None and sys.stdout.isatty():
        from ml_architect.cli.explain import show  # noqa: PLC0415 - loads what draws on a terminal

        show(text, color=True)
        return None
    return _written(wish, text)


def _written(wish: Wish, text: str) -> Exit | None:
    """Write `text` where it was asked for; return an exit code where that fails."""
    if wish.output is None:
        sys.stdout.write(text)
        return None
    problem = destination.write(wish.output, text)
    return _refuse(problem) if problem else None


def _refuse(line: str) -> Exit:
    model.say([line])
    return Exit.USAGE
