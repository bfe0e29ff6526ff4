"""Whether a change lets the program do anything that it could not do, and that its repair does not need."""

import builtins
import re
from collections import Counter
from collections.abc import Iterator

from ml_architect.architect.checks.change import Change, Version, line_of
from ml_architect.architect.checks.denied import why_argument, why_name
from ml_architect.architect.checks.erasure import plan_of
from ml_architect.architect.checks.patterns import Pattern, replacement
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.power import Power, PowerKind
from ml_architect.architect.checks.powers import powers_of
from ml_architect.architect.values import Refusal, Rung
from ml_architect.facts import ModuleFacts
from ml_architect.rules.allowance import Choice
from ml_architect.syntax.nodes import Constant, walk
from ml_architect.syntax.tokens import tokenize

__all__ = ["new_capability"]

_ATTRIBUTE = re.compile(r"self\.[A-Za-z]\w*")
_BUILTINS = frozenset(dir(builtins))
_BY_PRESENCE = frozenset({PowerKind.READ, PowerKind.DUNDER, PowerKind.STRING})
"""What does no harm a second time."""


def new_capability(change: Change) -> Refusal | None:
    """Return why a change is refused for good: what it newly does, None where it does nothing new."""
    after = _powers(change.new)
    brought = _Brought(change.permits, change.old.facts, _new_attributes(change, after))
    names: frozenset[str] | None = None
    everything: Counter[Power] | None = None
    for power in _new(after, Counter(_powers(change.old))):
        if power.kind is PowerKind.BIND:
            names = _defined(change.old.facts) if names is None else names
            if (power.name in names or power.name in _BUILTINS) and not _is_same_import(change.old.facts, power):
                return _refused(change, power, "")
            continue
        harm = _harm(power)
        if harm is not None and not brought.names_exactly(power):
            return _refused(change, power, harm)
        if brought.allows(power):
            continue
        if everything is None:
            old = change.old.facts
            everything = Counter(powers_of(old, change.permits, old.structure.sites, plan_of(old, change.permits)))
        may_repeat = power.kind in _BY_PRESENCE or change.is_free_to_move
        if not (may_repeat and everything[power]):
            return _refused(change, power, "")
    return None


def _powers(version: Version) -> list[Power]:
    return powers_of(version.facts, version.permits, version.sites, version.plan)


def _new_attributes(change: Change, after: list[Power]) -> frozenset[str]:
    """Return the attributes (``self.head``) that a rule lets a repair add: no name that means anything so far."""
    if not any(allowance.attributes for allowance in change.permits.allowances):
        return frozenset()
    facts = change.old.facts
    names = {power.name for power in after if power.kind is PowerKind.STORE and _ATTRIBUTE.fullmatch(power.name)}
    taken = {"forward", "training", *tokenize(facts.module.source.text).texts}
    inherited = "torch.nn.Module"
    return frozenset(
        name
        for name in names
        if (last := name.removeprefix("self.")) not in taken and facts.catalog.symbol(f"{inherited}.{last}") is None
    )


def _is_same_import(facts: ModuleFacts, power: Power) -> bool:
    """Return whether an import gives its name the meaning that another import gave it already."""
    bindings = (bound for site in facts.structure.sites for bound in site.summary.bindings)
    return bool(power.detail) and any(
        (bound.how, bound.name, bound.qualified) == ("import", power.name, power.detail) for bound in bindings
    )


def _new(after: list[Power], had: Counter[Power]) -> Iterator[Power]:
    """Yield what is in `after` more often than it was."""
    seen: Counter[Power] = Counter()
    for power in after:
        seen[power] += 1
        if seen[power] > had[power]:
            yield power


def _harm(power: Power) -> str | None:
    if power.kind is PowerKind.ARGUMENT:
        return why_argument(power.name)
    named = power.kind in (PowerKind.CALL, PowerKind.READ, PowerKind.IMPORT)
    return why_name(power.name) if named else None


def _refused(change: Change, power: Power, harm: str) -> Refusal:
    line = line_of(change.new.analysis.source, power.offset)
    name = power.name if len(power.name) <= _WIDTH else f"{power.name[:_WIDTH]}..."
    reason = f"it {harm}, which no repair may do" if harm else "this repair does not need it"
    quoted = name if power.kind is PowerKind.CONSTRUCT else f"`{name.removeprefix('builtins.')}`"
    return Refusal(Rung.CAPABILITY, f"line {line}: {power.kind.value} {quoted} is refused: {reason}", final=True)


_WIDTH = 60


def _defined(facts: ModuleFacts) -> frozenset[str]:
    """Return all names that have a meaning anywhere in a document."""
    functions, classes = [item.scope for item in facts.functions], [item.scope for item in facts.classes]
    scopes = [facts.structure.scope, *functions, *classes]
    return frozenset(name for scope in scopes for name in scope.bindings)


class _Brought:
    """What the allowances bring: names that may be used, methods and callees that may be called, strings.

    `attributes` are those that a repair may add.
    """

    def __init__(self, permits: Permits, facts: ModuleFacts, attributes: frozenset[str]) -> None:
        self._attributes = attributes
        canonical = facts.catalog.canonical
        choices = [
            replacement(source)
            for values in permits.keywords.values()
            if isinstance(values, Choice)
            for source in values.sources
        ]
        patterns = [*permits.patterns(), *choices]
        self._named = frozenset(canonical(name) for item in patterns for name in item.dotted_names())
        listed = [name for allowance in permits.allowances for name in allowance.calls]
        self._methods = frozenset(f".{name}" for item in patterns for name in item.methods())
        self._calls = frozenset(name if name.startswith(".") else canonical(name) for name in listed)
        self._strings = frozenset(text for allowance in permits.allowances for text in allowance.strings) | frozenset(
            text for item in patterns for text in _strings(item)
        )
        self._arguments = frozenset(
            f"{parameter}={source}"
            for (_, parameter), values in permits.keywords.items()
            if isinstance(values, Choice)
            for source in values.sources
        )

    def names_exactly(self, power: Power) -> bool:
        """Return whether a pattern speaks of what `power` is about."""
        if power.kind is PowerKind.ARGUMENT:
            return power.name in self._arguments
        return _plain(power.name) in self._named or power.name in self._methods

    def allows(self, power: Power) -> bool:
        """Return whether a repair may newly have `power`."""
        match power.kind:
            case PowerKind.CALL:
                listed = power.name in self._calls or _plain(power.name) in self._calls
                return listed or f"self{power.name}" in self._attributes or self.names_exactly(power)
            case PowerKind.READ:
                return power.name in self._attributes or _plain(power.name) in self._named
            case PowerKind.STORE:
                return power.name in self._attributes
            case PowerKind.STRING:
                return power.name in self._strings
            case PowerKind.ARGUMENT:
                return power.name in self._arguments
            case _:
                return False


def _plain(name: str) -> str:
    return name.removeprefix("builtins.")


def _strings(item: Pattern) -> Iterator[str]:
    for node in walk(item.root):
        if isinstance(node, Constant) and isinstance(node.value, (str, bytes)):
            yield str(node.value)
