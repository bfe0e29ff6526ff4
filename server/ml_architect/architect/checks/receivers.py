"""Whether the methods that a change calls are called on objects that certainly have them."""

from ml_architect.architect.checks.change import Change, line_of
from ml_architect.architect.checks.signatures import new_calls
from ml_architect.catalog import Kind
from ml_architect.facts import Answer, ModuleFacts
from ml_architect.syntax.nodes import Attribute, Expression, walk
from ml_architect.syntax.tokens import tokenize

__all__ = ["doubtful_receiver"]

_METHODS_OF = {
    Kind.OPTIMIZER: frozenset({"step", "zero_grad", "param_groups", "add_param_group"}),
    Kind.MODULE: frozenset({"parameters", "named_parameters", "train", "eval", "zero_grad", "load_state_dict"}),
    Kind.GRAD_SCALER: frozenset({"scale", "unscale_", "update", "get_scale"}),
}
"""What tells that an object is of a kind: it is used in one of these ways already."""

_KINDS = {
    "zero_grad": (Kind.OPTIMIZER, Kind.MODULE),
    "unscale_": (Kind.GRAD_SCALER,),
    "update": (Kind.GRAD_SCALER,),
    "scale": (Kind.GRAD_SCALER,),
    "eval": (Kind.MODULE,),
    "train": (Kind.MODULE,),
}
"""The objects that have a method which repairs bring."""


def doubtful_receiver(change: Change) -> str | None:
    """Return which new method call may be on the wrong object, in words; None where there is none.

    An object counts if it is certainly of the kind that has the method, or if the old version uses it as one.
    """
    for call in new_calls(change):
        kinds = _KINDS.get(call.method or "")
        if kinds is None or call.receiver is None:
            continue
        certain = change.new.facts.is_kind(call.receiver, call, *kinds) is Answer.YES
        if not certain and not _is_used_as(change.old.facts, _text(change.new.facts, call.receiver), *kinds):
            line = line_of(change.new.analysis.source, change.new.facts.span(call.node).start)
            receiver = "".join(_text(change.new.facts, call.receiver))
            return f"line {line}: nothing shows that `{receiver}` has a method `{call.method}`"
    return None


def _is_used_as(facts: ModuleFacts, receiver: tuple[str, ...], *kinds: Kind) -> bool:
    methods = frozenset().union(*(_METHODS_OF[kind] for kind in kinds))
    return any(
        isinstance(node, Attribute) and node.attr in methods and _text(facts, node.value) == receiver
        for site in facts.structure.sites
        for call in site.summary.calls
        for node in walk(call.call)
    )


def _text(facts: ModuleFacts, node: Expression) -> tuple[str, ...]:
    return tuple(tokenize(facts.text(node)).texts)
