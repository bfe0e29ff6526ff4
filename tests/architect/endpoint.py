"""A scripted model server on 127.0.0.1: what it answers is picked by the model's name from a table of behaviours.

Speaks the streaming forms of OpenAI chat completions, Anthropic messages, Gemini and Ollama, chosen by the path. Any test
may import it as `endpoint`: `pythonpath` in `pyproject.toml` names this folder.
"""

import json
import re
import select
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

PROMPT_TOKENS = 11
PATIENCE = 90.0
"""Seconds after which a behaviour that waits for the client to leave gives up."""


@dataclass
class Seen:
    """One request as it arrived, and what became of it. Times are of `time.monotonic`."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    model: str
    arrived: float = field(default_factory=time.monotonic)
    writes: list[tuple[float, int]] = field(default_factory=list)
    """When how many bytes were handed to the connection."""
    left: float | None = None
    """When the client closed the connection before the answer was complete."""
    said: int = 0
    """Characters of text in the answer."""
    usage: tuple[int, int] | None = None
    """Tokens, in and out, that the answer named."""
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def sent(self) -> int:
        """Bytes of the answer."""
        return sum(size for _, size in self.writes)

    def bytes_after(self, moment: float) -> int:
        """Return the bytes that were sent after `moment`."""
        return sum(size for when, size in self.writes if when > moment)

    @property
    def text(self) -> str:
        """The whole request as text, to look for what must not be in it."""
        return f"{self.path}\n{self.headers}\n{json.dumps(self.body)}"


class Gone(Exception):
    """The client has closed the connection."""


class Exchange:
    """One request that a behaviour answers."""

    def __init__(self, handler: "Handler", seen: Seen, wire: "Wire", attempt: int) -> None:
        self.handler = handler
        self.seen = seen
        self.wire = wire
        self.attempt = attempt
        """How many requests for this model came before."""
        self.over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self.over.is_set():
            if self._is_closed():
                self.seen.left = None if self.over.is_set() else time.monotonic()
                return

    def _is_closed(self) -> bool:
        connection = self.handler.connection
        try:
            readable, _, _ = select.select([connection], [], [], 0.005)
            return bool(readable) and not connection.recv(1)
        except (OSError, ValueError):
            return True

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        if self.seen.left is not None:
            raise Gone
        try:
            self.handler.connection.sendall(data)
        except OSError as error:
            self.seen.left = self.seen.left or time.monotonic()
            raise Gone from error
        self.seen.writes.append((time.monotonic(), len(data)))

    def head(self, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        """Send the status line and the headers."""
        lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {kind}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.raw("\r\n".join([*lines, "", ""]).encode())

    def answer(self, body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        """Send a whole answer."""
        self.head(status, kind, Content_Length=str(len(body)), **headers)
        self.raw(body)

    def begin(self) -> None:
        """Open a stream."""
        self.head(200, self.wire.kind, Transfer_Encoding="chunked")
        self.part(self.wire.begin())

    def part(self, data: bytes) -> None:
        """Send one piece of a stream."""
        if data:
            self.raw(b"%x\r\n%s\r\n" % (len(data), data))

    def say(self, text: str) -> None:
        """Send one piece of text."""
        self.part(self.wire.delta(text))
        self.seen.said += len(text)

    def end(self, finish: str = "stop", usage: tuple[int, int] | None = (PROMPT_TOKENS, 7)) -> None:
        """Send the reason of the end and the usage, and close the stream."""
        self.part(self.wire.end(finish, usage))
        self.close()
        self.seen.usage = usage

    def close(self) -> None:
        """Close the stream as HTTP wants it."""
        self.raw(b"0\r\n\r\n")

    def wait(self, seconds: float = PATIENCE) -> None:
        """Wait, but not for a client that has left."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.seen.left is not None:
                raise Gone
            time.sleep(0.005)


Behaviour = Callable[[Exchange], None]


