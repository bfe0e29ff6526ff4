"""Asking a model from an editor: the real server, the real worker, the real litellm, a scripted endpoint."""

import re

import pytest
from endpoint import Endpoint, says

from ml_architect.architect.access import litellm_is_installed

MODEL = "scripted"
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
CODE = "missing-zero-grad"
STEP = "        optimizer.step()\n"
CLEAR = "        optimizer.zero_grad()\n"
FIXED = TEXT.replace(STEP, STEP + CLEAR)
SECTIONS = """\
## approach
Clear the gradients after each step.
## values
none
## tradeoffs
maintenance: one more line
## verify
Check the file again.
## expect
The loss falls.
## next
Nothing.
"""


def replies(blocks, opener="FIX"):
    """Return a behaviour that answers in the envelope that the prompt asks for."""

    def behave(exchange):
        prompt = exchange.seen.body["messages"][-1]["content"] + exchange.seen.body["messages"][0]["content"]
        nonce = re.search(r"<<<(?:FIX|EXPLAIN) (\w+)>>>", prompt)[1]
        text = f"<<<{opener} {nonce}>>>\n{SECTIONS}{blocks}<<<END {nonce}>>>\n"
        says(text)(exchange)

    return behave


def block(old, new):
    return f"<<<EDIT R1 line=11>>>\n<<<OLD>>>\n{old}<<<NEW>>>\n{new}<<<DONE>>>\n"


GOOD = block(STEP, STEP + CLEAR)


@pytest.fixture
def endpoint():
    with Endpoint() as running:
        yield running


@pytest.fixture
def model_client(client_for, endpoint, monkeypatch, tmp_path):
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ML_ARCHITECT_MODEL", f"openai/{MODEL}")
    monkeypatch.setenv("ML_ARCHITECT_API_BASE", endpoint.base(f"openai/{MODEL}"))
    client = client_for()
    client.start(
        {
            "workspace": {"workspaceEdit": {"documentChanges": True}},
            "window": {"workDoneProgress": True, "showDocument": {"support": True}},
            "textDocument": {
                "codeAction": {
                    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
                    "tagSupport": {"valueSet": [1]},
                    "disabledSupport": True,
                }
            },
        }
    )
    yield client
    assert client.stop() == 0
    assert b"Traceback" not in client.stderr, client.stderr.decode()


def finding(client, uri, version=1):
    return next(item for item in client.published(uri, version) if item["code"] == CODE)


def architect_actions(client, uri, item):
    document = {"uri": uri}
    context = {"diagnostics": [item], "triggerKind": 1}
    actions = client.result("textDocument/codeAction", textDocument=document, range=item["range"], context=context)
    return {action["title"]: action for action in actions or [] if "command" in action or "disabled" in action}


def ask(client, action):
    command = action["command"]
    client.result("workspace/executeCommand", command=command["command"], arguments=command["arguments"])


def test_a_repair_is_proposed_applied_and_explained(model_client, endpoint):
    endpoint.script(MODEL, replies(GOOD))
    model_client.replies["window/showMessageRequest"] = lambda params: {"title": "Apply"}
    model_client.replies["workspace/applyEdit"] = lambda params: {"applied": True}
    uri = model_client.open(TEXT)
    actions = architect_actions(model_client, uri, finding(model_client, uri))
    print(actions, model_client.stderr.decode()[-3000:])
    action = actions[f"ml-architect ({CODE}): fix with openai/{MODEL}"]
    assert action["tags"] == [1]
    assert "edit" not in action
    ask(model_client, action)
    edit = model_client.wait(lambda message: message.get("method") == "workspace/applyEdit")["params"]["edit"]
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    assert [part["newText"] for part in change["edits"]] == [CLEAR]
    assert [(seen.body["messages"][-1]["content"][-450:]) for seen in endpoint.requests] == [], endpoint.requests[-1].body["messages"][-1]["content"]
