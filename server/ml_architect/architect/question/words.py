"""What a repair may change, in words for whoever writes it."""

from collections.abc import Iterable, Iterator

from ml_architect.rules.allowance import Allowance, Choice, Number, Values

__all__ = ["allowance_lines", "range_lines", "values_words"]


def allowance_lines(allowance: Allowance) -> list[str]:
    """Return what `allowance` lets a repair do, a line each."""
    lines = [*_keywords(allowance), *_code(allowance), *_names(allowance)]
    if allowance.may_remove_finding:
        lines.append("remove the marked code itself")
    if allowance.structural:
        lines.append("move statements as far as the repair needs it; the user sees a preview first")
    if any("$" in line for line in lines):
        lines.append("(above, $x stands for one expression, $*x for any further arguments)")
    return [f"- {line}" for line in lines] or ["- make the smallest change that removes the finding"]


def range_lines(allowance: Allowance) -> list[str]:
    """Return what keywords may be set to, a line each."""
    return [f"- {_setting(key)}: {values_words(values)}" for key, values in allowance.keywords.items()]


def values_words(values: Values) -> str:
    """Return what a keyword may be set to."""
    if isinstance(values, Choice):
        listed = _listed(values.sources) or "nothing but its default"
        return f"one of {listed}" if len(values.sources) > 1 else listed
    if isinstance(values, Number):
        kind = "a whole number" if values.whole else "a number"
        low = "" if values.low is None else f" from {values.low:g}"
        high = "" if values.high is None else f" up to {values.high:g}"
        return kind + low + high
    return "an expression of names and constants that the file has already"


def _keywords(allowance: Allowance) -> Iterator[str]:
    for key, values in allowance.keywords.items():
        yield f"add, change or remove the argument {_setting(key)}: {values_words(values)}"


def _setting(key: str) -> str:
    callee, colon, parameter = key.rpartition(":")
    return f"`{parameter}` of `{callee}`" if colon else f"`{parameter}`"


def _code(allowance: Allowance) -> Iterator[str]:
    if allowance.statements:
        yield f"add, remove or move statements of the form {_listed(allowance.statements)}"
    for header in allowance.headers:
        if header.startswith("@"):
            yield f"add or remove the decorator `{header}`"
        else:
            spelled = header if header.startswith("if ") else f"with {header}"
            yield f"put statements under `{spelled.removesuffix(':')}:`, or take them out of it"
    for left, right in allowance.rewrites.items():
        yield f"turn {_sequence(left)} into {_sequence(right)}, or the reverse"


def _names(allowance: Allowance) -> Iterator[str]:
    if allowance.imports:
        yield f"import {_listed(allowance.imports)}"
    if allowance.calls:
        yield f"newly call {_listed(allowance.calls)}"
    if allowance.strings:
        yield f"newly use the strings {_listed(map(repr, allowance.strings))}"


def _sequence(pattern: str) -> str:
    """Return a pattern in words; its lines are statements that follow each other."""
    return ", then ".join(f"`{line.strip()}`" for line in pattern.splitlines())


def _listed(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)