class Wire:
    """OpenAI chat completions, streamed."""

    kind = "text/event-stream"

    def begin(self) -> bytes:
        return self._event({"role": "assistant", "content": ""})

    def delta(self, text: str) -> bytes:
        return self._event({"content": text})

    def end(self, finish: str, usage: tuple[int, int] | None) -> bytes:
        data = self._event({}, finish)
        if usage:
            totals = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
            data += _sse(self._body([], usage=totals))
        return data + b"data: [DONE]\n\n"

    def other(self, **delta: Any) -> bytes:
        """Return an event whose delta holds other fields."""
        return self._event(delta)

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _sse(self._body([{"index": 0, "delta": delta, "finish_reason": finish}]))

    @staticmethod
    def _body(choices: list[Any], **rest: Any) -> dict[str, Any]:
        return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices, **rest}


class AnthropicWire(Wire):
    """Anthropic messages, streamed."""

    def begin(self) -> bytes:
        usage = {"input_tokens": PROMPT_TOKENS, "output_tokens": 1}
        message = {"id": "m1", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": usage}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return _named({"type": "message_start", "message": message}) + _named(block)

    def delta(self, text: str) -> bytes:
        return _named({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})

    def end(self, finish: str, usage: tuple[int, int] | None) -> bytes:
        reason = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}[finish]
        tail: dict[str, Any] = {"type": "message_delta", "delta": {"stop_reason": reason}}
        if usage:
            tail["usage"] = {"output_tokens": usage[1]}
        return _named({"type": "content_block_stop", "index": 0}) + _named(tail) + _named({"type": "message_stop"})


