"""A document with its settings in, findings out: a pure function, the same for every caller."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ml_architect.catalog.load import load_catalog
from ml_architect.engine.builtin import UNUSED_SUPPRESSION
from ml_architect.engine.detection import Draft, ask_rules, ask_unused, numbered, syntax_errors
from ml_architect.engine.frameworks import imports_framework
from ml_architect.engine.guard import GUARD
from ml_architect.engine.report import Diagnostic
from ml_architect.engine.selection import Selection, selection_for
from ml_architect.engine.settings import Settings
from ml_architect.engine.suppression import Suppressions, file_suppression_edits, suppression_edits
from ml_architect.engine.unused import unused_suppressions
from ml_architect.engine.verification import Snapshot, acceptable, tidy
from ml_architect.facts import ModuleFacts
from ml_architect.facts.environment import Environment
from ml_architect.rewrite import Fix, Safety
from ml_architect.rules import all_rules
from ml_architect.syntax import Module, parse
from ml_architect.syntax.nodes import SyntaxProblem
from ml_architect.text import Edit, Source

__all__ = ["Analysis", "analyze", "load_knowledge"]


@dataclass(frozen=True, eq=False)
class Analysis:
    """What is known of one version of a document.

    `module` and `facts` are None for a file that imports no framework, which is not parsed.
    """

    source: Source
    settings: Settings
    environment: Environment
    diagnostics: tuple[Diagnostic, ...] = ()
    """The findings, sorted by place, without those that are suppressed."""
    suppressed: tuple[Diagnostic, ...] = ()
    module: Module | None = None
    facts: ModuleFacts | None = None
    _promises: dict[str, Callable[[], Fix | None]] = field(default_factory=dict, repr=False)
    _verified: dict[str, Fix | None] = field(default_factory=dict, repr=False)
    _seed: Module | None = field(default=None, repr=False)

    @property
    def problems(self) -> tuple[SyntaxProblem, ...]:
        """What does not parse."""
        return self.module.problems if self.module else ()

    def find(self, fingerprint: str) -> Diagnostic | None:
        """Return the finding with this fingerprint, None where it is gone."""
        return next((item for item in self.diagnostics if item.fingerprint == fingerprint), None)

    def is_of(self, source: Source, settings: Settings, environment: Environment) -> bool:
        """Return whether these lead to this very analysis."""
        return (
            source.text == self.source.text
            and source.layout == self.source.layout
            and source.path == self.source.path
            and settings == self.settings
            and environment == self.environment
        )

    def with_text(self, text: str) -> "Analysis":
        """Return the analysis of the same document with another text, which has no cells."""
        return analyze(replace(self.source, text=text, layout=None), self.settings, self.environment, self)

    def with_edits(self, edits: Iterable[Edit]) -> "Analysis":
        """Return the analysis of the same document once `edits`, which are fitted to its cells, are made."""
        return analyze(self.source.edited(edits), self.settings, self.environment, self)

    def snapshot(self) -> Snapshot:
        """Return what verification compares."""
        return Snapshot(self.source, self.diagnostics, self.problems)

    def proposed_fix(self, diagnostic: Diagnostic) -> Fix | None:
        """Return what the rule proposes, tidied but not verified; None where it proposes nothing that applies."""
        promise = self._promises.get(diagnostic.fingerprint)
        if promise is None or diagnostic.stale:
            return None
        fix = GUARD.run(f"fix of {diagnostic.code}", promise, None)
        edits = tidy(self.source, fix.edits) if fix else None
        if fix is None or edits is None:
            return None
        cautious = diagnostic.fix_safety is Safety.UNSAFE
        return Fix(fix.title, edits, Safety.UNSAFE if cautious else fix.safety)

    def fix(self, diagnostic: Diagnostic) -> Fix | None:
        """Return a verified repair of `diagnostic`, None where there is none.

        A finding of another version is found again by its fingerprint.
        Verified means: the edits lie in this version and are as small as they can be, the result parses as well
        as before, the finding is gone and no other has appeared.
        """
        key = diagnostic.fingerprint
        if key not in self._verified:
            current = self.find(key)
            fix = self.proposed_fix(current) if current else None
            self._verified[key] = fix if current and fix and self._holds(current, fix.edits) else None
        return self._verified[key]

    def suppression_edit(self, diagnostic: Diagnostic, reason: str = "", *, whole_file: bool = False) -> Fix | None:
        """Return the verified edit that declines `diagnostic` with a comment, None where a comment cannot do it.

        With `whole_file` the comment declines all findings of its rule in the file.
        """
        current = self.find(diagnostic.fingerprint)
        if self.module is None or current is None or current.stale:
            return None
        suppressions = Suppressions(self.module)
        if whole_file:
            choices = file_suppression_edits(self.module, suppressions, current.code, reason)
        else:
            choices = suppression_edits(self.module, suppressions, current.code, current.span, reason)
        for edit in choices:
            edits = self.source.fitted((edit,))
            if edits and self._holds(current, edits):
                where = " for the file" if whole_file else ""
                return Fix(f"suppress {current.code} with a comment{where}", edits, Safety.SAFE)
        return None

    def _holds(self, diagnostic: Diagnostic, edits: tuple[Edit, ...]) -> bool:
        after = self.with_edits(edits)
        return acceptable(self.snapshot(), after.snapshot(), edits, {diagnostic})


def analyze(source: Source, settings: Settings, environment: Environment, previous: Analysis | None = None) -> Analysis:
    """Return the analysis of `source`. It does no I/O and never raises.

    `previous` is the analysis of an earlier version of the same document; it makes this one faster, and lends the
    meaning of statements that do not parse at the moment.
    """
    if previous is not None and previous.is_of(source, settings, environment):
        return replace(previous, source=source)
    seed = (previous.module or previous._seed) if previous else None  # noqa: SLF001 - its own kind
    if not imports_framework(source.text):
        return Analysis(source, settings, environment, _seed=seed)
    module = parse(source, seed)
    known = previous.facts if previous else None
    facts = GUARD.run("facts", lambda: ModuleFacts(module, load_catalog(), environment, known, settings.profile), None)
    blank = Analysis(source, settings, environment, module=module, facts=facts)
    return _complete(blank, module, selection_for(settings, source.path))


def load_knowledge() -> None:
    """Load rules and catalogue, before processes are forked that share them."""
    all_rules()
    load_catalog()


def _complete(blank: Analysis, module: Module, selection: Selection) -> Analysis:
    """Return `blank` with its findings."""
    drafts = [draft for draft in syntax_errors(module, selection) if draft.diagnostic.code in selection.builtins]
    asked: frozenset[str] = frozenset()
    if blank.facts is not None:
        detected = ask_rules(module, blank.facts, selection, blank.environment)
        drafts += detected.drafts
        asked = detected.asked
    suppressions = Suppressions(module)
    text = module.source.text
    shown, declined = _divided(numbered(text, drafts), suppressions)
    if UNUSED_SUPPRESSION in selection.builtins and not module.problems:
        unused = unused_suppressions(module.source, suppressions.directives, asked)
        more, less = _divided(numbered(text, ask_unused(module, unused, selection, UNUSED_SUPPRESSION)), suppressions)
        shown, declined = shown + more, declined + less
    shown.sort(key=lambda draft: (draft.diagnostic.span, draft.diagnostic.code))
    return replace(
        blank,
        diagnostics=tuple(draft.diagnostic for draft in shown),
        suppressed=tuple(draft.diagnostic for draft in declined),
        _promises=_promises(shown),
    )


def _divided(drafts: Iterable[Draft], suppressions: Suppressions) -> tuple[list[Draft], list[Draft]]:
    """Return the findings to show and those that comments decline."""
    shown: list[Draft] = []
    declined: list[Draft] = []
    for draft in drafts:
        covered = suppressions.covers(draft.diagnostic.code, draft.diagnostic.span)
        (declined if covered else shown).append(draft)
    return shown, declined


def _promises(drafts: Iterable[Draft]) -> dict[str, Callable[[], Fix | None]]:
    return {draft.diagnostic.fingerprint: draft.finding.fix for draft in drafts if draft.finding and draft.finding.fix}
