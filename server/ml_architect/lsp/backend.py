"""What runs in the worker process: configuration, analyses, repairs, explanations."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from ml_architect import __version__
from ml_architect.architect.eligibility import is_eligible, is_excluded
from ml_architect.engine import BUILTINS, Analysis, Diagnostic, Settings, analyze, fix_all, rule_url
from ml_architect.engine.builtin import SYNTAX_ERROR
from ml_architect.engine.difference import changes
from ml_architect.engine.settings import ON_SAVE, WORKSPACE
from ml_architect.engine.suppression import Suppressions
from ml_architect.facts.environment import Environment
from ml_architect.lsp.ahead import Ahead
from ml_architect.lsp.closed import ClosedFiles
from ml_architect.lsp.everywhere import FileRepair
from ml_architect.lsp.lenses import loop_lenses
from ml_architect.lsp.repairs import Repairs
from ml_architect.lsp.report import Explanation, Finding, Report, Subject
from ml_architect.lsp.reviewing import Noted
from ml_architect.policy.patterns import matches
from ml_architect.project import ReadProblem, environment_for, find_settings, python_files, read_source
from ml_architect.review.notes import notes_of
from ml_architect.review.values import FileNotes
from ml_architect.rules import rule_named
from ml_architect.rules.arguments import argument_at, argument_brief
from ml_architect.rules.render import rule_brief
from ml_architect.text import Source, Span

MOST_KEPT = 8
"""How many documents keep their analysis in memory; the others are analysed anew when they are needed."""

_UNICODE = frozenset({"utf-8", "utf-8-sig"})
_SETTINGS = frozenset(field.name for field in fields(Settings)) - {"root"}
_WARM_UP = "import torch\n\nloader = torch.utils.data.DataLoader([])\n"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one version of a document."""

    analysis: Analysis
    report: Report
    repairs: Repairs
    problems: tuple[str, ...]
    """Mistakes in the configuration."""


class Backend:
    """Answers questions about documents; keeps the analyses of those that were asked about last."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._closed = ClosedFiles()
        self.ahead = Ahead()
        """What to do while nobody asks."""

    def files(self, folder: Path, overrides: Mapping[str, object], *, always: bool) -> tuple[Path, ...]:
        """Return the Python files below `folder` if its settings, or `always`, ask for all of the workspace."""
        settings, _ = _settings(folder, overrides)
        if not always and settings.diagnostic_mode != WORKSPACE:
            return ()
        return python_files((folder,), settings).files

    def file(self, path: Path, overrides: Mapping[str, object]) -> tuple[Source, Report] | None:
        """Return the text of a file that is not open, and what is to be said about it; None if it cannot be read."""
        settings, problems = _settings(path, overrides)
        return self._closed.look_up(path, settings, lambda analysis: _report(analysis, problems))

    def settings(self, place: Path, overrides: Mapping[str, object]) -> tuple[Settings, tuple[str, ...]]:
        """Return the settings that hold for a file or folder, and the mistakes in them."""
        return _settings(place, overrides)

    def noted(self, subject: Subject, shown: str, *, wants_text: bool) -> Noted:
        """Return what an open document says for a review."""
        return _noted(self._look_up(subject).analysis, shown, wants_text=wants_text)

    def noted_file(self, path: Path, overrides: Mapping[str, object], shown: str, *, wants_text: bool) -> Noted:
        """Return what a file that is not open says for a review; one that cannot be read says nothing."""
        settings, _ = _settings(path, overrides)
        source = read_source(path)
        if isinstance(source, ReadProblem):
            return Noted(FileNotes(shown, relevant=False, whole=False))
        return _noted(analyze(source, settings, self._closed.environment(path, settings)), shown, wants_text=wants_text)

    def file_repair(self, path: Path, overrides: Mapping[str, object], code: str) -> FileRepair | None:
        """Return the safe repairs of `code` in a file that is not open, None if there are none.

        They are without edits where the editor cannot make them: in a notebook, and in what is not UTF-8.
        """
        settings, problems = _settings(path, overrides)
        kept = self._closed.look_up(path, settings, lambda analysis: _report(analysis, problems))
        if kept is None or not any(item.code == code and item.safety == "safe" for item in kept[1].findings):
            return None
        source = kept[0]
        result = fix_all(analyze(source, settings, environment_for(path, settings)), code=code)
        edits = changes(source, result.source)
        is_text = source.layout is None and source.encoding in _UNICODE
        count = sum(number for _, number in result.applied)
        return FileRepair(path, source, edits if is_text else (), count) if edits else None

    def warm_up(self) -> None:
        """Load rules and catalogues before the first document comes."""
        analyze(Source(_WARM_UP), Settings(), Environment())

    def report(self, subject: Subject, *, whole_menus: bool = False) -> Report:
        """Return what is to be said about a document, and plan to have its repairs ready.

        `whole_menus` says that the editor cannot ask for an edit once its action is chosen.
        """
        known = self._look_up(subject)
        self.ahead.plan(known.repairs.ahead(whole_menus=whole_menus))
        return known.report

    def analysis(self, subject: Subject) -> Analysis:
        """Return what is known of a document."""
        return self._look_up(subject).analysis

    def repairs(self, subject: Subject) -> Repairs:
        """Return what repairs a document."""
        return self._look_up(subject).repairs

    def explain(self, subject: Subject, offset: int, *, plain: bool) -> Explanation | None:
        """Return what there is to know about the findings, or else the suppressed rule or argument, at `offset`."""
        analysis = self._look_up(subject).analysis
        here = [item for item in analysis.diagnostics if item.span.start <= offset <= item.span.end]
        if here:
            texts = (_brief(item.code, _message(item), plain=plain) for item in here)
            span = min((item.span for item in here), key=lambda span: span.end - span.start)
            return Explanation(("\n\n" if plain else "\n\n---\n\n").join(texts), span)
        for name, span in _suppressed_names(analysis):
            if span.start <= offset <= span.end and (rule_named(name) or name in BUILTINS):
                return Explanation(_brief(name, None, plain=plain), span)
        return _argument(analysis, offset, plain=plain)

    def _look_up(self, subject: Subject) -> _Known:
        """Return the analysis of `subject`: the one at hand, if nothing has changed that it depends on."""
        uri, source = subject.snapshot.uri, subject.snapshot.source
        place = source.path or subject.home / "untitled.py"
        settings, problems = _settings(place, subject.overrides)
        environment = environment_for(place, settings)
        last = self._known.pop(uri, None)
        if last and last.problems == problems and last.analysis.is_of(source, settings, environment):
            known = last
        else:
            if not settings.enable or matches(settings.exclude, place, settings.root):
                analysis = Analysis(source, settings, environment)
            else:
                analysis = analyze(source, settings, environment, last.analysis if last else None)
            known = _Known(analysis, _report(analysis, problems), Repairs(analysis), problems)
        self._known[uri] = known
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        return known


def _noted(analysis: Analysis, shown: str, *, wants_text: bool) -> Noted:
    may_be_sent = wants_text and analysis.source.layout is None and not is_excluded(analysis)
    return Noted(notes_of(analysis, shown), analysis.source.text if may_be_sent else None)


def _settings(place: Path, overrides: Mapping[str, object]) -> tuple[Settings, tuple[str, ...]]:
    """Return the project's settings under those of the editor, and the mistakes in both."""
    project = find_settings(place)
    if not overrides:
        return project.settings, project.problems
    own, mistakes = Settings.from_mapping(overrides)
    chosen = {name: getattr(own, name) for key in overrides if (name := key.replace("-", "_")) in _SETTINGS}
    if "architect" in chosen:
        chosen["architect"] = project.settings.architect.tightened(own.architect)
    problems = (*project.problems, *(f"settings of the editor: {mistake}" for mistake in mistakes))
    return replace(project.settings, **chosen), problems


