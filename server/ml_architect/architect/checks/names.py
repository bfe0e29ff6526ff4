"""Names that a change leaves without a meaning."""

import builtins
from collections.abc import Iterator, Sequence

from ml_architect.architect.checks.change import Change, line_of
from ml_architect.architect.values import Refusal, Rung
from ml_architect.facts import ModuleFacts, Site
from ml_architect.facts.names import Names
from ml_architect.facts.structure import Binding, Scope
from ml_architect.facts.summary import own_expressions, targets_of
from ml_architect.syntax.nodes import Comprehension, FunctionDef, Lambda, Name, Node, children

__all__ = ["undefined_name"]

_ALWAYS = frozenset(dir(builtins)) | {
    "__file__",
    "__path__",
    "__class__",
    "__annotations__",
    "__module__",
    "__qualname__",
}


def undefined_name(change: Change) -> Refusal | None:
    """Return why a change is refused that uses a name which nothing defines, None where there is none."""
    old, new = change.old, change.new
    loses = not old.facts.structure.scope.bindings.keys() <= new.facts.structure.scope.bindings.keys()
    found = _undefined(new.facts) if loses else _undefined(new.facts, new.sites)
    known = _undefined(old.facts) if found else {}
    for name, offset in found.items():
        if name not in known:
            line = line_of(new.analysis.source, offset)
            return Refusal(Rung.NAMES, f"line {line}: `{name}` is defined or imported nowhere")
    early = _used_early(new.facts, new.sites)
    known_early = _used_early(old.facts, old.sites) if early else {}
    for name, offset in early.items():
        if name not in known_early:
            line = line_of(new.analysis.source, offset)
            return Refusal(Rung.NAMES, f"line {line}: `{name}` is used before it is defined")
    return None


def _used_early(facts: ModuleFacts, sites: Sequence[Site]) -> dict[str, int]:
    """Return the names that statements read before anything in their own scope gives them a meaning."""
    found: dict[str, int] = {}
    for site in sites:
        for node, scope in _reads(site.scope, list(_expressions(site.statement))):
            owner = Names.lookup(node.id, scope)
            if owner is not None and owner[0] is site.scope and _comes_later(site, owner[1]):
                found.setdefault(node.id, facts.span(node).start)
    return found


def _comes_later(site: Site, bindings: Sequence[Binding]) -> bool:
    """Return whether all of `bindings` stand behind `site` and in no loop around both."""
    loops = set(map(id, site.loops))
    return all(
        binding.site.order > site.order and loops.isdisjoint(map(id, binding.site.loops)) for binding in bindings
    )


def _undefined(facts: ModuleFacts, sites: Sequence[Site] | None = None) -> dict[str, int]:
    """Return the names that are read where nothing gives them a meaning, and where each is read first.

    Only the statements `sites` are looked at if they are given. After ``from x import *`` any name may have a meaning.
    """
    found: dict[str, int] = {}
    if facts.structure.star_imports:
        return found
    for site in facts.structure.sites if sites is None else sites:
        for node, scope in _reads(site.scope, list(_expressions(site.statement))):
            if node.id not in _ALWAYS and Names.lookup(node.id, scope) is None:
                found.setdefault(node.id, facts.span(node).start)
    return found


def _expressions(statement: Node) -> Iterator[Node]:
    yield from own_expressions(statement)  # type: ignore[arg-type]
    if isinstance(statement, FunctionDef) and statement.returns is not None:
        yield statement.returns


def _reads(scope: Scope, nodes: list[Node]) -> Iterator[tuple[Name, Scope]]:
    """Yield the names below `nodes` with the scope in which each is looked up."""
    stack: list[tuple[Node, Scope]] = [(node, scope) for node in reversed(nodes)]
    while stack:
        node, around = stack.pop()
        if isinstance(node, Name):
            yield node, around
            continue
        inner = _inner(node, around)
        stack.extend((child, inner) for child in children(node))


def _inner(node: Node, around: Scope) -> Scope:
    """Return the scope inside `node`: a lambda and a comprehension have their own."""
    if isinstance(node, Lambda):
        names = [item.name for item in node.parameters]
    elif isinstance(node, Comprehension):
        names = [bound.name for item in node.generators for bound in targets_of(item.target, "element", None, ())]
    else:
        return around
    scope = Scope("comprehension", around, node, around.function)
    scope.bindings.update({name: [_BOUND] for name in names})  # type: ignore[list-item]
    return scope


_BOUND = object()
