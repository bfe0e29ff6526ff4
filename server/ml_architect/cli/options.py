"""What the user asked `check` for."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml_architect.cli.style import ColorChoice, Painter, wants_color
from ml_architect.engine import Settings, unknown_selectors
from ml_architect.rules import rule_named
from ml_architect.rules.api import Severity

STDIN = Path("-")
FAILING = {
    "error": frozenset({Severity.ERROR}),
    "warning": frozenset({Severity.ERROR, Severity.WARNING}),
    "info": frozenset({Severity.ERROR, Severity.WARNING, Severity.INFO}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one run; they can travel between processes.

    Raises:
        ValueError: if they contradict each other or name rules that do not exist.
    """

    paths: tuple[Path, ...]
    output_format: Literal["concise", "full", "json"] = "concise"
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    ai_fix: bool = False
    write: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    preview: bool = False
    isolated: bool = False
    stdin_filename: Path | None = None
    exit_zero: bool = False
    fail_on: Literal["error", "warning", "info"] = "info"
    statistics: bool = False
    jobs: int = 0
    quiet: bool = False
    verbose: bool = False
    color: ColorChoice = "auto"

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        if problem := next(self._problems(), None):
            raise ValueError(problem)

    @property
    def reads_stdin(self) -> bool:
        """Whether the document comes on standard input."""
        return STDIN in self.paths

    @property
    def selected(self) -> tuple[str, ...]:
        """The words of all ``--select`` options."""
        return _words(self.select)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The words of all ``--ignore`` options."""
        return _words(self.ignore)

    @property
    def severities_that_fail(self) -> frozenset[Severity]:
        """The severities with which a finding makes the exit code 1."""
        return FAILING[self.fail_on]

    @property
    def writes_fixed_stdin(self) -> bool:
        """Whether standard output carries the fixed document, so that findings go to standard error."""
        return self.reads_stdin and self.fix and not self.diff

    def applied_to(self, settings: Settings) -> Settings:
        """Return `settings` of a project as this command line changes them."""
        return settings.adjusted(select=self.selected, ignore=self.ignored, preview=True if self.preview else None)

    def painter(self) -> Painter:
        """Return what colours findings, for the stream that they go to."""
        stream = sys.stderr if self.writes_fixed_stdin else sys.stdout
        return Painter(wants_color(self.color, stream))

    def _problems(self) -> Iterator[str]:
        if self.reads_stdin and len(self.paths) > 1:
            yield "'-' cannot be combined with other paths"
        if self.write and not self.ai_fix:
            yield "--write says what to do with the result of --ai-fix, which is not there"
        if self.ai_fix and (self.fix or self.diff or self.reads_stdin or self.output_format == "json"):
            yield "--ai-fix works on files and prints a patch, so it cannot be combined with --fix, --diff, '-' or json"
        if self.stdin_filename and not self.reads_stdin:
            yield "--stdin-filename needs the path '-'"
        if self.diff and (self.output_format == "json" or self.statistics):
            yield "--diff prints a patch, so it cannot be combined with --output-format json or --statistics"
        yield from unknown_selectors(self.selected, "--select")
        yield from unknown_selectors(self.ignored, "--ignore")
        for name in self.selected:
            rule = rule_named(name)
            if rule and rule.preview and not self.preview:
                yield f"rule '{name}' is in preview and needs --preview"


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for value in values for word in re.split(r"[,\s]+", value) if word)
