"""Which bindings of a name can be the one that a use sees."""

from ml_architect.facts.structure import Binding, Scope, Site
from ml_architect.syntax.nodes import If


def reaching(bindings: list[Binding], owner: Scope, site: Site, scope: Scope) -> tuple[list[Binding], bool]:
    """Return the bindings that a use at `site` may see, in source order, and whether one certainly came before.

    Args:
        bindings: all bindings of the name in `owner`.
        owner: the scope that binds the name.
        site: the statement that uses it.
        scope: the scope that it is seen from; another one than `owner` may run at any time.
    """
    live = [binding for binding in bindings if binding.bound.how != "delete"]
    if len(live) == 1 or scope is not owner or owner.kind in {"lambda", "comprehension"}:
        return live, bool(live)
    before = [b for b in live if b.parameter is not None or b.site.order < site.order]
    last = next((b for b in reversed(before) if b.parameter is not None or b.site.dominates(site)), None)
    first = last.site.order if last is not None else -1
    kept = [b for b in before if b is last or (b.site.order > first and not _excluded(b.site, site))]
    for loop in site.loops:
        if last is not None and last.site.inside(loop):
            break
        kept += [b for b in live if b not in kept and b.site.inside(loop)]
    kept.sort(key=lambda binding: binding.site.order)
    return (kept, last is not None) if kept else (live, False)


def _excluded(earlier: Site, later: Site) -> bool:
    """Return whether the two stand in different branches of one ``if``."""
    branches = {block.owner: block.branch for block in later.block.chain() if block.owner is not None}
    for block in earlier.block.chain():
        owner = block.owner
        if owner is not None and isinstance(owner.statement, If) and branches.get(owner, block.branch) != block.branch:
            return True
    return False
