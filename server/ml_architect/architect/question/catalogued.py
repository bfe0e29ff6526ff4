"""Signatures from the catalogue, of what a repair may use and of what the code at hand calls."""

import re
from collections.abc import Iterator

from ml_architect.architect.question.paths import span_of
from ml_architect.architect.question.sheet import Sheet
from ml_architect.catalog import ParameterSpec, Symbol
from ml_architect.rules.allowance import Allowance

__all__ = ["signatures_part"]

_MOST = 12
_LONG = 320
"""A signature of more characters is shown without the parameters that nobody asks about."""
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+")


def signatures_part(sheet: Sheet) -> list[str]:
    """Return the signatures of at most twelve callables, what a repair may use first, then what stands nearest."""
    lines: list[str] = []
    libraries: dict[str, None] = {}
    for symbol, wanted in list(_symbols(sheet).values())[:_MOST]:
        lines.append(_signature(symbol, wanted))
        libraries[symbol.library] = None
    checked = [_checked(sheet, library) for library in libraries]
    return [*lines, *filter(None, checked)]


def _checked(sheet: Sheet, library: str) -> str:
    version = sheet.facts.catalog.verified.get(library)
    return f"(signatures of {library} were compared with version {version})" if version else ""


def _symbols(sheet: Sheet) -> dict[str, tuple[Symbol, frozenset[str]]]:
    """Return the symbols to show by name, with the parameters that must be shown."""
    keywords = frozenset(
        key.rpartition(":")[2] for rule in sheet.rules if rule.architect for key in rule.architect.keywords
    )
    found: dict[str, tuple[Symbol, frozenset[str]]] = {}
    used = list(_used(sheet))
    given = dict(reversed(used))
    names = [name for rule in sheet.rules if rule.architect for name in _allowed(rule.architect)]
    for name in [*names, *(name for name, _ in used)]:
        symbol = sheet.facts.catalog.symbol(name)
        if symbol is not None and symbol.parameters is not None:
            found.setdefault(symbol.name, (symbol, keywords | given.get(name, frozenset())))
    return found


def _allowed(allowance: Allowance) -> Iterator[str]:
    """Yield the qualified names in the patterns of what a repair may do."""
    yield from allowance.calls
    yield from (key.rpartition(":")[0] for key in allowance.keywords)
    for pattern in (*allowance.statements, *allowance.headers, *allowance.rewrites, *allowance.rewrites.values()):
        yield from _DOTTED.findall(pattern)


def _used(sheet: Sheet) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what is called in the code that is shown, nearest to a finding first."""
    spans = [span_of(sheet.analysis.source, rows) for rows in sheet.shown]
    calls = [call for call in sheet.facts.calls if any(span.touches(sheet.facts.span(call.node)) for span in spans)]
    marks = [item.span.start for item in sheet.findings]
    calls.sort(key=lambda call: min(abs(sheet.facts.span(call.node).start - mark) for mark in marks))
    for call in calls:
        name = sheet.facts.call_name(call)
        if name is not None:
            keywords = (argument.keyword for argument in call.node.arguments)
            yield name, frozenset(keyword for keyword in keywords if keyword is not None)


def _signature(symbol: Symbol, wanted: frozenset[str]) -> str:
    """Return a signature as Python spells it; of a long one the required parameters and those in `wanted`."""
    parameters = symbol.parameters or ()
    full = _spelled(symbol, parameters, elided=False)
    if len(full) <= _LONG:
        return full
    some = tuple(item for item in parameters if item.name in wanted or item.default is None)
    return _spelled(symbol, some, elided=True)


def _spelled(symbol: Symbol, parameters: tuple[ParameterSpec, ...], *, elided: bool) -> str:
    parts: list[str] = []
    keyword_only = False
    for item in parameters:
        if item.keyword_only and not keyword_only:
            parts.append("*")
            keyword_only = True
        parts.append(item.name if item.default is None else f"{item.name}={item.default}")
    if symbol.accepts_extra:
        parts.append("**others")
    text = f"{symbol.name}({', '.join(parts)})"
    return f"{text}  # {len(symbol.parameters or ()) - len(parameters)} further parameters left out" if elided else text
