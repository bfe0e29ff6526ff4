"""How long the server keeps others waiting while it analyses a large file; times by the clock, as a person feels them.

A request that no handler knows is refused by the event loop itself, so the time to its answer is how long the loop,
or the machine, was busy with something else. The same stream without any work shows the machine's own share.
"""

import json
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving import Client

LINES = 4000
BEAT_SECONDS = 0.005
IDLE_BEATS = 400
QUESTIONS = 200
REPAIRS = 12
"""How many findings are asked about: each repair is verified on the whole file, when asked for or before."""
GLANCE_SECONDS = 2.0
"""How long a person reads a report at least before they ask what can be done about a finding in it."""
_ACTION = {
    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}},
    "dataSupport": True,
    "resolveSupport": {"properties": ["edit"]},
}
ACTIONS = {"textDocument": {"codeAction": _ACTION}}
"""What all editors but the oldest announce: an edit is computed once its action is chosen."""
WHOLE = {"textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}}}
"""What the oldest announce: a menu comes with the edits of all its actions."""


def large_text(files: list[Path]) -> str:
    """Return about 4,000 lines of training code: whole files, one after the other, each as often as it takes."""
    parts: list[str] = []
    while sum(part.count("\n") for part in parts) < LINES:
        parts += [path.read_text(encoding="utf-8") for path in files]
    return "".join("\n".join(parts).splitlines(keepends=True)[:LINES])


def measure_heartbeat(files: list[Path]) -> str:
    """Return a line with the longest waits for a 5 ms heartbeat, without work and during analyses of a large file."""
    client = Client()
    idle = beats(client, IDLE_BEATS)
    uri, text = "file:///large.py", large_text(files)
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    client.send("textDocument/didOpen", {"textDocument": document})
    busy = beats(client, None, uri, 1)
    for version in range(2, 6):
        insertion = {"range": {"start": {"line": 9, "character": 0}, "end": {"line": 9, "character": 0}}, "text": "\n"}
        changed = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [insertion]}
        client.send("textDocument/didChange", changed)
        busy += beats(client, None, uri, version)
    client.close()
    return f"heartbeat every 5 ms: idle {waits(idle)}; while {LINES} lines are opened and edited {waits(busy)}"


def beats(client: Client, count: int | None, uri: str = "", version: int = 0) -> list[float]:
    """Send a heartbeat every 5 ms, `count` times or until a version's report comes; return the waits in seconds."""
    sent: dict[str, float] = {}
    found: list[float] = []
    over = threading.Event()

    def send() -> None:
        number = 0
        while not over.is_set() and (count is None or number < count):
            sent[f"beat-{number}"] = time.perf_counter()
            message = {"jsonrpc": "2.0", "id": f"beat-{number}", "method": "heartbeat", "params": {}}
            write(client, message)
            number += 1
            time.sleep(BEAT_SECONDS)
        write(client, {"jsonrpc": "2.0", "id": "last", "method": "heartbeat", "params": {}})

    def is_last(message: dict[str, Any]) -> bool:
        name, params = message.get("id"), message.get("params", {})
        if name in sent:
            found.append(time.perf_counter() - sent[name])
        if uri and params.get("uri") == uri and params.get("version") == version:
            over.set()
        return name == "last"

    sender = threading.Thread(target=send)
    sender.start()
    client.wait(is_last)
    sender.join()
    return found


def write(client: Client, message: dict[str, Any]) -> None:
    """Send one message as it is."""
    body = json.dumps(message).encode()
    assert client.process.stdin is not None
    client.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    client.process.stdin.flush()


def waits(values: list[float]) -> str:
    """Return median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(1000 * value for value in values)
    share = ordered[int(0.99 * (len(ordered) - 1))]
    middle, longest = statistics.median(ordered), ordered[-1]
    return f"median {middle:.1f} ms, p99 {share:.1f} ms, max {longest:.1f} ms ({len(ordered)} beats)"


def measure_reading(files: list[Path]) -> str:
    """Return lines with the 95th percentiles of hovers and code actions on a large file that is analysed already."""
    text = large_text(files)
    lines = [
        f"p95 on {LINES} analysed lines, {title}: {_reading(capabilities, text)}"
        for title, capabilities in (("edits when chosen", ACTIONS), ("menus with all edits", WHOLE))
    ]
    return "\n".join(lines)


def _reading(capabilities: dict[str, Any], text: str) -> str:
    client = Client(capabilities)
    uri = "file:///large.py"
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    client.send("textDocument/didOpen", {"textDocument": document})
    report = client.wait(lambda message: message.get("params", {}).get("uri") == uri)
    places = [item["range"] for item in report["params"]["diagnostics"]]
    rows = [
        {"start": {"line": row, "character": 4}, "end": {"line": row, "character": 4}} for row in range(0, LINES, 40)
    ]
    action = "textDocument/codeAction"
    named = {"action at once": list(ask(client, uri, action, places[:1]))}
    time.sleep(GLANCE_SECONDS)
    named["action on a finding"] = list(ask(client, uri, action, places[:REPAIRS]))
    named["again"] = list(ask(client, uri, action, places[:REPAIRS]))
    named["off a finding"] = list(ask(client, uri, action, rows[:QUESTIONS]))
    named["hover"] = list(ask(client, uri, "textDocument/hover", (places + rows)[:QUESTIONS]))
    client.close()
    return ", ".join(f"{name} {quantile(values):.1f} ms ({len(values)})" for name, values in named.items() if values)


def ask(client: Client, uri: str, method: str, places: list[dict[str, Any]]) -> Iterator[float]:
    """Yield how many milliseconds each answer takes."""
    for number, place in enumerate(places):
        params: dict[str, Any] = {"textDocument": {"uri": uri}, "position": place["start"]}
        if method == "textDocument/codeAction":
            params = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": []}}
        name = f"{method} {number}"
        start = time.perf_counter()
        write(client, {"jsonrpc": "2.0", "id": name, "method": method, "params": params})
        client.wait(lambda message, name=name: message.get("id") == name)
        yield 1000 * (time.perf_counter() - start)


def quantile(values: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(values)[int(0.95 * (len(values) - 1))]
