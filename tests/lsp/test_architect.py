"""Asking a model from an editor: the real server, the real worker, the real litellm, a scripted endpoint."""

import time

import pytest
from answering import block, replies
from endpoint import Endpoint, fails, hangs, in_turn

from ml_architect.architect.model.access import litellm_is_installed

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
FIX_TITLE = f"ml-architect ({CODE}): fix with openai/{MODEL}"
EXPLAIN_TITLE = f"ml-architect ({CODE}): explain with openai/{MODEL}"
CAPABILITIES = {
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
GOOD = block(STEP, STEP + CLEAR, 11)


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
    client.replies["window/showDocument"] = lambda _: {"success": True}
    client.start(CAPABILITIES)
    yield client
    assert client.stop() == 0
    assert b"Traceback" not in client.stderr, client.stderr.decode()


def finding(client, uri, version=1):
    return next(item for item in client.published(uri, version) if item["code"] == CODE)


def architect_actions(client, uri, item):
    context = {"diagnostics": [item], "triggerKind": 1}
    actions = client.result("textDocument/codeAction", textDocument={"uri": uri}, range=item["range"], context=context)
    return {action["title"]: action for action in actions or [] if "command" in action or "disabled" in action}


def opened(client):
    """Open the document; return its URI and the action that asks for a repair."""
    uri = client.open(TEXT)
    return uri, architect_actions(client, uri, finding(client, uri))[FIX_TITLE]


def run(client, action):
    command = action["command"]
    client.result("workspace/executeCommand", command=command["command"], arguments=command["arguments"])


def shown(client, words):
    """Return the message to the user that holds `words`."""
    wanted = ("window/showMessage", "window/showMessageRequest")
    found = client.wait(lambda item: item.get("method") in wanted and words in item["params"]["message"])
    return found["params"]


def until(condition, patience=15.0):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def question(uri, action, **more):
    return {**action["command"]["arguments"][0], "uri": uri, **more}


def test_a_repair_is_proposed_and_applied_as_one_versioned_edit(model_client, endpoint):
    endpoint.script(MODEL, replies(GOOD))
    model_client.replies["window/showMessageRequest"] = lambda _: {"title": "Apply"}
    model_client.replies["workspace/applyEdit"] = lambda _: {"applied": True}
    uri, action = opened(model_client)
    assert action["tags"] == [1]
    assert "edit" not in action
    assert not action.get("isPreferred")
    run(model_client, action)
    edit = model_client.wait(lambda message: message.get("method") == "workspace/applyEdit")["params"]["edit"]
    (change,) = edit["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    assert [part["newText"] for part in change["edits"]] == ["\n" + CLEAR.rstrip("\n")]
    assert len(endpoint.requests) == 1
    assert shown(model_client, "touches nothing else")["actions"] == [
        {"title": "Apply"},
        {"title": "Preview"},
        {"title": "Discard"},
    ]


def test_a_change_waits_among_the_actions_where_the_editor_cannot_ask(model_client, endpoint):
    endpoint.script(MODEL, replies(GOOD))
    model_client.refused.add("window/showMessageRequest")
    uri, action = opened(model_client)
    run(model_client, action)
    shown(model_client, "waits among the code actions")
    item = finding(model_client, uri)
    context = {"diagnostics": [item], "triggerKind": 1}
    place = {"textDocument": {"uri": uri}, "range": item["range"], "context": context}
    offered = model_client.result("textDocument/codeAction", **place)
    (waiting,) = [action for action in offered if "apply the proposed change" in action["title"]]
    (change,) = waiting["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    assert not waiting.get("isPreferred")
    assert not model_client.all_of("workspace/applyEdit")
    model_client.change(uri, 2, {"text": TEXT + "\n"})
    finding(model_client, uri, 2)
    offered = model_client.result("textDocument/codeAction", **place)
    assert not [action for action in offered if "apply the proposed change" in action["title"]]


@pytest.mark.usefixtures("model_client")
def test_nothing_is_sent_where_the_editor_cannot_ask_for_consent(monkeypatch, client_for):
    monkeypatch.setenv("ML_ARCHITECT_API_BASE", "http://models.example/v1")
    client = client_for()
    client.refused.add("window/showMessageRequest")
    client.start(CAPABILITIES)
    _, action = opened(client)
    run(client, action)
    assert "models.example" in shown(client, "so nothing is sent")["message"]
    assert not client.all_of("window/workDoneProgress/create")
    assert client.stop() == 0


def test_what_a_model_explained_is_added_to_the_hover(model_client, endpoint):
    endpoint.script(MODEL, replies("", "EXPLAIN"))
    uri, _ = opened(model_client)
    item = finding(model_client, uri)
    place = {"textDocument": {"uri": uri}, "position": item["range"]["start"]}
    before = model_client.result("textDocument/hover", **place)["contents"]["value"]
    assert len(endpoint.requests) == 0
    run(model_client, architect_actions(model_client, uri, item)[EXPLAIN_TITLE])
    model_client.wait(lambda message: message.get("method") == "window/showDocument")
    after = model_client.result("textDocument/hover", **place)["contents"]["value"]
    assert after.startswith(before)
    assert f"openai/{MODEL}" in after[len(before) :]
    assert "Clear the gradients after each step." in after
    assert len(endpoint.requests) == 1


def test_a_structural_change_is_looked_at_before_it_can_be_applied(model_client, endpoint):
    endpoint.script(MODEL, replies(block(STEP, STEP + CLEAR + "        print(loss)\n")))
    answers = iter([{"title": "Preview"}, {"title": "Discard"}])
    model_client.replies["window/showMessageRequest"] = lambda _: next(answers)
    _, action = opened(model_client)
    run(model_client, action)
    message = model_client.wait(lambda item: item.get("method") in ("window/showMessageRequest", "window/showMessage"))
    assert {"title": "Apply"} not in message["params"].get("actions", [])
    assert not model_client.all_of("workspace/applyEdit")


def test_a_refused_reply_gets_one_more_attempt_with_the_reason(model_client, endpoint):
    endpoint.script(MODEL, in_turn(replies(block("        optimizer.stop()\n", CLEAR)), replies(GOOD)))
    model_client.replies["window/showMessageRequest"] = lambda _: {"title": "Discard"}
    _, action = opened(model_client)
    run(model_client, action)
    shown(model_client, "touches nothing else")
    first, second = endpoint.requests
    assert len(second.body["messages"]) == len(first.body["messages"]) + 2
    assert "apply" in second.body["messages"][-1]["content"]


def test_a_dangerous_reply_is_refused_at_once_and_nothing_is_offered(model_client, endpoint):
    endpoint.script(MODEL, replies(block(STEP, STEP + '        __import__("os").system("true")\n')))
    _, action = opened(model_client)
    run(model_client, action)
    assert "no change is offered" in shown(model_client, "check: capability")["message"]
    assert len(endpoint.requests) == 1
    assert not model_client.all_of("workspace/applyEdit")


def test_cancelling_the_request_closes_the_connection_to_the_provider(model_client, endpoint):
    endpoint.script(MODEL, hangs)
    uri, action = opened(model_client)
    number = model_client.ask("ml-architect/architect/ask", **question(uri, action, task="fix"))
    until(lambda: endpoint.requests)
    cancelled = time.monotonic()
    model_client.notify("$/cancelRequest", id=number)
    assert model_client.answer(number)["error"]["code"] == -32800
    (seen,) = endpoint.requests
    until(lambda: seen.left is not None)
    assert seen.left - cancelled < 2.0
    assert seen.bytes_after(cancelled) == 0


def test_cancelling_the_progress_ends_the_command(model_client, endpoint):
    endpoint.script(MODEL, hangs)
    _, action = opened(model_client)
    run(model_client, action)
    until(lambda: endpoint.requests)
    token = model_client.all_of("window/workDoneProgress/create")[0]["token"]
    model_client.notify("window/workDoneProgress/cancel", token=token)
    (seen,) = endpoint.requests
    until(lambda: seen.left is not None)
    until(lambda: any(item["value"]["kind"] == "end" for item in model_client.all_of("$/progress")))


def test_an_edit_of_the_document_ends_the_question(model_client, endpoint):
    endpoint.script(MODEL, hangs)
    uri, action = opened(model_client)
    number = model_client.ask("ml-architect/architect/ask", **question(uri, action, task="fix"))
    until(lambda: endpoint.requests)
    model_client.change(uri, 2, {"text": TEXT + "\n"})
    assert model_client.answer(number)["result"]["state"] == "cancelled"
    (seen,) = endpoint.requests
    until(lambda: seen.left is not None)


def test_a_proposal_for_an_older_version_is_not_applied(model_client, endpoint):
    endpoint.script(MODEL, replies(GOOD))
    uri, action = opened(model_client)
    result = model_client.result("ml-architect/architect/ask", **question(uri, action, task="fix"))
    assert result["state"] == "proposed"
    assert result["proposal"]["tier"] == "proven"
    assert result["proposal"]["text"] == FIXED
    model_client.change(uri, 2, {"text": TEXT + "\n"})
    applied = model_client.result("ml-architect/architect/apply", id=result["proposal"]["id"])
    assert not applied["applied"]
    assert "has changed" in applied["reason"]


def test_what_would_be_sent_can_be_read_and_nothing_is_sent(model_client, endpoint):
    uri, action = opened(model_client)
    text = model_client.result("ml-architect/architect/prompt", **question(uri, action))["text"]
    assert "optimizer.step()" in text
    assert endpoint.requests == []


def test_the_same_question_ten_times_costs_one_request(model_client, endpoint):
    endpoint.script(MODEL, replies(GOOD))
    uri, action = opened(model_client)
    numbers = [model_client.ask("ml-architect/architect/ask", **question(uri, action, task="fix")) for _ in range(10)]
    states = [model_client.answer(number)["result"]["state"] for number in numbers]
    assert states.count("proposed") >= 1
    assert set(states) <= {"proposed", "cancelled"}
    assert len(endpoint.requests) <= 2


def test_a_failure_is_said_once_with_what_to_do(model_client, endpoint):
    endpoint.script(MODEL, fails(401))
    _, action = opened(model_client)
    run(model_client, action)
    assert "refused the key" in shown(model_client, "refused the key")["message"]
    assert len(model_client.all_of("window/showMessage")) == 1
    assert len(endpoint.requests) == 1


def test_without_a_model_the_action_says_why(client_for, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("ML_ARCHITECT_MODEL", raising=False)
    client = client_for()
    client.start(CAPABILITIES)
    uri = client.open(TEXT)
    (action,) = architect_actions(client, uri, finding(client, uri)).values()
    assert "no model is chosen" in action["disabled"]["reason"]
    assert client.stop() == 0


def test_a_project_can_turn_models_off(model_client, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.ml-architect.architect]\nenabled = false\n")
    uri = model_client.open(TEXT)
    (action,) = architect_actions(model_client, uri, finding(model_client, uri)).values()
    assert "project turns language models off" in action["disabled"]["reason"]


def test_an_excluded_file_is_never_sent(model_client, endpoint, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.ml-architect.architect]\nexclude = ["train.py"]\n')
    endpoint.script(MODEL, replies(GOOD))
    uri, action = opened(model_client)
    result = model_client.result("ml-architect/architect/ask", **question(uri, action, task="fix"))
    assert result["state"] == "failed"
    assert "excludes this file" in result["message"]
    assert endpoint.requests == []
