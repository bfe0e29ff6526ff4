"""What the methods called on a value say about its role, where no constructor or annotation is in sight."""

from ml_architect.catalog import Kind
from ml_architect.facts.names import Names
from ml_architect.facts.structure import Class, Scope
from ml_architect.facts.values import Origin
from ml_architect.syntax.nodes import Attribute, Name, Parameter

_MODULE_PROOF = frozenset({"parameters", "named_parameters", "load_state_dict"})


class Usage:
    """Methods called on names (per scope that binds them) and on attributes of the instance (per class)."""

    def __init__(self, names: Names) -> None:
        self._by_name: dict[tuple[Scope, str], set[str]] = {}
        self._by_attribute: dict[tuple[Class, str], set[str]] = {}
        for call in names.structure.calls:
            receiver, method = call.receiver, call.method
            if method is None:
                continue
            if isinstance(receiver, Name):
                found = names.lookup(receiver.id, call.scope)
                if found is not None:
                    self._by_name.setdefault((found[0], receiver.id), set()).add(method)
            elif isinstance(receiver, Attribute) and receiver.dotted:
                root, _, attribute = receiver.dotted.partition(".")
                function = call.scope.function
                if function is not None and function.owner is not None and root == function.receiver:
                    self._by_attribute.setdefault((function.owner, attribute), set()).add(method)

    def methods_of(self, origin: Origin) -> frozenset[str]:
        """Return the methods that are called on what `origin` makes, under the names that it is bound to."""
        node, function = origin.node, origin.scope.function
        methods: set[str] = set()
        if isinstance(node, Parameter):
            methods |= self._by_name.get((origin.scope, node.name), set())
            if function is not None and function.owner is not None:
                methods |= self._stored(function.owner, node.name)
            return frozenset(methods)
        for bound in origin.site.summary.bindings:
            if bound.value is not node or bound.path != origin.path:
                continue
            root, _, attribute = bound.name.partition(".")
            methods |= self._by_name.get((origin.site.scope, bound.name), set())
            if attribute and function is not None and function.owner is not None and root == function.receiver:
                methods |= self._by_attribute.get((function.owner, attribute), set())
        return frozenset(methods)

    def _stored(self, owner: Class, parameter: str) -> set[str]:
        methods: set[str] = set()
        for attribute, bindings in owner.attributes.items():
            if any(isinstance(b.bound.value, Name) and b.bound.value.id == parameter for b in bindings):
                methods |= self._by_attribute.get((owner, attribute), set())
        return methods


def kind_from_methods(methods: frozenset[str]) -> Kind | None:
    """Return the role that a set of called methods proves, if it proves one."""
    if "backward" in methods:
        return Kind.ENGINE if methods & {"step", "clip_grad_norm_", "prepare"} else None
    if "scale" in methods and methods & {"step", "update", "unscale_"}:
        return Kind.GRAD_SCALER
    if "fit" in methods or "compile" in methods:
        return None
    if "zero_grad" in methods and "step" in methods:
        return Kind.OPTIMIZER
    if methods & _MODULE_PROOF or {"eval", "train"} <= methods or ({"eval"} <= methods and "state_dict" in methods):
        return Kind.OPTIMIZER if "step" in methods else Kind.MODULE
    return Kind.MODULE if "eval" in methods or ("train" in methods and "state_dict" in methods) else None
