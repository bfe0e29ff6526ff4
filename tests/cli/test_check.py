"""What `check` prints, in each of its forms, and which rules it asks."""

import json
from pathlib import Path

import pytest

CONFLICT_LINE = "loader.py:4:"
LOOP_LINE = "loop.py:8:9: error missing-zero-grad: "


def codes(stdout: str) -> list[str]:
    return [item["code"] for item in json.loads(stdout)]


def test_concise_is_one_sorted_line_for_each_finding(check):
    result = check()
    assert result.exit_code == 1
    first, second = result.stdout.splitlines()
    assert first.startswith(CONFLICT_LINE)
    assert first.endswith("[safe fix]")
    assert second.startswith(LOOP_LINE)
    assert second.endswith("[unsafe fix]")
    assert "found 2 problems in 3 files (2 errors)" in result.stderr


def test_clean_file_prints_nothing_and_exits_with_zero(check):
    result = check("clean.py")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing found in 1 file" in result.stderr


def test_quiet_says_nothing_on_stderr(check):
    assert check("--quiet").stderr == ""


def test_full_shows_source_related_places_and_help(check):
    result = check("--output-format", "full", "loop.py")
    lines = result.stdout.splitlines()
    assert lines[0].startswith(LOOP_LINE)
    assert lines[1] == "  |"
    assert "7 |         loss.backward()" in lines
    assert any(line.startswith("  |         --------------- gradients are added") for line in lines)
    assert lines[lines.index("8 |         optimizer.step()") + 1] == "  |         ^^^^^^^^^^^^^^^^"
    assert lines[-2:] == ["help: ml-architect explain missing-zero-grad", ""]


def test_json_has_the_shape_that_ruff_users_parse(project, check):
    result = check("--output-format", "json", "loader.py")
    (item,) = json.loads(result.stdout)
    assert list(item) == [
        *("cell", "code", "message", "filename", "location", "end_location"),
        *("severity", "url", "fix", "related", "stale"),
    ]
    assert item["filename"] == str(project / "loader.py")
    assert item["location"]["row"] == 4
    assert item["severity"] == "error"
    assert item["url"].startswith("file:///")
    assert item["stale"] is False
    assert item["fix"]["applicability"] == "safe"
    (edit,) = item["fix"]["edits"]
    assert edit["content"] == ""
    assert set(edit["location"]) == {"row", "column"}


def test_json_of_related_places_names_their_file(project, check):
    (item,) = json.loads(check("--output-format", "json", "loop.py").stdout)
    assert item["related"][0]["filename"] == str(project / "loop.py")
    assert item["related"][0]["location"] == {"row": 7, "column": 9}


def test_json_columns_count_code_points(project, check):
    text = (project / "loop.py").read_text(encoding="utf-8").replace("optimizer.step()", "'😀'; optimizer.step()")
    (project / "loop.py").write_text(text, encoding="utf-8")
    (item,) = json.loads(check("--output-format", "json", "loop.py").stdout)
    assert item["location"] == {"row": 8, "column": 14}


def test_json_of_nothing_is_an_empty_array(check):
    result = check("--output-format", "json", "clean.py")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "[]\n", "")


@pytest.mark.parametrize("form", ["concise", "full", "json"])
def test_output_is_stable(check, form):
    assert check("--output-format", form).stdout == check("--output-format", form).stdout


def test_statistics_count_by_rule(project, check):
    (project / "more.py").write_bytes((project / "loader.py").read_bytes())
    assert check("--statistics").stdout.split() == [
        *("2", "error", "dataloader-sampler-shuffle-conflict", "[safe", "fix]"),
        *("1", "error", "missing-zero-grad", "[unsafe", "fix]"),
    ]
    counted = json.loads(check("--statistics", "--output-format", "json").stdout)
    assert counted[0] == {
        "code": "dataloader-sampler-shuffle-conflict",
        "count": 2,
        "severity": "error",
        "fix": "safe",
    }


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--select", "missing-zero-grad"], {"missing-zero-grad"}),
        (["--select", "training-loop"], {"missing-zero-grad"}),
        (["--select", "missing-zero-grad,dataloader-sampler-shuffle-conflict", "--ignore", "training-loop"], None),
        (["--select", "keras"], set()),
        (["--select", "torch", "--select", "missing-zero-grad", "--ignore", "torch"], {"missing-zero-grad"}),
    ],
)
def test_select_and_ignore_by_rule_category_and_framework(run, options, expected):
    found = set(codes(run("check", "--output-format", "json", *options).stdout))
    if expected is None:
        assert "dataloader-sampler-shuffle-conflict" in found
        assert "missing-zero-grad" in found
    else:
        assert found == expected


def test_configuration_is_found_by_path_and_isolated_ignores_it(project, run):
    config = '[tool.ml-architect]\nselect = ["missing-zero-grad"]\n'
    (project / "pyproject.toml").write_text(config, encoding="utf-8")
    assert codes(run("check", "--output-format", "json").stdout) == ["missing-zero-grad"]
    assert "dataloader-sampler-shuffle-conflict" in codes(run("check", "--output-format", "json", "--isolated").stdout)


def test_a_nested_configuration_excludes_below_itself(project, check):
    nested = project / "sub"
    nested.mkdir()
    (nested / "loader.py").write_bytes((project / "loader.py").read_bytes())
    assert "sub/loader.py" in check().stdout
    (nested / "pyproject.toml").write_text('[tool.ml-architect]\nexclude = ["loader.py"]\n', encoding="utf-8")
    result = check()
    assert "sub/loader.py" not in result.stdout
    assert CONFLICT_LINE in result.stdout
    assert "sub/loader.py" in check("sub/loader.py").stdout, "a file that is named is always checked"


def test_severity_of_the_project_decides_what_fails(project, check):
    table = '[tool.ml-architect.severity]\nmissing-zero-grad = "{}"\n'
    config = project / "pyproject.toml"
    for severity, default, error in (("info", 1, 0), ("hint", 0, 0), ("warning", 1, 0)):
        config.write_text(table.format(severity), encoding="utf-8")
        assert check("loop.py").exit_code == default
        assert check("loop.py", "--fail-on", "error").exit_code == error
        assert f" {severity} missing-zero-grad: " in check("loop.py").stdout


def test_exit_zero_prints_and_exits_with_zero(check):
    result = check("--exit-zero")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2


def test_files_are_checked_once_and_in_order_of_path(project, check):
    result = check("loop.py", ".", "loader.py", str(project))
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["loader.py", "loop.py"]


def test_processes_change_neither_findings_nor_their_order(project, check):
    text = (project / "loader.py").read_text(encoding="utf-8")
    for number in range(12):
        (project / f"copy{number}.py").write_text(text, encoding="utf-8")
    alone = check("--jobs", "1")
    assert len(alone.stdout.splitlines()) == 14
    assert check("--jobs", "2").stdout == alone.stdout


@pytest.mark.parametrize(
    ("option", "environment", "colored"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "0"}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_color(check, monkeypatch, option, environment, colored):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("click.testing.should_strip_ansi", lambda *_: False, raising=False)
    assert ("\x1b[" in check("--color", option, "--output-format", "full").stdout) is colored


def test_source_cannot_talk_to_the_terminal(project, check):
    text = (project / "loop.py").read_text(encoding="utf-8").replace("step()", "step()  # \x1b[2J")
    Path("loop.py").write_text(text, encoding="utf-8")
    result = check("--output-format", "full", "loop.py")
    assert "\x1b" not in result.stdout
    assert "step()  # ␛[2J" in result.stdout
