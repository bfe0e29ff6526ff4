"""Notebooks on the command line: found, shown by cell, and written back with nothing else changed."""

import json
import os
import subprocess
import sys

import pytest

from ml_architect.cli import examine

from .conftest import CONFLICT, LOADER, LOADER_FIXED, LOOP

OUTPUT = [{"name": "stdout", "output_type": "stream", "text": ["é \\u00e9 <b>\n"]}]
BROKEN = "x = foo(\ntext = '''"
MAGICS = "%matplotlib inline\n!echo 'it\nfiles = !ls"
MODEL = "import torch\nmodel = torch.nn.Linear(4, 2)\n"


def code(text, *, one_string=False, **more):
    source = text if one_string else text.splitlines(keepends=True)
    return {
        "cell_type": "code",
        "execution_count": 3,
        "id": "ab-12",
        "metadata": {"tags": ["z", "a"]},
        "outputs": OUTPUT,
        "source": source,
        **more,
    }


def notebook(*cells, **more):
    text = {"cell_type": "markdown", "metadata": {}, "source": ["# Training\n"]}
    return {"cells": [text, *cells], "nbformat_minor": 5, "nbformat": 4, "metadata": {}, **more}


@pytest.fixture
def write(project):
    """Write a notebook with the text before, a broken cell, and the loader; return its path."""

    def writes(*cells, name="n.ipynb", indent=1, ascii_only=False, newline="\n", tail="\n", **more):
        document = notebook(*(cells or (code(MAGICS), code(BROKEN), code(LOADER))), **more)
        text = json.dumps(document, indent=indent, ensure_ascii=ascii_only) + tail
        path = project / name
        path.write_bytes(text.replace("\n", newline).encode())
        return path

    return writes


def test_notebooks_are_found_and_places_are_told_by_cell(write, check):
    write()
    result = check("--ignore", "syntax-error")
    assert result.stdout.splitlines()[-1].startswith(f"n.ipynb:cell 4:4:78: error {CONFLICT}: ")
    assert "found 3 problems in 4 files" in result.stderr


def test_a_broken_cell_costs_only_itself(write, check):
    write()
    places = [line.split(": ")[0] for line in check("n.ipynb").stdout.splitlines()]
    assert places == ["n.ipynb:cell 3:1:8", "n.ipynb:cell 3:2:1", "n.ipynb:cell 4:4:78"]


def test_full_output_shows_the_cell_as_it_is_written(write, check):
    write(code(f"%time {LOADER}".replace("from", "x = 1; from")), code(LOADER))
    result = check("--output-format", "full", "n.ipynb")
    assert (
        "4 |     return DataLoader(dataset, batch_size=8, sampler=RandomSampler(dataset), shuffle=True)"
        in result.stdout
    )
    assert "  | " + " " * 77 + "^^^^^^^^^^^^" in result.stdout


def test_full_output_shows_places_in_other_cells_under_their_number(write, run):
    loop = "for x, y in batches:\n    (model(x) - y).sum().backward()\n    optimizer.step()\n"
    optimizer = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
    step = "def step():\n    optimizer.step()\n"
    write(code(MODEL), code(optimizer), code(step), code(loop.replace("optimizer.step()", "step()")))
    result = run("check", "--select", "missing-zero-grad", "--output-format", "full", "n.ipynb")
    assert result.exit_code == 1
    assert "n.ipynb:cell 4:2:5: " in result.stdout
    assert "in cell 5:\n" in result.stdout


def test_json_has_the_cell_and_places_in_it(write, check):
    write()
    found = json.loads(check("--output-format", "json", "n.ipynb", "loader.py").stdout)
    plain, _, _, item = found
    assert (plain["cell"], item["cell"], item["code"]) == (None, 4, CONFLICT)
    assert (item["location"], item["end_location"]) == (plain["location"], plain["end_location"])
    (edit,) = item["fix"]["edits"]
    assert edit["cell"] == 4 and "cell" not in plain["fix"]["edits"][0]
    assert edit["location"] == plain["fix"]["edits"][0]["location"]