class GeminiWire(Wire):
    """Gemini streamGenerateContent as server-sent events."""

    def begin(self) -> bytes:
        return b""

    def delta(self, text: str) -> bytes:
        return _sse({"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}]})

    def end(self, finish: str, usage: tuple[int, int] | None) -> bytes:
        reason = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}[finish]
        candidate = {"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": reason, "index": 0}
        body: dict[str, Any] = {"candidates": [candidate]}
        if usage:
            counts = {"promptTokenCount": usage[0], "candidatesTokenCount": usage[1], "totalTokenCount": sum(usage)}
            body["usageMetadata"] = counts
        return _sse(body)


class OllamaWire(Wire):
    """Ollama's own chat form, one JSON object a line."""

    kind = "application/x-ndjson"

    def begin(self) -> bytes:
        return b""

    def delta(self, text: str) -> bytes:
        return self._line(message={"role": "assistant", "content": text}, done=False)

    def end(self, finish: str, usage: tuple[int, int] | None) -> bytes:
        counts = {"prompt_eval_count": usage[0], "eval_count": usage[1]} if usage else {}
        return self._line(message={"role": "assistant", "content": ""}, done=True, done_reason=finish, **counts)

    @staticmethod
    def _line(**fields: Any) -> bytes:
        return json.dumps({"model": "m", "created_at": "2026-01-01T00:00:00Z", **fields}).encode() + b"\n"


def _sse(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def _named(body: dict[str, Any]) -> bytes:
    return b"event: " + body["type"].encode() + b"\n" + _sse(body)


def says(
    text: str,
    *,
    size: int = 20,
    finish: str = "stop",
    usage: tuple[int, int] | None = (PROMPT_TOKENS, 7),
    pause: float = 0.0,
    delay: float = 0.0,
) -> Behaviour:
    """Stream `text` in pieces of `size` characters, `pause` seconds apart, after `delay` seconds."""

    def behave(exchange: Exchange) -> None:
        if delay:
            exchange.wait(delay)
        exchange.begin()
        for piece in pieces(text, size):
            exchange.say(piece)
            if pause:
                exchange.wait(pause)
        exchange.end(finish, usage)

    return behave


def fails(status: int, body: object = None, **headers: str) -> Behaviour:
    """Answer with an HTTP error, whose body echoes what must never be shown: the key and the prompt."""

    def behave(exchange: Exchange) -> None:
        echo = f"refused {exchange.seen.headers.get('authorization', '')} {json.dumps(exchange.seen.body)}"
        told = {"error": {"message": echo, "type": "scripted", "code": str(status)}} if body is None else body
        exchange.answer(json.dumps(told).encode(), status, **headers)

    return behave


def answers(body: bytes, kind: str = "application/json", **headers: str) -> Behaviour:
    """Answer 200 with bytes as they are."""
    return lambda exchange: exchange.answer(body, 200, kind, **headers)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave differently with each request for the model; the last one stays."""
    return lambda exchange: behaviours[min(exchange.attempt, len(behaviours) - 1)](exchange)


def redirects(url: str, status: int = 307) -> Behaviour:
    """Send the client to another address, with the same path."""
    return lambda exchange: exchange.answer(b"", status, Location=url + exchange.handler.path)


def hangs(exchange: Exchange) -> None:
    """Take the request and say nothing."""
    exchange.wait()


def pieces(text: str, size: int) -> Iterator[str]:
    """Cut `text` into pieces of `size` characters."""
    return (text[start : start + size] for start in range(0, len(text), size))


class Handler(BaseHTTPRequestHandler):
    """Records a request and lets the behaviour of its model answer."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        self.close_connection = True
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else {}
        headers = {name.lower(): value for name, value in self.headers.items()}
        wire, model = spoken(self.path, body)
        seen = Seen(self.path, headers, body, model)
        endpoint = self.server.endpoint
        if wire is None:  # what some providers ask besides
            endpoint.others.append(seen)
            self.wfile.write(b"HTTP/1.1 404 Scripted\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            return
        attempt = endpoint.record(seen)
        exchange = Exchange(self, seen, wire, attempt)
        try:
            endpoint.behaviour(model)(exchange)
        except Gone:
            pass
        finally:
            exchange.over.set()
            seen.done.set()


def spoken(path: str, body: dict[str, Any]) -> tuple[Wire | None, str]:
    """Return the form that a path stands for, None if it is no model call, and the model's name."""
    model = str(body.get("model", ""))
    if path.endswith("/chat/completions"):
        return Wire(), model
    if path.endswith("/messages"):
        return AnthropicWire(), model
    if path.endswith("/api/chat"):
        return OllamaWire(), model
    gemini = re.search(r"([^/]+):streamGenerateContent", path)
    if gemini:
        return GeminiWire(), gemini[1]
    gemini_base = re.search(r":streamGenerateContent", path)
    return (GeminiWire() if gemini_base else None), model


class Server(ThreadingHTTPServer):
    """Holds the endpoint that it serves."""

    daemon_threads = True
    request_queue_size = 128
    endpoint: "Endpoint"

    def handle_error(self, *_: object) -> None:
        """A client may leave at any moment."""


class Endpoint:
    """A running model server; use it as a context manager."""

    def __init__(self) -> None:
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.endpoint = self
        self._behaviours: dict[str, Behaviour] = {}
        self._lock = threading.Lock()
        self._attempts: dict[str, Iterator[int]] = {}
        self.requests: list[Seen] = []
        """Model calls, in the order in which they came."""
        self.others: list[Seen] = []
        """Everything else that was asked."""
        self.elsewhere = ""
        """Another address, for behaviours that send clients there."""

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def base(self, model: str) -> str:
        """Return the ``api_base`` for a model string of litellm."""
        return self.url + ("/v1" if model.partition("/")[0] in {"openai", "hosted_vllm", "lm_studio"} else "")

    def script(self, model: str, behaviour: Behaviour) -> None:
        """Let calls of `model`, the name without the provider, be answered by `behaviour`."""
        with self._lock:
            self._behaviours[model] = behaviour
            self._attempts[model] = count()

    def behaviour(self, model: str) -> Behaviour:
        """Return what was scripted, a 404 for a model that was not."""
        return self._behaviours.get(model) or fails(404)

    def record(self, seen: Seen) -> int:
        """Keep a request; return how many came before for its model."""
        with self._lock:
            self.requests.append(seen)
            return next(self._attempts.setdefault(seen.model, count()))

    def of(self, model: str) -> list[Seen]:
        """Return the calls of one model."""
        return [seen for seen in self.requests if seen.model == model]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
