"""Which code actions an editor gets, by the kinds that it asks for."""

import pytest

from ml_architect.architect.model.access import litellm_is_installed

TEXT = """\
import torch
from torch import nn


def fit(model, loader):
    optimizer = torch.optim.SGD(model.parameters, lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()


def fit_again(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""
CAPABILITIES = {
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        }
    }
}
QUICK, ALL, REWRITE = "quickfix", "source.fixAll.ml-architect", "refactor.rewrite"
EVERYWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}


@pytest.fixture
def asked(monkeypatch, tmp_path_factory, client_for):
    """Return what asks for the kinds of the actions on all findings, with a model chosen that is never asked."""
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    monkeypatch.setenv("ML_ARCHITECT_MODEL", "openai/none")
    monkeypatch.setenv("ML_ARCHITECT_API_BASE", "http://127.0.0.1:9")
    client = client_for()
    client.start(CAPABILITIES)
    uri = client.open(TEXT)
    client.published(uri, 1)

    def ask(only, trigger=None):
        context = {
            "diagnostics": [],
            **({"only": only} if only else {}),
            **({"triggerKind": trigger} if trigger else {}),
        }
        found = client.result("textDocument/codeAction", textDocument={"uri": uri}, range=EVERYWHERE, context=context)
        return {action["kind"] for action in found}

    return ask


@pytest.mark.parametrize(
    ("only", "trigger", "expected"),
    [
        (None, None, {QUICK, ALL, REWRITE}),
        (None, 1, {QUICK, ALL, REWRITE}),
        (None, 2, {QUICK}),
        ([QUICK], None, {QUICK}),
        ([QUICK], 2, {QUICK}),
        (["refactor"], None, {REWRITE}),
        ([REWRITE], None, {REWRITE}),
        (["source"], None, {ALL}),
        (["source.fixAll"], 2, {ALL}),
        ([ALL], None, {ALL}),
        ([""], None, {QUICK, ALL, REWRITE}),
        ([QUICK, "refactor"], None, {QUICK, REWRITE}),
        (["refactor.extract"], None, set()),
        (["refactor.rewriting"], None, set()),
        (["source.organizeImports"], None, set()),
        (["quick"], None, set()),
    ],
)
def test_only_kinds_that_are_asked_for_come(asked, only, trigger, expected):
    assert asked(only, trigger) == expected
