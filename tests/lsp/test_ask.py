"""Questions of the user's own from an editor: the real server, the real worker, the real litellm, a scripted endpoint."""

import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from endpoint import Endpoint, fails, hangs
from wider_rows import TOPICS, answers, letter, row

from ml_architect.architect.model.access import litellm_is_installed

MODEL = "scripted"
CAPABILITIES = {
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}
SECRET = "hf_zecretzecretzecretzecret0123"
TEXT = f"""\
import torch
from torch import nn


def fit(model, loader):
    token = "{SECRET}"
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
    return token
"""
CNN = TOPICS[0]
QUESTIONS = (
    "<<<QUESTIONS NONCE>>>\n"
    "dataset-size | How many images are there for each class? | whether to start from a pretrained network\n"
    "hardware | Which GPU is there? | batch size and precision\n"
    "<<<END NONCE>>>\n"
)


@pytest.fixture
def endpoint():
    with Endpoint() as running:
        yield running


@pytest.fixture
def start(client_for, monkeypatch, tmp_path):
    """Return a function that starts an editor whose user has set these variables and no others of ours."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("ML_ARCHITECT_MODEL", "ML_ARCHITECT_API_BASE", "ML_ARCHITECT_API_KEY_ENV"):
        monkeypatch.delenv(name, raising=False)
    made = []

    def started(**variables):
        if variables and not litellm_is_installed():
            pytest.skip("litellm is not installed")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        made.append(client_for())
        made[0].replies["window/showDocument"] = lambda _: {"success": True}
        made[0].start(CAPABILITIES)
        return made[0]

    yield started
    assert made[0].stop() == 0
    assert b"Traceback" not in made[0].stderr, made[0].stderr.decode()


@pytest.fixture
def started(start, endpoint):
    model = f"openai/{MODEL}"
    return start(ML_ARCHITECT_MODEL=model, ML_ARCHITECT_API_BASE=endpoint.base(model))


def ask(client, question=CNN.question, **more):
    return client.result("ml-architect/ask", question=question, **more)


def test_a_good_answer_comes_as_page_in_html_and_markdown(started, endpoint):
    endpoint.script(MODEL, answers(row(CNN, "good").reply))
    page = ask(started)
    assert page["state"] == "answered" and page["message"] == "all files passed our checks"
    assert page["title"] == CNN.question
    assert page["html"].startswith("<!DOCTYPE html>") and "<script" not in page["html"]
    assert "class SmallNet" in page["html"] and "class SmallNet" in page["markdown"]
    assert len(endpoint.requests) == 1


def test_a_bad_answer_is_asked_for_once_more_and_then_marked(started, endpoint):
    endpoint.script(MODEL, answers(row(CNN, "wrong API").reply))
    page = ask(started)
    assert page["state"] == "answered" and "1 of 1 files did not pass" in page["message"]
    assert "`torch.utils.data.DataLoader` has no parameter `workers`" in page["markdown"]
    assert len(endpoint.requests) == 2
    again = endpoint.requests[1].body["messages"]
    assert [message["role"] for message in again] == ["system", "user", "assistant", "user"]
    assert "has no parameter `workers`" in again[-1]["content"]


def test_the_repair_round_repairs(started, endpoint):
    endpoint.script(MODEL, answers(row(CNN, "unsafe").reply, row(CNN, "good").reply))
    page = ask(started)
    assert page["message"] == "all files passed our checks" and "os.system" not in page["markdown"]
    assert len(endpoint.requests) == 2


def test_the_open_document_goes_along_without_its_secrets(started, endpoint):
    endpoint.script(MODEL, answers(row(CNN, "good").reply))
    uri = started.open(TEXT)
    shown = ask(started, uri=uri, prompt=True)["text"]
    assert not endpoint.requests
    assert "missing-zero-grad" in shown and "optimizer = torch.optim.SGD" in shown and SECRET not in shown
    assert ask(started, uri=uri)["state"] == "answered"
    sent = "\n".join(message["content"] for message in endpoint.requests[0].body["messages"])
    assert "missing-zero-grad" in sent and SECRET not in endpoint.requests[0].text


def test_questions_are_shown_first_and_not_again_once_answered(started, endpoint):
    endpoint.script(MODEL, answers(QUESTIONS, QUESTIONS, row(CNN, "good").reply))
    page = ask(started)
    assert page["state"] == "questions"
    assert "How many images" in page["markdown"] and "[tool.ml-architect.project]" in page["markdown"]
    assert len(endpoint.requests) == 1
    page = ask(started, answers=["dataset-size=10000", "hardware=1x 24 GB GPU"])
    assert page["state"] == "answered"
    assert "no further questions" in endpoint.requests[2].body["messages"][-1]["content"]
    assert "dataset-size: 10000" in endpoint.requests[1].body["messages"][1]["content"]


def test_a_project_that_has_answered_is_believed(started, endpoint, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ml-architect.project]\ndataset-size = 10000\nhardware = "cpu"\npersonal-data = true\n', encoding="utf-8"
    )
    endpoint.script(MODEL, answers(row(CNN, "good").reply))
    uri = started.open(TEXT)
    assert ask(started, uri=uri)["state"] == "answered"
    said = endpoint.requests[0].body["messages"][1]["content"]
    assert "- dataset-size: 10000" in said and "- hardware: cpu" in said and "- personal-data: yes" in said
    unknown = next(line for line in said.splitlines() if line.startswith("Unknown: "))
    assert "dataset-size" not in unknown and "latency-ms" in unknown


def test_nothing_is_sent_to_a_host_before_the_user_agrees(start):
    client = start(
        ML_ARCHITECT_MODEL=f"openai/{MODEL}",
        ML_ARCHITECT_API_BASE="https://models.example/v1",
        ML_ARCHITECT_API_KEY_ENV="SOME_KEY",
        SOME_KEY="sk-aVerySecretKey1234567890",
    )
    page = ask(client)
    assert page["state"] == "failed" and "models.example" in page["consent"] and "your question" in page["consent"]


def test_without_a_model_the_static_pages_answer(start):
    client = start()
    page = ask(client, "why is my training slow with this DataLoader?")
    assert page["state"] == "pages" and "no model is chosen" in page["message"]
    assert "num_workers of" in page["markdown"] and "Starting values" in page["html"]
    page = ask(client, "bake a chocolate cake")
    assert page["state"] == "pages" and "None of the static pages matches" in page["markdown"]


def test_a_fault_of_the_provider_is_one_line(started, endpoint):
    endpoint.script(MODEL, fails(401))
    page = ask(started)
    assert page["state"] == "failed" and "refused the key" in page["message"] and page["html"] == ""


def test_wishes_that_make_no_sense_have_one_answer(started):
    assert ask(started, "  ")["message"] == "there is no question"
    assert ask(started, uri="file:///nowhere.py")["message"] == "this document is not open, or is no Python"
    assert started.result("ml-architect/ask", question=5)["state"] == "failed"


def test_cancelling_closes_the_connection_to_the_provider(started, endpoint):
    endpoint.script(MODEL, hangs)
    number = started.ask("ml-architect/ask", question=CNN.question)
    deadline = time.monotonic() + 30
    while not endpoint.requests:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    started.notify("$/cancelRequest", id=number)
    assert "error" in started.answer(number)
    (seen,) = endpoint.requests
    assert seen.done.wait(5) and seen.left is not None


def test_an_editor_without_our_extension_has_a_command(started, endpoint):
    endpoint.script(MODEL, answers(letter({"train.py": CNN.program})))
    started.result("workspace/executeCommand", command="ml-architect.ask", arguments=[{"question": CNN.question}])
    shown = started.wait(lambda message: message.get("method") == "window/showDocument")
    assert shown["params"]["uri"].endswith(".md")
    text = Path(unquote(urlsplit(shown["params"]["uri"]).path)).read_text(encoding="utf-8")
    assert text.startswith(f"# {CNN.question}") and "## Code" in text


def test_the_command_shows_pages_where_there_is_no_model(start):
    bare_client = start()
    arguments = [{"question": "gradient clipping with a scaler"}]
    bare_client.result("workspace/executeCommand", command="ml-architect.ask", arguments=arguments)
    assert bare_client.wait(lambda message: message.get("method") == "window/showDocument")
    told = bare_client.wait(lambda message: message.get("method") == "window/showMessage")
    assert "no model is chosen" in told["params"]["message"]
