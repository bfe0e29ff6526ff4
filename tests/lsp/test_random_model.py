"""An editor's session whose model is a llama.cpp server of random weights: see `tests/architect/test_llama_cpp.py`."""

import os
import time

import pytest
from fault_matrix.bench import CANCELLED, CAPABILITIES
from random_model import ENDLESS, SOON, VARIABLE, Relay, Served, write_model

from ml_architect.architect.model.access import litellm_is_installed

CODE = "missing-zero-grad"
TEXT = """\
import torch
from torch import nn


def fit(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""
SETTINGS = """\
[architect]
model = "hosted_vllm/noise"
api-base = "{base}"
local-only = true
context-tokens = 2500
max-output-tokens = {tokens}
"""

pytestmark = pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no Python with llama-cpp-python")


@pytest.fixture
def session(client_for, monkeypatch, tmp_path):
    """Return what starts a server of noise and a session that asks it."""
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    running = []

    def start(end, tokens):
        write_model(tmp_path / "noise.gguf", end=end)
        running.append(Served(os.environ[VARIABLE], tmp_path / "noise.gguf", tmp_path / "noise.log"))
        relay = Relay(running[0].__enter__().port)
        running.append(relay.__enter__())
        config = tmp_path / "config" / "ml-architect" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(SETTINGS.format(base=relay.base, tokens=tokens), encoding="utf-8")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        client = client_for()
        client.start(CAPABILITIES)
        (tmp_path / "train.py").write_text(TEXT, encoding="utf-8")
        return client, relay

    yield start
    for one in reversed(running):
        one.__exit__()


def asked(client) -> tuple[str, int]:
    """Open the document and ask for a repair; return its URI and the number of the request."""
    uri = client.open(TEXT, "train.py")
    finding = next(item for item in client.published(uri, 1) if item["code"] == CODE)
    question = {"uri": uri, "finding": finding["data"]["finding"], "task": "fix", "consent": True}
    return uri, client.ask("ml-architect/architect/ask", **question)


def unharmed(client, uri, tmp_path) -> None:
    """Check that the document is what it was, for the editor and on the disk, and that the server still works."""
    assert client.all_of("workspace/applyEdit") == []
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == TEXT
    client.change(uri, 2, {"text": TEXT})
    assert CODE in {item["code"] for item in client.published(uri, 2)}
    assert client.stop() == 0
    assert client.strays == []
    assert b"Traceback" not in client.stderr, client.stderr.decode()


def test_noise_has_one_end_and_changes_nothing(session, tmp_path):
    client, relay = session(SOON, 400)
    uri, number = asked(client)
    result = client.answer(number, 200.0)["result"]
    assert (result["state"], result["rung"]) == ("failed", "protocol"), result
    assert "proposal" not in result
    assert relay.requests == 2, "a refused reply is asked for once more"
    assert len(client.answers(number)) == 1
    unharmed(client, uri, tmp_path)


def test_cancelling_ends_the_connection_to_a_server_that_talks_on(session, tmp_path):
    client, relay = session(ENDLESS, 1500)
    uri, number = asked(client)
    deadline = time.monotonic() + 120.0
    while not (relay.connections and relay.connections[0].answered.count(b"data: ") > 5):
        assert time.monotonic() < deadline, "the reply does not begin"
        time.sleep(0.002)
    client.notify("$/cancelRequest", id=number)
    assert client.answer(number)["error"]["code"] == CANCELLED
    (connection,) = relay.connections
    while connection.left is None:
        assert time.monotonic() < deadline, "the connection is still open"
        time.sleep(0.002)
    assert b"[DONE]" not in connection.answered
    assert relay.requests == 1
    unharmed(client, uri, tmp_path)