@pytest.mark.parametrize("one_string", [True, False])
@pytest.mark.parametrize(("indent", "newline", "tail"), [(1, "\n", "\n"), (4, "\r\n", ""), (None, "\n", "")])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_fix_changes_the_source_of_its_cell_and_nothing_else(
    write, check, one_string, indent, newline, tail, ascii_only, mark
):
    text = "# é\n" + LOADER
    path = write(
        code(MAGICS, one_string=one_string),
        code(text, one_string=one_string),
        indent=indent,
        newline=newline,
        tail=tail,
        ascii_only=ascii_only,
    )
    before = mark + path.read_bytes()
    path.write_bytes(before)
    result = check("--fix", "n.ipynb")
    assert result.exit_code == 0, result.stdout
    assert path.read_bytes() == before.replace(b", shuffle=True", b"")
    assert "n.ipynb: fixed 1 x" in result.stderr


def test_a_fix_that_adds_a_line_writes_it_as_the_others_are(write, check):
    path = write(code(LOOP), indent=2)
    before = path.read_text(encoding="utf-8")
    assert check("--fix", "--unsafe-fixes", "n.ipynb").exit_code == 0
    line = '        "        loss.backward()\\n",\n'
    assert line in before
    assert path.read_text(encoding="utf-8") == before.replace(
        line, line.replace("loss.backward", "optimizer.zero_grad") + line
    )


def test_a_fix_stays_clear_of_magics(write, check):
    loop = LOOP.replace("        loss.backward()\n", "        !echo 'it\n        loss.backward()\n")
    path = write(code(f"%time\n{loop}\n%%bash"))
    assert check("--fix", "--unsafe-fixes", "n.ipynb").exit_code == 0
    source = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][1]["source"])
    assert source.replace("        optimizer.zero_grad()\n", "") == f"%time\n{loop}\n%%bash"


def test_nothing_to_fix_means_nothing_is_written(write, check):
    path = write(code(MODEL))
    os.utime(path, (1, 1))
    assert check("--fix", "n.ipynb").exit_code == 0
    assert path.stat().st_mtime == 1


def test_a_diff_is_given_cell_by_cell(write, check):
    path = write(code(LOADER), code("x = 1"), code(LOADER))
    before = path.read_bytes()
    result = check("--diff", "n.ipynb")
    assert (result.exit_code, path.read_bytes()) == (1, before)
    heads = [line for line in result.stdout.splitlines() if line.startswith(("---", "+++"))]
    assert heads == [f"{sign} n.ipynb:cell {number}" for number in (2, 4) for sign in ("---", "+++")]


def test_standard_input_by_its_name(write, check, project):
    data = write().read_bytes()
    (project / "n.ipynb").unlink()
    result = check("-", "--stdin-filename", "n.ipynb", stdin=data)
    assert "n.ipynb:cell 4:4:78: " in result.stdout
    fixed = check("--fix", "-", "--stdin-filename", "n.ipynb", stdin=data)
    assert fixed.stdout_bytes == data.replace(b", shuffle=True", b"")
    untouched = check("--fix", "--ignore", CONFLICT, "-", "--stdin-filename", "n.ipynb", stdin=data)
    assert untouched.stdout_bytes == data


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a notebook: it is empty"),
        ("{bad", "is not a notebook: it is not JSON (Expecting property name"),
        ("[1]", "is not a notebook: it is not a JSON object"),
        ("{}", "is not a notebook: it has no list of cells"),
        ('{"cells": {}}', "is not a notebook: it has no list of cells"),
        ('{"cells": [3]}', "is not a notebook: cell 1 is not a JSON object"),
        ('{"cells": [{"cell_type": "code", "source": [1]}]}', "the source of cell 1 is not text"),
        ('{"worksheets": [], "nbformat": 3}', "its format is older than 4"),
        ("[" * 100_000, "is not a notebook: "),
        ('{"cells": [], "x": 1' + "0" * 5000 + "}", None),
    ],
)
def test_what_is_no_notebook_gives_one_clear_line(project, check, text, words):
    (project / "odd.ipynb").write_text(text, encoding="utf-8")
    result = check("odd.ipynb")
    lines = result.stdout.splitlines()
    if words is None and not lines:
        return  # this interpreter reads numbers of any length
    assert (len(lines), result.exit_code) == (1, 1)
    assert lines[0].startswith("odd.ipynb:1:1: error undecodable-file: ") and (words or "") in lines[0]


