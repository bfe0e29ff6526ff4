"""The language server with the network really off, in a namespace without even a loopback device that is up."""

import os
import shutil
import subprocess
import sys

import pytest

CUT_OFF = ("unshare", "--net") if os.name == "posix" and not os.geteuid() else ("unshare", "--map-root-user", "--net")
RULE = "dataloader-sampler-shuffle-conflict"
TEXT = """\
from torch.utils.data import DataLoader, RandomSampler

loader = DataLoader(data, sampler=RandomSampler(data), shuffle=True)
"""


def is_possible() -> bool:
    found = shutil.which("unshare") is not None
    return found and subprocess.run((*CUT_OFF, "true"), capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not is_possible(), reason="this system lets us make no network namespace")
def test_the_server_finds_explains_and_repairs(client_for):
    client = client_for(*CUT_OFF, sys.executable, "-m", "ml_architect", "server")
    client.start({"textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}}})
    uri = client.open(TEXT)
    finding = next(item for item in client.published(uri, 1) if item["code"] == RULE)
    document = {"uri": uri}
    shown = client.result("textDocument/hover", textDocument=document, position=finding["range"]["start"])
    assert "sampler" in str(shown["contents"])
    context = {"diagnostics": [finding], "triggerKind": 1}
    actions = client.result("textDocument/codeAction", textDocument=document, range=finding["range"], context=context)
    assert any("edit" in action for action in actions)
    assert client.stop() == 0
    assert client.strays == []
    assert client.stderr == b""
