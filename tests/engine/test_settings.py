"""Settings are read from a table; mistakes become lines, never exceptions."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from ml_architect.engine import Settings, selection_for, unknown_selectors
from ml_architect.rules.api import Category, Framework, Severity

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "select",
    "ignore",
    "preview",
    "severity",
    "per-file-ignores",
    "exclude",
    "versions",
    "interpreter",
    "code-lens",
    "diagnostic-mode",
]


@limits(deadline=None)  # the first table loads the rule book
@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=12), ANYTHING, max_size=6))
def test_any_table_gives_settings_that_work(table):
    settings, problems = Settings.from_mapping(table)
    assert hash(settings) is not None
    assert all(problem.isprintable() for problem in problems)
    selection_for(settings, Path("/somewhere/train.py"))


def test_a_correct_table_is_taken_as_it_is(rule_book, fake):
    rule_book(fake.rule("bad-word"))
    table = {
        "select": ["torch", "bad-word"],
        "ignore": ["model"],
        "preview": True,
        "severity": {"bad-word": "error", "all": "hint"},
        "per-file-ignores": {"tests/**": ["all"]},
        "exclude": ["legacy/", "*_pb2.py"],
        "versions": {"torch": "2.4", "keras": ">=3,<4"},
        "interpreter": ".venv/bin/python",
    }
    settings, problems = Settings.from_mapping(table, Path("/project"))
    assert problems == ()
    assert settings == Settings(
        select=("torch", "bad-word"),
        ignore=("model",),
        preview=True,
        severity=(("bad-word", Severity.ERROR), ("all", Severity.HINT)),
        per_file_ignores=(("tests/**", ("all",)),),
        exclude=("legacy/", "*_pb2.py"),
        versions=(("torch", "2.4"), ("keras", ">=3,<4")),
        interpreter=".venv/bin/python",
        root=Path("/project"),
    )


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"selct": []}, "unknown key 'selct', did you mean 'select'?"),
        ({"per_file_ignores": {}}, "unknown key 'per_file_ignores', did you mean 'per-file-ignores'?"),
        ({"qqq": 1}, "unknown key 'qqq'"),
        ({"code-lens": 1}, "'code-lens' must be true or false"),
        ({"diagnostic-mode": "all"}, "'diagnostic-mode' must be 'open-files' or 'workspace'"),
        ({"select": "torch"}, "'select' must be a list of strings"),
        ({"ignore": [1]}, "'ignore' must be a list of strings"),
        ({"preview": "yes"}, "'preview' must be true or false"),
        ({"select": ["bad-wrod"]}, "unknown rule 'bad-wrod' in 'select', did you mean 'bad-word'?"),
        ({"severity": {"bad-word": "loud"}}, "'severity.bad-word' must be one of error, warning, info, hint"),
        ({"severity": {"optimiser": "info"}}, "unknown rule 'optimiser' in 'severity', did you mean 'optimizer'?"),
        ({"severity": 3}, "'severity' must be a table"),
        ({"per-file-ignores": {"a.py": "all"}}, "'per-file-ignores.a.py' must be a list of strings"),
        ({"per-file-ignores": {"a.py": ["alll"]}}, "unknown rule 'alll' in 'per-file-ignores', did you mean 'all'?"),
        ({"exclude": ["!"]}, "'!' in 'exclude' is not a file pattern"),
        ({"versions": {"torch": 2.4}}, "'versions.torch' must be a version or a range in quotes, such as \"2.4\""),
        ({"versions": {"torch": "new"}}, "'versions.torch' must be a version or a range in quotes, such as \"2.4\""),
        ({"interpreter": 3}, "'interpreter' must be a string"),
        ({"select": ["shy"]}, "rule 'shy' in 'select' is in preview and needs 'preview = true'"),
    ],
)
def test_each_mistake_is_one_line(rule_book, fake, table, problem):
    rule_book(fake.rule("bad-word"), fake.rule("shy", preview=True))
    _, problems = Settings.from_mapping(table)
    assert problems == (problem,)


def test_a_selection_of_unknown_rules_only_falls_back_to_all():
    settings, problems = Settings.from_mapping({"select": ["no-such-rule-anywhere"]})
    assert settings.select == ("all",)
    assert len(problems) == 1


def test_a_command_line_replaces_the_selection_and_adds_to_the_rest():
    settings = Settings(select=("torch",), ignore=("model",), exclude=("a/",))
    assert settings.adjusted(select=["loss"], ignore=["device"], exclude=["b/"], preview=True) == Settings(
        select=("loss",), ignore=("model", "device"), exclude=("a/", "b/"), preview=True
    )
    assert settings.adjusted() == settings


def test_all_groups_are_selectors():
    assert unknown_selectors([*(item.value for item in (*Category, *Framework)), "all", "syntax-error"], "x") == ()


def names(settings, path=None):
    return [rule.name for rule in selection_for(settings, path).rules]


@pytest.fixture
def three_rules(rule_book, fake):
    rule_book(
        fake.rule("torch-loss", framework=Framework.TORCH, category=Category.LOSS),
        fake.rule("torch-model", framework=Framework.TORCH, category=Category.MODEL),
        fake.rule("keras-loss", framework=Framework.KERAS, category=Category.LOSS),
        fake.rule("shy", framework=Framework.KERAS, category=Category.DEVICE, preview=True),
    )


@pytest.mark.usefixtures("three_rules")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["keras-loss", "torch-loss", "torch-model"]),
        ({"preview": True}, ["keras-loss", "shy", "torch-loss", "torch-model"]),
        ({"select": ("torch",)}, ["torch-loss", "torch-model"]),
        ({"select": ("loss",)}, ["keras-loss", "torch-loss"]),
        ({"select": ("torch",), "ignore": ("loss",)}, ["torch-model"]),
        ({"select": ("torch-loss",), "ignore": ("loss",)}, ["torch-loss"]),
        ({"select": ("all",), "ignore": ("torch",)}, ["keras-loss"]),
        ({"select": ("torch-loss",), "ignore": ("torch-loss",)}, []),
        ({"ignore": ("all",)}, []),
        ({"select": ()}, []),
    ],
)
def test_the_closer_selector_wins(options, expected):
    assert names(Settings(**options)) == expected


@pytest.mark.usefixtures("three_rules")
def test_per_file_ignores_go_by_path_below_the_root():
    settings = Settings(per_file_ignores=(("tests/**", ("all",)), ("*_old.py", ("torch",))), root=Path("/p"))
    assert names(settings, Path("/p/tests/a/b.py")) == []
    assert names(settings, Path("/p/src/net_old.py")) == ["keras-loss"]
    assert len(names(settings, Path("/p/src/tests.py"))) == 3
    assert len(names(settings, Path("/q/src/train.py"))) == 3
    assert len(names(settings, None)) == 3


@pytest.mark.usefixtures("three_rules")
def test_the_closest_severity_wins():
    selection = selection_for(
        Settings(severity=(("all", Severity.HINT), ("loss", Severity.INFO), ("torch-loss", Severity.ERROR))), None
    )
    assert selection.severity("torch-loss", Severity.WARNING) is Severity.ERROR
    assert selection.severity("keras-loss", Severity.WARNING) is Severity.INFO
    assert selection.severity("torch-model", Severity.WARNING) is Severity.HINT
    assert selection.severity("syntax-error", Severity.ERROR) is Severity.HINT


def test_built_in_checks_are_on_unless_they_are_ignored_by_name():
    assert selection_for(Settings(select=("torch",)), None).builtins == {"syntax-error", "undecodable-file"}
    assert "unused-suppression" in selection_for(Settings(), None).builtins
    assert selection_for(Settings(ignore=("syntax-error",)), None).builtins == {
        "undecodable-file",
        "unused-suppression",
    }
