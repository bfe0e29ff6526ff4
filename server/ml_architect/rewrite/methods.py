"""Exchanging method calls of a chain."""

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.syntax.nodes import Attribute, Name
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span


def swap_methods(facts: ModuleFacts, first: CallSite, second: CallSite) -> tuple[Edit, ...] | None:
    """Exchange two neighbouring steps: ``x.a(1).b(2)`` gives ``x.b(2).a(1)``, also over two assignments.

    None where they are no neighbours: `second` must be called on what `first` gives, directly or through the
    name that `first` was assigned to in a statement of the same block.
    """
    if first.method is None or second.method is None or not _are_neighbours(facts, first, second):
        return None
    one, other = _call_part(facts, first), _call_part(facts, second)
    if one is None or other is None:
        return None
    text = facts.module.source.text
    return Edit(one, text[other.start : other.end]), Edit(other, text[one.start : one.end])


def _are_neighbours(facts: ModuleFacts, first: CallSite, second: CallSite) -> bool:
    receiver = second.receiver
    if receiver is first.node:
        return True
    if not isinstance(receiver, Name) or first.site.block is not second.site.block:
        return False
    only = facts.origins(receiver, second).only
    return only is not None and only.node is first.node


def _call_part(facts: ModuleFacts, call: CallSite) -> Span | None:
    """Return where ``method(arguments)`` stands, without the receiver and the dot."""
    func = call.node.func
    if not isinstance(func, Attribute):
        return None
    span = facts.span(call.node)
    return Span(span.start + (func.attr_start - call.node.start), span.end)
