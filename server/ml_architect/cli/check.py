"""`ml-architect check`: from paths to findings, a summary and an exit code."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from ml_architect.cli import fix
from ml_architect.cli.examine import begin_run, check_file, check_stdin, settings_for
from ml_architect.cli.exits import Exit
from ml_architect.cli.options import Options
from ml_architect.cli.pool import automatic_jobs, in_order
from ml_architect.cli.printing import Printer, put_bytes
from ml_architect.cli.progress import with_progress
from ml_architect.cli.report import FileReport, absolute, shown_path
from ml_architect.cli.style import visible
from ml_architect.policy.patterns import matches
from ml_architect.project import find_settings, is_notebook, python_files, revised
from ml_architect.rewrite import Safety
from ml_architect.rules.api import Severity

__all__ = ["Options", "files_of", "run_check"]


def run_check(options: Options) -> Exit:
    """Check what `options` name, print what is found, and return the exit code."""
    if options.reads_stdin:
        return _check_stdin(options)
    files, problems = files_of(options)
    _say_all(problems)
    if options.ai_fix:
        from ml_architect.cli.repair import run_repairs  # noqa: PLC0415 - nobody else needs the architect

        return run_repairs(_without_notebooks(files), options)
    if not files and not problems and not options.quiet:
        _say(f"no Python files or notebooks found in {', '.join(str(path) for path in options.paths)}")
    begin_run(len(files))
    shows_progress = sys.stderr.isatty() and not options.quiet
    printer = Printer(options, hold=shows_progress)
    jobs = options.jobs or automatic_jobs(len(files))
    reports = in_order(partial(check_file, options=options), files, jobs)
    for report in with_progress(reports, len(files), shows_progress):
        _say_all(report.problems)
        printer.add(report)
    printer.close()
    return _finish(options, printer.reports, bool(problems))


def _without_notebooks(files: list[Path]) -> list[Path]:
    """Return `files` without the notebooks, which no model is asked about, and say so."""
    left_out = [file for file in files if is_notebook(file)]
    if left_out:
        _say(f"--ai-fix leaves notebooks alone: {', '.join(map(shown_path, left_out))}")
    return [file for file in files if file not in left_out]


def _check_stdin(options: Options) -> Exit:
    place = options.stdin_filename or Path()
    config = find_settings(place, options.isolated)
    _say_all(config.problems)
    printer = Printer(options, hold=False)
    data = sys.stdin.buffer.read()
    begin_run(1)
    report = check_stdin(data, options)
    if options.writes_fixed_stdin:
        fixed = revised(data, report.original, report.source) if report.original else None
        put_bytes(data if fixed is None else fixed)
    printer.add(report)
    printer.close()
    return _finish(options, printer.reports, bool(config.problems))


def files_of(options: Options) -> tuple[list[Path], list[str]]:
    """Return the files to check, by path, and a line for each thing that is wrong with the request."""
    files: dict[str, Path] = {}
    problems: list[str] = []
    for start in options.paths:
        found = python_files([start], settings_for(start, options))
        problems += (str(problem) for problem in found.problems)
        named = not start.is_dir()
        for file in found.files:
            if named or not _is_excluded(file, options):
                files.setdefault(absolute(file), file)
    ordered = [files[place] for place in sorted(files)]
    return ordered, [*problems, *_config_problems(ordered or options.paths, options)]


def _is_excluded(file: Path, options: Options) -> bool:
    """Return whether the settings nearest to `file`, which may lie below those of the walk, exclude it."""
    settings = find_settings(file, options.isolated).settings
    return matches(settings.exclude, Path(absolute(file)), settings.root)


def _config_problems(files: Iterable[Path], options: Options) -> Iterator[str]:
    """Yield once what is wrong with each configuration that `files` use; with --verbose say which those are."""
    configs = {config.config_path: config for file in files for config in [find_settings(file, options.isolated)]}
    for path, config in configs.items():
        yield from config.problems
        if options.verbose and path is not None:
            _say(f"using {shown_path(path)}")


def _finish(options: Options, reports: list[FileReport], failed: bool) -> Exit:
    """Say what was done and found, and return the exit code."""
    faults = dict.fromkeys(fault for report in reports for fault in report.faults)
    if not options.quiet:
        if options.fix or options.diff:
            _say_all(fix.summary(reports, "would fix" if options.diff else "fixed"))
        if not options.diff and options.output_format != "json":
            _say(_summary(reports))
    if faults:
        _say_all(f"internal error: {part}" for fault in faults for part in fault.splitlines())
        if not options.verbose:
            _say("run again with --verbose for the traceback")
        return Exit.CRASH
    if failed or any(report.problems for report in reports):
        return Exit.USAGE
    return Exit.FINDINGS if not options.exit_zero and _fails(options, reports) else Exit.CLEAN


def _fails(options: Options, reports: list[FileReport]) -> bool:
    if options.diff:
        return any(report.applied for report in reports)
    failing = options.severities_that_fail
    return any(diagnostic.severity in failing for report in reports for diagnostic in report.diagnostics)


def _summary(reports: list[FileReport]) -> str:
    found = [diagnostic for report in reports for diagnostic in report.diagnostics]
    files = fix.counted(len(reports), "file")
    if not found:
        return f"nothing found in {files}"
    severities = Counter(diagnostic.severity for diagnostic in found)
    parts = [_counted(severities[severity], severity) for severity in Severity if severities[severity]]
    text = f"found {fix.counted(len(found), 'problem')} in {files} ({', '.join(parts)})"
    fixes = Counter(diagnostic.fix_safety for diagnostic in found)
    for safety, advice in ((Safety.SAFE, "--fix"), (Safety.UNSAFE, "--fix --unsafe-fixes")):
        if fixes[safety]:
            text += f"; {fixes[safety]} with {safety.value} fix: {advice}"
    return text


def _counted(number: int, severity: Severity) -> str:
    return f"{number} info" if severity is Severity.INFO else fix.counted(number, severity.value)


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        _say(line)


def _say(line: str) -> None:
    """Say one line to the user, on standard error."""
    sys.stdout.flush()
    sys.stderr.write(f"ml-architect: {visible(line)}\n")
