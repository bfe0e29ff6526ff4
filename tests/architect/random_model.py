"""A model of random weights, written as a GGUF file of half a megabyte, and a llama.cpp server that serves it.

It knows the bytes and nothing else, so all that it says is noise; but it says it through a real server, with real
sampling, streaming and limits, none of which we wrote. Standard library only: the server has a Python of its own.
"""

import array
import http.client
import os
import random
import select
import socket
import struct
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "ML_ARCHITECT_TEST_LLAMA_PYTHON"
"""Names the Python that has llama-cpp-python with its server."""
ENDLESS, SOON = -20.0, 2.0
"""How much a model favours the end of its reply: one that never ends, and one that does after some dozen letters."""
PATIENCE = 120.0
"""Seconds that the server has for its start."""
CONTEXT = 10_240
WIDTH, HIDDEN, HEADS, LAYERS = 64, 128, 4, 2
SPECIAL = ("<unk>", "<s>", "</s>")
END = SPECIAL.index("</s>")
SPREAD = 2.0
"""How far the chances of the bytes lie apart: the standard deviation of their logits, about."""
_CONSTANT = 8.0
"""The first two numbers of each embedding: nearly the same at each place, so they can favour what is to come.

The second favours the end of a reply, which must not come at once: what a prompt ends with turns it round.
"""
PROMPT_END = "<0x0A>"
_KINDS = {"normal": 1, "unknown": 2, "control": 3, "byte": 6}
_TYPES = {int: 4, float: 6, str: 8}
_LIST, _SIGNED = 9, 5
_ALIGNMENT = 32


def vocabulary() -> list[tuple[str, str]]:
    """Return the tokens and their kinds: three special ones, and one for each byte."""
    special = [(SPECIAL[0], "unknown"), *((name, "control") for name in SPECIAL[1:])]
    return [*special, *((f"<0x{byte:02X}>", "byte") for byte in range(256))]


def write_model(path: Path, *, end: float, seed: int = 1) -> None:
    """Write a model of random weights in the GGUF format, version 3.

    `end` favours the token that ends a reply, in units of the logits' spread: ENDLESS or SOON.
    """
    dice = random.Random(seed)
    tensors = dict(_tensors(dice, end))
    fields = _fields()
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields))
    head += b"".join(_text(name) + value for name, value in fields.items())
    offset, data = 0, bytearray()
    for name, (shape, values) in tensors.items():
        head += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        data += values.tobytes()
        data += bytes(-len(data) % _ALIGNMENT)
        offset = len(data)
    path.write_bytes(head + bytes(-len(head) % _ALIGNMENT) + bytes(data))


def _tensors(dice: random.Random, end: float):
    """Yield the names, shapes (the innermost first) and 32-bit values of all weights."""
    count = len(vocabulary())

    def noise(rows: int, columns: int, scale: float) -> array.array:
        return array.array("f", (dice.gauss(0.0, scale) for _ in range(rows * columns)))

    ones = array.array("f", [1.0] * WIDTH)
    embedding = noise(count, WIDTH, 1.0)
    output = noise(count, WIDTH, SPREAD / WIDTH**0.5)
    for token, (text, kind) in enumerate(vocabulary()):
        embedding[token * WIDTH] = _CONSTANT
        embedding[token * WIDTH + 1] = _CONSTANT * (-3.0 if text == PROMPT_END and end > 0.0 else 1.0)
        output[token * WIDTH + 1] = 0.0
        output[token * WIDTH] = SPREAD / _CONSTANT * _favour(text, kind)
    favoured = SPREAD / _CONSTANT * end
    output[END * WIDTH : (END + 1) * WIDTH] = array.array("f", [0.0, favoured, *[0.0] * (WIDTH - 2)])
    yield "token_embd.weight", ((WIDTH, count), embedding)
    yield "output_norm.weight", ((WIDTH,), ones)
    yield "output.weight", ((WIDTH, count), output)
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            yield f"blk.{layer}.{name}.weight", ((WIDTH,), ones)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"blk.{layer}.{name}.weight", ((WIDTH, WIDTH), noise(WIDTH, WIDTH, 0.1))
        for name in ("ffn_gate", "ffn_up"):
            yield f"blk.{layer}.{name}.weight", ((WIDTH, HIDDEN), noise(HIDDEN, WIDTH, 0.1))
        yield f"blk.{layer}.ffn_down.weight", ((HIDDEN, WIDTH), noise(WIDTH, HIDDEN, 0.1))


