"""Commands that show something, in editors that open documents and in those that only show messages."""

import pytest

from ml_architect import __version__

CODE = "parameters-not-called"
SHOWS = {"window": {"showDocument": {"support": True}}}


def run(client, name, *arguments):
    command = f"ml-architect.{name}"
    assert client.result("workspace/executeCommand", command=command, arguments=list(arguments)) is None


def message(client):
    return client.wait(lambda item: item.get("method") == "window/showMessage")["params"]["message"]


def shown(client):
    return client.wait(lambda item: item.get("method") == "window/showDocument")["params"]["uri"]


def test_the_page_of_a_rule_is_opened(client):
    client.replies["window/showDocument"] = lambda _: {"success": True}
    client.start(SHOWS)
    run(client, "showRule", {"code": CODE})
    assert shown(client).endswith(f"/{CODE}.md")
    assert client.stop() == 0
    assert client.all_of("window/showMessage") == []


@pytest.mark.parametrize("capabilities", [{}, SHOWS])
def test_an_editor_that_opens_nothing_says_where_the_page_is(client, capabilities):
    client.replies["window/showDocument"] = lambda _: {"success": False}
    client.start(capabilities)
    run(client, "showRule", {"code": CODE})
    assert message(client).endswith(f"/{CODE}.md")


def test_an_unknown_rule_has_no_page(client):
    client.start()
    run(client, "showRule", {"code": "no-such-rule"})
    assert message(client) == "ml-architect: there is no rule no-such-rule"


@pytest.mark.parametrize("argument", [None, {}, {"code": 3}])
def test_a_strange_wish_harms_nobody(client, argument):
    client.start()
    run(client, "showRule", argument)
    assert client.stop() == 0


def test_what_is_worth_knowing_of_a_server_that_goes_wrong(client):
    client.start(options={"ignore": [CODE]})
    uri = client.open("x = 1\n")
    run(client, "debugInformation")
    text = message(client)
    assert f"ml-architect {__version__}, Python" in text
    assert "encoding: utf-16" in text
    assert CODE in text
    assert uri in text
