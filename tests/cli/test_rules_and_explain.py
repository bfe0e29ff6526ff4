"""The rule list and the pages."""

import json

import pytest

from ml_architect import __version__
from ml_architect.rules import all_rules


def test_rules_as_json(run):
    listed = json.loads(run("rules", "--output-format", "json").stdout)
    assert [item["name"] for item in listed] == [rule.name for rule in all_rules()]
    for item in listed:
        assert list(item) == ["name", "framework", "category", "severity", "fix", "evidence", "since", "preview"]
        assert item["evidence"] in {"shown", "guidance"}


def test_rules_as_table(run):
    lines = run("rules").stdout.splitlines()
    assert lines[0].split() == ["name", "framework", "category", "severity", "fix", "evidence", "since"]
    assert len(lines) == len(all_rules()) + 1
    assert any(line.startswith("missing-zero-grad ") for line in lines)


@pytest.mark.parametrize("name", ["missing-zero-grad", "Missing_Zero_Grad", " missing-zero-grad"])
def test_explain_prints_markdown_with_what_really_happens(run, name):
    page = run("explain", name).stdout
    assert page.startswith("# missing-zero-grad\n\n")
    assert "\x1b" not in page
    assert "example.py:9:9: error missing-zero-grad: " in page
    assert "\n+        optimizer.zero_grad()\n" in page
    for heading in ("Why", "Trade-offs", "Example 1", "Not reported", "Evidence", "References"):
        assert f"\n## {heading}\n" in page


def test_explain_is_rendered_for_people(run):
    page = run("explain", "missing-zero-grad", "--color", "always").stdout
    assert "## Why" not in page
    assert "Why" in page


def test_explain_as_json(run):
    page = json.loads(run("explain", "missing-zero-grad", "--output-format", "json").stdout)
    assert page["name"] == "missing-zero-grad"
    assert page["markdown"] == run("explain", "missing-zero-grad").stdout
    assert page["examples"][0]["after"]
    assert len(page["near_misses"]) >= 2


@pytest.mark.parametrize("name", ["syntax-error", "unused-suppression", "undecodable-file", "unreadable-file"])
def test_what_needs_no_rule_is_explained_as_well(run, name):
    assert run("explain", name).stdout.startswith(f"# {name}\n")
    assert json.loads(run("explain", name, "--output-format", "json").stdout)["name"] == name


def test_explain_an_unknown_rule(run):
    result = run("explain", "missing-zero-gard")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no rule 'missing-zero-gard', did you mean missing-zero-grad" in result.stderr


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in all_rules()])
def test_every_rule_has_its_page(run, rule):
    page = run("explain", rule.name).stdout
    assert f" {rule.name}: " in page, "the example reports"
    assert all(reference.url in page for reference in rule.references)


def test_version_and_help(run):
    assert run("--version").stdout == f"ml-architect {__version__}\n"
    assert "Exit codes: 0 nothing to report" in run("check", "--help").stdout
    assert {"check", "explain", "rules", "server"} <= set(run("--help").stdout.split())


def test_server_starts_the_language_server(run, monkeypatch):
    calls = []
    monkeypatch.setattr("ml_architect.lsp.start", lambda **options: calls.append(options))
    assert run("server", "--stdio", "--log-level", "info", "--clientProcessId=17").exit_code == 0
    assert calls == [{"log_level": "info", "log_file": None}]
