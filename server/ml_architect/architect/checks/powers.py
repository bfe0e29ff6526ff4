"""What a document can do, as a list of single powers: calls, imports, names read, stores, strings, constructs."""

from collections.abc import Iterable, Iterator, Sequence

from ml_architect.architect.checks.callables import CALLABLE_KEYWORDS, handed_over
from ml_architect.architect.checks.denied import why_argument
from ml_architect.architect.checks.matching import Matcher
from ml_architect.architect.checks.patterns import Bindings, Pattern, kept_gaps
from ml_architect.architect.checks.permits import Permits
from ml_architect.architect.checks.plan import Plan
from ml_architect.architect.checks.power import Power, PowerKind
from ml_architect.facts import At, ModuleFacts, Site, dotted_name
from ml_architect.facts.summary import own_expressions
from ml_architect.syntax.nodes import (
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Await,
    Call,
    ClassDef,
    Collection,
    Constant,
    Delete,
    Expression,
    For,
    FormattedString,
    FunctionDef,
    If,
    Import,
    ImportFrom,
    Lambda,
    Name,
    NamedExpression,
    Node,
    ScopeDeclaration,
    Starred,
    Subscript,
    Try,
    While,
    With,
    WithItem,
    Yield,
    children,
)
from ml_architect.syntax.tokens import tokenize

__all__ = ["powers_of"]


def powers_of(facts: ModuleFacts, permits: Permits, sites: Sequence[Site], plan: Plan) -> list[Power]:
    """Return what the statements `sites` of a document can do, once for every place, in order.

    `plan` is that of their residue.
    What stands in a place that `permits` speaks of is left out: only what fills the gaps counts there.
    """
    collector = _Collector(facts, permits, plan)
    for site in sites:
        collector.statement(site)
    return collector.powers


_CONSTRUCTS: dict[type, str] = {
    Lambda: "lambda",
    Await: "await",
    Yield: "yield",
    Starred: "star",
    NamedExpression: "assignment inside an expression",
    Try: "try",
    While: "while loop",
    ClassDef: "class",
    FunctionDef: "function",
    ScopeDeclaration: "global or nonlocal",
    Delete: "del",
}


