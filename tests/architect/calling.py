"""Calls through a real model process, for tests."""

import asyncio
import os

from endpoint import Endpoint

from ml_architect.architect.model.access import Access
from ml_architect.architect.model.hosts import Base
from ml_architect.architect.model.ledger import Budget
from ml_architect.architect.model.process import Timing, WorkerProvider
from ml_architect.architect.model.provider import Message, Request

KEY = "sk-aVerySecretKey1234567890"
PROMPT = "rename nothing in the_secret_prompt"
FAST = Timing(pause=0.05, grace=2.0)


def access_to(url: str, model: str = "openai/x", **changes) -> Access:
    base = Base.read(url)
    values = {
        "model": model,
        "api_base": base.url,
        "api_key": KEY,
        "host": base.host,
        "hosts": (base.host,),
        "local_only": True,
        "deadline": 60.0,
        "first_token": 30.0,
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

    def __init__(self) -> None:
        self.endpoint = Endpoint()
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

    def at(self, access: Access) -> None:
        """Let further calls of the same process go to another address, or wait for another time."""
        self.provider._access = access

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
