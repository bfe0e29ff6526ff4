"""Asking a model through the real server: what we add to the provider's own time, and what a call costs others.

The provider is the scripted endpoint of the tests on this machine, so all times are ours or its own, none a model's.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from serving import Client

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "architect"))

from answering import SECTIONS, block, nonce_of
from endpoint import Endpoint, Exchange, Seen, hangs, says

MODEL = "scripted"
FIXES, CANCELS, HOVERS = 40, 20, 200
LINE = "        loss.backward()\n"
TEXT = f"""\
import torch
from torch import nn


def fit(model, loader):
    # number NUMBER
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
{LINE}        optimizer.step()
"""
SETTINGS = """\
[architect]
requests = 10000
input-tokens = 100000000
output-tokens = 10000000
"""


@dataclass(frozen=True)
class Asked:
    """A document that is open, and the finding in it."""

    uri: str
    finding: str
    place: dict[str, int]


class Asker(Client):
    """A client that asks a model about documents, each with a text of its own: replies are kept by what was asked."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self.endpoint = endpoint
        self._numbers = count(10)

    def request(self, method: str, params: object) -> int:
        """Send a request; return its number."""
        number = next(self._numbers)
        self.send(method, params, number)
        return number

    def answer(self, number: int) -> dict[str, Any]:
        """Return the answer to a request."""
        return self.wait(lambda message: message.get("id") == number and "method" not in message)

    def opened(self) -> Asked:
        """Open a new document and wait for its finding."""
        number = next(self._numbers)
        uri = f"file:///benchmark/{number}.py"
        text = TEXT.replace("NUMBER", str(number))
        self.send(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}}
        )
        found = self.wait(lambda message: message.get("params", {}).get("uri") == uri)["params"]["diagnostics"]
        (item,) = (item for item in found if item["code"] == "missing-zero-grad")
        return Asked(uri, item["data"]["finding"], item["range"]["start"])

    def ask(self, about: Asked) -> int:
        """Ask for a repair; return the number of the request."""
        params = {"uri": about.uri, "finding": about.finding, "task": "fix", "consent": True}
        return self.request("ml-architect/architect/ask", params)

    def hover(self, about: Asked) -> float:
        """Return the seconds of a hover."""
        start = time.perf_counter()
        self.answer(self.request("textDocument/hover", {"textDocument": {"uri": about.uri}, "position": about.place}))
        return time.perf_counter() - start


def measure_architect() -> Iterator[str]:
    """Yield lines about overhead, cancelling, and other requests during a call."""
    if find_spec("litellm") is None:
        yield "asking a model: litellm is not installed"
        return
    with Endpoint() as endpoint, _settings(endpoint):
        asker = Asker(endpoint)
        yield _overhead(asker)
        yield _cancelling(asker)
        yield _others(asker)
        asker.close()


@contextmanager
def _settings(endpoint: Endpoint) -> Iterator[None]:
    """Let the user's configuration name the endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ml-architect" / "config.toml"
        file.parent.mkdir()
        file.write_text(SETTINGS, encoding="utf-8")
        wanted = {
            "XDG_CONFIG_HOME": folder,
            "ML_ARCHITECT_MODEL": f"openai/{MODEL}",
            "ML_ARCHITECT_API_BASE": endpoint.base(f"openai/{MODEL}"),
        }
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


def _repairs(exchange: Exchange) -> None:
    nonce = nonce_of(exchange)
    change = block(LINE, f"        optimizer.zero_grad()\n{LINE}", 11)
    says(f"<<<FIX {nonce}>>>\n{SECTIONS}{change}<<<END {nonce}>>>\n")(exchange)


def _overhead(asker: Asker) -> str:
    asker.endpoint.script(MODEL, _repairs)
    start = time.perf_counter()
    _fix(asker)  # starts the model process
    first = time.perf_counter() - start
    for _ in range(5):
        _fix(asker)
    times = [_fix(asker) for _ in range(FIXES)]
    middle = statistics.median(times)
    return (
        f"fix with a model, {FIXES} times: ours on top of the provider's time median {middle * 1000:.0f} ms, "
        f"best {min(times) * 1000:.0f} ms, p95 {_p95(times) * 1000:.0f} ms  (limit: median 50 ms); "
        f"the first, which starts the process, {first:.1f} s"
    )


def _fix(asker: Asker) -> float:
    """Return the seconds of one repair, without those that the provider took."""
    about = asker.opened()
    known = len(asker.endpoint.requests)
    start = time.monotonic()
    answer = asker.answer(asker.ask(about))
    whole = time.monotonic() - start
    assert answer["result"]["proposal"]["tier"] == "proven", answer
    (seen,) = asker.endpoint.requests[known:]
    return whole - (seen.writes[-1][0] - seen.arrived)


def _cancelling(asker: Asker) -> str:
    asker.endpoint.script(MODEL, hangs)
    times = [_cancelled(asker) for _ in range(CANCELS)]
    middle = statistics.median(times)
    return (
        f"cancelled request to closed connection, {CANCELS} times: median {middle * 1000:.0f} ms, "
        f"max {max(times) * 1000:.0f} ms  (limit 200 ms)"
    )


def _cancelled(asker: Asker) -> float:
    about = asker.opened()
    number, seen = _under_way(asker, about)
    start = time.monotonic()
    asker.send("$/cancelRequest", {"id": number})
    asker.answer(number)
    _until(lambda: seen.left is not None)
    assert seen.left is not None
    return seen.left - start


def _under_way(asker: Asker, about: Asked) -> tuple[int, Seen]:
    """Ask, and return once the provider has the request."""
    known = len(asker.endpoint.requests)
    number = asker.ask(about)
    _until(lambda: len(asker.endpoint.requests) > known)
    return number, asker.endpoint.requests[known]


def _others(asker: Asker) -> str:
    asker.endpoint.script(MODEL, says("".join(f"{number:04} " for number in range(4000)), size=5, pause=0.02))
    about, asked = asker.opened(), asker.opened()
    idle, busy = [], []
    for _ in range(2):  # in turn, so that a slow moment of the machine meets both
        idle += [asker.hover(about) for _ in range(HOVERS // 2)]
        number, _ = _under_way(asker, asked)
        busy += [asker.hover(about) for _ in range(HOVERS // 2)]
        asker.send("$/cancelRequest", {"id": number})
        asker.answer(number)
    before, during = _p95(idle), _p95(busy)
    return (
        f"hover while a reply streams in: p95 {during * 1000:.1f} ms, idle {before * 1000:.1f} ms, "
        f"ratio {during / before:.2f}x  (limits: 1.10x, or 10 ms more)"
    )


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.001)


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]


if __name__ == "__main__":
    for line in measure_architect():
        print(line)
