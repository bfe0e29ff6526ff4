"""Whether statements that a change adds or moves stand where their rule says that they do their work."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ml_architect.architect.checks.change import Change
from ml_architect.architect.checks.matching import Matcher
from ml_architect.architect.checks.parts import newcomers
from ml_architect.architect.checks.patterns import Bindings, Pattern, pattern, statements_pattern
from ml_architect.facts import CallSite, ModuleFacts, Site
from ml_architect.rules.allowance import Place
from ml_architect.syntax.nodes import For, Node, Try, While, With
from ml_architect.syntax.tokens import tokenize

__all__ = ["lost", "misplaced"]


def lost(change: Change) -> str | None:
    """Return which statement is gone for good although the rule only lets it move, in words; None where none is."""
    going = {
        source
        for allowance in change.permits.allowances
        if not allowance.may_remove_finding
        for source in allowance.statements
    }
    gone = Counter(change.old.residue.left_out) - Counter(change.new.residue.left_out)
    return next((f"`{text}` is gone" for source, text in gone if source in going), None)


def misplaced(change: Change) -> str | None:
    """Return which statement has come to a place that no rule names, in words; None where there is none.

    The residues of the two versions must be equal.
    """
    places = {source: found for one in change.permits.allowances for source, found in one.places.items()}
    if not places:
        return None
    facts = change.new.facts
    sites = {facts.span(site.statement).start: site for site in facts.structure.sites}
    judge = _Judge(facts)
    for line in newcomers(change.old, change.new):
        site = sites.get(line.places[0]) if line.places else None
        if site is not None and not judge.is_right(site, places):
            return f"`{' '.join(line.tokens)}` stands where it may not do its work"
    return None


class _Judge:
    def __init__(self, facts: ModuleFacts) -> None:
        self._facts = facts
        self._matcher = Matcher(facts)

    def is_right(self, site: Site, places: Mapping[str, tuple[Place, ...]]) -> bool:
        """Return whether a statement is of no pattern that `places` speak of, or stands in one of its places."""
        siblings = [other for other in self._facts.structure.sites if other.block is site.block]
        own = siblings.index(site)
        is_known = False
        for source, allowed in places.items():
            sought = statements_pattern(source)
            group = [(other.statement, other) for other in siblings[own : own + len(sought)]]
            bindings = self._matcher.match_all(sought, group) if len(group) == len(sought) else None
            if bindings is None:
                continue
            is_known = True
            before, behind = siblings[:own], siblings[own + len(sought) :]
            if any(self._holds(place, bindings, site, before, behind) for place in allowed):
                return True
        return not is_known

    def _holds(
        self, place: Place, bindings: Bindings, site: Site, before: Sequence[Site], behind: Sequence[Site]
    ) -> bool:
        if place.loops is not None and len(site.loops) != place.loops:
            return False
        beside = [*before[-1:], *behind[:1]]
        return (
            (not place.after or self._calls(place.after, bindings, self._direct(before)))
            and (not place.before or self._calls(place.before, bindings, self._direct(behind)))
            and (not place.after_loop or self._calls(place.after_loop, bindings, self._looped(before)))
            and (not place.before_loop or self._calls(place.before_loop, bindings, self._looped(behind)))
            and (not place.next_to or self._calls(place.next_to, bindings, self._direct(beside)))
        )

    def _calls(self, source: str, bindings: Bindings, sites: Iterator[Site]) -> bool:
        sought = pattern(source)
        return any(
            self._is_one(sought, bindings, call)
            for site in sites
            for item in site.summary.calls
            if (call := self._facts.call_at(item.call)) is not None
        )

    def _is_one(self, sought: Pattern, bindings: Bindings, call: CallSite) -> bool:
        found = self._matcher.match(sought, call.node, call)
        return found is not None and all(
            self._text(nodes) == self._text(bindings[gap]) for gap, nodes in found.items() if gap in bindings
        )

    def _text(self, nodes: Sequence[Node]) -> list[list[str]]:
        return [list(tokenize(self._facts.text(node)).texts) for node in nodes]

    def _direct(self, siblings: Sequence[Site]) -> Iterator[Site]:
        """Yield `siblings`, and what stands in their ``with`` and ``try`` blocks."""
        for sibling in siblings:
            yield sibling
            if isinstance(sibling.statement, (With, Try)):
                inside = [site for site in self._facts.structure.sites if site.block.owner is sibling]
                yield from self._direct(inside)

    def _looped(self, siblings: Sequence[Site]) -> Iterator[Site]:
        """Yield what stands in loops among `siblings`, however deep."""
        for sibling in self._direct(siblings):
            if isinstance(sibling.statement, (For, While)):
                yield from (site for site in self._facts.structure.sites if site.inside(sibling))
