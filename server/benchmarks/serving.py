"""The real server over stdio: time to the first diagnostic, memory with open files."""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from timing import as_installed

CAPABILITIES = {"textDocument": {"publishDiagnostics": {"dataSupport": True}}}


class Client:
    """A language client of a few lines."""

    def __init__(self, capabilities: dict[str, Any] | None = None) -> None:
        self.started = time.perf_counter()
        command = [sys.executable, "-m", "ml_architect", "server"]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, env=as_installed())
        greeting = {"processId": None, "rootUri": None, "capabilities": capabilities or CAPABILITIES}
        self.send("initialize", greeting, identifier=1)
        self.wait(lambda message: message.get("id") == 1)
        self.send("initialized", {})

    def send(self, method: str, params: object, identifier: int | None = None) -> None:
        """Send a request or a notification."""
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
        if identifier is not None:
            message["id"] = identifier
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def wait(self, wanted: Any) -> dict[str, Any]:
        """Return the first message that is wanted."""
        assert self.process.stdout is not None
        while True:
            length = 0
            while (line := self.process.stdout.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            message: dict[str, Any] = json.loads(self.process.stdout.read(length))
            if wanted(message):
                return message

    def open(self, path: Path) -> None:
        """Open a file and wait for its diagnostics."""
        text = path.read_text(encoding="utf-8")
        document = {"uri": path.resolve().as_uri(), "languageId": "python", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        uri = document["uri"]
        self.wait(lambda message: message.get("params", {}).get("uri") == uri)

    def close(self) -> None:
        """Shut the server down."""
        self.send("shutdown", None, identifier=2)
        self.wait(lambda message: message.get("id") == 2)
        self.send("exit", None)
        self.process.wait(timeout=10)


def measure_start(files: list[Path]) -> str:
    """Return a line with the time from starting the server to the diagnostics of a file of about 300 lines."""
    smallest = min(files, key=lambda path: path.read_text(encoding="utf-8").count("\n"))
    times = []
    for _ in range(5):
        client = Client()
        client.open(smallest)
        times.append(time.perf_counter() - client.started)
        client.close()
    lines = smallest.read_text(encoding="utf-8").count("\n")
    middle, best = statistics.median(times), min(times)
    return f"start to first diagnostic of a {lines}-line file: median {middle:.2f} s, best {best:.2f} s"


def measure_memory(files: list[Path]) -> str:
    """Return a line with the resident memory of the server and its children with `files` open (Linux only)."""
    if not Path("/proc/self/status").exists():
        return "memory: measured on Linux only"
    client = Client()
    for path in files:
        client.open(path)
    pids = [client.process.pid, *children(client.process.pid)]
    total = sum(resident(pid) for pid in pids)
    shared = ", ".join(f"{resident(pid):.0f}" for pid in pids)
    client.close()
    return f"memory with {len(files)} open files: {total:.0f} MB in {len(pids)} processes ({shared})"


def children(pid: int) -> list[int]:
    """Return the processes that `pid` started, and those that they started."""
    tasks = Path(f"/proc/{pid}/task")
    found = [int(word) for task in tasks.iterdir() for word in (task / "children").read_text().split()]
    return [item for child in found for item in (child, *children(child))]


def resident(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
