"""A bare JSON-RPC client: it checks nothing and may say anything, unlike a client library."""

import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from endpoint import Endpoint
from fault_matrix.bench import CAPABILITIES, KEY, KEY_NAME, TRAPS, Bench

from ml_architect.architect.model.access import litellm_is_installed

SERVER = (sys.executable, "-m", "ml_architect", "server")
PATIENCE = 30.0
PIECES = ("a", "bc", "\n", "\r\n", "\r", "\f", "\u2028", "\u0085", "\v", "\x1c", "é", "漢", "😀", "🧪x", "\t", "")
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Typist:
    """Makes random edits in a text, and keeps the text itself: slowly, but by the letter of the protocol."""

    def __init__(self, encoding):
        self.encoding = encoding
        self.chance = random.Random(encoding)
        self.text = "".join(self.chance.choices(PIECES, k=60))

    def units(self, text):
        codec, size = UNITS[self.encoding]
        return len(text.encode(codec)) // size

    def starts(self):
        """Return where lines start, found character by character."""
        starts, index = [0], 0
        while index < len(self.text):
            index += 2 if self.text[index : index + 2] == "\r\n" else 1
            if self.text[index - 1] in "\r\n":
                starts.append(index)
        return starts

    def offset(self, line, units):
        offset = self.starts()[line]
        while units > 0:
            units -= self.units(self.text[offset])
            offset += 1
        return offset

    def position(self):
        starts = self.starts()
        line = self.chance.randrange(len(starts))
        rest = self.text[starts[line] : starts[line + 1] if line + 1 < len(starts) else None].rstrip("\r\n")
        return line, self.units(rest[: self.chance.randint(0, len(rest))])

    def edit(self):
        """Change the text; return start and end of the replaced range, and what takes its place."""
        start, end = sorted(self.position() for _ in "ab")
        if len(self.text) < 400 and self.chance.random() < 0.6:
            end = start
        new = "".join(self.chance.choices(PIECES, k=self.chance.randint(0, 6)))
        first, last = self.offset(*start), self.offset(*end)
        self.text = self.text[:first] + new + self.text[last:]
        return start, end, new


@pytest.fixture
def typist():
    return Typist


@pytest.fixture
def fuzz_rounds():
    """Return how many random edits to make; ML_ARCHITECT_FUZZ=10000 in the environment asks for a thorough run."""
    return int(os.environ.get("ML_ARCHITECT_FUZZ", "300"))


