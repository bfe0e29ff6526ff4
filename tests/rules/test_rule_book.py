"""What every rule has to bring along."""

import ast
import re
from pathlib import Path

import pytest

from ml_architect.rules import all_rules
from ml_architect.rules.api import FixKind, Framework, Guidance, Rule, Shown

ROOT = Path(__file__).parents[2]
RULES = [pytest.param(rule, id=rule.name) for rule in all_rules()]
NO_NETWORK_SCHEMES = re.compile(r"^https://")


@pytest.mark.parametrize("rule", RULES)
def test_name_is_kebab_case_and_file_is_named_after_it(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.name)
    module = rule.detect.__module__.rpartition(".")[2]
    assert module == rule.name.replace("-", "_")


@pytest.mark.parametrize("rule", RULES)
def test_says_what_a_reader_needs(rule: Rule) -> None:
    assert rule.summary
    assert not rule.summary.endswith(".")
    assert len(rule.why) > 80
    assert rule.tradeoffs
    assert rule.references
    assert all(NO_NETWORK_SCHEMES.match(reference.url) for reference in rule.references)


@pytest.mark.parametrize("rule", RULES)
def test_has_examples_and_two_near_misses(rule: Rule) -> None:
    assert rule.fires
    assert len(rule.quiet) >= 2
    examples = [(example.code, tuple(example.versions.items())) for example in (*rule.fires, *rule.quiet)]
    assert len(set(examples)) == len(examples)


@pytest.mark.parametrize("rule", RULES)
def test_fix_kind_is_what_examples_show(rule: Rule) -> None:
    shown = [example.after is not None for example in rule.fires]
    if rule.fix is FixKind.ARCHITECT:
        assert all(shown) if rule.architect else not any(shown)
    else:
        assert any(shown) == (rule.fix is not FixKind.NONE)
    assert bool(rule.fix_safety) == (rule.fix in {FixKind.SAFE, FixKind.UNSAFE})


@pytest.mark.parametrize("rule", RULES)
def test_evidence_exists(rule: Rule) -> None:
    if isinstance(rule.evidence, Guidance):
        assert len(rule.evidence.reason) > 20
        return
    assert isinstance(rule.evidence, Shown)
    path, _, function = rule.evidence.test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_book_is_as_wide_as_promised() -> None:
    rules = all_rules()
    torch = {Framework.TORCH, Framework.LIGHTNING, Framework.TRANSFORMERS, Framework.ANY}
    assert len(rules) >= 60
    assert sum(rule.framework in torch for rule in rules) >= 38
    assert sum(rule.framework in {Framework.KERAS, Framework.TENSORFLOW} for rule in rules) >= 12
    assert sum(rule.framework in {Framework.SKLEARN, Framework.PANDAS} for rule in rules) >= 10
