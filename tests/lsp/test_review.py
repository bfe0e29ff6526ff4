"""The review of a file or a folder in the editor: by request and by command, of the text as it is now."""

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from answering import nonce_of
from endpoint import Endpoint, says
from fault_matrix.bench import CAPABILITIES

from ml_architect.architect.model.access import litellm_is_installed

TRAIN = """\
import torch
from torch.utils.data import DataLoader

def train(model, data):
    loader = DataLoader(data, batch_size=32, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
"""
EVALUATE = """\
import torch
from torch.utils.data import DataLoader

@torch.no_grad()
def evaluate(model, data):
    model.eval()
    for x, y in DataLoader(data, batch_size=256):
        print(model(x))
"""
REQUEST = "ml-architect/review"
MODEL = "scripted"


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
    client.start(CAPABILITIES)
    yield client
    assert client.stop() == 0
    assert b"Traceback" not in client.stderr, client.stderr.decode()


@pytest.fixture
def folder(client):
    (client.folder / "train.py").write_text(TRAIN)
    (client.folder / "pkg").mkdir()
    (client.folder / "pkg/evaluate.py").write_text(EVALUATE)
    (client.folder / "pyproject.toml").write_text("[tool.ml-architect.project]\ndataset-size = 5000\n")
    return client.folder


def test_a_project_is_reviewed_with_all_its_files(client, folder):
    client.start()
    result = client.result(REQUEST, uri=folder.as_uri())
    assert result["message"] == ""
    assert result["title"] == f"Review of {folder.name}"
    assert "optimizer `SGD`: learning rate 0.1 | train.py:6" in result["markdown"]
    assert (
        "applies `model` without a backward pass: autograd is off, evaluation mode is set before" in result["markdown"]
    )
    assert "pkg/evaluate.py:7" in result["markdown"]
    assert "whether the model is evaluated" not in result["markdown"], "the other file does"
    assert "| `dataset-size` | 5000 |" in result["markdown"]
    assert result["html"].startswith("<!DOCTYPE html>")
    assert "<script" not in result["html"]
    assert client.stop() == 0


@pytest.mark.usefixtures("folder")
def test_an_open_document_counts_as_it_is_now(client, folder):
    client.start()
    uri = client.open(TRAIN)
    client.change(uri, 2, {"text": TRAIN.replace("lr=0.1", "lr=0.025")})
    alone = client.result(REQUEST, uri=uri)
    assert alone["title"] == "Review of train.py"
    assert "learning rate 0.025" in alone["markdown"]
    assert "whether the model is evaluated: not in this file, and no other was read" in alone["markdown"]
    whole = client.result(REQUEST, uri=folder.as_uri())
    assert "learning rate 0.025" in whole["markdown"]
    assert "learning rate 0.1" not in whole["markdown"]


@pytest.mark.parametrize("params", [{}, {"uri": 3}, {"uri": "untitled:nothing"}])
def test_what_is_no_file_is_refused_in_one_line(client, params):
    client.start()
    result = client.result(REQUEST, **params)
    assert result["message"] == "there is no file or folder to review"
    assert result["html"] == ""


def test_a_folder_without_code_says_so(client):
    client.start()
    result = client.result(REQUEST, uri=client.folder.as_uri())
    assert "There is nothing to review." in result["markdown"]


def test_a_request_can_be_cancelled(client, folder):
    for number in range(300):
        (folder / f"file{number}.py").write_text(TRAIN * 10)
    client.start()
    number = client.ask(REQUEST, uri=folder.as_uri())
    client.notify("$/cancelRequest", id=number)
    assert client.answer(number)["error"]["code"] == -32800
    assert client.stop() == 0


def test_progress_goes_to_the_token_of_the_request(client, folder):
    client.start()
    client.result(REQUEST, uri=folder.as_uri(), workDoneToken="review-1")
    said = [item["value"]["message"] for item in client.all_of("$/progress") if item["token"] == "review-1"]
    assert said[-1] == "2 of 2 files"


