"""What there is to know about one keyword argument of a known call, from the catalogue and from the rules."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ml_architect.catalog import Kind, Symbol
from ml_architect.catalog.arguments import Argument, argument_of
from ml_architect.facts import Answer, CallSite, ModuleFacts
from ml_architect.facts.tfdata import TfData
from ml_architect.page import Block, Bullets, Heading, Link, Paragraph, as_markdown, as_plain
from ml_architect.rules import rule_named
from ml_architect.rules.api import Rule, StartingValue
from ml_architect.rules.render import sentence, starting_value
from ml_architect.text.span import Span

__all__ = ["NamedArgument", "argument_at", "argument_brief", "callee_of", "starting_values"]

_QUALIFIED = re.compile(r"(?P<name>\w+)(?:.*\((?P<callees>.*)\))?")
"""The setting of a starting value: ``lr (Adam, AdamW)`` is about two callees, ``lr`` about all."""


@dataclass(frozen=True, slots=True)
class NamedArgument:
    """A keyword in a call, what it means, and where the keyword stands."""

    symbol: Symbol
    argument: Argument
    span: Span


def argument_at(facts: ModuleFacts, offset: int) -> NamedArgument | None:
    """Return the described argument whose keyword stands at `offset`, None where there is none."""
    for call in facts.calls:
        if not facts.span(call.node).touches(Span(offset, offset)):
            continue
        for node in call.node.arguments:
            start = facts.span(node).start
            if node.keyword is None or not start <= offset <= start + len(node.keyword):
                continue
            span = Span(start, start + len(node.keyword))
            symbol = callee_of(facts, call)
            known = argument_of(symbol, node.keyword) if symbol is not None else None
            is_fresh = facts.module.source.text[span.start : span.end] == node.keyword
            return NamedArgument(symbol, known, span) if symbol is not None and known is not None and is_fresh else None
    return None


def argument_brief(found: NamedArgument, link_to: Callable[[str], str], verified: str, *, plain: bool) -> str:
    """Return what a reader needs beside the keyword; `link_to` gives the address of a rule's page.

    `verified` is the version of the library with which the catalogue was compared, empty if there is none.
    """
    blocks = list(_brief(found, link_to, verified))
    return as_plain(blocks) if plain else as_markdown(blocks)


def starting_values(argument: Argument, symbol: Symbol) -> tuple[StartingValue, ...]:
    """Return the starting values that the rule behind `argument` states for it, for this callee."""
    rule = rule_named(argument.rule) if argument.rule else None
    callee = symbol.name.rpartition(".")[2]
    return tuple(start for start in rule.starting_values if _is_for(start, argument, callee)) if rule else ()


def _is_for(start: StartingValue, argument: Argument, callee: str) -> bool:
    match = _QUALIFIED.match(start.setting)
    if match is None or match["name"] != argument.setting:
        return False
    return match["callees"] is None or callee in re.findall(r"\w+", match["callees"])


def callee_of(facts: ModuleFacts, call: CallSite) -> Symbol | None:
    """Return the symbol that is called: by its name, or as the method of what certainly is a model or dataset."""
    symbol = facts.symbol(call)
    if symbol is not None or call.receiver is None or facts.call_name(call) is not None:
        return symbol
    owner = None
    if facts.is_kind(call.receiver, call, Kind.KERAS_MODEL) is Answer.YES:
        owner = "keras.Model"
    elif facts.group(TfData).present and facts.group(TfData).before(call):
        owner = "tensorflow.data.Dataset"
    return facts.catalog.symbol(f"{owner}.{call.method}") if owner else None


def _brief(found: NamedArgument, link_to: Callable[[str], str], verified: str) -> Iterator[Block]:
    argument, symbol = found.argument, found.symbol
    yield Heading(0, argument.parameter)
    yield Paragraph(sentence(argument.does))
    default = symbol.default(argument.parameter)
    if default is not None and default != "...":
        yield Paragraph(
            f"Default of `{symbol.name}`{f' in {symbol.library} {verified}' if verified else ''}: `{default}`."
        )
    yield from _figures(argument, symbol)
    if argument.interacts:
        yield Heading(0, "Interacts with")
        yield Paragraph(sentence(argument.interacts))
    links = [Link(f"{symbol.library}: {argument.parameter}", argument.source)]
    rule = rule_named(argument.rule) if argument.rule else None
    if rule is not None:
        if starting_values(argument, symbol):
            yield from _tradeoffs(rule)
        links.append(Link(f"All about {rule.name}", link_to(rule.name)))
        links += [Link(reference.title, reference.url) for reference in rule.references]
    yield Heading(0, "Read on")
    yield Bullets(tuple(links))


def _figures(argument: Argument, symbol: Symbol) -> Iterator[Block]:
    """Yield the starting values, and on what ground they stand."""
    lent = starting_values(argument, symbol)
    own = StartingValue(argument.parameter, argument.start, argument.range, argument.reason)
    shown = lent or ((own,) if argument.start else ())
    if not shown:
        return
    yield Heading(0, "Starting value" if len(shown) == 1 else "Starting values")
    yield Bullets(tuple(starting_value(start) for start in shown))
    if lent:
        yield Paragraph(f"Guidance, the same as of the rule `{argument.rule}`.")
    elif argument.start == symbol.default(argument.parameter):
        yield Paragraph("The value is the library's default; the range is guidance.")
    else:
        yield Paragraph("Guidance, to be checked against your own validation results.")


def _tradeoffs(rule: Rule) -> Iterator[Block]:
    if rule.tradeoffs:
        yield Heading(0, "Trade-offs")
        yield Bullets(tuple(f"{cost.value}: {text}" for cost, text in rule.tradeoffs.items()))
