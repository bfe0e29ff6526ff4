"""Arguments that a callee does not take."""

from collections import Counter
from collections.abc import Collection, Iterator

from ml_architect.architect.checks.change import Change, line_of
from ml_architect.architect.values import Refusal, Rung
from ml_architect.catalog import Symbol
from ml_architect.facts import CallSite, Function, ModuleFacts
from ml_architect.syntax.nodes import Call
from ml_architect.syntax.tokens import tokenize

__all__ = ["new_calls", "problem_of", "wrong_argument"]


def wrong_argument(change: Change) -> Refusal | None:
    """Return why a change is refused that passes what a callee does not take, None where there is no such call.

    Only calls that the change writes or changes are looked at. A callee whose signature is not known takes anything.
    """
    for call in new_calls(change):
        problem = problem_of(change.new.facts, call)
        if problem is not None:
            line = line_of(change.new.analysis.source, change.new.facts.span(call.node).start)
            return Refusal(Rung.SIGNATURES, f"line {line}: {problem}")
    return None


def new_calls(change: Change) -> Iterator[CallSite]:
    """Yield the calls of the new version that the old one does not have, token for token."""
    had = Counter(_text(change.old.facts, call.node) for call in change.old.calls)
    for call in change.new.calls:
        text = _text(change.new.facts, call.node)
        if had[text]:
            had[text] -= 1
        else:
            yield call


def _text(facts: ModuleFacts, call: Call) -> tuple[str, ...]:
    return tuple(tokenize(facts.text(call)).texts)


def problem_of(
    facts: ModuleFacts, call: CallSite, callee: Symbol | None = None, older: Collection[str] = ()
) -> str | None:
    """Return what is wrong with the arguments of a call, None where nothing is or its callee is not known.

    `callee` says what is called where the name of the call does not. `older` are keywords that the catalogue's version
    of the library takes no more, but the project's does.
    """
    keywords = Counter(item.keyword for item in call.node.arguments if item.keyword is not None)
    twice = next((name for name, count in keywords.items() if count > 1), None)
    if twice is not None:
        return f"`{twice}` is passed twice"
    for name in older:
        keywords.pop(name, None)
    positional = [item for item in call.node.arguments if item.keyword is None and not item.star]
    count = len(positional)
    symbol = facts.symbol(call) or callee
    if symbol is not None:
        return _against_symbol(symbol, keywords, count)
    definition = facts.names.definition(call.node.func, call.scope)
    if isinstance(definition, Function) and not definition.node.decorators:
        return _against_function(definition, keywords, count)
    return None


def _against_symbol(symbol: Symbol, keywords: Counter[str], count: int) -> str | None:
    if symbol.parameters is None or symbol.accepts_extra:
        return None
    names = [item.name for item in symbol.parameters]
    by_position = [item.name for item in symbol.parameters if not item.keyword_only]
    return _against(symbol.name, names, by_position, keywords, count)


def _against_function(function: Function, keywords: Counter[str], count: int) -> str | None:
    parameters = function.node.parameters
    if any(item.kind in ("*", "**") for item in parameters):
        return None
    names = [item.name for item in parameters if item.kind != "positional_only"]
    by_position = [item.name for item in parameters if item.kind != "keyword_only"]
    return _against(function.name, names, by_position, keywords, count)


def _against(callee: str, names: list[str], by_position: list[str], keywords: Counter[str], count: int) -> str | None:
    unknown = next((name for name in keywords if name not in names), None)
    if unknown is not None:
        return f"`{callee}` has no parameter `{unknown}`"
    if count > len(by_position):
        return f"`{callee}` takes {len(by_position)} positional arguments at most, {count} are passed"
    twice = next((name for name in by_position[:count] if name in keywords), None)
    return f"`{twice}` of `{callee}` is passed twice" if twice is not None else None
