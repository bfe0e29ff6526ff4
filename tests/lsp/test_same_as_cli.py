"""What the server says is what the command line says, whatever the configuration."""

import json
import os
from pathlib import Path

import pytest
from comparison import CAPABILITIES, from_command_line, from_server

from ml_architect.rules import all_rules

COMPARE = "ML_ARCHITECT_COMPARE"
HERE = Path(__file__).parents[2]
PROGRAMS = (HERE / "server" / "examples", HERE / "tests")
TEXT = """\
import torch

face, model = "😀", torch.nn.Linear(4, 2)
face, optimizer = "🧪", torch.optim.SGD(model.parameters, lr=0.1)
for inputs, labels in batches:
    loss = torch.nn.functional.mse_loss(model(inputs), labels)
    loss.backward()
    optimizer.step()
"""
CELLS = (
    "%matplotlib inline\nimport torch",
    "# Words",
    "%%bash\nls 'it",
    "x = foo(\ns = '''",
    "\n".join(TEXT.splitlines()[2:4]),
    "files = !ls 😀\n%time y = 1\n" + "\n".join(TEXT.splitlines()[4:]),
    "    optimizer = torch.optim.SGD(model.parameters, lr=0.1)\n    !ls",
)
TEXT_CELLS = {1}
FILES = {
    "train.py": TEXT,
    "crlf.py": TEXT.replace("\n", "\r\n"),
    "odd.py": TEXT.replace("\n", "\n\f", 1).replace("torch\n", "torch  # \u2028\n", 1),
    "broken.py": TEXT + "def (:\n",
    "quiet.py": TEXT.replace("lr=0.1)", "lr=0.1)  # ml-architect: ignore[parameters-not-called] wanted"),
    "strict/train.py": TEXT,
    "strict/deep/train.py": TEXT,
    "strict/pyproject.toml": '[tool.ml-architect]\nseverity = { optimizer = "hint" }\nignore = ["training-loop"]\n',
    "pyproject.toml": '[tool.ml-architect]\nper-file-ignores = { "crlf.py" = ["parameters-not-called"] }\n',
}


def notebook_file():
    """Return the cells as a file; the command line counts all of them, the server those that editors send."""
    cells = []
    for index, text in enumerate(CELLS):
        kind = {"cell_type": "markdown"} if index in TEXT_CELLS else {"cell_type": "code", "outputs": []}
        cells.append({**kind, "metadata": {}, "source": text.splitlines(keepends=True)})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_the_server_and_the_command_line_agree(client):
    folder = client.folder
    texts = FILES | {f"{where}cells.ipynb": notebook_file() for where in ("", "strict/")}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    expected = from_command_line(folder)
    named = {item[0].removeprefix(f"{folder}/") for item in expected}
    assert {name for name in named if ".ipynb" not in name} == {name for name in FILES if name.endswith(".py")}
    assert {name for name in named if ".ipynb" in name} == {
        *(f"cells.ipynb#{number}" for number in (4, 5, 6, 7)),
        *(f"strict/cells.ipynb#{number}" for number in (4, 5, 7)),
    }
    client.start(CAPABILITIES)
    assert from_server(client, [folder / name for name in texts if name.endswith((".py", ".ipynb"))]) == expected


def test_they_agree_on_every_program_of_this_repository(client):
    compare(client, [path for folder in PROGRAMS for path in sorted(folder.rglob("*.py"))])


def test_they_agree_on_every_example_of_every_rule(client):
    paths = []
    for rule in all_rules():
        for kind, examples in (("fires", rule.fires), ("quiet", rule.quiet)):
            for number, example in enumerate(examples):
                paths.append(client.folder / f"{rule.name}-{kind}-{number}.py")
                paths[-1].write_text(example.code, encoding="utf-8")
    compare(client, paths)


@pytest.mark.skipif(COMPARE not in os.environ, reason=f"compares the files that {COMPARE} names")
def test_they_agree_on_files_that_somebody_names(client):
    """Files and folders, divided as in PATH; ``pytest -s`` shows how many findings were compared."""
    paths: list[Path] = []
    for place in os.environ[COMPARE].split(os.pathsep):
        start = Path(place).absolute()
        paths += [start] if start.is_file() else sorted(start.rglob("*.py")) + sorted(start.rglob("*.ipynb"))
    print(compare(client, paths))


def compare(client, paths):
    """Say what was compared, once the server and the command line agree on all of it."""
    expected = from_command_line(client.folder, *paths)
    client.start(CAPABILITIES)
    assert from_server(client, paths) == expected
    assert expected
    found = {item[0].partition("#")[0] for item in expected}
    notebooks = sum(path.suffix == ".ipynb" for path in paths)
    return f"{len(expected)} findings in {len(found)} of {len(paths)} files, {notebooks} of them notebooks"