def test_bytes_that_are_no_text_give_one_clear_line(project, check):
    (project / "odd.ipynb").write_bytes(b'{"cells": "\xff"}')
    result = check("odd.ipynb")
    assert "odd.ipynb:1:1: error undecodable-file: byte 11 is not utf-8 text" in result.stdout


@pytest.mark.parametrize(
    "metadata",
    [
        {"language_info": {"name": "R"}},
        {"kernelspec": {"language": "julia", "name": "julia-1.9"}},
    ],
)
def test_notebooks_in_other_languages_are_left_alone(write, check, metadata):
    write(metadata=metadata)
    result = check("n.ipynb")
    assert (result.exit_code, result.stdout) == (0, "")


def test_cells_in_other_languages_and_empty_notebooks_are_left_alone(write, check, project):
    write(
        code(LOADER, metadata={"vscode": {"languageId": "r"}}), {"cell_type": "raw", "metadata": {}, "source": LOADER}
    )
    (project / "empty.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    result = check("n.ipynb", "empty.ipynb")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_comment_in_any_cell_declines(write, check):
    comment = f"  # ml-architect: ignore[{CONFLICT}] wanted"
    write(code(LOADER.rstrip() + comment))
    assert check("n.ipynb").exit_code == 0
    write(code(f"# ml-architect: ignore-file[{CONFLICT}] wanted"), code(LOADER))
    assert check("n.ipynb").exit_code == 0


def test_settings_hold_for_notebooks(write, check, project):
    write()
    (project / "pyproject.toml").write_text(
        f'[tool.ml-architect]\nper-file-ignores = {{ "*.ipynb" = ["{CONFLICT}"] }}\n'
    )
    assert CONFLICT not in check("n.ipynb").stdout
    (project / "pyproject.toml").write_text('[tool.ml-architect]\nexclude = ["*.ipynb"]\n')
    assert "n.ipynb" not in check(".").stdout


def test_a_file_that_changed_meanwhile_is_not_overwritten(write, check, monkeypatch):
    path = write()
    original = examine.fix_all

    def meddle(analysis, unsafe):
        path.write_bytes(path.read_bytes().replace(b"RandomSampler(dataset)", b"None"))
        return original(analysis, unsafe=unsafe)

    monkeypatch.setattr(examine, "fix_all", meddle)
    result = check("--fix", "n.ipynb")
    assert result.exit_code == 2
    assert "not written, the file has changed since it was read" in result.stderr
    assert b"shuffle=True" in path.read_bytes()


def test_outputs_of_any_size_and_form_survive(write, check):
    odd = code(LOADER, outputs=[{"data": {"image/png": "A" * 100_000, "n": [1.0, 1e400 and 2, -0.0]}, "\\": "\u2028"}])
    path = write(odd, indent=3)
    before = path.read_bytes()
    assert check("--fix", "n.ipynb").exit_code == 0
    after = path.read_bytes()
    assert after == before.replace(b", shuffle=True", b"")
    assert "".join(json.loads(after)["cells"][1]["source"]) == LOADER_FIXED


def test_a_model_is_not_asked_about_notebooks(write, project):
    write()
    command = [sys.executable, "-m", "ml_architect", "check", "--ai-fix", "n.ipynb"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "--ai-fix leaves notebooks alone: n.ipynb" in done.stderr
