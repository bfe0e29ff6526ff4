"""What a call passes for a parameter, by keyword or by position."""

from dataclasses import dataclass
from typing import Literal

from ml_architect.catalog import Symbol
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import CallSite, Function
from ml_architect.facts.values import Origin, Values, bound_argument
from ml_architect.syntax.nodes import Argument, Call, Constant, Dictionary, Expression


@dataclass(frozen=True, slots=True)
class Passed:
    """What a call passes for one parameter.

    `state` is ``"given"``, ``"absent"`` (so the default holds) or ``"unknown"`` (``*args``, ``**kwargs``, a
    signature that we do not have). `value` is the expression where it is given, `argument` the argument itself
    unless it came through a ``**kwargs`` whose dict is in sight; `at` is where `value` stands.
    """

    state: Literal["given", "absent", "unknown"]
    value: Expression | None = None
    argument: Argument | None = None
    at: CallSite | None = None

    @property
    def given(self) -> bool:
        """Whether the argument is certainly passed."""
        return self.state == "given"

    @property
    def absent(self) -> bool:
        """Whether the argument is certainly not passed."""
        return self.state == "absent"


ABSENT = Passed("absent")
UNKNOWN = Passed("unknown")


class Arguments:
    """Binds arguments to parameter names through the catalogue or the visible definition."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._memo: dict[tuple[Call, str], Passed] = {}

    def passed(self, call: CallSite, parameter: str, position: int | None = None) -> Passed:
        """Return what `call` passes for `parameter`.

        `position` says where it may stand by position if neither the catalogue nor the module knows the callable.
        """
        key = call.node, parameter
        if key not in self._memo:
            self._memo[key] = self._passed(call, parameter, position)
        return self._memo[key]

    def _passed(self, call: CallSite, parameter: str, position: int | None) -> Passed:
        for argument in call.node.arguments:
            if argument.keyword == parameter:
                return Passed("given", argument.value, argument, call)
        function = self._values.called(call)
        if function is not None:
            return self._of_function(call, function, parameter)
        symbol = self._symbol(call)
        index = symbol.position(parameter) if symbol is not None and symbol.parameters is not None else position
        starred = False
        for number, argument in enumerate(call.node.arguments):
            if argument.keyword is not None:
                continue
            if argument.star == "**":
                found = self._in_mapping(argument, call, parameter)
                if found is None or found.given:
                    return found or UNKNOWN
            elif argument.star:
                starred = True
            elif number == index and not starred:
                return Passed("given", argument.value, argument, call)
        if starred and (index is not None or symbol is None):
            return UNKNOWN
        return ABSENT

    def _of_function(self, call: CallSite, function: Function, parameter: str) -> Passed:
        spec = next((p for p in function.node.parameters if p.name == parameter), None)
        value = bound_argument(call.node, function, spec) if spec is not None else None
        if value is not None:
            argument = next(a for a in call.node.arguments if a.value is value)
            return Passed("given", value, argument, call)
        return UNKNOWN if any(argument.star for argument in call.node.arguments) else ABSENT

    def _symbol(self, call: CallSite) -> Symbol | None:
        name = self._values.names.call_name(call)
        return self._values.names.catalog.symbol(name) if name is not None else None

    def _in_mapping(self, argument: Argument, call: CallSite, parameter: str) -> Passed | None:
        """Look into the one dict that ``**options`` unpacks; None where its contents are not certain."""
        items = mapping_items(self._values, argument.value, call)
        if items is None:
            return None
        value = items.get(parameter)
        return Passed("given", value, None, call) if value is not None else ABSENT


def mapping_items(values: Values, expression: Expression, at: CallSite) -> dict[str, Expression] | None:
    """Return the entries of the one dict that `expression` is, if nothing changes it in sight; else None."""
    only = values.origins(expression, at).only
    if only is None or only.path or only.how != "value":
        return None
    name = dotted_name(expression)
    if name is not None and _is_changed(values, name):
        return None
    return _dict_items(values, only)


def _is_changed(values: Values, name: str) -> bool:
    if name in values.structure.item_stores:
        return True
    return any(
        call.method in {"update", "pop", "setdefault", "clear"} and dotted_name(call.receiver) == name
        for call in values.structure.calls
    )


def _dict_items(values: Values, origin: Origin) -> dict[str, Expression] | None:
    node = origin.node
    if isinstance(node, Dictionary):
        entries: dict[str, Expression] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, Constant) or not isinstance(key.value, str):
                return None
            entries[key.value] = value
        return entries
    if isinstance(node, Call) and values.names.qualified(node.func, origin.scope) == "builtins.dict":
        if any(argument.keyword is None for argument in node.arguments):
            return None
        return {argument.keyword: argument.value for argument in node.arguments if argument.keyword is not None}
    return None
