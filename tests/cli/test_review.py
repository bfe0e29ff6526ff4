"""`ml-architect review`: pages and JSON, bad input, and what a project's files say for each other."""

import json

import pytest

TRAIN = """\
import torch
from torch.utils.data import DataLoader

def train(model, data):
    loader = DataLoader(data, batch_size=32, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""
EVALUATE = """\
import torch

@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    for x, y in loader:
        print(model(x))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "train.py").write_text(TRAIN)
    return tmp_path


def review(run, *arguments):
    result = run("review", *arguments, "--format", "json")
    return result.exit_code, json.loads(result.stdout)


def stage(document, name):
    return next(item for item in document["stages"] if item["stage"] == name)


@pytest.mark.usefixtures("folder")
def test_the_json_of_a_file(run):
    code, found = review(run, "train.py")
    assert code == 0
    assert (found["format"], found["scope"], found["title"]) == (1, "file", "train.py")
    assert [item["stage"] for item in found["stages"]] == [
        "data",
        "features",
        "architecture",
        "training",
        "evaluation",
        "tuning",
        "persistence",
    ]
    loader = stage(found, "data")["statements"][0]
    assert loader["text"].startswith("a `DataLoader` (`loader`): batch size 32, shuffled, no worker processes")
    assert loader["places"] == [{"path": "train.py", "line": 5, "cell": None}]
    assert all(not item["missing"] for item in found["stages"]), "a file alone may be helped by others"
    unknown = [item["text"] for item in stage(found, "evaluation")["unknown"]]
    assert unknown == ["whether the model is evaluated: not in this file, and no other was read"]
    keys = [item["key"] for item in found["questions"]]
    assert {"dataset-size", "classes", "hardware", "metric"} <= set(keys)
    assert found["assessment"] is None
    assert json.dumps(found).isascii()


@pytest.mark.usefixtures("folder")
def test_what_is_missing_is_said_of_a_whole_project(run):
    code, found = review(run, ".")
    assert code == 0
    assert stage(found, "evaluation")["missing"] == [
        "nothing evaluates the model: it is not applied to other data than it was trained on, no metric is computed"
    ]
    assert stage(found, "persistence")["missing"][0] == "the trained model is not saved"


def test_another_file_evaluates_and_one_that_does_not_parse_leaves_it_open(run, folder):
    (folder / "measure.py").write_text(EVALUATE)
    _, found = review(run, ".")
    evaluation = stage(found, "evaluation")
    assert evaluation["missing"] == []
    assert [item["text"] for item in evaluation["unknown"]] == []
    assert evaluation["statements"][0]["places"] == [{"path": "measure.py", "line": 6, "cell": None}]
    (folder / "broken.py").write_text("import torch\n\ndef f(:\n")
    _, found = review(run, ".")
    assert stage(found, "persistence")["missing"] == []
    assert "could not" in stage(found, "persistence")["unknown"][0]["text"]


def test_answers_in_the_project_are_used_and_not_asked_again(run, folder):
    (folder / "pyproject.toml").write_text('[tool.ml-architect.project]\nclasses = 5\nhardware = "cpu"\n')
    _, found = review(run, "train.py")
    keys = [item["key"] for item in found["questions"]]
    assert not {"classes", "hardware", "gpu-memory-gb"} & set(keys)
    assert found["answers"] == {"classes": 5, "hardware": "cpu"}


def test_a_mistake_in_the_answers_is_one_line(run, folder):
    (folder / "pyproject.toml").write_text("[tool.ml-architect.project]\nclasses = 0\nhardwear = 3\n")
    result = run("review", "train.py")
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert any("'project.classes' must be a whole number, 1 or more" in line for line in lines)
    assert any("unknown key 'project.hardwear'" in line for line in lines)
    assert result.stdout.startswith("# Review of `train.py`")


@pytest.mark.usefixtures("folder")
def test_markdown_and_html_have_every_part_of_the_shape(run):
    from ml_architect.page.shape import Kind, missing, needed, part_of
    from ml_architect.review.document import sections_there

    page = run("review", "train.py").stdout
    titles = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert missing(Kind.REVIEW, sections_there()) == ()
    assert all(part_of(section).title in titles for section in needed(Kind.REVIEW))
    assert "| `classes` |" in page
    assert "# classes = 5\n" in page
    html = run("review", "train.py", "--format", "html").stdout
    assert html.startswith("<!DOCTYPE html>")
    assert "<script" not in html
    assert "<code>DataLoader</code>" in html


def test_a_page_is_written_to_a_file_whole_or_not_at_all(run, folder):
    result = run("review", "train.py", "--format", "html", "-o", "page.html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (folder / "page.html").read_text().endswith("</html>\n")
    result = run("review", "train.py", "-o", "nowhere/page.html")
    assert result.exit_code == 2
    assert "file cannot be written" in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == [".git", "page.html", "train.py"]


def test_bad_input_is_one_line_and_the_rest_is_reviewed(run, folder):
    (folder / "odd.py").write_bytes(b"import torch\nx = '\xff'\n")
    result = run("review", ".", "missing.py", "--format", "json")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 2
    assert "missing.py: no such file or folder" in result.stderr
    found = json.loads(result.stdout)
    assert [item["path"] for item in found["files"]] == ["train.py"]
    assert stage(found, "evaluation")["missing"] == [], "not all was read"


@pytest.mark.parametrize("arguments", [(), ("-",)])
@pytest.mark.usefixtures("folder")
def test_without_files_it_is_wrong_usage(run, arguments):
    assert run("review", *arguments).exit_code == 2


def test_an_empty_folder(run, folder):
    (folder / "empty").mkdir()
    result = run("review", "empty")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "ml-architect: no Python files or notebooks found in empty\n"


def test_excluded_files_and_tests_are_left_out(run, folder):
    (folder / "pyproject.toml").write_text('[tool.ml-architect]\nexclude = ["old/"]\n')
    for name in ("old/train.py", "tests/test_train.py"):
        (folder / name).parent.mkdir()
        (folder / name).write_text(TRAIN)
    _, found = review(run, ".")
    assert [item["path"] for item in found["files"]] == ["train.py"]
    assert found["test_files"] == 1


def test_a_notebook_is_placed_in_its_cells(run, folder):
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
        for text in ("import torch\nnet = torch.nn.Linear(4, 2)", "\noptimizer = torch.optim.Adam(net.parameters())")
    ]
    book = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    (folder / "book.ipynb").write_text(json.dumps(book))
    _, found = review(run, "book.ipynb")
    optimizer = next(item for item in stage(found, "training")["statements"] if item["topic"] == "optimizer")
    assert optimizer["text"] == "optimizer `Adam`: the library's default learning rate"
    assert optimizer["places"] == [{"path": "book.ipynb", "line": 2, "cell": 2}]


@pytest.mark.usefixtures("folder")
def test_it_opens_no_socket_and_imports_no_framework():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from ml_architect.cli.main import main\n"
        "main(['review', 'train.py', '-o', 'page.md'])\n"
        "found = {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(str(sorted(found & {'torch', 'litellm', 'pygls', 'socket', 'ssl'})))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"


def test_the_commands_to_repeat_it_name_what_was_reviewed(run, folder):
    (folder / "src").mkdir()
    (folder / "src" / "fit.py").write_text(TRAIN)
    for named, told in (("src", "src"), (".", "."), ("train.py", "train.py")):
        assert f"ml-architect check {told}\nml-architect review {told}\n" in run("review", named).stdout
