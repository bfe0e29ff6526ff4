"""The repairs of one version of a document; runs in the worker process. What was found once is kept."""

from collections.abc import Callable, Hashable, Iterator
from functools import partial

from ml_architect.engine import Analysis, FixResult, fix_all, fix_these
from ml_architect.engine.difference import changes
from ml_architect.lsp.report import Repair
from ml_architect.rewrite import Fix, Safety

MOST_AHEAD = 100
"""How many findings of a document have their repairs verified before anybody asks."""


class Repairs:
    """Answers what an editor asks for. Each answer takes at least one analysis of the text that a repair leads to."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._known: dict[Hashable, Repair | None] = {}

    def of_finding(self, fingerprint: str) -> Repair | None:
        """Return the verified repair of one finding, None if it has none or is gone."""
        analysis = self._analysis
        diagnostic = analysis.find(fingerprint)
        return _repair(analysis.fix(diagnostic)) if diagnostic else None  # the analysis keeps it

    def suppression(self, fingerprint: str, *, whole_file: bool = False) -> Repair | None:
        """Return the edit that declines one finding, or all of its rule, with a comment; None if a comment cannot."""

        def find() -> Repair | None:
            diagnostic = self._analysis.find(fingerprint)
            return _repair(self._analysis.suppression_edit(diagnostic, whole_file=whole_file)) if diagnostic else None

        return self._once(("suppression", fingerprint, whole_file), find)

    def of_rule(self, code: str, *, unsafe: bool = True) -> Repair | None:
        """Return the edits that repair every finding of `code` that has a repair, or with `unsafe` off a safe one."""

        def find() -> Repair | None:
            alike = [item for item in self._analysis.diagnostics if item.code == code and item.fix_safety]
            safe = not unsafe or all(item.fix_safety is Safety.SAFE for item in alike)
            return self._made(f"fix all {code}", fix_all(self._analysis, unsafe=unsafe, code=code), safe=safe)

        return self._once(("rule", code, unsafe), find)

    def of_these(self, fingerprints: tuple[str, ...]) -> Repair | None:
        """Return the edits that make the safe repairs of these findings, None if there are none."""
        return self._once(
            fingerprints,
            lambda: self._made("fix what is safe", fix_these(self._analysis, fingerprints), safe=True),
        )

    def of_all(self) -> Repair | None:
        """Return the edits that make all safe repairs, None if there are none."""
        return self._once("all", lambda: self._made("fix all", fix_all(self._analysis), safe=True))

    def ahead(self, *, whole_menus: bool) -> Iterator[Callable[[], object]]:
        """Yield what will be asked for if the user looks at a finding, a part of the work in each.

        An editor that cannot ask for an edit once its action is chosen needs `whole_menus`.
        """
        fixable = [item for item in self._analysis.diagnostics if item.fix_safety and not item.stale][:MOST_AHEAD]
        for item in fixable:
            yield partial(self.of_finding, item.fingerprint)
        if any(item.fix_safety is Safety.SAFE for item in fixable):
            yield self.of_all
        if whole_menus:
            for code in dict.fromkeys(item.code for item in fixable):
                yield partial(self.of_rule, code)
            for item in self._analysis.diagnostics[:MOST_AHEAD]:
                yield partial(self.suppression, item.fingerprint)
                yield partial(self.suppression, item.fingerprint, whole_file=True)

    def _once(self, key: Hashable, find: Callable[[], Repair | None]) -> Repair | None:
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]

    def _made(self, title: str, result: FixResult, *, safe: bool) -> Repair | None:
        edits = changes(self._analysis.source, result.source)
        return Repair(title, edits, safe) if edits else None


def _repair(fix: Fix | None) -> Repair | None:
    return Repair(fix.title, fix.edits, fix.safety is Safety.SAFE) if fix else None
