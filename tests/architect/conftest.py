"""A scripted endpoint for all tests of this folder, and one model process that most of them share."""

import asyncio
import importlib.util
import os
import sys
from pathlib import Path

import pytest

from ml_architect.architect.access import Access
from ml_architect.architect.hosts import Base
from ml_architect.architect.ledger import Budget
from ml_architect.architect.process import Timing, WorkerProvider
from ml_architect.architect.provider import Message, Request


def load(name: str, path: Path):
    """Import a helper by its path; test folders are no packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


endpoint_module = load("architect_endpoint", Path(__file__).with_name("endpoint.py"))

KEY = "sk-aVerySecretKey1234567890"
PROMPT = "rename nothing in the_secret_prompt"
FAST = Timing(pause=0.05, grace=2.0)


@pytest.fixture(scope="session")
def scripted():
    """The module that the endpoint and its behaviours are in."""
    return endpoint_module


@pytest.fixture
def endpoint(scripted):
    with scripted.Endpoint() as running:
        yield running


def access_to(url: str, model: str = "openai/x", **changes) -> Access:
    base = Base.read(url)
    values = {
        "model": model,
        "api_base": base.url,
        "api_key": KEY,
        "host": base.host,
        "hosts": (base.host,),
        "local_only": True,
        "deadline": 20.0,
        "first_token": 15.0,
        "max_output_tokens": 200,
        "context_tokens": 6000,
        "budget": Budget(),
        "exclude": (),
        "environment": (),
    }
    return Access(**{**values, **changes})


def request_for(model: str, max_tokens: int = 200) -> Request:
    return Request(model, (Message("system", "be brief"), Message("user", PROMPT)), max_tokens)


class Calls:
    """Makes calls through one real model process, which stays for a whole module of tests."""

    def __init__(self, scripted) -> None:
        self.endpoint = scripted.Endpoint()
        self.endpoint.__enter__()
        self.loop = asyncio.new_event_loop()
        self.provider: WorkerProvider | None = None
        self.progress: list[int] = []

    def use(self, access: Access, timing: Timing = FAST, worker: tuple[str, ...] | None = None) -> WorkerProvider:
        """Let further calls go through a new process."""
        if self.provider is not None:
            self.run(self.provider.close())
        self.provider = WorkerProvider(access, os.environ, timing, worker)
        return self.provider

    def run(self, work):
        return self.loop.run_until_complete(work)

    def ask(self, model: str, max_tokens: int = 200):
        """Return the reply, or raise the error, of one call."""
        self.progress = []
        return self.run(self.provider.complete(request_for(model, max_tokens), self.progress.append))

    def close(self) -> None:
        if self.provider is not None:
            self.run(self.provider.close())
        self.loop.close()
        self.endpoint.__exit__()


@pytest.fixture(scope="module")
def calls(scripted):
    pytest.importorskip("litellm")
    made = Calls(scripted)
    yield made
    made.close()
