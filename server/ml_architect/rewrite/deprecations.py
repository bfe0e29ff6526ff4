"""The edits that the deprecation table prescribes."""

from ml_architect.catalog import DeprecationFix
from ml_architect.facts import ModuleFacts
from ml_architect.facts.deprecations import Use
from ml_architect.rewrite.arguments import remove_argument, replace
from ml_architect.rewrite.fix import Fix, Safety
from ml_architect.rewrite.imports import spell
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span


def modernised(facts: ModuleFacts, use: Use) -> Fix | None:
    """Return the repair that the table knows for one use, None where it takes judgement."""
    edits = _edits(facts, use)
    if not edits:
        return None
    safety = Safety.SAFE if use.row.safe else Safety.UNSAFE
    return Fix(_title(use), edits, safety)


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
    if row.fix is DeprecationFix.RENAME_SYMBOL and argument is None:
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
    if use.call is None or not use.row.replacement.replace(".", "").replace("_", "").isalnum():
        return ()
    if facts.call_name(use.call) is None:
        name_end = facts.span(use.call.node.func).end
        old = use.call.method or ""
        return (Edit(Span(name_end - len(old), name_end), use.row.replacement.rpartition(".")[2]),)
    name, imports = spell(facts, use.row.replacement, use.call.site)
    return (replace(facts, use.call.node.func, name), *imports)


def _unwrapped(facts: ModuleFacts, use: Use) -> tuple[Edit, ...]:
    if use.call is None:
        return ()
    arguments = use.call.node.arguments
    if len(arguments) != 1 or arguments[0].keyword or arguments[0].star:
        return ()
    return (replace(facts, use.call.node, facts.text(arguments[0].value)),)
