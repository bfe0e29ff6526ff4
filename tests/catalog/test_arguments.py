"""Every line about an argument names a callee, a parameter and a rule that exist, and says all that a reader needs."""

import pytest

from ml_architect.catalog import Kind, load_catalog
from ml_architect.catalog.arguments import argument_of, load_arguments
from ml_architect.rules import all_rules, rule_named
from ml_architect.rules.arguments import starting_values

ARGUMENTS = load_arguments()
CATALOG = load_catalog()
KINDS = {kind.value for kind in Kind}


def callees(use):
    """Return the symbols that a use is about."""
    name, _, parameter = use.partition(":")
    if name not in KINDS:
        return [CATALOG.symbols[name]]
    return [
        symbol
        for symbol in CATALOG.symbols.values()
        if symbol.kind.value == name and argument_of(symbol, parameter) is ARGUMENTS[use]
    ]


@pytest.mark.parametrize("use", ARGUMENTS)
def test_callee_and_parameter_exist(use):
    parameter = use.partition(":")[2]
    found = callees(use)
    assert found
    for symbol in found:
        assert parameter in [spec.name for spec in symbol.parameters]
        assert argument_of(symbol, parameter) is ARGUMENTS[use]


@pytest.mark.parametrize("use", ARGUMENTS)
def test_nothing_is_missing(use):
    argument = ARGUMENTS[use]
    assert argument.does and not argument.does.endswith(".")
    assert argument.interacts
    assert argument.source.startswith("https://")
    assert argument.rule is None or rule_named(argument.rule)
    lent = {start for symbol in callees(use) for start in starting_values(argument, symbol)}
    assert bool(lent) != bool(argument.start), "figures are the rule's or our own, never both"
    assert bool(argument.start) == bool(argument.range) == bool(argument.reason)


def test_there_are_arguments_of_all_frameworks():
    libraries = {symbol.library for use in ARGUMENTS for symbol in callees(use)}
    assert {"torch", "keras", "tensorflow", "scikit-learn", "transformers"} <= libraries
    assert len(ARGUMENTS) >= 40


def test_what_a_rule_permits_and_has_a_starting_value_for_is_described():
    for rule in all_rules():
        settings = {start.setting.partition(" ")[0] for start in rule.starting_values}
        for key in rule.architect.keywords if rule.architect else ():
            callee, _, parameter = key.rpartition(":")
            if callee and parameter in settings:
                symbol = CATALOG.symbol(callee)
                assert argument_of(symbol, parameter), key


def test_a_parameter_that_a_symbol_does_not_have_is_not_described():
    assert argument_of(CATALOG.symbols["torch.optim.Rprop"], "weight_decay") is None
    assert argument_of(CATALOG.symbols["torch.optim.LBFGS"], "lr") is ARGUMENTS["optimizer:lr"]
