"""Rules are found by walking their package."""

from types import ModuleType

import pytest

from ml_architect import rules
from ml_architect.rules import RuleBookError, all_rules, collect, rule_named


def module(name, **values):
    made = ModuleType(name)
    vars(made).update(values)
    return made


def test_rules_come_sorted_by_name(fake):
    book = collect([module("b", RULE=fake.rule("zeta")), module("a", RULE=fake.rule("alpha"))])
    assert [rule.name for rule in book] == ["alpha", "zeta"]


def test_two_rules_with_one_name_are_refused(fake):
    with pytest.raises(RuleBookError, match="second defines a second rule named same"):
        collect([module("first", RULE=fake.rule("same")), module("second", RULE=fake.rule("same"))])


def test_a_rule_file_without_a_rule_is_refused():
    with pytest.raises(RuleBookError, match="empty defines no RULE"):
        collect([module("empty")])


def test_rules_are_found_by_name(rule_book, fake):
    rule = fake.rule("here")
    rule_book(rule)
    assert rule_named("here") is rule
    assert rule_named("elsewhere") is None
    assert all_rules() is all_rules()


def test_files_of_families_are_rules_and_the_package_itself_holds_none(tmp_path, monkeypatch):
    family = tmp_path / "family"
    family.mkdir()
    (tmp_path / "api2.py").write_text("raise AssertionError")
    (family / "__init__.py").write_text("")
    (family / "some_rule.py").write_text("RULE = 'stand-in'")
    monkeypatch.setattr(rules, "__path__", [str(tmp_path)])
    assert [(found.__name__, found.RULE) for found in rules._modules()] == [
        ("ml_architect.rules.family.some_rule", "stand-in")
    ]
