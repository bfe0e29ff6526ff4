"""Taking an activation off what is given to a loss, and exchanging the name of an activation or loss."""

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.losses import Losses, LossUse
from ml_architect.facts.outputs import SHAPE_METHODS, Operation, Outputs
from ml_architect.facts.summary import own_expressions
from ml_architect.rewrite.arguments import remove_argument
from ml_architect.syntax.nodes import Attribute, Call, Expression, Name, Subscript, walk
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span


def drop_activation(facts: ModuleFacts, uses: tuple[LossUse, ...], operation: Operation) -> tuple[Edit, ...] | None:
    """Remove the activation whose result `uses` get; None where something else in sight gets the result as well."""
    place = facts.call_at(operation.place)
    if place is None or not all(_is_only_for(facts, use, operation, place, len(uses)) for use in uses):
        return None
    if operation.made is not None:
        return _drop_layer(facts, operation.made, place)
    inner = place.receiver if facts.call_name(place) is None else _first(place.node)
    return (_unwrap(facts, place.node, inner),) if inner is not None else None


def rename_last(facts: ModuleFacts, call: CallSite, name: str) -> Edit | None:
    """Exchange the last part of the callee's name: ``nn.NLLLoss`` with ``CrossEntropyLoss``; only behind a dot."""
    func = call.node.func
    if not isinstance(func, Attribute):
        return None
    end = facts.span(func).end
    return Edit(Span(end - len(func.attr), end), name)


def rename_losses(facts: ModuleFacts, uses: tuple[LossUse, ...], name: str) -> tuple[Edit, ...] | None:
    """Exchange the loss of all `uses`; None where it is an object that is applied elsewhere, or of another loss."""
    named = {use.named.node: use.named for use in uses}
    for use in uses:
        if use.symbol is not uses[0].symbol:
            return None
        if use.made is not None and any(other not in uses for other in facts.group(Losses).of_object(use.made)):
            return None
    edits = [rename_last(facts, call, name) for call in named.values()]
    return tuple(edit for edit in edits if edit is not None) if None not in edits else None


def unwrapped(facts: ModuleFacts, inner: Expression) -> str:
    """Return the source of an expression, in parentheses unless it binds as tightly as a name."""
    text = facts.text(inner)
    return text if isinstance(inner, (Name, Attribute, Call, Subscript)) else f"({text})"


def _unwrap(facts: ModuleFacts, call: Call, inner: Expression) -> Edit:
    return Edit(facts.span(call), unwrapped(facts, inner))


def _drop_layer(facts: ModuleFacts, made: CallSite, place: CallSite) -> tuple[Edit, ...] | None:
    """Remove a layer from the sequence that it is written in, else its application."""
    for outer in made.site.summary.calls:
        for argument in outer.call.arguments:
            if argument.value is made.node:
                site = facts.call_at(outer.call)
                edit = remove_argument(facts, site, argument) if site is not None else None
                return (edit,) if edit is not None and len(outer.call.arguments) > 1 else None
    bound = [item for item in made.site.summary.bindings if item.value is made.node]
    inner = _first(place.node)
    return (_unwrap(facts, place.node, inner),) if bound and inner is not None else None


def _first(node: Call) -> Expression | None:
    plain = [a for a in node.arguments if not a.star and a.keyword in {None, "input"}]
    return plain[0].value if plain else None


def _is_only_for(facts: ModuleFacts, use: LossUse, operation: Operation, place: CallSite, uses: int) -> bool:
    """Whether no other code in this file can see the result of the activation."""
    value = _behind_shape(use.input)
    if value is place.node:
        return True
    if isinstance(value, Name):
        if _uses(facts, value.id, use.call) != 1:
            return False
    elif not isinstance(value, Call):
        return False
    if place.site.function is use.call.site.function and operation.made is None:
        return True
    return _applications(facts, operation) <= uses


def _behind_shape(expression: Expression | None) -> Expression | None:
    while isinstance(expression, Call) and isinstance(expression.func, Attribute):
        if expression.func.attr not in SHAPE_METHODS:
            break
        expression = expression.func.value
    return expression


def _uses(facts: ModuleFacts, name: str, at: CallSite) -> int:
    """Count how often a name is read in the function around `at`."""
    seen = 0
    for site in facts.structure.sites:
        if site.function is not at.site.function:
            continue
        targets = {bound.target for bound in site.summary.bindings}
        for expression in own_expressions(site.statement):
            seen += sum(isinstance(n, Name) and n.id == name and n not in targets for n in walk(expression))
    return seen


def _applications(facts: ModuleFacts, operation: Operation) -> int:
    """Count the calls outside of modules whose result is that of `operation`."""
    outputs = facts.group(Outputs)
    count = 0
    for call in facts.calls:
        if (
            facts.call_name(call) is not None
            or call.node is operation.place
            or not isinstance(call.node.func, (Name, Attribute))
        ):
            continue
        if isinstance(call.node.func, Attribute) and call.node.func.attr in SHAPE_METHODS:
            continue
        found = outputs.last(call.node, call)
        if found is None or found.name != operation.name:
            continue
        count += found.place is operation.place or (found.made is not None and found.made is operation.made)
    return count
