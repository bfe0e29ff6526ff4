"""Whatever an editor sends, and whatever happens to the analysis: one answer to each request, no storm of messages."""

import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

TEXT = "import torch\nmodel = torch.nn.Linear(4, 2)\noptimizer = torch.optim.SGD(model.parameters, lr=0.1)\n"
EVERYTHING = {
    "textDocument": {
        "diagnostic": {},
        "codeLens": {},
        "hover": {"contentFormat": ["markdown"]},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
    },
    "workspace": {"diagnostics": {"refreshSupport": True}, "codeLens": {"refreshSupport": True}},
}
UNKNOWN = {"uri": "file:///nowhere/unknown.py"}
HERE = {"line": 2, "character": 33}
JUNK = [
    {},
    [],
    None,
    3,
    "text",
    {"textDocument": 3},
    {"textDocument": {"uri": 7}},
    {"position": {"line": -1}},
    {"uri": None},
]


def requests(uri):
    """Return correct requests of each kind, to an open and to an unknown document."""
    found = []
    for document in ({"uri": uri}, UNKNOWN):
        found += [
            ("textDocument/hover", {"textDocument": document, "position": HERE}),
            ("textDocument/diagnostic", {"textDocument": document}),
            ("textDocument/codeLens", {"textDocument": document}),
            (
                "textDocument/codeAction",
                {"textDocument": document, "range": {"start": HERE, "end": HERE}, "context": {"diagnostics": []}},
            ),
        ]
    return [
        *found,
        ("workspace/diagnostic", {"previousResultIds": []}),
        ("codeAction/resolve", {"title": "foreign"}),
        ("workspace/executeCommand", {"command": "ml-architect.fixLoop", "arguments": [UNKNOWN]}),
        ("workspace/executeCommand", {"command": "no.such.command"}),
        ("custom/unknown", {}),
    ]


def send(client, number, method, params):
    client.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


@pytest.mark.parametrize("seed", range(3))
def test_a_storm_of_good_and_bad_requests(client_for, seed):
    chance = random.Random(seed)
    client = client_for()
    client.start(EVERYTHING)
    uri = client.open(TEXT)
    methods = requests(uri)
    numbers, version = [], 1
    for _ in range(25):
        with client.together():
            for _ in range(chance.randrange(1, 12)):
                number = f"storm-{len(numbers)}"
                method, params = chance.choice(methods)
                send(client, number, method, params if chance.random() < 0.7 else chance.choice(JUNK))
                numbers.append(number)
                if chance.random() < 0.4:
                    for late in chance.sample(numbers, min(3, len(numbers))):
                        client.notify("$/cancelRequest", id=late)
                if chance.random() < 0.3:
                    version += 1
                    client.change(uri, version, {"text": TEXT + "\n" * chance.randrange(9)})
                if chance.random() < 0.2:
                    client.send({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": chance.choice(JUNK)})
                    client.notify("textDocument/didClose", textDocument=UNKNOWN)
    for number in numbers:
        client.answer(number)
    assert client.stop() == 0
    counted = Counter(message["id"] for message in client.received if "method" not in message)
    assert {number: counted[number] for number in numbers if counted[number] != 1} == {}
    shown = [params["message"] for params in client.all_of("window/showMessage")]
    assert len(shown) == len(set(shown)), "each distinct failure is shown once"
    assert shown == []


def test_shutdown_with_everything_in_flight(client_for):
    client = client_for()
    client.start(EVERYTHING)
    uri = client.open(TEXT * 400)
    numbers = [f"flight-{index}" for index in range(60)]
    with client.together():
        for index, number in enumerate(numbers):
            send(client, number, *requests(uri)[index % 13])
    assert client.stop() == 0
    for number in numbers:
        assert len(client.answers(number)) == 1, number
    assert client.all_of("window/showMessage") == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for the process in /proc")
def test_killing_the_analysis_again_and_again(client_for):
    client = client_for()
    client.start(EVERYTHING)
    uri = client.open(TEXT)
    client.result("textDocument/diagnostic", textDocument={"uri": uri})
    numbers, killed = [], set()
    for version in range(2, 7):
        with client.together():
            client.change(uri, version, {"text": TEXT * 150 + "\n" * version})
            for method, params in requests(uri):
                numbers.append(f"kill-{len(numbers)}")
                send(client, numbers[-1], method, params)
        for child in children(client.process.pid) - killed:
            os.kill(child, signal.SIGKILL)
            killed.add(child)
        for number in numbers:
            client.answer(number)
    assert len(killed) > 1
    client.change(uri, 9, {"text": TEXT})
    assert len(client.result("textDocument/diagnostic", textDocument={"uri": uri})["items"]) == 1, "it works again"
    assert client.stop() == 0
    for number in numbers:
        assert len(client.answers(number)) == 1
    shown = [params["message"] for params in client.all_of("window/showMessage")]
    assert len(shown) == len(set(shown)) <= 1, shown


def children(pid):
    """Return the processes that a process has started, from any of its threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {int(word) for task in tasks for word in (task / "children").read_text().split()}
