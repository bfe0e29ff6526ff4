"""The data files keep their form: sorted, without doubles, with words that are defined and versions in order."""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from packaging.version import Version

from ml_architect.catalog import Deprecation, DeprecationFix, Kind, load, load_catalog
from ml_architect.catalog.load import parse_signature

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(load.__file__).parent
FILES = {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "data").glob("*.toml"))}
TRAITS = tomllib.loads((ROOT / "traits.toml").read_text(encoding="utf-8"))["traits"]
CATALOG = load_catalog()
ROWS = [row for rows in CATALOG.deprecations.values() for row in rows]
ROOTS = {
    "imbalanced-learn": {"imblearn"},
    "python": {"copy", "datetime", "random", "time", "uuid"},
    "scikit-learn": {"sklearn"},
    "sentence-transformers": {"sentence_transformers"},
    "segmentation-models-pytorch": {"segmentation_models_pytorch"},
    "tensorflow": {"keras", "tensorflow"},
    "tensorflow-datasets": {"tensorflow_datasets"},
    "torch": {"functorch", "torch"},
}
PROPER_NAMES = {"FSDP", "Fabric", "Keras", "NLLLoss", "None", "SciKeras", "TensorFlow", "TorchScript"}
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def spelled(row: Deprecation) -> str:
    return f"{row.symbol}({row.keyword or ''}{'' if row.value is None else '=' + row.value})"


def groups(data: dict) -> list[tuple[str, str, list[str]]]:
    return [
        (library, heading, lines.splitlines())
        for library, table in data.get("symbols", {}).items()
        for heading, lines in table.items()
    ]


@pytest.mark.parametrize("name", FILES)
def test_groups_and_lines_are_sorted(name):
    found = groups(FILES[name])
    for library in dict.fromkeys(group[0] for group in found):
        headings = [heading for owner, heading, _ in found if owner == library]
        assert headings == sorted(headings)
    for _, _, lines in found:
        names = [line.partition("(")[0] for line in lines]
        assert names == sorted(names)


@pytest.mark.parametrize("name", FILES)
def test_headings_are_a_kind_and_defined_traits(name):
    for _, heading, _ in groups(FILES[name]):
        kind, _, traits = heading.partition(": ")
        assert kind in {member.value for member in Kind}
        assert traits.split() == sorted(set(traits.split()))
        assert set(traits.split()) <= set(TRAITS)


def test_every_trait_is_used_and_explained():
    used = {trait for name in CATALOG.symbols for trait in CATALOG.symbols[name].traits}
    assert set(TRAITS) == used
    assert all(text and text[0].islower() and not text.endswith(".") for text in TRAITS.values())


def test_every_signature_is_python():
    for name in CATALOG.symbols:
        parameters = CATALOG.symbols[name].parameters
        assert DOTTED.fullmatch(name), name
        names = [spec.name for spec in parameters or ()]
        assert len(names) == len(set(names)), name
        for spec in parameters or ():
            assert spec.default is None or ast.parse(spec.default, mode="eval"), name


def test_data_files_are_ascii_so_that_offsets_are_positions():
    for path in sorted((ROOT / "data").rglob("*.toml")):
        assert path.read_bytes().isascii(), path.name


def test_a_symbol_belongs_to_its_library():
    for name in CATALOG.symbols:
        library = CATALOG.symbols[name].library
        assert name.partition(".")[0] in ROOTS.get(library, {library}), name


def test_prefixes_lead_to_symbols_and_only_once():
    targets = {prefix for prefix, _ in CATALOG.prefixes}
    for prefix, replacement in CATALOG.prefixes:
        assert prefix.endswith(".")
        assert replacement.endswith(".")
        assert replacement not in targets, prefix
        assert any(name.startswith(replacement) for name in CATALOG.symbols), prefix
        assert not any(name.startswith(prefix) and CATALOG.canonical(name) != name for name in CATALOG.symbols), prefix


