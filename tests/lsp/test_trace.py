"""A user may follow the server's work; nothing is said of it to others."""

import pytest

CODE = "parameters-not-called"
TEXT = "import torch\nmodel = torch.nn.Linear(4, 2)\noptimizer = torch.optim.SGD(model.parameters, lr=0.1)\n"


def told(client):
    return client.all_of("$/logTrace")


def test_the_trace_is_what_was_asked_for_last(client):
    client.start()
    uri = client.open(TEXT)
    for version, wish, words in ((2, "messages", None), (3, "verbose", CODE), (4, "off", None)):
        before = len(told(client))
        client.notify("$/setTrace", value=wish)
        client.change(uri, version, {"text": TEXT})
        client.published(uri, version)
        fresh = told(client)[before:]
        assert len(fresh) == (wish != "off")
        for item in fresh:
            assert item["message"] == f"{uri}, version {version}: 1 finding"
            assert item.get("verbose") == words
    assert client.stop() == 0


def test_a_trace_may_be_asked_for_with_the_greeting(client):
    client.start(trace="messages")
    uri = client.open(TEXT)
    client.published(uri, 1)
    assert [item["message"] for item in told(client)] == [f"{uri}, version 1: 1 finding"]


@pytest.mark.parametrize("params", [{"value": "loud"}, {}, {"value": None}])
def test_a_trace_that_does_not_exist_changes_nothing(client_for, params):
    client = client_for()
    client.start()
    client.notify("$/setTrace", **params)
    client.published(client.open(TEXT), 1)
    assert told(client) == []
    assert client.all_of("window/showMessage") == []
    assert client.stop() == 0
