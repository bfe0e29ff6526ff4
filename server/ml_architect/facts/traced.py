"""Functions that TensorFlow traces once into a graph, and the calls that run while it does."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from ml_architect.facts.structure import CallSite, Function
from ml_architect.facts.tfdata import TfData
from ml_architect.facts.values import At
from ml_architect.syntax.nodes import Call, Expression, FunctionDef, Lambda, Node

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

Callable_: TypeAlias = Function | Lambda
_MAPPING = ("map", "filter", "interleave", "flat_map", "scan")
_GRAPH_FUNCTIONS = ("tensorflow.function",)
_PYTHON = frozenset({"tensorflow.py_function", "tensorflow.numpy_function", "tensorflow.compat.v1.py_func"})
_EAGER = (
    "tensorflow.config.run_functions_eagerly",
    "tensorflow.config.experimental_run_functions_eagerly",
    "tensorflow.data.experimental.enable_debug_mode",
)
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class TracedFunction:
    """A function that is traced: `step` is the dataset's method that gets it, None for a ``tf.function``."""

    function: Callable_
    step: CallSite | None


class Traced:
    """Finds traced functions and follows the calls in them."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    @cached_property
    def functions(self) -> tuple[TracedFunction, ...]:
        """The functions that are traced; none where the module asks TensorFlow to run functions eagerly."""
        facts = self._facts
        if not facts.imports("tensorflow") or facts.calls_to(*_EAGER):
            return ()
        found = [
            TracedFunction(function, None)
            for function in facts.functions
            if self._is_decorated(function, _GRAPH_FUNCTIONS)
        ]
        found += [
            TracedFunction(target, None)
            for call in facts.calls_to(*_GRAPH_FUNCTIONS)
            if call.node.arguments and (target := self.resolved(call.node.arguments[0].value, call)) is not None
        ]
        for step in facts.group(TfData).steps(*_MAPPING):
            passed = next((a for a in step.node.arguments if not a.star and a.keyword in _FUNCTIONS), None)
            target = self.resolved(passed.value, step) if passed is not None else None
            if target is not None:
                found.append(TracedFunction(target, step))
        return tuple(found)

    def resolved(self, expression: Expression, at: At) -> Callable_ | None:
        """Return the one function of this module that an expression is; ``functools.partial`` is looked through."""
        only = self._facts.origins(expression, at).only
        if only is None or only.path:
            return None
        node = only.node
        if isinstance(node, Lambda):
            return node
        if isinstance(node, FunctionDef):
            return self._facts.structure.function_of.get(node)
        if isinstance(node, Call) and node.arguments:
            name = self._facts.qualified(node.func, only.site)
            call = self._facts.call_at(node)
            if name == "functools.partial" and call is not None:
                return self.resolved(node.arguments[0].value, call)
        return None

    def calls(self, function: Callable_, depth: int = 0) -> Iterator[CallSite]:
        """Yield the calls that run while `function` is traced, those in functions of this module that it calls too.

        What is wrapped in ``tf.py_function`` or the like, as a lambda or by a decorator, runs later, for each element.
        """
        if isinstance(function, Function) and self._is_decorated(function, _PYTHON):
            return
        own = self._by_lambda.get(function) if isinstance(function, Lambda) else self._by_function.get(function)
        for call in own or ():
            if any(inner in self._run_in_python for inner in call.inner):
                continue
            yield call
            target = self._facts.values.called(call)
            if target is not None and target is not function and depth < _DEPTH:
                yield from self.calls(target, depth + 1)

    def _is_decorated(self, function: Function, names: Collection[str]) -> bool:
        callees = (item.func if isinstance(item, Call) else item for item in function.node.decorators)
        return any(self._facts.qualified(callee, function.site) in names for callee in callees)

    @cached_property
    def _by_function(self) -> dict[Function, list[CallSite]]:
        found: dict[Function, list[CallSite]] = {}
        for call in self._facts.calls:
            if call.site.function is not None:
                found.setdefault(call.site.function, []).append(call)
        return found

    @cached_property
    def _by_lambda(self) -> dict[Lambda, list[CallSite]]:
        found: dict[Lambda, list[CallSite]] = {}
        for call in self._facts.calls:
            for inner in call.inner:
                if isinstance(inner, Lambda):
                    found.setdefault(inner, []).append(call)
        return found

    @cached_property
    def _run_in_python(self) -> frozenset[Node]:
        """Lambdas that run as Python for each element: arguments of ``tf.py_function`` and the like."""
        wrappers = self._facts.calls_to(*_PYTHON)
        return frozenset(
            argument.value
            for call in wrappers
            for argument in call.node.arguments
            if isinstance(argument.value, Lambda)
        )


_FUNCTIONS = frozenset({None, "map_func", "predicate", "scan_func"})
