"""Read the catalogue from its data files.

A data file groups symbols that play the same part; each line of a group is one symbol and its signature as Python
spells it. Lines are only split into names when the catalogue is loaded; a signature is parsed when it is asked for.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from ml_architect.catalog.model import Catalog, Deprecation, DeprecationFix, Kind, ParameterSpec, Symbol

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["SymbolTable", "load_catalog", "parse_signature"]

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class _Group:
    """What the symbols under one heading of a data file have in common."""

    library: str
    kind: Kind
    traits: frozenset[str]


class SymbolTable(Mapping[str, Symbol]):
    """All symbols by canonical name; a symbol is built from its line on first use and kept."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[_Group, str]] = {}
        self._symbols: dict[str, Symbol] = {}

    def add(self, library: str, heading: str, lines: str) -> None:
        """Add the symbols of one group; raises ValueError where a name is already there."""
        kind, _, traits = heading.partition(": ")
        shared = _Group(library, Kind(kind), frozenset(traits.split()))
        for line in lines.splitlines():
            name = line.partition("(")[0]
            if not name:
                continue
            if name in self._lines:
                message = f"symbol is listed twice: {name}"
                raise ValueError(message)
            self._lines[name] = (shared, line)

    def __getitem__(self, name: str) -> Symbol:
        symbol = self._symbols.get(name)
        if symbol is None:
            group, line = self._lines[name]
            symbol = self._symbols[name] = _symbol(group, name, line[len(name) :])
        return symbol

    def __contains__(self, name: object) -> bool:
        return name in self._lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def parse_signature(text: str) -> tuple[tuple[ParameterSpec, ...], bool]:
    """Return the parameters of a signature such as ``(params, lr=1e-3, *, foreach=None)``, and whether it takes more.

    It takes more where it has ``*args`` or ``**kwargs``. Raises SyntaxError where the text is no signature.
    """
    source = f"lambda {text[1:-1]}: 0"
    arguments = cast("ast.Lambda", ast.parse(source, mode="eval").body).args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    parameters = [
        ParameterSpec(argument.arg, _text(source, arguments.defaults[index - required]) if index >= required else None)
        for index, argument in enumerate(positional)
    ]
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(ParameterSpec(argument.arg, _text(source, default), keyword_only=True))
    return tuple(parameters), bool(arguments.vararg or arguments.kwarg)


@lru_cache(maxsize=1)
def load_catalog() -> Catalog:
    """Return the catalogue; it is read once per process."""
    symbols = SymbolTable()
    prefixes: dict[str, str] = {}
    aliases: dict[str, str] = {}
    rows: list[Deprecation] = []
    verified: dict[str, str] = {}
    for path in sorted(_DATA.rglob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for library, groups in data.get("symbols", {}).items():
            for heading, lines in groups.items():
                symbols.add(library, heading, lines)
        prefixes.update(_pairs(data.get("prefixes", "")))
        aliases.update(_pairs(data.get("aliases", "")))
        verified.update(data.get("verified", {}))
        for table in data.get("deprecations", ()):
            rows.extend(_deprecations(table, data["library"]))
    return Catalog(
        symbols=symbols,
        aliases=aliases,
        prefixes=tuple(sorted(prefixes.items(), key=lambda pair: (-len(pair[0]), pair[0]))),
        deprecations=_by_symbol(rows),
        verified=verified,
    )


def _symbol(group: _Group, name: str, signature: str) -> Symbol:
    parameters, accepts_extra = parse_signature(signature) if signature else (None, False)
    return Symbol(name, group.library, group.kind, parameters, accepts_extra, group.traits)


def _text(source: str, node: ast.expr | None) -> str | None:
    """Return the source of a default; the data files are ASCII, so that byte offsets are positions."""
    return None if node is None else source[node.col_offset : node.end_col_offset]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the two sides of each line ``name = meaning``."""
    for line in text.splitlines():
        left, separator, right = line.partition(" = ")
        if separator:
            yield left, right


def _deprecations(table: Mapping[str, Any], library: str) -> Iterator[Deprecation]:
    """Yield one row for each line of ``uses`` in a table of deprecations."""
    for line in table["uses"].splitlines():
        use, separator, replacement = line.partition(" = ")
        if not use:
            continue
        symbol, _, argument = use.removesuffix(")").partition("(")
        keyword, _, value = argument.partition("=")
        yield Deprecation(
            symbol=symbol,
            library=table.get("library", library),
            deprecated=table.get("deprecated"),
            removed=table.get("removed"),
            replacement=replacement if separator else table["replacement"],
            fix=DeprecationFix(table.get("fix", "none")),
            safe=table.get("safe", False),
            note=table["note"],
            source=table["source"],
            keyword=keyword or None,
            value=value or None,
        )


def _by_symbol(rows: Iterable[Deprecation]) -> Mapping[str, tuple[Deprecation, ...]]:
    """Group rows by symbol; those for one value stand before those for any value."""
    table: dict[str, tuple[Deprecation, ...]] = {}
    for row in sorted(rows, key=lambda row: row.value is None):
        table[row.symbol] = (*table.get(row.symbol, ()), row)
    return table