def _report(analysis: Analysis, problems: tuple[str, ...]) -> Report:
    state = repr((__version__, analysis.settings, analysis.environment, analysis.source.text))
    name = hashlib.blake2b(state.encode(), digest_size=12).hexdigest()
    findings = tuple(_finding(diagnostic) for diagnostic in analysis.diagnostics)
    lenses = loop_lenses(analysis) if analysis.settings.code_lens else ()
    on_save = analysis.settings.run == ON_SAVE
    return Report(findings, name, problems, analysis.settings.architect, lenses, on_save)


def _finding(diagnostic: Diagnostic) -> Finding:
    return Finding(
        code=diagnostic.code,
        message=diagnostic.message,
        severity=diagnostic.severity.value,
        span=diagnostic.span,
        related=tuple((place.span, place.message) for place in diagnostic.related),
        stale=diagnostic.stale,
        safety=diagnostic.fix_safety.value if diagnostic.fix_safety and not diagnostic.stale else None,
        declinable=not diagnostic.stale and diagnostic.code != SYNTAX_ERROR,
        tags=diagnostic.tags,
        fingerprint=diagnostic.fingerprint,
        url=rule_url(diagnostic.code),
        eligible=is_eligible(diagnostic),
        explainable=rule_named(diagnostic.code) is not None,
    )


def _message(diagnostic: Diagnostic) -> str:
    if diagnostic.stale:
        return f"{diagnostic.message} (as of the last version of this statement that could be read)"
    return diagnostic.message


def _brief(code: str, message: str | None, *, plain: bool) -> str:
    """Return the short explanation of a rule or built-in check; without a finding its summary leads."""
    rule = rule_named(code)
    if rule is not None:
        return rule_brief(rule, message or rule.summary, plain, rule_url(code))
    check = BUILTINS[code]
    title = code if plain else f"**{code}**"
    return f"{title}\n\n{message or check.summary}.\n\n{check.why}\n"


def _argument(analysis: Analysis, offset: int, *, plain: bool) -> Explanation | None:
    facts = analysis.facts
    found = argument_at(facts, offset) if facts is not None else None
    if facts is None or found is None:
        return None
    verified = facts.catalog.verified.get(found.symbol.library, "")
    return Explanation(argument_brief(found, rule_url, verified, plain=plain), found.span)


def _suppressed_names(analysis: Analysis) -> Iterator[tuple[str, Span]]:
    if analysis.module is not None:
        for directive in Suppressions(analysis.module).directives:
            yield from directive.names