def test_aliases_lead_to_symbols():
    for alias, name in CATALOG.aliases.items():
        assert name in CATALOG.symbols, alias
        assert alias not in CATALOG.symbols, alias
        assert CATALOG.canonical(alias) == name


def test_the_table_is_big_enough_to_be_of_use():
    assert len(CATALOG.symbols) > 2000
    assert len(ROWS) > 90


def test_no_row_is_there_twice():
    assert [name for name, count in Counter(map(spelled, ROWS)).items() if count > 1] == []


def test_a_row_for_one_value_stands_before_that_for_any():
    for rows in CATALOG.deprecations.values():
        for keyword in {row.keyword for row in rows}:
            anything = [row.value is None for row in rows if row.keyword == keyword]
            assert anything == sorted(anything), rows[0].symbol


def test_versions_are_in_order():
    for row in ROWS:
        versions = [Version(version) for version in (row.deprecated, row.removed) if version is not None]
        assert versions, spelled(row)
        assert versions == sorted(set(versions)), spelled(row)


def test_a_use_is_a_name_a_keyword_and_a_literal():
    for row in ROWS:
        assert DOTTED.fullmatch(row.symbol), spelled(row)
        assert CATALOG.canonical(row.symbol) == row.symbol, spelled(row)
        assert row.keyword is None or row.keyword.isidentifier(), spelled(row)
        assert row.value is None or ast.literal_eval(row.value) is not NotImplemented, spelled(row)


def test_texts_say_something():
    for row in ROWS:
        assert row.note, spelled(row)
        assert not row.note[0].isupper() or row.note.split()[0].strip(",") in PROPER_NAMES, spelled(row)
        assert not row.note.endswith("."), spelled(row)
        assert row.source.startswith("https://") or re.search(r"executed with|compared|read$", row.source), spelled(row)
        assert "TBA" not in row.note + row.replacement + row.source, spelled(row)


def test_a_replacement_fits_its_fix():
    for row in ROWS:
        assert row.replacement, spelled(row)
        assert not (row.safe and row.fix is DeprecationFix.NONE), spelled(row)
        assert fits(row), spelled(row)


def fits(row: Deprecation) -> bool:
    name, parenthesis, _ = row.replacement.partition("(")
    match row.fix:
        case DeprecationFix.RENAME_SYMBOL:
            return bool(DOTTED.fullmatch(name)) and (not parenthesis or is_call(row.replacement))
        case DeprecationFix.RENAME_KEYWORD:
            return row.keyword not in {None, row.replacement} and row.replacement.isidentifier()
        case DeprecationFix.REMOVE_KEYWORD:
            return row.keyword is not None
        case DeprecationFix.REPLACE_VALUE:
            name, equals, value = row.replacement.partition("=")
            ast.literal_eval(value if equals and name.isidentifier() else row.replacement)
            return row.value is not None
        case DeprecationFix.UNWRAP:
            return row.keyword is None
        case DeprecationFix.NONE:
            return True


def is_call(text: str) -> bool:
    return isinstance(ast.parse(text.replace("...", "*arguments"), mode="eval").body, ast.Call)


def test_a_replacement_is_not_deprecated_itself():
    plain = {row.symbol for row in ROWS if row.keyword is None}
    assert [row.symbol for row in ROWS if row.fix is DeprecationFix.RENAME_SYMBOL and row.replacement in plain] == []


def test_a_removed_argument_is_in_no_signature():
    for row in ROWS:
        symbol = CATALOG.symbols.get(row.symbol)
        if row.removed is not None and row.keyword is not None and row.value is None and symbol is not None:
            assert row.keyword not in [spec.name for spec in symbol.parameters or ()], spelled(row)


def test_a_line_of_a_group_is_one_symbol():
    for data in FILES.values():
        for _, _, lines in groups(data):
            for line in lines:
                name = line.partition("(")[0]
                assert line == name or parse_signature(line[len(name) :]), line
