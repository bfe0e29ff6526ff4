"""What has to hold in a repaired text. Each predicate returns what is wrong, None where all is well."""

import ast
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from ml_architect.trial.oracle.erasing import dotted
from ml_architect.trial.oracle.expectation import Expectation, Requirement
from ml_architect.trial.oracle.matching import (
    alternatives,
    function_named,
    is_one_of,
    is_same,
    matches,
    nodes_in_order,
    pattern,
    patterns,
)

__all__ = ["KINDS", "broken", "number_of"]

_Loop = ast.For | ast.AsyncFor | ast.While
_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def broken(tree: ast.Module, expectation: Expectation) -> Iterator[str]:
    """Yield what does not hold in `tree`."""
    for requirement in expectation.must:
        scope = function_named(tree, requirement.function)
        if scope is None:
            yield f"there is no function {requirement.function}"
            continue
        problem = KINDS[requirement.kind](scope, requirement, expectation.facts)
        if problem is not None:
            yield problem


def _contains(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    found = len(matches(wanted.code, scope))
    return None if found == wanted.count else f"{wanted.code!r} stands there {found} times, not {wanted.count}"


def _either(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    """Hold where exactly one of the codes stands there, once."""
    found = sum(len(matches(code, scope)) for code in wanted.codes)
    return None if found == 1 else f"{found} of {', '.join(wanted.codes)} stand there, not one"


def _lacks(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    return f"{wanted.code!r} must not stand there" if matches(wanted.code, scope) else None


def _keyword(scope: ast.AST, wanted: Requirement, facts: Mapping[str, float]) -> str | None:
    """Hold where every call of the callee (with `code` as first argument, if given) has the argument as it should."""
    calls = [node for node in nodes_in_order(scope) if isinstance(node, ast.Call) and _calls(node, wanted)]
    if not calls:
        return f"nothing calls {wanted.call}"
    for call in calls:
        value = next((one.value for one in call.keywords if one.arg == wanted.keyword), None)
        if value is None:
            return f"{wanted.call} has no {wanted.keyword}"
        if wanted.values and not is_one_of(patterns(wanted.values), value):
            return f"{wanted.keyword} is {ast.unparse(value)}"
        if not wanted.values and not _is_within(value, wanted, facts):
            return f"{wanted.keyword} is {ast.unparse(value)}, which is out of range"
    return None


def _without(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    """Hold where no call of the callee has the argument, unless it is False."""
    for call in nodes_in_order(scope):
        if isinstance(call, ast.Call) and _calls(call, wanted):
            value = next((one.value for one in call.keywords if one.arg == wanted.keyword), None)
            if value is not None and not is_same(pattern("False"), value):
                return f"{wanted.call} has {wanted.keyword}"
    return None


def number_of(tree: ast.AST, call: str, keyword: str) -> float | None:
    """Return the number that an argument of the first call of `call` is, None where it is none."""
    wanted = Requirement(kind="keyword", call=call)
    for node in nodes_in_order(tree):
        if isinstance(node, ast.Call) and _calls(node, wanted):
            value = next((one.value for one in node.keywords if one.arg == keyword), None)
            if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
                return float(value.value)
    return None


def _calls(call: ast.Call, wanted: Requirement) -> bool:
    callee = dotted(call.func)
    if callee != wanted.call and not callee.endswith(f".{wanted.call}"):
        return False
    return not wanted.code or bool(call.args and is_same(pattern(wanted.code), call.args[0]))


def _is_within(value: ast.expr, wanted: Requirement, facts: Mapping[str, float]) -> bool:
    """Return whether a literal number lies in the range, which ends at the number of cores where that is known."""
    if not isinstance(value, ast.Constant) or isinstance(value.value, bool):
        return False
    number = value.value
    if not isinstance(number, int | float):
        return False
    high = wanted.high
    if wanted.keyword == "num_workers" and "cores" in facts:
        high = facts["cores"] if high is None else min(high, facts["cores"])
    return (wanted.low is None or number >= wanted.low) and (high is None or number <= high)


def _order(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    """Hold where the first of each code stands in the order that is given."""
    places: list[int] = []
    for code in wanted.codes:
        found = _places(scope, code)
        if not found:
            return f"{code} is missing"
        places.append(found[0])
    return None if places == sorted(places) else f"the order is not {', '.join(wanted.codes)}"


def _cycle(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    """Hold where all codes stand in one loop, once each, in this order if one goes round and round."""
    loop = _loop_around(scope, wanted.codes[-1])
    if loop is None:
        return f"{wanted.codes[-1]} stands in no loop"
    places: list[int] = []
    for code in wanted.codes:
        found = _places(loop, code)
        if len(found) != 1:
            return f"{code} stands in the loop {len(found)} times"
        places.append(found[0])
    start = places.index(min(places))
    turned = places[start:] + places[:start]
    return None if turned == sorted(turned) else f"the order in the loop is not {', '.join(wanted.codes)}"


def _places(scope: ast.AST, code: str) -> list[int]:
    """Return the numbers of the nodes of `scope` that match, counted in the order of the text."""
    wanted = alternatives(code)
    return [index for index, node in enumerate(nodes_in_order(scope)) if is_one_of(wanted, node)]


def _loop_around(scope: ast.AST, code: str) -> ast.AST | None:
    """Return the innermost loop around the first match, None where there is none."""
    around = [node for node in nodes_in_order(scope) if isinstance(node, _Loop) and matches(code, node)]
    return around[-1] if around else None


def _branch(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    """Hold where `code` and all `codes` are statements of one block."""
    for node in nodes_in_order(scope):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and all(_holds(block, code) for code in (wanted.code, *wanted.codes)):
                return None
    return f"{wanted.code} does not stand beside {', '.join(wanted.codes)}"


def _holds(block: list[ast.stmt], code: str) -> bool:
    wanted = alternatives(code)
    return any(is_one_of(wanted, one.value if isinstance(one, ast.Expr) else one) for one in block)


def _loops(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    """Hold where so many loops stand around every match, or around `some`."""
    one = alternatives(wanted.code)
    depths = [depth for node, depth, _ in _placed(scope) if is_one_of(one, node)]
    if not depths:
        return f"{wanted.code} is missing"
    held = wanted.depth in depths if wanted.some else set(depths) == {wanted.depth}
    return None if held else f"{wanted.code} stands in {depths} loops, not {wanted.depth}"


def _under(scope: ast.AST, wanted: Requirement, _: Mapping[str, float]) -> str | None:
    """Hold where every match stands under one of the contexts, or in a function that is decorated with one."""
    one, contexts = alternatives(wanted.code), patterns(wanted.contexts)
    places = [around for node, _, around in _placed(scope) if is_one_of(one, node)]
    if not places:
        return f"{wanted.code} is missing"
    held = all(any(is_one_of(contexts, each) for each in around) for around in places)
    return None if held else f"{wanted.code} stands under none of {', '.join(wanted.contexts)}"


def _placed(
    node: ast.AST, depth: int = 0, around: tuple[ast.expr, ...] = ()
) -> Iterator[tuple[ast.AST, int, tuple[ast.expr, ...]]]:
    """Yield each node from `node` on with the loops of its function and the contexts around it."""
    yield node, depth, around
    if isinstance(node, _FunctionNode):
        depth = 0
        around = () if isinstance(node, ast.Lambda) else tuple(node.decorator_list)
    for name, value in ast.iter_fields(node):
        inside = depth + (isinstance(node, _Loop) and name == "body")
        held = around
        if isinstance(node, ast.With | ast.AsyncWith) and name == "body":
            held = (*around, *(item.context_expr for item in node.items))
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _placed(child, inside, held)


KINDS: Mapping[str, Callable[[ast.AST, Requirement, Mapping[str, float]], str | None]] = MappingProxyType(
    {
        "branch": _branch,
        "contains": _contains,
        "either": _either,
        "lacks": _lacks,
        "keyword": _keyword,
        "order": _order,
        "cycle": _cycle,
        "loops": _loops,
        "under": _under,
        "without": _without,
    }
)
