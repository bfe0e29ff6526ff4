"""Uses of what newer releases of a library deprecate or remove, with what is known of the version in use."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ml_architect.catalog import Deprecation
from ml_architect.facts.gates import tests_inside
from ml_architect.facts.structure import CallSite, Site
from ml_architect.syntax.nodes import Argument, Attribute, Constant, If, Import, ImportFrom, Name, Node, Try, walk

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_ASKING = frozenset({"hasattr", "getattr", "version", "parse", "__version__", "version_info", "is_available"})

_NUMBERED = re.compile(r"[A-Za-z]_\d+_\d+")
"""Names of flags that hold a version, such as ``TORCH_AT_LEAST_2_4``."""


class Standing(Enum):
    """What the version in use says about a row."""

    REMOVED = "removed"
    DEPRECATED = "deprecated"
    UNKNOWN = "unknown"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a deprecated symbol, keyword or value. `call` is None where the symbol is only imported."""

    row: Deprecation
    place: Node
    call: CallSite | None
    argument: Argument | None
    standing: Standing


class Deprecations:
    """Finds uses of the rows of the deprecation table."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """The uses in source order, but for those that ask for the version or catch the error."""
        found = [use for use in self._all() if use.standing is not Standing.FINE]
        return tuple(sorted(found, key=lambda use: self._facts.span(use.place).start))

    def _all(self) -> Iterator[Use]:
        table = self._facts.catalog.deprecations
        called: set[str] = set()
        for call in self._facts.calls:
            name = self._facts.call_name(call)
            rows = table.get(name) if name is not None else self._method_rows(call)
            if rows and not self._is_guarded(call.site, call.node):
                called.add(name or "")
                yield from self._in_call(call, rows)
        for site in self._facts.statements(Import, ImportFrom):
            for bound in site.summary.bindings:
                name = self._facts.catalog.canonical(bound.qualified)
                gone = [row for row in table.get(name, ()) if row.keyword is None and row.removed is not None]
                if gone and name not in called and not self._is_guarded(site, bound.target):
                    yield self._use(gone[0], bound.target, None, None)

    def _method_rows(self, call: CallSite) -> tuple[Deprecation, ...] | None:
        """Return the rows of a method of the class that certainly made the receiver."""
        method = call.method
        if method is None or call.receiver is None or method not in self._facts.catalog.deprecated_names:
            return None
        made = self._facts.construction(call.receiver, call)
        name = self._facts.call_name(made) if made is not None else None
        if name is None:
            return None
        for owner in (name, *_BASES.get(name, ())):
            rows = self._facts.catalog.deprecations.get(f"{owner}.{method}")
            if rows:
                return rows
        return None

    def _in_call(self, call: CallSite, rows: tuple[Deprecation, ...]) -> Iterator[Use]:
        told: set[str] = set()
        for row in rows:
            if row.keyword is None:
                yield self._use(row, call.node.func, call, None)
                continue
            argument = next((a for a in call.node.arguments if a.keyword == row.keyword), None)
            if argument is None or row.keyword in told or not _has_value(argument, row.value):
                continue
            told.add(row.keyword)
            yield self._use(row, argument, call, argument)

    def _use(self, row: Deprecation, place: Node, call: CallSite | None, argument: Argument | None) -> Use:
        return Use(row, place, call, argument, self._standing(row))

    def _standing(self, row: Deprecation) -> Standing:
        environment = self._facts.environment
        removed = environment.allows(f"{row.library}>={row.removed}") if row.removed else False
        if removed:
            return Standing.REMOVED
        deprecated = environment.allows(f"{row.library}>={row.deprecated}") if row.deprecated else False
        if deprecated:
            return Standing.DEPRECATED
        return Standing.UNKNOWN if removed is None or deprecated is None else Standing.FINE

    def _is_guarded(self, site: Site, place: Node) -> bool:
        """Whether the code is prepared for both states: it catches the error, or asks for version or attribute."""
        if any(_asks(node) for test in tests_inside(site.statement, place) for node in walk(test)):
            return True
        for block in site.block.chain():
            owner = block.owner.statement if block.owner is not None else None
            if isinstance(owner, Try) and owner.handlers:
                return True
            if isinstance(owner, If) and any(_asks(node) for node in walk(owner.test)):
                return True
        return False


_BASES = {"keras.Sequential": ("keras.Model",), "keras.models.Sequential": ("keras.Model",)}


def _asks(node: Node) -> bool:
    name = node.id if isinstance(node, Name) else node.attr if isinstance(node, Attribute) else ""
    return name in _ASKING or _NUMBERED.search(name) is not None


def _has_value(argument: Argument, value: str | None) -> bool:
    if value is None:
        return True
    return isinstance(argument.value, Constant) and argument.value.value == _literal(value)


@lru_cache(maxsize=1024)
def _literal(source: str) -> object:
    return ast.literal_eval(source)
