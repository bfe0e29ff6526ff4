"""What the deprecation table says of the installed versions is so."""

import builtins

import pytest

from ml_architect.catalog import Deprecation, DeprecationFix, load_catalog

pytestmark = pytest.mark.frameworks

UNPROVEN = (".from_pretrained", "keras.Model.evaluate", "sklearn.metrics.make_scorer")
"""Calls that we cannot make up, and one that hands what it does not know to a function of the user."""


def test_removed_symbols_are_gone(installed):
    left = [
        row.symbol
        for row, answer in installed.rows
        if answer["removed"] and row.keyword is None and answer["gone"] is None
    ]
    assert left == []


def test_removed_arguments_are_refused(installed):
    accepted = [
        _spelled(row)
        for row, answer in installed.rows
        if answer["removed"] and row.keyword is not None and answer["found"] and _takes(answer, row.keyword)
        if not row.symbol.endswith(UNPROVEN) and not _is_about(row, answer["refused"] or "")
    ]
    assert accepted == []


def test_from_pretrained_refuses_removed_arguments(tmp_path):
    transformers = pytest.importorskip("transformers", minversion="5.0")
    small = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    transformers.BertModel(transformers.BertConfig(vocab_size=10, **small)).save_pretrained(tmp_path)
    removed = {
        row.keyword
        for symbol, rows in load_catalog().deprecations.items()
        for row in rows
        if symbol.endswith("from_pretrained") and row.removed == "5.0"
    }
    assert removed == {"use_auth_token", "load_in_8bit", "load_in_4bit"}
    for keyword in sorted(removed):
        with pytest.raises(TypeError, match=keyword):
            transformers.AutoModel.from_pretrained(tmp_path, **{keyword: True})


def test_deprecated_uses_still_work(installed):
    lost = [
        _spelled(row)
        for row, answer in installed.rows
        if not answer["removed"]
        if not answer["found"] or (row.keyword is not None and not _takes(answer, row.keyword))
    ]
    assert lost == []


def test_replacements_exist(installed):
    missing = [
        name
        for name, found in installed.names.items()
        if not found and not hasattr(builtins, name) and not name.startswith(("evaluate.", "joblib", "six"))
    ]
    for row, seen in installed.rows:
        keyword = _new_keyword(row)
        if keyword is not None and seen["found"] and not _takes(seen, keyword):
            missing.append(f"{_spelled(row)} = {keyword}")
    assert missing == []


def _new_keyword(row: Deprecation) -> str | None:
    if row.fix is DeprecationFix.RENAME_KEYWORD:
        return row.replacement
    name, separator, _ = row.replacement.partition("=")
    return name if row.fix is DeprecationFix.REPLACE_VALUE and separator and name.isidentifier() else None


def _takes(answer: dict[str, dict[str, list[list[str]]]], keyword: str) -> bool:
    """Return whether the call may take a keyword, as far as its signature says."""
    signature = answer["signature"]
    return signature is None or bool(signature["extra"]) or keyword in [name for name, *_ in signature["parameters"]]


def _is_about(row: Deprecation, error: str) -> bool:
    """Return whether an error speaks of the argument of this row."""
    return row.keyword in error or (row.value is not None and row.value.strip("\"'") in error)


def _spelled(row: Deprecation) -> str:
    return f"{row.symbol}({row.keyword}{'' if row.value is None else '=' + row.value})"
