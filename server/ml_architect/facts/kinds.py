"""What role a value plays: optimizer, data loader, module..., by evidence and never by its name."""

from ml_architect.catalog import Kind
from ml_architect.facts.answer import Answer
from ml_architect.facts.evidence import Usage, kind_from_methods
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import Class
from ml_architect.facts.values import At, Frame, Origin, Origins, Values
from ml_architect.syntax.nodes import Attribute, Call, Constant, Expression, Parameter, Subscript

MODULES = frozenset({Kind.MODULE, Kind.MODULE_BASE, Kind.MODULE_FACTORY, Kind.MODULE_WRAPPER, Kind.PRETRAINED})
"""Kinds whose values are `torch.nn.Module` objects (a loss object is one as well, but is no model)."""
SCHEDULERS = frozenset({Kind.SCHEDULER, Kind.PLATEAU_SCHEDULER})
DATASETS = frozenset({Kind.DATASET, Kind.ITERABLE_DATASET})

_FROM_BASE = {Kind.MODULE_BASE: Kind.MODULE}
_COPIES = frozenset({"copy.deepcopy", "copy.copy"})


class Kinds:
    """Roles of values, through constructors, annotations, factories and subclasses in the module."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._names = values.names
        self._catalog = values.names.catalog
        self._of_class: dict[Class, tuple[Kind | None, bool]] = {}
        self._usage: Usage | None = None
        self._copied: set[Call] = set()

    def is_kind(self, expression: Expression, at: At, *kinds: Kind, frame: Frame | None = None) -> Answer:
        """Return whether the value of `expression` is of one of `kinds`."""
        return self.all_of(self._values.origins(expression, at, frame), *kinds)

    def all_of(self, origins: Origins, *kinds: Kind) -> Answer:
        """Return whether every origin is of one of `kinds`; `UNKNOWN` where they differ or one is not known."""
        return Answer.agree(self.origin_is(item, *kinds) for item in origins.items)

    def origin_is(self, origin: Origin, *kinds: Kind) -> Answer:
        """Return whether one origin is of one of `kinds`."""
        kind, certain = self.of(origin)
        if kind is None:
            return Answer.NO if certain else Answer.UNKNOWN
        return Answer.of(kind in kinds)

    def of(self, origin: Origin) -> tuple[Kind | None, bool]:
        """Return (kind, whether that is certain); (None, True) says: certainly nothing in the catalogue."""
        node = origin.node
        if origin.how == "parameter" and isinstance(node, Parameter):
            return self._annotated(node, origin)
        if origin.how == "definition":
            return None, True
        if origin.how not in {"value", "enter"}:
            return None, False
        if origin.path:
            return self._from_usage(origin)
        if isinstance(node, Constant):
            return None, True
        if isinstance(node, Call):
            return self._of_call(node, origin)
        return None, not isinstance(node, (Attribute, Subscript))

    def _of_call(self, node: Call, origin: Origin) -> tuple[Kind | None, bool]:
        definition = self._names.definition(node.func, origin.scope)
        if isinstance(definition, Class):
            return self.of_class(definition)
        name = None if definition is not None else self._names.qualified(node.func, origin.scope)
        if name is None:
            return self._from_usage(origin)
        if name in _COPIES and node.arguments:
            return self._of_copy(node, origin)
        symbol = self._catalog.symbol(name)
        if symbol is None and name.endswith((".from_pretrained", ".from_config", ".load_from_checkpoint")):
            symbol = self._catalog.symbol(name.rpartition(".")[0])
        if symbol is None:
            return (None, True) if name.startswith("builtins.") else self._from_usage(origin)
        return symbol.kind, True

    def _of_copy(self, node: Call, origin: Origin) -> tuple[Kind | None, bool]:
        inner = self._values.origins(node.arguments[0].value, origin.site, origin.frame).only
        if inner is None or node in self._copied:  # `best = deepcopy(best)` in a loop has itself as an origin
            return None, False
        self._copied.add(node)
        try:
            return self.of(inner)
        finally:
            self._copied.discard(node)

    def of_class(self, info: Class) -> tuple[Kind | None, bool]:
        """Return the kind of instances of a class of this module, from its bases."""
        if info not in self._of_class:
            _, names, known = self._names.ancestry(info)
            kinds = [self._catalog.kind(name) for name in names]
            found = next((kind for kind in kinds if kind is not None), None)
            certain = found is not None or (known and all(name in _PLAIN_BASES for name in names))
            self._of_class[info] = (_FROM_BASE.get(found, found) if found else None, certain)
        return self._of_class[info]

    def _annotated(self, node: Parameter, origin: Origin) -> tuple[Kind | None, bool]:
        function = origin.scope.function
        if function is not None and function.receiver == node.name and function.owner is not None:
            return self.of_class(function.owner)
        annotated = self._from_annotation(node, origin)
        if annotated is not None:
            return annotated
        return self._from_usage(origin)

    def _from_usage(self, origin: Origin) -> tuple[Kind | None, bool]:
        if self._usage is None:
            self._usage = Usage(self._names)
        kind = kind_from_methods(self._usage.methods_of(origin))
        return kind, kind is not None

    def _from_annotation(self, node: Parameter, origin: Origin) -> tuple[Kind | None, bool] | None:
        if node.annotation is None or dotted_name(node.annotation) is None:
            return None
        definition = self._names.definition(node.annotation, origin.site.scope)
        if isinstance(definition, Class):
            return self.of_class(definition)
        name = self._names.qualified(node.annotation, origin.site.scope)
        kind = self._catalog.kind(name) if name is not None else None
        return (_FROM_BASE.get(kind, kind), True) if kind is not None else None


_PLAIN_BASES = frozenset({"builtins.object", "typing.NamedTuple", "typing.Protocol", "abc.ABC", "enum.Enum"})
