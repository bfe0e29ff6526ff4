"""Values that a rule does not accept for what it lets a repair set."""

from collections import Counter
from collections.abc import Iterator

from ml_architect.architect.checks.change import Change, line_of
from ml_architect.architect.checks.matching import Matcher
from ml_architect.architect.checks.patterns import replacement
from ml_architect.architect.checks.signatures import new_calls
from ml_architect.architect.values import Refusal, Rung
from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.rules.allowance import Choice, Number, Values
from ml_architect.syntax.nodes import Argument, Expression
from ml_architect.syntax.tokens import tokenize

__all__ = ["unfit_value"]


def unfit_value(change: Change) -> Refusal | None:
    """Return why a change is refused that sets an owned argument to what its rule does not accept, else None.

    A value that the old version passed as often is not judged; that another call passes it excuses no further one.
    """
    had = Counter(text for call in change.old.facts.calls for text in _passed(change.old.facts, call))
    has = Counter(text for call in change.new.facts.calls for text in _passed(change.new.facts, call))
    matcher = Matcher(change.new.facts)
    for call in new_calls(change):
        for argument in call.node.arguments:
            parameter = change.permits.parameter_of(call.node, argument, call, matcher)
            values = change.permits.values_of(call.node, parameter, call, matcher)
            key = _key(change.new.facts, call, argument)
            if values is None or has[key] <= had[key]:
                continue
            problem = _problem(change.new.facts, argument.value, values, call, matcher)
            if problem is not None:
                line = line_of(change.new.analysis.source, change.new.facts.span(argument).start)
                return Refusal(Rung.VALUES, f"line {line}: `{parameter}` has to be {problem}")
    return None


def _passed(facts: ModuleFacts, call: CallSite) -> Iterator[tuple[str, ...]]:
    for argument in call.node.arguments:
        yield _key(facts, call, argument)


def _key(facts: ModuleFacts, call: CallSite, argument: Argument) -> tuple[str, ...]:
    return (facts.text(call.node.func), *tokenize(facts.text(argument)).texts)


def _problem(facts: ModuleFacts, value: Expression, values: Values, call: CallSite, matcher: Matcher) -> str | None:
    """Return what `value` should be, None where it is."""
    if isinstance(values, Number):
        return None if _is_within(facts, value, values, call) else _range(values)
    if isinstance(values, Choice):
        fits = any(matcher.match(replacement(source), value, call) is not None for source in values.sources)
        return None if fits else "one of " + ", ".join(f"`{source}`" for source in values.sources)
    is_code = facts.names.definition(value, call.scope) is not None
    return "a value, not a function or class" if is_code else None


def _is_within(facts: ModuleFacts, value: Expression, values: Number, call: CallSite) -> bool:
    known = facts.known(value, call)
    number = known.number() if known is not None else None
    if known is None or number is None or number != number:  # noqa: PLR0124 - not a number
        return False
    if values.whole and not isinstance(known.value, int):
        return False
    return (values.low is None or number >= values.low) and (values.high is None or number <= values.high)


def _range(values: Number) -> str:
    kind = "a whole number" if values.whole else "a number"
    low = f" from {values.low:g}" if values.low is not None else ""
    high = f" {'to' if low else 'up to'} {values.high:g}" if values.high is not None else ""
    return f"{kind}{low}{high} that is written out"
