"""A server that we did not write: llama.cpp with random weights, through the real model process and the real litellm.

Runs where ML_ARCHITECT_TEST_LLAMA_PYTHON names a Python that has llama-cpp-python; `python server/dev.py llama` builds one.
"""

import asyncio
import os
import subprocess
import sys
import time

import pytest
from calling import access_to, request_for
from random_model import ENDLESS, SOON, VARIABLE, Relay, Served, write_model

from ml_architect.architect.model.provider import ErrorKind, ProviderError

MODELS = ("openai/noise", "hosted_vllm/noise")
ENDINGS = {"endless": ENDLESS, "brief": SOON}
RULE = "onecycle-stepped-per-epoch"
TEXT = """\
import torch
from torch.optim.lr_scheduler import OneCycleLR


def fit(model, loader, criterion, epochs=20):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = OneCycleLR(optimizer, max_lr=1.0, epochs=epochs, steps_per_epoch=len(loader))
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
"""

pytestmark = pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} names no Python with llama-cpp-python")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Return what starts a server, once for each ending."""
    folder = tmp_path_factory.mktemp("models")
    running = {}

    def start(ending):
        if ending not in running:
            write_model(folder / f"{ending}.gguf", end=ENDINGS[ending])
            running[ending] = Served(os.environ[VARIABLE], folder / f"{ending}.gguf", folder / f"{ending}.log")
            running[ending].__enter__()
        return running[ending]

    yield start
    for server in running.values():
        server.__exit__()


@pytest.fixture
def relay(served, request):
    with Relay(served(request.param).port) as between:
        yield between


@pytest.fixture
def asked(calls, relay):
    """Return what asks the model behind the relay, through one model process for each test."""
    calls.use(access_to(relay.base, first_token=60.0))
    return calls.ask


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("relay", ["brief"], indirect=True)
def test_noise_streams_in_and_ends(calls, asked, relay, model):
    replies = [asked(model) for _ in range(3)]
    assert [(reply.finish, reply.requests) for reply in replies] == [("stop", 1)] * 3
    assert relay.requests == 3
    pieces = sum(each.answered.count(b"data: ") for each in relay.connections)
    assert pieces > sum(len(reply.text) for reply in replies) / 4, "it came in few pieces"
    assert calls.progress == sorted(calls.progress)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("relay", ["endless"], indirect=True)
def test_a_reply_that_is_cut_at_its_limit_is_told(asked, relay, model):
    with pytest.raises(ProviderError) as caught:
        asked(model, 60)
    assert caught.value.kind is ErrorKind.CUT
    assert caught.value.requests == relay.requests == 1
    assert b'"finish_reason":"length"' in relay.connections[0].answered.replace(b" ", b"")


async def cancelled(provider, model, relay):
    """Start a long reply, cancel it in the middle, and return once the connection to the server is closed."""
    begun = asyncio.Event()
    question = request_for(model, 3000)
    task = asyncio.ensure_future(provider.complete(question, lambda characters: characters and begun.set()))
    await asyncio.wait_for(begun.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadline = time.monotonic() + 10.0
    while relay.connections[0].left is None:
        assert time.monotonic() < deadline, "the connection is still open"
        await asyncio.sleep(0.005)
    return provider.pid


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("relay", ["endless"], indirect=True)
def test_a_cancelled_call_leaves_the_server_which_answers_the_next_one(calls, asked, relay, model):
    pid = calls.run(cancelled(calls.provider, model, relay))
    assert b"[DONE]" not in relay.connections[0].answered
    with pytest.raises(ProviderError) as caught:
        asked(model, 20)
    assert caught.value.kind is ErrorKind.CUT
    assert calls.provider.pid == pid, "a cancellation that is confirmed costs no process"


@pytest.mark.parametrize("relay", ["brief"], indirect=True)
def test_noise_is_refused_and_changes_no_file(relay, tmp_path):
    file = tmp_path / "train.py"
    file.write_text(TEXT, encoding="utf-8")
    settings = tmp_path / "config" / "ml-architect" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f'[architect]\nmodel = "openai/noise"\napi-base = "{relay.base}"\ncontext-tokens = 2000\nmax-output-tokens = 200\n',
        encoding="utf-8",
    )
    result = subprocess.run(
        (sys.executable, "-m", "ml_architect", "check", "train.py", "--select", RULE, "--ai-fix", "--write"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")},
    )
    assert (result.returncode, result.stdout) == (1, ""), result.stderr
    assert file.read_text(encoding="utf-8") == TEXT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config", "train.py"]
    told = [line for line in result.stderr.splitlines() if "train.py" in line]
    assert len(told) == 1, result.stderr
    assert 1 <= relay.requests <= 2
    assert "Traceback" not in result.stderr
