"""Asking a model from the command line: the questions of one document, answered in this process."""

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ml_architect.architect import documents
from ml_architect.architect.desk import Case, Desk, Outcome, Phase, Terms, usual_terms
from ml_architect.architect.inquiry import Inquiry, limits_of
from ml_architect.architect.model.access import Access, Missing, resolve
from ml_architect.architect.model.ledger import Ledger
from ml_architect.architect.model.metered import Metered
from ml_architect.architect.model.person import PersonFile, read_person
from ml_architect.architect.model.process import WorkerProvider
from ml_architect.architect.values import Brief, Task
from ml_architect.cli.style import visible
from ml_architect.engine import Analysis, Settings

_Result = TypeVar("_Result")


class Counter:
    """The model of one run of the command line."""

    def __init__(self, access: Access, terms: Terms | None = None) -> None:
        """`terms` are those of a repair where they are not given."""
        self.access = access
        self.ledger = Ledger(access.budget)
        self._provider = WorkerProvider(access)
        self._desk = Desk(terms or usual_terms(access), Metered(self._provider, self.ledger))
        self._phase: Phase | None = None

    async def ask(self, analysis: Analysis, fingerprint: str, task: Task) -> Outcome:
        """Return what became of the question about one finding."""
        return await self.ask_about(Inquiry(analysis, fingerprint, task, limits_of(self.access)))

    async def ask_about(self, case: Case) -> Outcome:
        """Return what became of any question."""
        return await self._desk.ask(case, self._report)

    async def close(self) -> None:
        """End the model process."""
        self._clear()
        await self._provider.close()

    def _report(self, phase: Phase, characters: int) -> None:
        if sys.stderr.isatty():
            words = f"{phase.value}, {characters} characters" if characters else phase.value
            sys.stderr.write(f"\r\x1b[2K{words}")
            sys.stderr.flush()
            self._phase = phase

    def _clear(self) -> None:
        if self._phase is not None:
            sys.stderr.write("\r\x1b[2K")
            self._phase = None


def prompt_text(brief: Brief) -> str:
    """Return exactly what would be sent."""
    return documents.prompt(brief)


def explanation_text(outcome: Outcome, name: str) -> str | None:
    """Return the checked explanation of an outcome in Markdown, None where there is none."""
    if outcome.brief is None or outcome.verdict is None or not outcome.verdict.explanation.sections:
        return None
    return documents.explanation(outcome.brief, outcome.verdict, name)


def reach(settings: Settings, name: str = "") -> tuple[Access | Missing, PersonFile]:
    """Return how to reach the model that may be asked in a project, and the user's settings.

    `name` is a model that the user asks for in this run instead of the one of these settings.
    """
    own = read_person(os.environ)
    person = replace(own.person, model=name) if name else own.person
    return resolve(person, settings.architect, os.environ), own


def run(work: Coroutine[object, object, _Result]) -> _Result:
    """Return the result of `work`; an interrupt cancels it, which closes the connection to the provider."""
    return asyncio.run(work)


def say(lines: Iterable[str]) -> None:
    """Tell the user something, on standard error."""
    for line in lines:
        sys.stderr.write(f"ml-architect: {visible(line)}\n")


def place_of(text: str) -> tuple[Path, int | None]:
    """Return file and line of ``FILE`` or ``FILE:LINE``."""
    head, colon, tail = text.rpartition(":")
    return (Path(head), int(tail)) if colon and tail.isdigit() and head else (Path(text), None)
