"""Values that are known before the program runs."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ml_architect.facts.arguments import Arguments
from ml_architect.facts.structure import CallSite, Class
from ml_architect.facts.values import At, Frame, Origin, Values
from ml_architect.syntax.nodes import (
    Attribute,
    BinaryOperation,
    Call,
    Collection,
    Constant,
    Expression,
    Node,
    Parameter,
    UnaryOperation,
)

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_SMALL_POWER = 64


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is known. `overridable`: a user may give another one (command line, configuration, caller)."""

    value: object
    overridable: bool
    evidence: Node

    def number(self) -> float | None:
        """Return the value as a number, None for anything else (also for bool)."""
        if isinstance(self.value, (int, float)) and not isinstance(self.value, bool):
            return float(self.value)
        return None


class Constants:
    """Folds literals, single assignments, arithmetic, dataclass fields and argparse defaults."""

    def __init__(self, values: Values, arguments: Arguments) -> None:
        self._values = values
        self._arguments = arguments
        self._options: dict[str, list[CallSite]] | None = None

    def known(self, expression: Expression | None, at: At, frame: Frame | None = None) -> Known | None:
        """Return the value of `expression` at `at` if there is only one in sight, else None."""
        if expression is None:
            return None
        if isinstance(expression, Constant):
            return Known(expression.value, overridable=False, evidence=expression)
        option = self._option(expression, at)
        if option is not None:
            return option
        origins = self._values.origins(expression, at, frame)
        if len(origins.items) != 1:
            return None
        item = origins.items[0]
        found = self._fold(item, 0)
        if found is None:
            return None
        overridable = found.overridable or not origins.complete or self._is_field(expression, at)
        return Known(found.value, overridable, found.evidence)

    def _fold(self, item: Origin, depth: int) -> Known | None:
        node = item.node
        if item.path or item.how not in {"value", "parameter"} or depth > _DEPTH:
            return None
        match node:
            case Constant():
                return Known(node.value, overridable=False, evidence=node)
            case UnaryOperation(operator="-" | "not"):
                inner = self.known(node.operand, item.site, item.frame)
                return _negated(node, inner)
            case BinaryOperation():
                left = self.known(node.left, item.site, item.frame)
                right = self.known(node.right, item.site, item.frame)
                return _combined(node, left, right)
            case Collection(kind="tuple" | "list"):
                parts = [self.known(element, item.site, item.frame) for element in node.elements]
                if any(part is None for part in parts):
                    return None
                loose = any(part.overridable for part in parts if part is not None)
                return Known(tuple(part.value for part in parts if part is not None), loose, node)
            case Parameter(default=Constant() as default):
                return Known(default.value, overridable=True, evidence=default)
        return None

    def _is_field(self, expression: Expression, at: At) -> bool:
        """Whether `expression` reads a field of a class, which a user may set to another value."""
        if not isinstance(expression, Attribute):
            return False
        items = self._values.origins(expression.value, at).items
        for item in items:
            info: Class | None = self._values.instance_class(item) or self._values.class_itself(item)
            if info is not None and expression.attr in info.scope.bindings:
                return True
        return False

    def _option(self, expression: Expression, at: At) -> Known | None:
        """Return the default of ``args.name`` where ``args`` comes from an argparse parser of this module."""
        if not isinstance(expression, Attribute):
            return None
        calls = self._declared_options().get(expression.attr)
        if not calls or not self._is_namespace(expression.value, at):
            return None
        if len(calls) != 1:
            return None
        default = self._arguments.passed(calls[0], "default")
        if default.given:
            inner = self.known(default.value, calls[0])
            return Known(inner.value, overridable=True, evidence=inner.evidence) if inner is not None else None
        action = self._arguments.passed(calls[0], "action")
        word = action.value.value if isinstance(action.value, Constant) else None
        if word in {"store_true", "store_false"}:
            return Known(word == "store_false", overridable=True, evidence=calls[0].node)
        return None

    def _is_namespace(self, expression: Expression, at: At) -> bool:
        """Whether `expression` is (also as a parameter without visible callers) what ``parse_args`` gives."""
        for item in self._values.origins(expression, at).items:
            if isinstance(item.node, Call) and isinstance(item.node.func, Attribute):
                return item.node.func.attr in {"parse_args", "parse_known_args", "parse_intermixed_args"}
            if item.how == "parameter" and isinstance(item.node, Parameter):
                return item.node.name in {"args", "opt", "opts", "hparams", "config", "cfg", "flags"}
        return False

    def _declared_options(self) -> dict[str, list[CallSite]]:
        if self._options is None:
            self._options = {}
            for call in self._values.structure.calls:
                if call.method == "add_argument":
                    name = _destination(call.node)
                    if name:
                        self._options.setdefault(name, []).append(call)
        return self._options


_DEPTH = 8


def _destination(node: Call) -> str | None:
    flags: list[str] = []
    for argument in node.arguments:
        if isinstance(argument.value, Constant) and isinstance(argument.value.value, str):
            if argument.keyword == "dest":
                return argument.value.value
            if argument.keyword is None:
                flags.append(argument.value.value)
    long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else None)
    return long.lstrip("-").replace("-", "_") if long else None


def _negated(node: UnaryOperation, inner: Known | None) -> Known | None:
    if inner is None:
        return None
    if node.operator == "not":
        return Known(not inner.value, inner.overridable, node)
    if isinstance(inner.value, (int, float)):
        return Known(-inner.value, inner.overridable, node)
    return None


def _combined(node: BinaryOperation, left: Known | None, right: Known | None) -> Known | None:
    if left is None or right is None or left.number() is None or right.number() is None:
        return None
    a, b = left.value, right.value
    loose = left.overridable or right.overridable
    if node.operator == "**":
        small = abs(right.number() or 0) <= _SMALL_POWER and abs(left.number() or 0) <= _SMALL_POWER
        try:
            return Known(a**b, loose, node) if small else None  # type: ignore[operator]
        except (ArithmeticError, ValueError):
            return None
    function = _ARITHMETIC.get(node.operator)
    if function is None:
        return None
    try:
        return Known(function(a, b), loose, node)
    except (ArithmeticError, ValueError):
        return None
