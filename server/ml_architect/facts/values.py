"""Where values come from: followed through assignments, attributes, loops, parameters and returns."""

from ml_architect.catalog import Kind
from ml_architect.facts.names import Names, dotted_name
from ml_architect.facts.origins import (
    ITERATING,
    NOWHERE,
    SELF_RETURNING,
    At,
    Frame,
    Origin,
    Origins,
    bound_argument,
    join,
    renamed,
    site_of,
    without_none,
)
from ml_architect.facts.reach import reaching
from ml_architect.facts.structure import Binding, CallSite, Class, Function, Scope, Site
from ml_architect.facts.summary import Path
from ml_architect.syntax.nodes import (
    Attribute,
    Await,
    BooleanOperation,
    Call,
    ClassDef,
    Collection,
    Conditional,
    Constant,
    Dictionary,
    Expression,
    Name,
    NamedExpression,
    Node,
    Parameter,
    Subscript,
)

_DEPTH = 14
_WIDTH = 12


class Values:
    """Follows values through one module."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.structure = names.structure
        self._memo: dict[tuple[Node, Frame | None], Origins] = {}
        self._active: set[tuple[Node, Frame | None]] = set()
        self._iterated: set[tuple[Expression, Path, Frame | None]] = set()
        self._cuts = 0
        """How often a cycle or the depth limit cut an answer short; such answers hold for one question only."""
        self._callers: dict[Function, tuple[CallSite, ...]] | None = None
        self._escaped: set[str] = set()
        self._called: dict[Call, Function | None] = {}
        self._method_names = frozenset(name for info in self.structure.classes for name in info.methods)

    # --- entry ------------------------------------------------------------------------------------

    def origins(self, expression: Expression, at: At, frame: Frame | None = None) -> Origins:
        """Return where the value of `expression`, evaluated at `at`, comes from."""
        return self._again(expression, site_of(at), at.scope, frame)

    def _again(self, expression: Expression, site: Site, scope: Scope, frame: Frame | None) -> Origins:
        key = expression, frame
        known = self._memo.get(key)
        if known is not None:
            return known
        if key in self._active or len(self._active) > _DEPTH:
            self._cuts += 1
            return NOWHERE
        cuts = self._cuts
        self._active.add(key)
        try:
            result = self._follow(expression, site, scope, frame)
        finally:
            self._active.discard(key)
        if self._cuts == cuts or not self._active:
            self._memo[key] = result
        return result

    def _follow(self, expression: Expression, site: Site, scope: Scope, frame: Frame | None) -> Origins:
        match expression:
            case Name():
                return self._name(expression.id, site, scope, frame)
            case Attribute():
                return self._attribute(expression, site, scope, frame)
            case Call():
                return self._call(expression, site, scope, frame)
            case Conditional():
                return self._union([expression.body, expression.orelse], site, scope, frame)
            case BooleanOperation():
                return self._union([expression.left, expression.right], site, scope, frame)
            case NamedExpression() | Await():
                return self._again(expression.value, site, scope, frame)
            case Subscript():
                return self._subscript(expression, site, scope, frame)
        return Origins((Origin(expression, site, scope, frame=frame),), complete=True)

    def _union(self, parts: list[Expression], site: Site, scope: Scope, frame: Frame | None) -> Origins:
        return join(self._again(part, site, scope, frame) for part in parts)

    # --- names and attributes -----------------------------------------------------------------------

    def _name(self, name: str, site: Site, scope: Scope, frame: Frame | None) -> Origins:
        found = self.names.lookup(name, scope)
        if found is None:
            return NOWHERE
        owner, bindings = found
        kept, complete = reaching(bindings, owner, site, scope)
        joined = join(self._binding(binding, owner, frame) for binding in kept[:_WIDTH])
        return Origins(without_none(joined.items), joined.complete and complete and len(kept) <= _WIDTH)

    def _binding(self, binding: Binding, owner: Scope, frame: Frame | None) -> Origins:
        bound = binding.bound
        frame = _frame_for(owner, frame)
        if binding.parameter is not None:
            return self._parameter(binding, owner, frame)
        if bound.how in {"function", "class"}:
            return Origins((Origin(bound.target, binding.site, owner, "definition"),), complete=True)
        if bound.how == "import":
            return Origins((Origin(bound.target, binding.site, owner, "import"),), complete=True)
        if bound.value is None:
            return NOWHERE
        if bound.how == "augment":
            return Origins((Origin(bound.target, binding.site, owner, "changed", frame=frame),), complete=True)
        if bound.how == "element":
            return self._elements(bound.value, binding.site, owner, bound.path, frame)
        inner = self._part(self._again(bound.value, binding.site, owner, frame), bound.path)
        if bound.how == "enter":
            return Origins(tuple(renamed(item, "enter") for item in inner.items), inner.complete)
        return inner

    def _part(self, origins: Origins, path: Path) -> Origins:
        if not path:
            return origins
        return join(self._part_of(item, path) for item in origins.items) if origins.items else origins

    def _part_of(self, item: Origin, path: Path) -> Origins:
        node, index = item.node, path[0]
        if item.how == "value" and not item.path:
            if isinstance(node, Collection) and index is not None and -len(node.elements) <= index < len(node.elements):
                inner = self._again(node.elements[index], item.site, item.scope, item.frame)
                return self._part(inner, path[1:])
            prepared = self._prepared(node, index, item)
            if prepared is not None:
                return self._part(prepared, path[1:])
        part = Origin(node, item.site, item.scope, item.how, item.path + path, item.frame)
        return Origins((part,), complete=True)

    def _prepared(self, node: Node, index: int | None, item: Origin) -> Origins | None:
        """Follow ``model, optimizer = accelerator.prepare(model, optimizer)`` to the argument."""
        if not isinstance(node, Call) or not isinstance(node.func, Attribute) or index is None:
            return None
        if node.func.attr not in {"prepare", "setup"} or any(a.star or a.keyword for a in node.arguments):
            return None
        if not 0 <= index < len(node.arguments):
            return None
        return self._again(node.arguments[index].value, item.site, item.scope, item.frame)

    def _attribute(self, node: Attribute, site: Site, scope: Scope, frame: Frame | None) -> Origins:
        dotted = node.dotted
        if dotted is not None:
            local = self._dotted(dotted, site, scope, frame)
            if local is not None:
                return local
            if self.names.qualified(node, scope) is not None:
                return Origins((Origin(node, site, scope, "import", frame=frame),), complete=True)
        owners = self._instances(node.value, site, scope, frame)
        if owners:
            return join(self.attribute_of(info, node.attr, frame) for info in owners)
        return Origins((Origin(node, site, scope, "item", frame=frame),), complete=False)

    def _dotted(self, dotted: str, site: Site, scope: Scope, frame: Frame | None) -> Origins | None:
        """Follow ``self.x = ...`` of the same class, or ``a.b = ...`` of the same scope."""
        root, _, attribute = dotted.partition(".")
        function = scope.function
        while function is not None and function.receiver != root:
            parent = function.scope.parent
            function = parent.function if parent is not None else None
        if function is not None and function.owner is not None and "." not in attribute:
            here = [b for b in function.owner.attributes.get(attribute, ()) if b.site.scope is scope]
            if any(b.site.dominates(site) for b in here):
                kept, _ = reaching(here, scope, site, scope)
                return join(self._binding(binding, scope, frame) for binding in kept)
            return self.attribute_of(function.owner, attribute, frame)
        found = self.names.lookup(dotted, scope)
        if found is None:
            return None
        kept, complete = reaching(found[1], found[0], site, scope)
        if not complete:
            return None
        return join(self._binding(binding, found[0], frame) for binding in kept)

    def attribute_of(self, info: Class, attribute: str, frame: Frame | None = None) -> Origins:
        """Return where attribute `attribute` of an instance of `info` comes from."""
        classes, _, _ = self.names.ancestry(info)
        for current in classes:
            bindings = current.attributes.get(attribute, [])
            if bindings:
                joined = join(self._binding(b, b.site.scope, frame) for b in bindings[:_WIDTH])
                return Origins(without_none(joined.items), joined.complete)
            method = current.methods.get(attribute)
            if method is not None:
                return Origins((Origin(method.node, method.site, current.scope, "definition"),), complete=True)
            fields = current.scope.bindings.get(attribute, [])
            if fields:
                return join(self._binding(b, current.scope, None) for b in fields[:_WIDTH])
        return NOWHERE

    def _instances(self, receiver: Expression, site: Site, scope: Scope, frame: Frame | None) -> list[Class]:
        found = []
        for item in self._again(receiver, site, scope, frame).items:
            info = self.instance_class(item) or self.class_itself(item)
            if info is None:
                return []
            found.append(info)
        return found

    def instance_class(self, origin: Origin) -> Class | None:
        """Return the class of this module that the value is an instance of, if it certainly is one."""
        node = origin.node
        if origin.how == "value" and isinstance(node, Call) and not origin.path:
            definition = self.names.definition(node.func, origin.scope)
            return definition if isinstance(definition, Class) else None
        if origin.how == "parameter" and isinstance(node, Parameter):
            function = origin.scope.function
            if function is not None and function.receiver == node.name:
                return function.owner
            if node.annotation is not None:
                definition = self.names.definition(node.annotation, origin.site.scope)
                return definition if isinstance(definition, Class) else None
        return None

    def class_itself(self, origin: Origin) -> Class | None:
        """Return the class of this module that the value is (``Config.lr`` style)."""
        if origin.how == "definition" and isinstance(origin.node, ClassDef):
            return self.structure.class_of.get(origin.node)
        return None

    # --- parameters and callers -----------------------------------------------------------------------

    def _parameter(self, binding: Binding, owner: Scope, frame: Frame | None) -> Origins:
        parameter = binding.parameter
        function = owner.function
        unknown = Origins(
            (Origin(binding.bound.target, binding.site, owner, "parameter", frame=frame),), complete=False
        )
        if parameter is None or function is None or owner.kind != "function" or parameter.kind in {"*", "**"}:
            return unknown
        if function.receiver == parameter.name:
            return Origins(unknown.items, complete=True)
        if frame is not None and frame.function is function:
            return self._filled(parameter, frame.call, function, frame.parent) or unknown
        callers = self.callers(function)
        if not callers:
            return unknown
        filled = [self._filled(parameter, call, function, None) or unknown for call in callers[:_WIDTH]]
        joined = join(filled)
        return Origins(joined.items, joined.complete and not self.escapes(function))

    def _filled(self, parameter: Parameter, call: CallSite, function: Function, frame: Frame | None) -> Origins | None:
        value = bound_argument(call.node, function, parameter)
        if value is not None:
            return self._again(value, call.site, call.scope, frame)
        if parameter.default is not None and not any(argument.star for argument in call.node.arguments):
            return self._again(parameter.default, function.site, function.site.scope, None)
        return None

    def callers(self, function: Function) -> tuple[CallSite, ...]:
        """Return the calls of `function` in this module."""
        if self._callers is None:
            self._callers = {}
            self._collect_callers(self._callers)
        return self._callers.get(function, ())

    def escapes(self, function: Function) -> bool:
        """Return whether `function` is handed on as a value, so that there may be callers out of sight."""
        self.callers(function)
        return function.name in self._escaped

    def _collect_callers(self, found: dict[Function, tuple[CallSite, ...]]) -> None:
        for call in self.structure.calls:
            for argument in call.node.arguments:
                name = dotted_name(argument.value)
                if name is not None:
                    self._escaped.add(name.rpartition(".")[2])
            target = self.called(call)
            if target is not None:
                found[target] = (*found.get(target, ()), call)

    def called(self, call: CallSite) -> Function | None:
        """Return the function of this module that `call` certainly calls (a class gives its ``__init__``)."""
        if call.node not in self._called:
            self._called[call.node] = self._resolve_call(call)
        return self._called[call.node]

    def _resolve_call(self, call: CallSite) -> Function | None:
        func = call.node.func
        definition = self.names.definition(func, call.scope)
        if isinstance(definition, Function):
            return definition
        if isinstance(definition, Class):
            return self.method(definition, "__init__")
        if isinstance(func, Attribute):
            if func.dotted is not None and func.dotted.count(".") == 1:
                owner = self._receiver_class(func.dotted.partition(".")[0], call.scope)
                if owner is not None:
                    return self.method(owner, func.attr)
            if func.attr in self._method_names:
                classes = self._instances(func.value, call.site, call.scope, None)
                if len(classes) == 1:
                    return self.method(classes[0], func.attr)
        return None

    @staticmethod
    def _receiver_class(root: str, scope: Scope) -> Class | None:
        function = scope.function
        while function is not None:
            if function.receiver == root:
                return function.owner
            parent = function.scope.parent
            function = parent.function if parent is not None else None
        return None

    def method(self, info: Class, name: str) -> Function | None:
        """Return the method that an instance of `info` has under `name`, inherited ones of this module included."""
        classes, _, _ = self.names.ancestry(info)
        return next((c.methods[name] for c in classes if name in c.methods), None)

    # --- calls --------------------------------------------------------------------------------------

    def _call(self, node: Call, site: Site, scope: Scope, frame: Frame | None) -> Origins:
        itself = Origins((Origin(node, site, scope, frame=frame),), complete=True)
        inner = self._passed_through(node, site, scope, frame)
        if inner is not None:
            return inner if inner.items else itself
        name = self.names.qualified(node.func, scope)
        if name == "builtins.next" and node.arguments:
            return self._elements(node.arguments[0].value, site, scope, (), frame)
        call = self.structure.site_of_call.get(node)
        if call is None or name is not None:
            return itself
        if isinstance(self.names.definition(node.func, scope), Class):
            return itself
        function = self.called(call)
        if function is None or not function.returns or function.node.is_async:
            return itself
        inside = Frame(call, function, frame)
        values = [r.statement.value for r in function.returns]  # type: ignore[union-attr]
        joined = join(
            self._again(value, at, at.scope, inside)
            for value, at in zip(values, function.returns, strict=True)
            if value is not None
        )
        return joined if joined.items else itself

    def _passed_through(self, node: Call, site: Site, scope: Scope, frame: Frame | None) -> Origins | None:
        func = node.func
        if isinstance(func, Attribute):
            if func.attr in SELF_RETURNING and self.names.qualified(func, scope) is None:
                return self._again(func.value, site, scope, frame)
            if func.attr in {"prepare", "setup"} and len(node.arguments) == 1 and not node.arguments[0].star:
                owner = self._again(func.value, site, scope, frame).only
                if owner is not None and self.kind_of_call(owner) is Kind.ENGINE:
                    return self._again(node.arguments[0].value, site, scope, frame)
        name = self.names.qualified(func, scope)
        if name is not None and self.names.catalog.kind(name) is Kind.MODULE_WRAPPER and node.arguments:
            first = node.arguments[0]
            return None if first.star else self._again(first.value, site, scope, frame)
        return None

    def kind_of_call(self, origin: Origin) -> Kind | None:
        """Return the catalogue's kind of what a library call gives."""
        if not isinstance(origin.node, Call) or origin.how != "value" or origin.path:
            return None
        name = self.names.qualified(origin.node.func, origin.scope)
        return self.names.catalog.kind(name) if name is not None else None

    # --- elements and items ----------------------------------------------------------------------------

    def _elements(self, iterable: Expression, site: Site, scope: Scope, path: Path, frame: Frame | None) -> Origins:
        key = iterable, path, frame
        if path is None or key in self._iterated:  # `bar = tqdm(bar)` in a loop has itself as an origin
            return NOWHERE
        self._iterated.add(key)
        try:
            return join(self._elements_of(item, path) for item in self._again(iterable, site, scope, frame).items)
        finally:
            self._iterated.discard(key)

    def _elements_of(self, item: Origin, path: Path) -> Origins:
        node = item.node
        if isinstance(node, Call) and item.how == "value" and not item.path:
            wrapped = self._wrapped_iterable(node, item, path)
            if wrapped is not None:
                return wrapped
        if isinstance(node, Collection) and item.how == "value" and not item.path and len(node.elements) <= _WIDTH:
            parts = (self._again(element, item.site, item.scope, item.frame) for element in node.elements)
            return join(self._part(part, path) for part in parts)
        how = "element" if item.how in {"value", "parameter"} else item.how
        element = Origin(node, item.site, item.scope, how, (*item.path, *path), item.frame)
        return Origins((element,), complete=True)

    def _wrapped_iterable(self, node: Call, item: Origin, path: Path) -> Origins | None:
        name = self.names.qualified(node.func, item.scope)
        arguments = [a.value for a in node.arguments if not a.keyword and not a.star]
        if name == "builtins.enumerate" and arguments and path:
            if path[0] == 1:
                return self._elements(arguments[0], item.site, item.scope, path[1:], item.frame)
            return Origins((Origin(node, item.site, item.scope, "element", path, item.frame),), complete=True)
        if name == "builtins.zip" and path and path[0] is not None and 0 <= path[0] < len(arguments):
            return self._elements(arguments[path[0]], item.site, item.scope, path[1:], item.frame)
        position = ITERATING.get(name or "")
        if position is None and name is not None and name.startswith("tqdm."):
            position = 0
        if position is not None and len(arguments) > position:
            return self._elements(arguments[position], item.site, item.scope, path, item.frame)
        return None

    def _subscript(self, node: Subscript, site: Site, scope: Scope, frame: Frame | None) -> Origins:
        key = node.index[0].value if len(node.index) == 1 and isinstance(node.index[0], Constant) else None
        inner = self._again(node.value, site, scope, frame)
        if key is not None and inner.items and (dotted_name(node.value) or "") not in self.structure.item_stores:
            parts = [self._item(item, key) for item in inner.items]
            if all(part is not None for part in parts):
                return join(part for part in parts if part is not None)
        items = tuple(Origin(item.node, item.site, item.scope, "item", item.path, item.frame) for item in inner.items)
        return Origins(items or (Origin(node, site, scope, "item", frame=frame),), complete=False)

    def _item(self, item: Origin, key: object) -> Origins | None:
        node = item.node
        if item.how != "value" or item.path:
            return None
        if isinstance(node, Dictionary):
            for name, value in zip(node.keys, node.values, strict=True):
                if isinstance(name, Constant) and name.value == key:
                    return self._again(value, item.site, item.scope, item.frame)
        if isinstance(node, Collection) and isinstance(key, int) and -len(node.elements) <= key < len(node.elements):
            return self._again(node.elements[key], item.site, item.scope, item.frame)
        return None


def _frame_for(owner: Scope, frame: Frame | None) -> Frame | None:
    """Return the frame of the function that `owner` belongs to, if `frame` leads to it."""
    if frame is None or owner.function is None:
        return None
    return next((item for item in frame.chain() if item.function is owner.function), None)


__all__ = ["ITERATING", "SELF_RETURNING", "At", "Frame", "Origin", "Origins", "Values", "bound_argument", "site_of"]
