"""One file: read it, analyse it, fix it where that was asked. Runs in this process or in a worker."""

import gc
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ml_architect.cli.faults import collected
from ml_architect.cli.options import Options
from ml_architect.cli.report import UNREADABLE_FILE, FileReport, absolute, unreadable_file
from ml_architect.engine import (
    Analysis,
    Diagnostic,
    Settings,
    analyze,
    fix_all,
    load_knowledge,
    selection_for,
    undecodable_file,
)
from ml_architect.facts.environment import Environment
from ml_architect.project import (
    ProblemKind,
    ReadProblem,
    WriteError,
    decode_source,
    environment_for,
    find_settings,
    read_source,
    write_source,
)
from ml_architect.text import Source


def begin_run(files: int) -> None:
    """Load what so many files need, and forget what an earlier run knew of the folders."""
    environment_in.cache_clear()
    if files > 1:  # one file alone may import no framework, and then needs no rules
        load_knowledge()
    gc.enable()
    gc.freeze()  # modules and rules live for ever, and need not be searched for garbage


def check_file(path: Path, options: Options) -> FileReport:
    """Return what became of the file at `path`."""
    with collected(options.verbose) as faults:
        report = _checked(path, read_source(path), options, writes=options.fix and not options.diff)
    return report.with_faults(faults)


def check_stdin(data: bytes, options: Options) -> FileReport:
    """Return what became of a document that came on standard input; nothing is written."""
    name = options.stdin_filename
    place = None if name is None else Path(absolute(name))
    with collected(options.verbose) as faults:
        report = _checked(name or Path("-"), decode_source(data, place), options, writes=False)
    return report.with_faults(faults)


def settings_for(path: Path, options: Options) -> Settings:
    """Return the settings of the project around `path` as the command line changes them."""
    place = Path() if str(path) == "-" else path
    return options.applied_to(find_settings(place, options.isolated).settings)


def analyzed(path: Path, options: Options) -> Analysis | ReadProblem:
    """Return the analysis of the file at `path`, or why it cannot be read."""
    read = read_source(path)
    if isinstance(read, ReadProblem):
        return read
    settings = settings_for(path, options)
    return analyze(read, settings, environment_for(Path() if read.path is None else read.path, settings))


def _checked(path: Path, read: Source | ReadProblem, options: Options, *, writes: bool) -> FileReport:
    settings = settings_for(path, options)
    if isinstance(read, ReadProblem):
        return _unread(path, read, settings)
    folder = Path() if read.path is None else read.path.parent
    analysis = analyze(read, settings, environment_in(folder, settings))
    if not (options.fix or options.diff) or not analysis.diagnostics:
        return _report(path, analysis, options)
    return _fixed(path, analysis, options, writes=writes)


@lru_cache(maxsize=32)
def environment_in(folder: Path, settings: Settings) -> Environment:
    """Return the versions for the files in `folder`; to look them up takes a hundred questions to the file system."""
    return environment_for(folder, settings)


def _unread(path: Path, problem: ReadProblem, settings: Settings) -> FileReport:
    if problem.kind is ProblemKind.MISSING:
        return FileReport(path, Source("", path), (), problems=(str(problem),))
    undecodable = problem.kind is ProblemKind.UNDECODABLE
    diagnostic = (undecodable_file if undecodable else unreadable_file)(problem.message)
    selection = selection_for(settings, Path(absolute(path)))
    shown = diagnostic.code == UNREADABLE_FILE or diagnostic.code in selection.builtins
    return FileReport(path, Source("", path), (diagnostic,) if shown else ())


def _fixed(path: Path, analysis: Analysis, options: Options, *, writes: bool) -> FileReport:
    result = fix_all(analysis, unsafe=options.unsafe_fixes)
    if result.source.text == analysis.source.text:
        return _report(path, analysis, options)
    if writes:
        try:
            write_source(result.source, path, before=analysis.source)
        except WriteError as problem:
            return _report(path, analysis, options, problems=(str(problem),))
    return _report(path, result.analysis, options, applied=result.applied, original=analysis.source)


def _report(
    path: Path,
    analysis: Analysis,
    options: Options,
    *,
    applied: tuple[tuple[str, int], ...] = (),
    original: Source | None = None,
    problems: tuple[str, ...] = (),
) -> FileReport:
    wants_edits = options.output_format == "json" and not options.statistics
    fixes = tuple(analysis.fix(item) for item in analysis.diagnostics) if wants_edits else None
    return FileReport(path, analysis.source, with_offers(analysis), fixes, applied, original, problems)


def with_offers(analysis: Analysis) -> tuple[Diagnostic, ...]:
    """Return the findings of `analysis`, each with the safety of the fix that its rule really proposes."""
    return tuple(
        replace(diagnostic, fix_safety=fix.safety if (fix := analysis.proposed_fix(diagnostic)) else None)
        for diagnostic in analysis.diagnostics
    )
