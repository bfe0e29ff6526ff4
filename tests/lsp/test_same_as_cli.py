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


def from_command_line(folder):
    command = [sys.executable, "-m", "ml_architect", "check", "--output-format", "json", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    return {
        (
            (folder / item["filename"]).resolve().relative_to(folder).as_posix(),
            item["code"],
            item["message"],
            item["severity"],
            (item["location"]["row"], item["location"]["column"]),
            (item["end_location"]["row"], item["end_location"]["column"]),
        )
        for item in json.loads(done.stdout)
    }


def from_server(client):
    capabilities = {
        "general": {"positionEncodings": ["utf-32"]},
        "textDocument": {"publishDiagnostics": {"relatedInformation": True}},
    }
    client.start(capabilities)
    found = set()
    for name, text in FILES.items():
        if name.endswith(".py"):
            for item in client.published(client.open(text, name), 1):
                start, end = (
                    (item["range"][side]["line"] + 1, item["range"][side]["character"] + 1) for side in ("start", "end")
                )
                found.add((name, item["code"], item["message"], SEVERITIES[item["severity"]], start, end))
    return found


def test_the_server_and_the_command_line_agree(client):
    for name, text in FILES.items():
        path = client.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    expected = from_command_line(client.folder)
    assert {item[0] for item in expected} == {name for name in FILES if name.endswith(".py")}
    assert from_server(client) == expected
