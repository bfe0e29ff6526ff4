"""The commands and their options, and the one place that turns outcomes into exit codes.

Commands import what they need when they run, so that ``--version`` and ``--help`` answer at once.
"""

import gc
import importlib
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from ml_architect import __version__
from ml_architect.cli.exits import Exit

OUTPUT_FORMATS = ("concise", "full", "json")
PAGE_FORMATS = ("markdown", "html", "json")
COLORS = ("auto", "always", "never")
FAIL_LEVELS = ("error", "warning", "info")
REVIEW_FORMATS = ("markdown", "html", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")
INTERRUPTED = 130
CLOSED_PIPE = 141


EPILOG = """\b
Exit codes: 0 nothing to report, 1 findings (or, with --diff, changes),
2 wrong usage, a missing file, a file that cannot be written or a mistake in
pyproject.toml (all other files are checked), 3 a fault of ml-architect itself."""

EVAL_PARTS = ("bundled", "variant", "pair")
EVAL_EPILOG = """\b
Exit codes: 0 done, 1 below --threshold, 2 wrong usage, no model, the budget is
used up or a file cannot be used, 3 a fault of ml-architect itself."""

color_option = click.option(
    "--color",
    type=click.Choice(COLORS),
    default="auto",
    show_default=True,
    help="Colour the output; auto looks at NO_COLOR, FORCE_COLOR and the terminal.",
)


verbose_option = click.option(
    "--verbose", "-v", is_flag=True, expose_value=False, help="Print tracebacks of our own faults."
)


class _ReaderGoneError(Exception):
    """Nobody reads our output any more."""


class _Commands(click.Group):
    """A group that leaves closed pipes to `main`: click itself would exit with 1, which says "findings"."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGoneError from None


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EPILOG
)
@click.version_option(__version__, prog_name="ml-architect", message="%(prog)s %(version)s")
def cli() -> None:
    """Find misconfigured model training code, explain it and fix it."""


@cli.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True, readable=False))
@click.option("--output-format", type=click.Choice(OUTPUT_FORMATS), default="concise", show_default=True)
@click.option("--fix", is_flag=True, help="Apply safe fixes and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: apply fixes that change behaviour as well.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and write nothing.")
@click.option("--ai-fix", is_flag=True, help="Ask the model for what has no fix of its own; print a patch.")
@click.option("--write", is_flag=True, help="With --ai-fix: write the repairs that were proven minimal.")
@click.option("--select", multiple=True, metavar="NAMES", help="Only these rules, categories or frameworks.")
@click.option("--ignore", multiple=True, metavar="NAMES", help="Not these rules, categories or frameworks.")
@click.option("--preview", is_flag=True, help="Use rules that are still in preview as well.")
@click.option("--isolated", is_flag=True, help="Read no pyproject.toml.")
@click.option("--stdin-filename", type=click.Path(path_type=Path), help="The name of what comes on stdin, with PATH -.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_LEVELS),
    default="info",
    show_default=True,
    help="Exit with 1 for findings of this severity or above; a hint never counts.",
)
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of listing them.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Processes to use; 0 decides by itself.")
@click.option("--quiet", "-q", is_flag=True, help="Print no summary.")
@click.option("--verbose", "-v", is_flag=True, help="Say which configuration is used; print tracebacks of our faults.")
@color_option
@click.pass_context
def check(context: click.Context, /, paths: tuple[Path, ...], **options: Any) -> NoReturn:  # noqa: ANN401 - click's own
    """Check files, or all Python files below folders; "-" reads standard input.

    NAMES may be repeated or separated by commas; --select replaces what pyproject.toml
    selects, --ignore adds to what it ignores.
    """
    gc.disable()  # until all is loaded: nothing of it is garbage
    from ml_architect.cli.check import Options, run_check  # noqa: PLC0415 - keeps --version fast

    try:
        chosen = Options(paths=paths or (Path(),), **options)
    except ValueError as problem:
        raise click.UsageError(str(problem), context) from None
    context.exit(run_check(chosen))


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--format", "form", type=click.Choice(REVIEW_FORMATS), default="markdown", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write here, not to stdout.")
@click.option("--model", is_flag=True, help="Let the model assess each stage as well; code is sent to it.")
@click.option("--prompt", is_flag=True, help="Print exactly what --model would send, and send nothing.")
@click.option("--isolated", is_flag=True, help="Read no pyproject.toml.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Processes to use; 0 decides by itself.")
@click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
@click.option("--verbose", "-v", is_flag=True, help="Say which configuration is used; print tracebacks of our faults.")
@color_option
@click.pass_context
def review(
    context: click.Context,
    /,
    paths: tuple[Path, ...],
    form: Any,  # noqa: ANN401
    output: Path | None,
    model: bool,
    prompt: bool,
    **options: Any,  # noqa: ANN401
) -> NoReturn:
    """Say what files or a project do in each stage of the work, what is missing, and what to ask.

    Exit codes: 0 the review is written, 2 wrong usage, a mistake in pyproject.toml, or a file that
    cannot be read (all others are reviewed), 3 a fault of ml-architect itself.
    """
    gc.disable()  # until all is loaded: nothing of it is garbage
    from ml_architect.cli.options import Options  # noqa: PLC0415
    from ml_architect.cli.review import run_review  # noqa: PLC0415 - keeps --version fast

    try:
        context.exit(run_review(Options(paths=paths, **options), form, output, asks=model, shows_prompt=prompt))
    except ValueError as problem:
        raise click.UsageError(str(problem), context) from None


@cli.command()
@click.option("--output-format", type=click.Choice(("table", "json")), default="table", show_default=True)
@color_option
@verbose_option
def rules(output_format: str, color: Any) -> None:  # noqa: ANN401
    """List the rules."""
    from ml_architect.cli import rules as listing  # noqa: PLC0415
    from ml_architect.cli.style import Painter, wants_color  # noqa: PLC0415
    from ml_architect.rules import all_rules  # noqa: PLC0415

    if output_format == "json":
        emit(listing.as_json(all_rules()))
    else:
        emit(listing.as_table(all_rules(), Painter(wants_color(color, sys.stdout))))


@cli.command()
@click.argument("rule")
@click.option("--output-format", type=click.Choice(("markdown", "json")), default="markdown", show_default=True)
@color_option
@verbose_option
@click.pass_context
def explain(context: click.Context, rule: str, output_format: str, color: Any) -> None:  # noqa: ANN401
    """Say what RULE finds, why it matters, what it costs and what to start with."""
    from ml_architect.cli import explain as page  # noqa: PLC0415
    from ml_architect.cli.style import wants_color  # noqa: PLC0415

    subject = page.find(rule)
    if subject is None:
        problem = f"there is no rule {rule!r}{page.nearest(rule)}"
        raise click.UsageError(problem, context)
    if output_format == "json":
        emit(page.as_json(subject))
    elif sys.stdout.isatty() or color == "always":
        page.show(page.as_markdown(subject), wants_color(color, sys.stdout))
    else:
        emit(page.as_markdown(subject).rstrip())


@cli.command()
@click.option("--stdio", is_flag=True, help="Speak over standard input and output (always so; accepted for editors).")
@click.option("--log-level", type=click.Choice(LOG_LEVELS), default="warning", show_default=True)
@click.option("--log-file", type=click.Path(path_type=Path, dir_okay=False), help="Log here instead of to stderr.")
@click.option("--clientProcessId", "client_process_id", hidden=True, help="What VS Code adds; not used.")
@verbose_option
def server(stdio: bool, log_level: str, log_file: Path | None, client_process_id: str | None) -> None:  # noqa: ARG001
    """Serve an editor over the Language Server Protocol."""
    importlib.import_module("ml_architect.lsp").start(log_level=log_level, log_file=log_file)


@cli.command(
    epilog="""\b
Exit codes: 0 an answer that passed our checks, 1 an answer with faults or questions to you,
2 no model, no answer or wrong usage, 3 a fault of ml-architect itself."""
)
@click.argument("question")
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), help="A file that it is about.")
@click.option("--answer", "answers", multiple=True, metavar="KEY=VALUE", help="Answer a question of the model.")
@click.option("--no-questions", is_flag=True, help="Let the model take the usual case for granted, not ask back.")
@click.option("--run", is_flag=True, help="Run the answer's program if it passed all checks; see README for limits.")
@click.option("--prompt", is_flag=True, help="Print exactly what would be sent, and send nothing.")
@click.option("--format", "output_format", type=click.Choice(PAGE_FORMATS), default="markdown", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write there, not to stdout.")
@verbose_option
@click.pass_context
def ask(context: click.Context, /, **options: Any) -> NoReturn:  # noqa: ANN401 - click's own
    """Ask a model about designs, speed, strategy; see only what passed our checks.

    Without a model the static pages that match QUESTION are shown.
    """
    from ml_architect.cli.ask import Wish, run_ask  # noqa: PLC0415

    try:
        wish = Wish(**options)
    except ValueError as problem:
        raise click.UsageError(str(problem), context) from None
    context.exit(run_ask(wish))


@cli.command("eval", epilog=EVAL_EPILOG)
@click.option("--model", default="", help="Measure this model instead of the one of your configuration.")
@click.option("--samples", type=click.IntRange(min=1), default=1, show_default=True, help="Ask each question so often.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the fresh variants of the cases.")
@click.option("--cases", multiple=True, metavar="PATTERN", help="Only cases whose name, kind, framework or rule fits.")
@click.option("--part", "parts", multiple=True, type=click.Choice(EVAL_PARTS), help="Only these questions; repeatable.")
@click.option("--execute", is_flag=True, help="Run repaired cases on this machine, in a process with limits.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--resume", type=click.Path(path_type=Path, dir_okay=False), help="Keep what is finished here; go on.")
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Write explanations for blind rating.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Exit with 1 if a smaller share of cases is right.")
@click.option("--baselines/--no-baselines", default=True, help="Show what needs no model beside it (the default).")
@verbose_option
@click.pass_context
def evaluate(context: click.Context, /, cases: tuple[str, ...], parts: tuple[str, ...], **options: Any) -> NoReturn:  # noqa: ANN401 - click's own
    """Measure how good a model is at repairs, on bundled cases with known answers.

    The names baseline/deterministic and baseline/null stand for our own engine and for a model that
    declines everything; they need no network.
    """
    from ml_architect.cli.evaluation import Options, evaluate  # noqa: PLC0415 - keeps --version fast

    patterns = tuple(word for text in cases for word in text.replace(",", " ").split())
    context.exit(evaluate(Options(cases=patterns, parts=parts or EVAL_PARTS, **options)))


@cli.group()
def architect() -> None:
    """Ask a language model, under our checks. Nothing is sent before you have chosen a model."""


@architect.command()
@verbose_option
@click.pass_context
def status(context: click.Context) -> NoReturn:
    """Say which model may be asked, or how to choose one."""
    from ml_architect.cli import architect as asking  # noqa: PLC0415

    context.exit(asking.status())


rule_option = click.option("--rule", help="The rule, where the line has findings of several.")


@architect.command("prompt")
@click.argument("place", metavar="FILE[:LINE]")
@rule_option
@click.option("--explain", is_flag=True, help="The question for an explanation instead of that for a repair.")
@verbose_option
@click.pass_context
def architect_prompt(context: click.Context, place: str, rule: str | None, explain: bool) -> NoReturn:
    """Print exactly what would be sent about a finding, and send nothing."""
    from ml_architect.architect.values import Task  # noqa: PLC0415
    from ml_architect.cli import architect as asking  # noqa: PLC0415

    context.exit(asking.show_prompt(place, rule, Task.EXPLAIN if explain else Task.FIX))


@architect.command("explain")
@click.argument("place", metavar="FILE[:LINE]")
@rule_option
@verbose_option
@click.pass_context
def architect_explain(context: click.Context, place: str, rule: str | None) -> NoReturn:
    """Let the model explain a finding in its place, and print what stood up to our checks."""
    from ml_architect.cli import architect as asking  # noqa: PLC0415

    context.exit(asking.explain(place, rule))


def emit(text: str) -> None:
    """Write `text` and a line break to standard output."""
    sys.stdout.write(f"{text}\n")


def run() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run the command that `arguments` name and return its exit code; never raises."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(arguments, prog_name="ml-architect", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as problem:
        problem.show()
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except (BrokenPipeError, _ReaderGoneError):
        return _closed_pipe()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else Exit.CRASH
    except Exception as problem:  # noqa: BLE001 - the last guard: a fault of ours is one line and code 3
        return _crash(problem, verbose=bool({"--verbose", "-v"} & set(arguments)))
    return int(code or 0)


def _closed_pipe() -> int:
    """Leave quietly, as programs do whose reader has gone (`head`, say)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLOSED_PIPE


def _crash(problem: Exception, verbose: bool) -> int:
    if verbose:
        import traceback  # noqa: PLC0415

        traceback.print_exception(problem)
    words = " ".join(str(problem).split())
    advice = "" if verbose else "; run again with --verbose for the traceback"
    sys.stderr.write(f"ml-architect: internal error: {type(problem).__name__}: {words}{advice}\n")
    return Exit.CRASH
