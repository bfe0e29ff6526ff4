"""`ml-architect review`: what a file or project does in each stage of the work, as a page or as JSON."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from ml_architect.cli import destination, explain
from ml_architect.cli.check import files_of
from ml_architect.cli.examine import begin_run, environment_in, settings_for
from ml_architect.cli.exits import Exit
from ml_architect.cli.faults import collected
from ml_architect.cli.options import STDIN, Options
from ml_architect.cli.output.json import dump
from ml_architect.cli.pool import automatic_jobs, in_order
from ml_architect.cli.progress import with_progress
from ml_architect.cli.report import absolute, shown_path
from ml_architect.cli.style import visible, wants_color
from ml_architect.engine import analyze
from ml_architect.page import as_html, as_markdown
from ml_architect.policy import matches
from ml_architect.project import ReadProblem, read_source
from ml_architect.review.assemble import review_of
from ml_architect.review.document import blocks_of
from ml_architect.review.machine import as_values
from ml_architect.review.notes import notes_of
from ml_architect.review.values import FileNotes, Review, Scope

if TYPE_CHECKING:
    from ml_architect.cli.assessing import Written

__all__ = ["Form", "Noted", "run_review"]

Form: TypeAlias = Literal["markdown", "html", "json"]


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of one file; `problem` says why it could not be read, `faults` are our own.

    `text` is there where it was asked for and may be sent to a model.
    """

    notes: FileNotes
    text: str | None = None
    problem: str = ""
    faults: tuple[str, ...] = ()


def run_review(
    options: Options, form: Form, output: Path | None, *, asks: bool = False, shows_prompt: bool = False
) -> Exit:
    """Review what `options` name, write the page, and return the exit code.

    With `shows_prompt` the page is what a model would be sent, word for word; nothing is sent.

    Raises:
        ValueError: if standard input is named: a review is about files.
    """
    if STDIN in options.paths:
        message = "a review is about files and folders, '-' is neither"
        raise ValueError(message)
    unwritable = destination.problem_of(output)
    if unwritable:
        _say([unwritable])
        return Exit.USAGE
    files, problems = files_of(options)
    _say(problems)
    if not files:
        if not problems:
            _say([f"no Python files or notebooks found in {', '.join(str(path) for path in options.paths)}"])
        return Exit.USAGE if problems else Exit.CLEAN
    noted = _noted(files, options, asks=asks or shows_prompt)
    review = reviewed(options, [item.notes for item in noted])
    if shows_prompt:
        done = _prompted(review, noted, output, options)
        return _finish(noted, failed=bool(problems) or not done, options=options)
    said = _assessed(review, noted, options) if asks else None
    done = _written(_text(review, form, said), form, output, options)
    return _finish(noted, failed=bool(problems) or not done or bool(said and said.problem), options=options)


def _assessed(review: Review, noted: Sequence[Noted], options: Options) -> "Written":
    """Return the model's assessment of `review`; why there is none is said."""
    from ml_architect.cli.assessing import assess  # noqa: PLC0415 - nobody else needs the architect

    said = assess(review, _sendable(noted), settings_for(options.paths[0], options))
    if said.problem:
        _say([f"there is no written assessment: {said.problem}"])
    elif said.assessment is not None and said.assessment.struck:
        _say([f"struck from what the model wrote: {said.assessment.struck} lines that do not hold"])
    return said


def _prompted(review: Review, noted: Sequence[Noted], output: Path | None, options: Options) -> bool:
    from ml_architect.cli.assessing import prompt_of  # noqa: PLC0415

    text = prompt_of(review, _sendable(noted), settings_for(options.paths[0], options))
    if not isinstance(text, str):
        _say([text.reason])
        return False
    return _written(text, "json", output, options)  # word for word, and so without any rendering


def _sendable(noted: Sequence[Noted]) -> list[tuple[str, str]]:
    """Return the paths and texts of the files that may be sent and that have something to do with training."""
    return [(item.notes.path, item.text) for item in noted if item.text is not None and item.notes.relevant]


def reviewed(options: Options, notes: Sequence[FileNotes]) -> Review:
    """Return the review of the files of a run."""
    first = options.paths[0]
    scope = Scope.PROJECT if any(path.is_dir() for path in options.paths) else Scope.FILE
    title = f"{len(options.paths)} paths" if len(options.paths) > 1 else shown_path(first)
    if title == ".":
        title = Path.cwd().name or title
    return review_of(title, notes, scope, settings_for(first, options).profile)


def note_file(path: Path, options: Options, *, asks: bool) -> Noted:
    """Return what the file at `path` says; runs in this process or in a worker."""
    shown = shown_path(path)
    with collected(options.verbose) as faults:
        read = read_source(path)
        if isinstance(read, ReadProblem):
            return Noted(FileNotes(shown, relevant=False, whole=False), problem=str(read))
        settings = settings_for(path, options)
        folder = Path() if read.path is None else read.path.parent
        notes = notes_of(analyze(read, settings, environment_in(folder, settings)), shown)
    kept = matches(settings.architect.exclude, Path(absolute(path)), settings.root)
    sent = asks and read.layout is None and not kept
    return Noted(notes, read.text if sent else None, faults=tuple(faults))


def _noted(files: Sequence[Path], options: Options, *, asks: bool) -> list[Noted]:
    begin_run(len(files))
    shows_progress = sys.stderr.isatty() and not options.quiet
    jobs = options.jobs or automatic_jobs(len(files))
    return list(
        with_progress(in_order(partial(note_file, options=options, asks=asks), files, jobs), len(files), shows_progress)
    )


def _text(review: Review, form: Form, said: "Written | None") -> str:
    assessment = said.assessment if said is not None else None
    if said is None or assessment is None:
        values, blocks = as_values(review), blocks_of(review)
    else:
        from ml_architect.architect.documents import assessed_blocks, assessed_values  # noqa: PLC0415

        values = as_values(review, assessed_values(assessment, said.model))
        blocks = blocks_of(review, assessed_blocks(assessment, said.model))
    if form == "json":
        return dump(values) + "\n"
    return as_html(f"Review of {review.title}", blocks) if form == "html" else as_markdown(blocks)


def _written(text: str, form: Form, output: Path | None, options: Options) -> bool:
    """Write the page where it was asked for; return whether that worked."""
    if output is None:
        if form == "markdown" and sys.stdout.isatty():
            explain.show(text, wants_color(options.color, sys.stdout))
        else:
            sys.stdout.write(text)
        return True
    problem = destination.write(output, text)
    if problem:
        _say([problem])
    return problem is None


def _finish(noted: Sequence[Noted], *, failed: bool, options: Options) -> Exit:
    unread = [item.problem for item in noted if item.problem]
    _say(unread)
    faults = dict.fromkeys(fault for item in noted for fault in item.faults)
    if faults:
        _say(f"internal error: {line}" for fault in faults for line in fault.splitlines())
        if not options.verbose:
            _say(["run again with --verbose for the traceback"])
        return Exit.CRASH
    return Exit.USAGE if failed or unread else Exit.CLEAN


def _say(lines: Iterable[str]) -> None:
    """Say lines to the user, on standard error."""
    sys.stdout.flush()
    for line in lines:
        sys.stderr.write(f"ml-architect: {visible(line)}\n")
