"""What a name stands for: resolved once, through imports, aliases and scopes."""

import builtins

from ml_architect.catalog import Catalog
from ml_architect.facts.structure import Binding, CallSite, Class, Function, Scope, Structure
from ml_architect.syntax.nodes import Attribute, ClassDef, Expression, FunctionDef, Name

_BUILTINS = frozenset(dir(builtins))


class Names:
    """Qualified names of expressions, in the catalogue's canonical spelling."""

    def __init__(self, structure: Structure, catalog: Catalog) -> None:
        self.structure = structure
        self.catalog = catalog
        self._roots: dict[tuple[Scope, str], tuple[str, ...]] = {}
        self._qualified: dict[tuple[Scope, str], str | None] = {}
        self._called: dict[CallSite, str | None] = {}

    @staticmethod
    def lookup(name: str, scope: Scope) -> "tuple[Scope, list[Binding]] | None":
        """Return the scope that binds `name` as seen from `scope`, with its bindings there."""
        current: Scope | None = scope
        while current is not None:
            if current.kind != "class" or current is scope:
                found = current.bindings.get(name)
                if found and name not in current.outside:
                    return current, found
            current = current.parent
        return None

    def qualified(self, expression: Expression, scope: Scope) -> str | None:
        """Return the canonical qualified name that `expression` certainly means, such as ``torch.optim.Adam``.

        Builtins give ``builtins.len``. None for locals, attributes of objects, and names with several meanings.
        """
        dotted = dotted_name(expression)
        if dotted is None:
            return None
        key = scope, dotted
        if key not in self._qualified:
            names = self.all_qualified(dotted, scope)
            self._qualified[key] = names[0] if len(names) == 1 else None
        return self._qualified[key]

    def all_qualified(self, dotted: str, scope: Scope) -> tuple[str, ...]:
        """Return every canonical qualified name that `dotted` may mean (``try``/``except ImportError`` gives two)."""
        root, dot, rest = dotted.partition(".")
        if (scope, root) not in self._roots:
            self._roots[scope, root] = self._imported(root, scope, 0)
        names = {self.catalog.canonical(found + dot + rest) for found in self._roots[scope, root]}
        return tuple(sorted(names))

    def _imported(self, root: str, scope: Scope, depth: int) -> tuple[str, ...]:
        found = self.lookup(root, scope)
        if found is None:
            return self._from_star(root) or ((f"builtins.{root}",) if root in _BUILTINS else ())
        owner, bindings = found
        names: list[str] = []
        for binding in bindings:
            bound = binding.bound
            if bound.how == "import":
                names.append(bound.qualified)
            elif bound.how == "assign" and not bound.path and depth < _ALIAS_DEPTH:
                alias = dotted_name(bound.value) if bound.value is not None else None
                if alias is None or alias.partition(".")[0] == root:
                    return ()
                head, dot, rest = alias.partition(".")
                names += [name + dot + rest for name in self._imported(head, owner, depth + 1)]
            else:
                return ()
        return tuple(dict.fromkeys(names))

    def _from_star(self, root: str) -> tuple[str, ...]:
        for module in self.structure.star_imports:
            if self.catalog.symbol(f"{module}.{root}") is not None:
                return (f"{module}.{root}",)
        return ()

    def definition(self, expression: Expression, scope: Scope) -> Function | Class | None:
        """Return the function or class of this module that a plain name certainly means."""
        if not isinstance(expression, Name):
            return None
        found = self.lookup(expression.id, scope)
        if found is None or len(found[1]) != 1:
            return None
        target = found[1][0].bound.target
        if isinstance(target, FunctionDef):
            return self.structure.function_of.get(target)
        if isinstance(target, ClassDef):
            return self.structure.class_of.get(target)
        return None

    def call_name(self, call: CallSite) -> str | None:
        """Return the canonical qualified name of what is called."""
        if call not in self._called:
            self._called[call] = self.qualified(call.node.func, call.scope)
        return self._called[call]

    def bases(self, info: Class) -> list[Class | str | None]:
        """Return the bases of a class: classes of this module, qualified names, None where not known."""
        result: list[Class | str | None] = []
        for argument in info.node.arguments:
            if argument.keyword is not None:
                continue
            local = self.definition(argument.value, info.site.scope)
            if isinstance(local, Class) and local is not info:
                result.append(local)
            else:
                result.append(None if argument.star else self.qualified(argument.value, info.site.scope))
        return result

    def ancestry(self, info: Class) -> "tuple[list[Class], list[str], bool]":
        """Return (`info` and its ancestors in this module, ancestors elsewhere by name, whether all are known)."""
        classes, names, known = [info], [], True
        queue = [info]
        while queue:
            for base in self.bases(queue.pop(0)):
                if isinstance(base, Class):
                    if base not in classes:
                        classes.append(base)
                        queue.append(base)
                elif base is None:
                    known = False
                else:
                    names.append(base)
        return classes, names, known


_ALIAS_DEPTH = 3


def dotted_name(expression: Expression | None) -> str | None:
    """Return the text of a name or chain of names, else None."""
    if isinstance(expression, Name):
        return expression.id
    return expression.dotted if isinstance(expression, Attribute) else None
