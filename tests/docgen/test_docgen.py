"""Written pages, and the check that they are up to date."""

import pytest
from click.testing import CliRunner

from ml_architect.docgen import pages as wanted
from ml_architect.docgen.__main__ import main
from ml_architect.rules import all_rules

README = f"# Tool\n\n{wanted.START}\nold\n{wanted.END}\n\nAfter.\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    return tmp_path


@pytest.fixture
def docgen(folder):
    def invoke(*arguments):
        options = ("--pages", str(folder / "docs" / "rules"), "--readme", str(folder / "README.md"))
        return CliRunner().invoke(main, [*options, *arguments], catch_exceptions=False)

    return invoke


@pytest.fixture(autouse=True)
def _fewer_rules(monkeypatch):
    """Two rules are enough here; that each has a page is a test of `explain`."""
    monkeypatch.setattr(wanted, "all_rules", lambda: all_rules()[:2])


def test_writes_pages_index_and_rule_table_once(docgen, folder):
    assert docgen().exit_code == 0
    names = {path.name for path in (folder / "docs" / "rules").iterdir()}
    rule = all_rules()[0]
    assert names >= {"index.md", f"{rule.name}.md", "syntax-error.md", "unreadable-file.md"}
    page = (folder / "docs" / "rules" / f"{rule.name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"{wanted.NOTICE}\n\n# {rule.name}\n")
    assert "example.py:" in page
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert f"[{rule.name}](docs/rules/{rule.name}.md)" in readme
    assert readme.startswith("# Tool\n")
    assert readme.endswith("\n\nAfter.\n")
    again = docgen()
    assert (again.exit_code, again.stderr) == (0, "")


def test_check_names_what_is_out_of_date_and_writes_nothing(docgen, folder):
    first = docgen("--check")
    assert first.exit_code == 1
    assert not (folder / "docs").exists()
    docgen()
    assert docgen("--check").exit_code == 0
    page = folder / "docs" / "rules" / "index.md"
    page.write_text("changed", encoding="utf-8")
    result = docgen("--check")
    assert (result.exit_code, result.stderr) == (1, f"{page}: out of date\n")
    assert page.read_text(encoding="utf-8") == "changed"


def test_pages_of_rules_that_are_no_more_are_deleted(docgen, folder):
    docgen()
    old = folder / "docs" / "rules" / "gone.md"
    old.write_text("old", encoding="utf-8")
    assert docgen("--check").stderr == f"{old}: out of date\n"
    docgen()
    assert not old.exists()


@pytest.mark.parametrize("text", ["# Tool\n", f"{wanted.END} {wanted.START}", None])
def test_readme_without_markers_is_an_error(docgen, folder, text):
    readme = folder / "README.md"
    if text is None:
        readme.unlink()
    else:
        readme.write_text(text, encoding="utf-8")
    result = docgen()
    assert result.exit_code == 1
    assert "the markers <!-- rules:start --> and <!-- rules:end --> are missing" in result.stderr


def test_pages_are_the_same_every_time():
    assert wanted.rule_pages() == wanted.rule_pages()