def _favour(text: str, kind: str) -> float:
    """Return how much a token is favoured: printable ones most, and none that is no ASCII.

    The server holds a stream back while bytes might become a character, which noise hardly ever does.
    """
    if kind != "byte" or int(text[3:5], 16) > 0x7F:
        return -20.0
    return 0.0 if chr(int(text[3:5], 16)).isprintable() else -1.0


def _fields() -> dict[str, bytes]:
    tokens = vocabulary()
    values: dict[str, object] = {
        "general.architecture": "llama",
        "general.name": "noise",
        "llama.block_count": LAYERS,
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.feed_forward_length": HIDDEN,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": [text for text, _ in tokens],
        "tokenizer.ggml.scores": [0.0] * len(tokens),
        "tokenizer.ggml.token_type": [_KINDS[kind] for _, kind in tokens],
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": END,
        "tokenizer.chat_template": "{% for message in messages %}{{ message['content'] }}\n{% endfor %}",
    }
    return {name: _typed(value) for name, value in values.items()}


def _typed(value: object) -> bytes:
    if isinstance(value, list):
        kind = _SIGNED if isinstance(value[0], int) else _TYPES[type(value[0])]
        return struct.pack("<IIQ", _LIST, kind, len(value)) + b"".join(map(_bare, value))
    return struct.pack("<I", _TYPES[type(value)]) + _bare(value)


def _bare(value: object) -> bytes:
    if isinstance(value, str):
        return _text(value)
    return struct.pack("<f" if isinstance(value, float) else "<I", value)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


# --- the server ---------------------------------------------------------------------------------------------------


class Served:
    """A running llama.cpp server on this machine; use it as a context manager."""

    def __init__(self, python: str, model: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._log = log.open("wb")
        settings = {"model": model, "model_alias": "noise", "host": "127.0.0.1", "port": self.port, "n_ctx": CONTEXT}
        options = [text for name, value in settings.items() for text in (f"--{name}", str(value))]
        command = [python, "-m", "llama_cpp.server", *options, "--seed", "1"]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT, env=environment)

    def __enter__(self):
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, "the server stopped"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5.0)
        try:
            connection.request("GET", "/v1/models")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@dataclass
class Passed:
    """One connection that went through a relay. Times are of `time.monotonic`."""

    asked: bytes = b""
    answered: bytes = b""
    last: float = 0.0
    """When the last bytes of the answer were passed on."""
    pieces: int = 0
    left: float | None = None
    """When the client closed its end."""


class Relay:
    """Passes connections on to a server, and tells what went through; use it as a context manager."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self.connections: list[Passed] = []

    @property
    def requests(self) -> int:
        """How many calls of the model went through; a connection may carry several, one after the other."""
        return sum(each.asked.count(b"POST ") for each in self.connections)

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            passed = Passed()
            self.connections.append(passed)
            threading.Thread(target=self._pass, args=(client, passed), daemon=True).start()

    def _pass(self, client: socket.socket, passed: Passed) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for end in ready:
                    data = _received(end)
                    if end is client and not data:
                        passed.left = time.monotonic()
                    if not data:
                        return
                    self._count(passed, data, from_client=end is client)
                    (server if end is client else client).sendall(data)

    @staticmethod
    def _count(passed: Passed, data: bytes, *, from_client: bool) -> None:
        if from_client:
            passed.asked += data
            return
        passed.answered += data
        passed.pieces += 1
        passed.last = time.monotonic()


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65_536)
    except OSError:
        return b""
