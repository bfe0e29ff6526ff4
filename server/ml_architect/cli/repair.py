"""`check --ai-fix`: repairs by a model for what no template can write, as a patch or, with --write, in the files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ml_architect.architect.desk import Outcome, State
from ml_architect.architect.eligibility import is_eligible
from ml_architect.architect.model.access import Missing
from ml_architect.architect.model.provider import HOPELESS
from ml_architect.architect.values import Task, Tier
from ml_architect.cli import fix, model
from ml_architect.cli.examine import analyzed, settings_for
from ml_architect.cli.exits import Exit
from ml_architect.cli.options import Options
from ml_architect.cli.printing import put_bytes
from ml_architect.cli.report import FileReport, shown_path
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.project import WriteError, write_source
from ml_architect.text import apply_edits


@dataclass
class _Tally:
    """What came of the questions of a run."""

    made: int = 0
    open: int = 0
    failed: bool = False
    changed: list[Path] = field(default_factory=list)


def run_repairs(files: list[Path], options: Options) -> Exit:
    """Ask about every finding that has no repair of its own, print patches, and write them if `options` say so."""
    read = ((file, analyzed(file, options)) for file in files)
    pending = [(file, found) for file, found in read if isinstance(found, Analysis) and any(_open(found))]
    if not pending:
        model.say(["no finding needs a model"])
        return Exit.CLEAN
    access, own = model.reach(settings_for(pending[0][0], options))
    model.say(own.problems)
    if isinstance(access, Missing):
        model.say([f"{access.reason}; {access.remedy}"])
        return Exit.USAGE
    model.say([f"code of {fix.counted(len(pending), 'file')} is sent to {access.host} ({access.model})"])
    tally = model.run(_ask_all(pending, model.Counter(access), options))
    return _finish(tally, options)


async def _ask_all(pending: list[tuple[Path, Analysis]], counter: model.Counter, options: Options) -> _Tally:
    tally = _Tally()
    try:
        for file, analysis in pending:
            repaired = await _repaired(file, analysis, counter, tally)
            if repaired is not analysis:
                _hand_over(file, analysis, repaired, options, tally)
            if tally.failed:
                break
    finally:
        await counter.close()
        model.say([counter.ledger.summary()])
    return tally


async def _repaired(file: Path, analysis: Analysis, counter: model.Counter, tally: _Tally) -> Analysis:
    """Return the analysis of the document after all repairs that were let through."""
    asked: set[str] = set()
    while diagnostic := next((item for item in _open(analysis) if item.fingerprint not in asked), None):
        asked.add(diagnostic.fingerprint)
        outcome = await counter.ask(analysis, diagnostic.fingerprint, Task.FIX)
        model.say([f"{_where(file, analysis, diagnostic)}: {_words(outcome)}"])
        if outcome.kind in HOPELESS:
            tally.failed = True
            break
        if outcome.verdict is not None and outcome.verdict.tier is Tier.PROVEN:
            tally.made += 1
            analysis = analysis.with_text(apply_edits(analysis.source.text, outcome.verdict.edits))
        else:
            tally.open += 1
    return analysis


def _open(analysis: Analysis) -> Iterator[Diagnostic]:
    """Yield the findings that a model may repair and no template can."""
    for diagnostic in analysis.diagnostics:
        if is_eligible(diagnostic) and analysis.fix(diagnostic) is None:
            yield diagnostic


def _where(file: Path, analysis: Analysis, diagnostic: Diagnostic) -> str:
    row, column = analysis.source.location(diagnostic.span.start)
    return f"{shown_path(file)}:{row}:{column}: {diagnostic.code}"


def _words(outcome: Outcome) -> str:
    verdict = outcome.verdict
    if verdict is None:
        return outcome.problem
    if verdict.tier is Tier.PROVEN:
        return "repaired, and nothing else is touched"
    if verdict.tier is Tier.STRUCTURAL:
        return f"a repair was written but not taken, since it changes more than the finding: {'; '.join(verdict.also)}"
    if outcome.state is State.DECLINED:
        return f"the model declined: {verdict.reason}"
    refusal = verdict.refusal
    return f"no repair: {refusal.message} (check: {refusal.rung.value})" if refusal else "no repair"


def _hand_over(file: Path, before: Analysis, after: Analysis, options: Options, tally: _Tally) -> None:
    """Print the change of one file, or make it."""
    report = FileReport(file, after.source, after.diagnostics, original=before.source)
    if not options.write:
        put_bytes(fix.patch(report, options.painter()))
        tally.changed.append(file)
        return
    try:
        write_source(after.source, file, before=before.source)
    except WriteError as problem:
        model.say([str(problem)])
        tally.failed = True
    else:
        tally.changed.append(file)


def _finish(tally: _Tally, options: Options) -> Exit:
    verb = "repaired" if options.write else "would repair"
    model.say([f"{verb} {fix.counted(tally.made, 'finding')} in {fix.counted(len(tally.changed), 'file')}"])
    if tally.failed:
        return Exit.USAGE
    left = tally.open or (tally.made and not options.write)
    return Exit.FINDINGS if left and not options.exit_zero else Exit.CLEAN
