"""`ml-architect architect`: which model is used, what would be sent, and an explanation of one finding."""

import sys
from pathlib import Path

from ml_architect.architect.desk import Outcome
from ml_architect.architect.inquiry import limits_of, write_brief
from ml_architect.architect.model.access import Missing
from ml_architect.architect.values import SHOWN_NONCE, Task, Unfit
from ml_architect.cli import model
from ml_architect.cli.examine import analyzed
from ml_architect.cli.exits import Exit
from ml_architect.cli.options import Options
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.project import ReadProblem, find_settings
from ml_architect.rules import rule_named


def status() -> Exit:
    """Print which model may be asked here, or how to choose one."""
    access, own = model.reach(find_settings(Path()).settings)
    model.say(own.problems)
    lines = [f"configuration  {own.path}{'' if own.path.exists() else ' (not there)'}"]
    if isinstance(access, Missing):
        lines += [f"model          none: {access.reason}", f"to change that {access.remedy}"]
    else:
        budget = access.budget
        lines += [
            f"model          {access.model}",
            f"host           {access.host}{' (this machine)' if access.host.is_loopback else ''}",
            f"local only     {'yes' if access.local_only else 'no'}",
            f"limits         {budget.requests} requests, {budget.input_tokens} and {budget.output_tokens} tokens",
        ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return Exit.USAGE if isinstance(access, Missing) else Exit.CLEAN


def show_prompt(place: str, rule: str | None, task: Task) -> Exit:
    """Print exactly what would be sent about the finding at `place`; nothing is sent."""
    found = _finding(place, rule)
    if isinstance(found, str):
        return _refuse(found)
    analysis, diagnostic = found
    access, _ = model.reach(analysis.settings)
    limits = limits_of(None if isinstance(access, Missing) else access)
    brief = write_brief(analysis, diagnostic.fingerprint, task, SHOWN_NONCE, limits)
    if isinstance(brief, Unfit):
        return _refuse(brief.reason)
    sys.stdout.write(model.prompt_text(brief))
    return Exit.CLEAN


def explain(place: str, rule: str | None) -> Exit:
    """Print what the model says about the finding at `place`, after it was checked."""
    found = _finding(place, rule)
    if isinstance(found, str):
        return _refuse(found)
    analysis, diagnostic = found
    access, own = model.reach(analysis.settings)
    model.say(own.problems)
    if isinstance(access, Missing):
        return _refuse(f"{access.reason}; {access.remedy}")
    model.say([f"code is sent to {access.host} ({access.model})"])
    counter = model.Counter(access)
    outcome = model.run(_asked(counter, analysis, diagnostic))
    model.say([counter.ledger.summary()])
    text = model.explanation_text(outcome, access.model)
    if text is None:
        return _refuse(outcome.problem or "the model gave no explanation")
    sys.stdout.write(text)
    return Exit.CLEAN


async def _asked(counter: model.Counter, analysis: Analysis, diagnostic: Diagnostic) -> Outcome:
    try:
        return await counter.ask(analysis, diagnostic.fingerprint, Task.EXPLAIN)
    finally:
        await counter.close()


def _finding(place: str, rule: str | None) -> tuple[Analysis, Diagnostic] | str:
    """Return the finding at ``FILE:LINE``, the only one of the file, or of `rule`; else why there is none."""
    path, line = model.place_of(place)
    analysis = analyzed(path, Options(paths=(path,)))
    if isinstance(analysis, ReadProblem):
        return str(analysis)
    source = analysis.source
    found = [
        item
        for item in analysis.diagnostics
        if rule_named(item.code)
        and (line is None or source.row_at(item.span.start) + 1 == line)
        and (rule is None or item.code == rule)
    ]
    if len(found) == 1:
        return analysis, found[0]
    if not found:
        return f"there is no finding at {place}"
    names = ", ".join(f"{source.row_at(item.span.start) + 1}: {item.code}" for item in found)
    return f"there are several findings at {place}, name a line or a rule: {names}"


def _refuse(line: str) -> Exit:
    model.say([line])
    return Exit.USAGE