class RawClient:
    def __init__(self, command, folder):
        # What people have installed or set must not matter, and the folder must not be imported from.
        env = {**os.environ, "PYTHONSAFEPATH": "1"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=env
        )
        self.folder = folder
        self.received = []
        self.strays = []
        """Lines on the server's standard output that are no header of a message."""
        self.settings = None
        self.scoped = {}
        """Settings of folders, by URI; all others have `settings`."""
        self.replies = {}
        """What to answer to requests of the server, by method; a function of the parameters."""
        self.held = set()
        """Methods of the server that the test itself answers."""
        self.refused = set()
        """Methods of the server that this editor does not know."""
        self._holds = False
        self.stderr = b""
        self._numbers = itertools.count(1)
        self._news = threading.Condition()
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self):
        stream = self.process.stdout
        while head := stream.readline():
            while (line := stream.readline()).strip():
                head += line
            self.strays += [line for line in head.splitlines() if not line.lower().startswith(b"content-")]
            message = json.loads(stream.read(int(head.lower().split(b"content-length:")[1].split()[0])))
            with self._news:
                self.received.append(message)
                self._news.notify_all()
            if (
                "method" in message and "id" in message and message["method"] not in self.held
            ):  # a request to us: agree to all that we know
                self.send({"jsonrpc": "2.0", "id": message["id"], **self._reply(message)})

    def _reply(self, message):
        if message["method"] in self.refused:
            return {"error": {"code": -32601, "message": "Method not found"}}
        if message["method"] == "workspace/configuration":
            scopes = [item.get("scopeUri") for item in message["params"]["items"]]
            return {"result": [self.scoped.get(scope, self.settings) for scope in scopes]}
        reply = self.replies.get(message["method"])
        return {"result": reply(message["params"]) if reply else None}

    def _read_errors(self):
        for line in self.process.stderr:
            self.stderr += line

    def send(self, message):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        if not self._holds:
            self.process.stdin.flush()

    @contextmanager
    def together(self):
        """Let all messages arrive at the same moment, however busy the machine is."""
        self._holds = True
        yield
        self._holds = False
        self.process.stdin.flush()

    def notify(self, method, **params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method, **params):
        number = next(self._numbers)
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number

    def wait(self, wanted, patience=PATIENCE):
        """Return the first message for which `wanted` is true."""
        deadline = time.monotonic() + patience
        with self._news:
            while True:
                for message in self.received:
                    if wanted(message):
                        return message
                if not self._news.wait(max(0.0, deadline - time.monotonic())):
                    pytest.fail(f"waited in vain, got {self.received}\n{self.stderr.decode()}")

    def answers(self, number):
        return [message for message in list(self.received) if message.get("id") == number and "method" not in message]

    def answer(self, number, patience=PATIENCE):
        return self.wait(lambda message: message.get("id") == number and "method" not in message, patience)

    def result(self, method, **params):
        answer = self.answer(self.ask(method, **params))
        assert "error" not in answer, answer
        return answer["result"]

    def all_of(self, method):
        return [message["params"] for message in list(self.received) if message.get("method") == method]

    def start(self, capabilities=None, options=None, **more):
        result = self.result(
            "initialize",
            processId=None,
            rootUri=self.folder.as_uri(),
            capabilities=capabilities or {},
            initializationOptions=options,
            **more,
        )
        self.notify("initialized")
        return result["capabilities"]

    def open(self, text, name="train.py", version=1):
        uri = name if ":" in name else (self.folder / name).as_uri()
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", textDocument=item)
        return uri

    def change(self, uri, version, *changes):
        identifier = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", textDocument=identifier, contentChanges=list(changes))

    def published(self, uri, version):
        """Return the diagnostics that are pushed for a version."""
        found = self.wait(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics"
                and message["params"]["uri"] == uri
                and message["params"].get("version") == version
            )
        )
        return found["params"]["diagnostics"]

    def stop(self):
        """Say goodbye and return the exit code."""
        if self.process.poll() is None:
            self.result("shutdown")
            self.notify("exit")
        return self.leave()

    def leave(self, patience=PATIENCE):
        code = self.process.wait(patience)
        for thread in self._threads:
            thread.join(patience)
        return code


@pytest.fixture
def client_for(tmp_path):
    clients = []

    def make(*command):
        client = RawClient(command or SERVER, tmp_path)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.process.kill()
        client.leave()


@pytest.fixture(scope="module")
def raw_client():
    """Return what makes a client in a folder, which lives as long as a module of tests."""
    clients = []

    def make(folder, *command):
        clients.append(RawClient(command or SERVER, folder))
        return clients[-1]

    yield make
    for client in clients:
        client.process.kill()
        client.leave()


@pytest.fixture
def client(client_for):
    """A client of the real server, which must not log any error."""
    client = client_for()
    yield client
    assert b"Traceback" not in client.stderr, client.stderr.decode()


@pytest.fixture
def here():
    return Path(__file__).parent


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """Yield an environment full of traps: another address, proxies, keys, and a .env in the workspace."""
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    folder = tmp_path_factory.mktemp("workspace")
    config = tmp_path_factory.mktemp("config")
    with pytest.MonkeyPatch.context() as patch, Endpoint() as endpoint, Endpoint() as stranger:
        for name in TRAPS:
            patch.setenv(name, f"{stranger.url}/v1")
        for name in ("ML_ARCHITECT_MODEL", "ML_ARCHITECT_API_BASE", "ML_ARCHITECT_API_KEY_ENV"):
            patch.delenv(name, raising=False)
        patch.setenv("OPENAI_API_KEY", KEY)
        patch.setenv(KEY_NAME, KEY)
        patch.setenv("XDG_CONFIG_HOME", str(config))
        (folder / ".env").write_text(f"OPENAI_BASE_URL={stranger.url}/v1\n", encoding="utf-8")
        yield folder, config / "ml-architect" / "config.toml", endpoint, stranger


@pytest.fixture(scope="module")
def bench(surroundings, raw_client):
    folder, config, endpoint, stranger = surroundings
    client = raw_client(folder, *SERVER, "--log-level", "debug")
    made = Bench(client, endpoint, stranger, config)
    client.start(CAPABILITIES)
    made.warm()
    yield made
    assert client.stop() == 0
    assert b"Traceback" not in client.stderr, client.stderr.decode()
