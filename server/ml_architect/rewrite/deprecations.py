"""The edits that the deprecation table prescribes."""

import re
from collections.abc import Sequence

from ml_architect.catalog import DeprecationFix
from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.deprecations import Use
from ml_architect.rewrite.arguments import remove_argument, replace
from ml_architect.rewrite.fix import Fix, Safety
from ml_architect.rewrite.imports import spell
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span

_NAME = re.compile(r"[\w.]+")
_CALL = re.compile(r"([\w.]+)\((.*)\)")


def modernised(facts: ModuleFacts, use: Use) -> Fix | None:
    """Return the repair that the table knows for one use, None where it takes judgement."""
    edits = _edits(facts, use)
    return Fix(_title(use), edits, _safety(use)) if edits else None


def modernised_together(facts: ModuleFacts, uses: Sequence[Use]) -> tuple[Fix, tuple[Use, ...]] | None:
    """Return one repair for the uses of one row that the table has repairs for, and the uses that it repairs.

    A use whose repair would touch that of an earlier one, because it stands inside it, is not among them. None where
    all uses take judgement.
    """
    edits: list[Edit] = []
    repaired: list[Use] = []
    for use in uses:
        fresh = [edit for edit in _edits(facts, use) if edit not in edits]
        if fresh and not any(edit.span.touches(other.span) for edit in fresh for other in edits):
            edits += fresh
            repaired.append(use)
    if not repaired:
        return None
    places = f" in {len(repaired)} places" if len(repaired) > 1 else ""
    first = repaired[0]
    return Fix(f"{_title(first)}{places}", tuple(edits), _safety(first)), tuple(repaired)


def _safety(use: Use) -> Safety:
    return Safety.SAFE if use.row.safe else Safety.UNSAFE


def _title(use: Use) -> str:
    kind = use.row.fix
    if kind is DeprecationFix.UNWRAP:
        return "use the tensor itself"
    if kind is DeprecationFix.REMOVE_KEYWORD:
        return f"remove `{use.row.keyword}`"
    return f"use `{use.row.replacement}`"


def _edits(facts: ModuleFacts, use: Use) -> tuple[Edit, ...]:
    row, call, argument = use.row, use.call, use.argument
    if call is None:
        return ()
    if row.fix is DeprecationFix.UNWRAP:
        return _unwrapped(facts, use)
    if row.fix is DeprecationFix.RENAME_SYMBOL:
        return _renamed(facts, use)
    if argument is None:
        return ()
    if row.fix is DeprecationFix.RENAME_KEYWORD and argument.keyword is not None:
        start = facts.span(argument).start
        return (Edit(Span(start, start + len(argument.keyword)), row.replacement),)
    if row.fix is DeprecationFix.REPLACE_VALUE:
        return (replace(facts, argument if "=" in row.replacement else argument.value, row.replacement),)
    if row.fix is DeprecationFix.REMOVE_KEYWORD:
        edit = remove_argument(facts, call, argument)
        return (edit,) if edit is not None else ()
    return ()


def _renamed(facts: ModuleFacts, use: Use) -> tuple[Edit, ...]:
    call = use.call
    if call is None:
        return ()
    template = _CALL.fullmatch(use.row.replacement)
    if template is not None:
        return _templated(facts, call, template.group(1), template.group(2))
    if not _NAME.fullmatch(use.row.replacement):
        return ()
    if facts.call_name(call) is None:
        name_end = facts.span(call.node.func).end
        old = call.method or ""
        return (Edit(Span(name_end - len(old), name_end), use.row.replacement.rpartition(".")[2]),)
    name, imports = spell(facts, use.row.replacement, call.site)
    dropped = remove_argument(facts, call, use.argument) if use.argument is not None else None
    if use.argument is not None and dropped is None:
        return ()
    return (replace(facts, call.node.func, name), *((dropped,) if dropped else ()), *imports)


def _templated(facts: ModuleFacts, call: CallSite, name: str, inner: str) -> tuple[Edit, ...]:
    """Write the call anew; ``...`` in the template stands for the old arguments, positional ones as keywords."""
    old = _as_keywords(facts, call)
    if old is None or (old and "..." not in inner):
        return ()
    parts = [word for part in inner.split(", ") for word in (old if part == "..." else [part]) if word]
    spelled, imports = spell(facts, name, call.site)
    return (replace(facts, call.node, f"{spelled}({', '.join(parts)})"), *imports)


def _as_keywords(facts: ModuleFacts, call: CallSite) -> list[str] | None:
    symbol = facts.symbol(call)
    names = [spec.name for spec in symbol.parameters or ()] if symbol is not None else []
    words = []
    for index, argument in enumerate(call.node.arguments):
        if argument.star or (argument.keyword is None and index >= len(names)):
            return None
        words.append(f"{argument.keyword or names[index]}={facts.text(argument.value)}")
    return words


def _unwrapped(facts: ModuleFacts, use: Use) -> tuple[Edit, ...]:
    if use.call is None:
        return ()
    arguments = use.call.node.arguments
    if len(arguments) != 1 or arguments[0].keyword or arguments[0].star:
        return ()
    return (replace(facts, use.call.node, facts.text(arguments[0].value)),)