class _Collector:
    def __init__(self, facts: ModuleFacts, permits: Permits, plan: Plan) -> None:
        self.powers: list[Power] = []
        self._facts = facts
        self._permits = permits
        self._matcher = Matcher(facts)
        self._restated = plan.restated

    def _add(self, kind: PowerKind, name: str, node: Node, detail: str = "") -> None:
        self.powers.append(Power(kind, name, detail, self._facts.span(node).start))

    # --- statements -----------------------------------------------------------------------------------

    def statement(self, site: Site) -> None:
        """Record what one statement can do, without those in its body."""
        statement = site.statement
        found = self._first_match(self._permits.statements, statement, site)
        if found is not None:
            self._binds(site, found)
            self._gaps(found[1], site)
            return
        if statement in self._restated:
            number, rewriting = self._restated[statement]
            self._binds(site, (rewriting.sought[number], rewriting.bindings))
            if number == 0:
                self._gaps(rewriting.bindings, site)
            return
        self._binds(site, None)
        construct = _CONSTRUCTS.get(type(statement))
        if construct is not None:
            self._add(PowerKind.CONSTRUCT, construct, statement)
        self._stores(site)
        if isinstance(statement, (Import, ImportFrom)):
            self._imports(statement)
        else:
            for expression in self._own(site):
                self._visit(expression, site)

    def _own(self, site: Site) -> Iterator[Node]:
        """Yield the expressions of a statement that no header pattern speaks of; gaps of those that one does."""
        statement = site.statement
        if isinstance(statement, (FunctionDef, ClassDef)):
            yield from self._decorated(statement, site)
        elif isinstance(statement, With):
            for item in statement.items:
                yield from self._context(item, site)
        elif isinstance(statement, If):
            found = self._first_match(self._permits.conditions, statement.test, site)
            yield from (statement.test,) if found is None else _filled(found[1])
        else:
            yield from own_expressions(statement)

    def _decorated(self, statement: FunctionDef | ClassDef, site: Site) -> Iterator[Node]:
        for decorator in statement.decorators:
            found = self._first_match(self._permits.decorators, decorator, site)
            if found is None:
                self._add(PowerKind.DECORATOR, self._text(decorator), decorator)
                yield decorator
            else:
                yield from _filled(found[1])
        if isinstance(statement, ClassDef):
            yield from statement.arguments
            return
        for parameter in statement.parameters:
            yield from children(parameter)
        if statement.returns is not None:
            yield statement.returns

    def _context(self, item: WithItem, site: Site) -> Iterator[Node]:
        found = self._first_match(self._permits.contexts, item.context, site)
        if found is not None and item.target is None:
            yield from _filled(found[1])
            return
        context = item.context.func if isinstance(item.context, Call) else item.context
        self._add(PowerKind.CONSTRUCT, f"with {self._text(context)}", item)
        yield item

    def _imports(self, statement: Import | ImportFrom) -> None:
        prefix = ""
        if isinstance(statement, ImportFrom):
            prefix = "." * statement.level + (statement.module or "")
            prefix += "" if prefix.endswith(".") else "."
            if statement.star:
                self._add(PowerKind.IMPORT, f"{prefix}*", statement)
        for item in statement.names:
            if not self._permits.is_import(statement, item, self._facts):
                self._add(PowerKind.IMPORT, prefix + item.name, item)

    def _stores(self, site: Site) -> None:
        statement = site.statement
        targets: Iterable[Expression] = ()
        if isinstance(statement, (Assign, Delete)):
            targets = statement.targets
        elif isinstance(statement, (AugmentedAssign, For)):
            targets = (statement.target,)
        elif isinstance(statement, With):
            targets = tuple(item.target for item in statement.items if item.target is not None)
        for target in targets:
            for part in _parts(target):
                is_allowed = self._permits.rewriting(part, site, self._matcher) is not None
                if isinstance(part, (Attribute, Subscript)) and not is_allowed:
                    self._add(PowerKind.STORE, self._text(part), part)

    def _binds(self, site: Site, found: tuple[Pattern, Bindings] | None) -> None:
        """Record the names that a statement gives a meaning, those aside that its pattern is about."""
        kept = kept_gaps(found[0]) if found is not None else frozenset()
        for bound in site.summary.bindings:
            if "." in bound.name or bound.how == "delete":
                continue
            gap = next((gap for gap, nodes in found[1].items() if bound.target in nodes), None) if found else None
            if found is None or (gap is not None and gap not in kept):
                detail = bound.qualified if bound.how == "import" else ""
                self._add(PowerKind.BIND, bound.name, bound.target, detail)

    def _first_match(self, patterns: Sequence[Pattern], node: Node, at: At) -> tuple[Pattern, Bindings] | None:
        for item in patterns:
            bindings = self._matcher.match(item, node, at)
            if bindings is not None:
                return item, bindings
        return None

    def _gaps(self, bindings: Bindings, at: At) -> None:
        for node in _filled(bindings):
            self._visit(node, at)

    # --- expressions ----------------------------------------------------------------------------------

    def _visit(self, node: Node, at: At) -> None:
        if isinstance(node, Call):
            at = self._facts.call_at(node) or at
        rewriting = self._permits.rewriting(node, at, self._matcher)
        if rewriting is not None:
            self._gaps(rewriting.bindings, at)
            return
        match node:
            case Call():
                self._call(node, at)
            case Argument():
                self._argument(node, at)
            case Attribute() | Name():
                self._name(node, at)
            case Constant():
                if isinstance(node.value, (str, bytes)):
                    self._add(PowerKind.STRING, str(node.value), node)
            case FormattedString():
                self._add(PowerKind.FORMATTED, self._text(node), node)
                self._inside(node, at)
            case _:
                construct = _CONSTRUCTS.get(type(node))
                if construct is not None:
                    self._add(PowerKind.CONSTRUCT, construct, node)
                self._inside(node, at)

    def _inside(self, node: Node, at: At) -> None:
        for child in children(node):
            self._visit(child, at)

    def _call(self, call: Call, at: At) -> None:
        name = self._facts.qualified(call.func, at)
        if name is not None:
            self._add(PowerKind.CALL, name, call)
        elif isinstance(call.func, Attribute):
            self._add(PowerKind.CALL, f".{call.func.attr}", call)
            self._dunder(call.func.attr, call)
            self._visit(call.func.value, at)
        else:
            self._add(PowerKind.CALL, dotted_name(call.func) or "a computed function", call)
            self._visit(call.func, at)
        for argument in call.arguments:
            self._argument(argument, at)

    def _argument(self, argument: Argument, at: At) -> None:
        if argument.star:
            self._add(PowerKind.CONSTRUCT, f"{argument.star} argument", argument)
        text = self._text(argument)
        if why_argument(text) is not None:
            self._add(PowerKind.ARGUMENT, text, argument)
        if argument.keyword in CALLABLE_KEYWORDS:
            for node in handed_over(argument.value):
                self._add(PowerKind.ARGUMENT, f"{argument.keyword}={self._text(node)}", argument)
        self._visit(argument.value, at)

    def _name(self, node: Attribute | Name, at: At) -> None:
        qualified = self._facts.qualified(node, at)
        if qualified is not None:
            self._add(PowerKind.READ, qualified, node)
            for part in qualified.split("."):
                self._dunder(part, node)
        elif isinstance(node, Attribute):
            self._add(PowerKind.READ, node.dotted or f".{node.attr}", node)
            self._dunder(node.attr, node)
            self._visit(node.value, at)
        else:
            self._dunder(node.id, node)

    def _dunder(self, name: str, node: Node) -> None:
        if name.startswith("__") and name.endswith("__"):
            self._add(PowerKind.DUNDER, name, node)

    def _text(self, node: Node) -> str:
        return "".join(tokenize(self._facts.text(node)).texts)


def _filled(bindings: Bindings) -> Iterator[Node]:
    for nodes in bindings.values():
        yield from nodes


def _parts(target: Expression) -> Iterator[Expression]:
    """Yield the single targets in a target."""
    if isinstance(target, Collection):
        for element in target.elements:
            yield from _parts(element)
    elif isinstance(target, Starred):
        yield from _parts(target.value)
    else:
        yield target
