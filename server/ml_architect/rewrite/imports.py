"""How a library symbol is spelled in a module, and the import that it needs if it is not there."""

from ml_architect.facts import ModuleFacts, Site
from ml_architect.facts.structure import Scope
from ml_architect.syntax.nodes import Assign, ExpressionStatement, Import, ImportFrom
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span


def spell(facts: ModuleFacts, qualified: str, at: Site) -> tuple[str, tuple[Edit, ...]]:
    """Return (source that means `qualified` at `at`, edits that add an import where none is there)."""
    best: str | None = None
    spellings = _spellings(qualified)
    scope: Scope | None = at.scope
    while scope is not None:
        for name, bindings in scope.bindings.items():
            if len({b.bound.qualified for b in bindings}) != 1 or bindings[0].bound.how != "import":
                continue
            imported = bindings[0].bound.qualified
            for target in {imported, facts.catalog.canonical(imported), _canonical_package(facts, imported)}:
                if target in spellings:
                    return name, ()
                for spelling in spellings:
                    candidate = name + spelling[len(target) :]
                    if spelling.startswith(target + ".") and (best is None or len(candidate) < len(best)):
                        best = candidate
        scope = scope.parent
    if best is not None:
        return best, ()
    owner, _, name = qualified.rpartition(".")
    if owner and any(site.statement.module == owner for site in facts.statements(ImportFrom)):  # type: ignore[union-attr]
        return name, (add_import(facts, f"from {owner} import {name}"),)
    module, _, _ = qualified.partition(".")
    return qualified, (add_import(facts, f"import {module}"),)


def _spellings(qualified: str) -> tuple[str, ...]:
    """Return the dotted names of a symbol: all of Keras is in TensorFlow, too."""
    return (qualified, f"tensorflow.{qualified}") if qualified.startswith("keras.") else (qualified,)


def _canonical_package(facts: ModuleFacts, name: str) -> str:
    """Return the canonical name of a package (``tensorflow.keras`` gives ``keras``)."""
    return facts.catalog.canonical(f"{name}.x").removesuffix(".x")


def add_import(facts: ModuleFacts, line: str) -> Edit:
    """Insert an import line behind the first run of top-level imports, else behind the module's docstring."""
    source = facts.module.source
    last: Site | None = None
    for site in facts.structure.body:
        if isinstance(site.statement, (Import, ImportFrom)):
            last = site
        elif last is not None or not isinstance(site.statement, (ExpressionStatement, Assign)):
            break
    if last is None and facts.structure.body:
        first = facts.structure.body[0]
        if facts.text(first.statement)[:1] in {'"', "'"}:
            last = first
    if last is None:
        return Edit(Span(0, 0), line + source.newline)
    row = source.row_at(facts.span(last.statement).end - 1)
    if row + 1 < len(source.line_starts):
        place = source.line_starts[row + 1]
        return Edit(Span(place, place), line + source.newline)
    return Edit(Span(len(source.text), len(source.text)), source.newline + line)