@pytest.mark.usefixtures("folder")
def test_the_command_shows_the_page_as_a_document(client):
    opened = []
    client.replies["window/showDocument"] = lambda params: opened.append(params["uri"]) or {"success": True}
    client.start({"window": {"showDocument": {"support": True}}})
    uri = (client.folder / "train.py").as_uri()
    arguments = [{"uri": uri}]
    assert client.result("workspace/executeCommand", command="ml-architect.review", arguments=arguments) is None
    client.wait(lambda message: message.get("method") == "window/showDocument")
    text = Path(unquote(urlparse(opened[0]).path)).read_text()
    assert text.startswith("# Review of `train.py`")


GOOD = """\
## data
train.py:5 | A batch of 32 is a fair start, but `num_workers` is left at 0.
## features
none
## architecture
none
## training
none
## evaluation
none
## tuning
none
## persistence
none
"""


def in_envelope(body):
    def behave(exchange):
        nonce = nonce_of(exchange)
        says(f"<<<REVIEW {nonce}>>>\n{body}<<<END {nonce}>>>\n")(exchange)

    return behave


def test_a_model_assesses_the_unsaved_text(model_client, endpoint):
    endpoint.script(MODEL, in_envelope(GOOD))
    uri = model_client.open(TRAIN)
    result = model_client.result(REQUEST, uri=uri, model=True)
    assert result["message"] == ""
    assert "the lines are checked, the judgement is not" in result["markdown"]
    assert "A batch of 32 is a fair start" in result["html"]
    assert len(endpoint.requests) == 1


def test_a_reply_that_does_not_hold_leaves_the_static_review(model_client, endpoint):
    endpoint.script(MODEL, in_envelope("## data\nother.py:1 | It is all fine in there.\n"))
    uri = model_client.open(TRAIN)
    result = model_client.result(REQUEST, uri=uri, model=True)
    assert result["message"] == "there is no written assessment: no claim in the reply is about a line that was shown"
    assert "learning rate 0.1" in result["markdown"]
    assert len(endpoint.requests) == 2


def test_what_the_project_excludes_is_not_sent(model_client, endpoint, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.ml-architect.architect]\nexclude = ["train.py"]\n')
    endpoint.script(MODEL, in_envelope(GOOD))
    uri = model_client.open(TRAIN)
    result = model_client.result(REQUEST, uri=uri, model=True)
    assert "there is no file that may be sent" in result["message"]
    assert endpoint.requests == []


@pytest.mark.usefixtures("folder")
def test_without_a_model_the_review_says_why(client_for, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("ML_ARCHITECT_MODEL", raising=False)
    client = client_for()
    client.start()
    uri = client.open(TRAIN)
    result = client.result(REQUEST, uri=uri, model=True)
    assert "no model is chosen" in result["message"]
    assert "learning rate 0.1" in result["markdown"]


def test_nothing_is_sent_to_another_machine_before_the_user_agrees(client_for, monkeypatch, tmp_path):
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ML_ARCHITECT_MODEL", "openai/some-model")
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    monkeypatch.delenv("ML_ARCHITECT_API_BASE", raising=False)
    client = client_for()
    client.start()
    uri = client.open(TRAIN)
    result = client.result(REQUEST, uri=uri, model=True)
    assert result["message"] == "code may not be sent yet"
    assert "openai/some-model" in result["consent"]
    assert "learning rate 0.1" in result["markdown"], "the static review is there all the same"
    assert client.stop() == 0


def test_what_would_be_sent_about_a_review_is_shown_and_nothing_is_sent(model_client, endpoint):
    (model_client.folder / "train.py").write_text(TRAIN)
    result = model_client.result(REQUEST, uri=(model_client.folder / "train.py").as_uri(), prompt=True)
    assert set(result) == {"text"}
    assert "loader = DataLoader(data, batch_size=32, shuffle=True)" in result["text"]
    assert "<<<REVIEW NONCE>>>" in result["text"]
    assert endpoint.requests == []
