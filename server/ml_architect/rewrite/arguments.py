"""Setting, replacing and removing arguments of a call, in the call's own layout."""

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.syntax.nodes import Argument, Comprehension, Node
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span


def replace(facts: ModuleFacts, node: Node, code: str) -> Edit:
    """Put `code` in the place of `node`."""
    return Edit(facts.span(node), code)


def set_keyword(facts: ModuleFacts, call: CallSite, keyword: str, code: str) -> Edit | None:
    """Set ``keyword=code``: replace the value that is there, else add the keyword behind the last argument.

    None where a further argument cannot be written, as after a bare generator expression.
    """
    arguments = call.node.arguments
    for argument in arguments:
        if argument.keyword == keyword:
            return replace(facts, argument.value, code)
    if not arguments:
        open_end = facts.span(call.node).start + (call.node.open - call.node.start) + 1
        return Edit(Span(open_end, open_end), f"{keyword}={code}")
    last = arguments[-1]
    if len(arguments) == 1 and isinstance(last.value, Comprehension) and facts.text(last.value)[:1] not in "([{":
        return None
    end = facts.span(last).end
    return Edit(Span(end, end), f"{_separator(facts, call)}{keyword}={code}")


def _separator(facts: ModuleFacts, call: CallSite) -> str:
    """Return what stands between arguments: a comma and a blank, or a comma and a new line where each has its own."""
    source = facts.module.source
    arguments = call.node.arguments
    rows = [source.row_at(facts.span(argument).start) for argument in arguments]
    open_row = source.row_at(facts.span(call.node).start + (call.node.open - call.node.start))
    alone = rows[-1] != (rows[-2] if len(rows) > 1 else open_row)
    if not alone:
        return ", "
    line = source.line(rows[-1])
    indent = line[: len(line) - len(line.lstrip())]
    start = facts.span(arguments[-1]).start
    on_own_line = source.line_starts[rows[-1]] + len(indent) == start
    return f",{source.newline}{indent}" if on_own_line else ", "


def remove_argument(facts: ModuleFacts, call: CallSite, argument: Argument) -> Edit | None:
    """Remove one argument and the comma that goes with it; None where a comment would be lost."""
    arguments = call.node.arguments
    index = arguments.index(argument)
    span = facts.span(argument)
    if index + 1 < len(arguments):
        gap = Span(span.start, facts.span(arguments[index + 1]).start)
    elif index > 0:
        gap = Span(facts.span(arguments[index - 1]).end, span.end)
    else:
        close = facts.span(call.node).start + (call.node.close - call.node.start)
        rest = facts.module.source.text[span.end : close]
        gap = Span(span.start, span.end + len(rest.rstrip()) if rest.strip() == "," else span.end)
    removed = facts.module.source.text[gap.start : gap.end]
    inside = facts.text(argument)
    return None if "#" in removed.replace(inside, "", 1) else Edit(gap, "")
