"""Whether a change has the shape of a repair: it stays where it may edit, and drops nothing that it was given."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ml_architect.architect.checks.change import Change, Version
from ml_architect.architect.checks.residual import Residue, difference
from ml_architect.architect.values import Refusal, Region, Rung
from ml_architect.facts import ModuleFacts, dotted_name
from ml_architect.syntax.nodes import Call, Node
from ml_architect.syntax.tokens import tokenize

__all__ = ["MAX_CHANGED_LINES", "leaves_regions", "misshapen"]

MAX_CHANGED_LINES = 40
"""How many lines a repair may write anew or drop; lines that are only indented differently do not count."""

_SUPPRESSION = re.compile(
    r"#.*?\b(?:ml-architect\s*:|noqa\b|type\s*:\s*ignore|pylint\s*:|nosec\b|pyright\s*:|ruff\s*:|fmt\s*:|isort\s*:"
    r"|pragma\s*:|mypy\s*:)",
    re.IGNORECASE,
)


def leaves_regions(before: str, after: str, regions: Sequence[Region]) -> Refusal | None:
    """Return why a change is refused that touches text outside `regions`, None where it does not."""
    kept: list[str] = []
    position = 0
    for region in sorted(regions, key=lambda item: item.span):
        kept.append(before[position : region.span.start])
        position = max(position, region.span.end)
    kept.append(before[position:])
    if _stand_in(after, kept):
        return None
    names = " or ".join(region.name for region in regions)
    return Refusal(Rung.REGION, f"a line outside the editable regions is changed, only {names} may be edited")


def _stand_in(text: str, kept: Sequence[str]) -> bool:
    """Return whether `text` starts with the first of `kept`, ends with the last and has the others between."""
    position, limit = len(kept[0]), len(text) - len(kept[-1])
    if len(kept) == 1:
        return text == kept[0]
    if position > limit or not text.startswith(kept[0]) or not text.endswith(kept[-1]):
        return False
    for part in kept[1:-1]:
        place = text.find(part, position, limit)
        if place < 0:
            return False
        position = place + len(part)
    return True


def misshapen(change: Change) -> Refusal | None:
    """Return why a change is refused for its shape, None where it has the shape of a repair."""
    for problem in (
        _only_comments(change),
        _suppresses(change),
        _loses_comment(change),
        _changes_signature(change),
        _is_too_large(change),
        _drops_target(change),
        _drops_statement(change),
    ):
        if problem is not None:
            return Refusal(Rung.SHAPE, problem)
    return None


def _only_comments(change: Change) -> str | None:
    same = [item.line for item in change.old.full] == [item.line for item in change.new.full]
    return "nothing but comments or layout is changed" if same else None


def _comments(facts: ModuleFacts) -> Counter[str]:
    return Counter(comment.text.rstrip() for comment in facts.module.comments)


def _suppresses(change: Change) -> str | None:
    added = _comments(change.new.facts) - _comments(change.old.facts)
    hit = next((text for text in added if _SUPPRESSION.search(text)), None)
    return f"`{hit[:60]}` hides findings, repair the code instead" if hit else None


def _loses_comment(change: Change) -> str | None:
    gone = next(iter(_comments(change.old.facts) - _comments(change.new.facts)), None)
    return f"the comment `{gone[:60]}` is gone, comments have to stay as they are" if gone else None


def _signatures(version: Version) -> Counter[tuple[str, tuple[str, ...]]]:
    found: Counter[tuple[str, tuple[str, ...]]] = Counter()
    facts = version.facts
    for function in version.functions:
        owner = f"{function.owner.name}." if function.owner else ""
        tokens = [text for item in function.node.parameters for text in (item.kind, *_tokens(facts, item), ",")]
        returns = _tokens(facts, function.node.returns) if function.node.returns else ()
        found[owner + function.name, (*tokens, "->", *returns)] += 1
    return found


def _changes_signature(change: Change) -> str | None:
    gone = next(iter(_signatures(change.old) - _signatures(change.new)), None)
    return f"the signature of `{gone[0]}` is changed, it has to stay as it is" if gone else None


def _is_too_large(change: Change) -> str | None:
    old = Counter(line.strip() for line in change.old.text.splitlines())
    new = Counter(line.strip() for line in change.new.text.splitlines())
    count = max(sum((old - new).values()), sum((new - old).values()))
    if count <= MAX_CHANGED_LINES:
        return None
    return f"{count} lines are changed, a repair needs {MAX_CHANGED_LINES} at most"


def _tokens(facts: ModuleFacts, node: Node) -> tuple[str, ...]:
    return tuple(tokenize(facts.text(node)).texts)


def _callees(version: Version) -> Counter[str]:
    names = (_callee(version.facts, call.node) for call in version.calls)
    return Counter(name for name in names if name is not None)


def _callee(facts: ModuleFacts, call: Call) -> str | None:
    site = facts.call_at(call)
    name = facts.call_name(site) if site is not None else None
    return name or dotted_name(call.func) or (f".{site.method}" if site is not None and site.method else None)


def _drops_target(change: Change) -> str | None:
    """Return what is wrong where a call that is marked is gone, unless a pattern of the rule lets it go."""
    if any(allowance.may_remove_finding for allowance in change.permits.allowances):
        return None
    gone = _callees(change.old) - _callees(change.new)
    optional = {name for item in change.permits.patterns() for name in (*item.dotted_names(), *item.methods())}
    for call in _marked_calls(change):
        name = _callee(change.old.facts, call)
        if name is not None and gone[name] and name not in optional and name.rpartition(".")[2] not in optional:
            return f"the marked call of `{name}` is gone, repair it instead of removing it"
    return None


def _marked_calls(change: Change) -> Iterator[Call]:
    """Yield the calls that findings mark: the call itself, or its callee."""
    spans = {target.span for target in change.targets}
    span = change.old.facts.span
    for site in change.old.calls:
        if span(site.node) in spans or span(site.node.func) in spans:
            yield site.node


def _drops_statement(change: Change) -> str | None:
    """Return what is wrong where a statement is gone that the rule does not let go."""
    if change.is_free_to_move or any(allowance.may_remove_finding for allowance in change.permits.allowances):
        return None
    old, new = change.old.residue, change.new.residue
    before = Counter(line.tokens for line in old.lines)
    after = Counter(line.tokens for line in new.lines)
    missing, fresh = (before - after), (after - before)
    if sum(missing.values()) <= sum(fresh.values()):
        return None
    told = difference(Residue(old.lines, (), old.text), Residue(new.lines, (), new.text))
    gone = next((text for text in told if text.endswith("is gone")), None)
    return f"{gone}, what the repair does not need to touch has to stay" if gone else None
