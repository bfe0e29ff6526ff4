"""What the server says is what the command line says, whatever the configuration."""

import json
import subprocess
import sys

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
SEVERITIES = {1: "error", 2: "warning", 3: "info", 4: "hint"}
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


def from_command_line(folder):
    command = [sys.executable, "-m", "ml_architect", "check", "--output-format", "json", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    return {
        (
            shown(folder, item),
            item["code"],
            item["message"],
            item["severity"],
            (item["location"]["row"], item["location"]["column"]),
            (item["end_location"]["row"], item["end_location"]["column"]),
        )
        for item in json.loads(done.stdout)
    }


def shown(folder, item):
    name = (folder / item["filename"]).resolve().relative_to(folder).as_posix()
    return name if item["cell"] is None else f"{name}#{item['cell']}"


def from_server(client):
    capabilities = {
        "notebookDocument": {"synchronization": {}},
        "general": {"positionEncodings": ["utf-32"]},
        "textDocument": {"publishDiagnostics": {"relatedInformation": True}},
    }
    client.start(capabilities)
    found = set()
    for name, text in FILES.items():
        if name.endswith(".py"):
            found |= {told(name, item) for item in client.published(client.open(text, name), 1)}
    for folder in ("", "strict/"):
        uri = (client.folder / f"{folder}cells.ipynb").as_uri()
        cells = {f"cell:{folder}{number}": text for number, text in enumerate(CELLS, start=1)}
        client.notify(
            "notebookDocument/didOpen",
            notebookDocument={
                "uri": uri,
                "version": 1,
                "notebookType": "jupyter-notebook",
                "cells": [
                    {"kind": 1 if index in TEXT_CELLS else 2, "document": cell} for index, cell in enumerate(cells)
                ],
            },
            cellTextDocuments=[
                {"uri": cell, "languageId": "markdown" if text == "# Words" else "python", "version": 1, "text": text}
                for cell, text in cells.items()
            ],
        )
        for number, cell in enumerate(cells, start=1):
            if number - 1 not in TEXT_CELLS:
                name = f"{folder}cells.ipynb#{number}"
                found |= {told(name, item) for item in client.published(cell, 1)}
    return found


def told(name, item):
    start, end = ((item["range"][side]["line"] + 1, item["range"][side]["character"] + 1) for side in ("start", "end"))
    return name, item["code"], item["message"], SEVERITIES[item["severity"]], start, end


def test_the_server_and_the_command_line_agree(client):
    for name, text in (FILES | {f"{folder}cells.ipynb": notebook_file() for folder in ("", "strict/")}).items():
        path = client.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    expected = from_command_line(client.folder)
    assert {item[0] for item in expected if ".ipynb" not in item[0]} == {name for name in FILES if name.endswith(".py")}
    assert {item[0] for item in expected if ".ipynb" in item[0]} == {
        *(f"cells.ipynb#{number}" for number in (4, 5, 6, 7)),
        *(f"strict/cells.ipynb#{number}" for number in (4, 5, 7)),
    }
    assert from_server(client) == expected
