"""Each pitfall of the framework below us has a test here: every request is answered once, and nobody is bothered."""

import json
import sys
import time

import pytest

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
NOT_INITIALIZED = -32002
CANCELLED = -32800


@pytest.fixture
def obedient(client_for, here):
    return client_for(sys.executable, str(here / "obedient_server.py"))


def hover(client, uri, line=0, character=0):
    return client.ask("textDocument/hover", textDocument={"uri": uri}, position={"line": line, "character": character})


def test_nothing_but_the_protocol_reaches_standard_output(obedient):
    obedient.start()
    uri = obedient.open("BAD")
    assert [item["code"] for item in obedient.published(uri, 1)] == ["bad-word"]
    assert obedient.stop() == 0
    assert b"this goes to standard error" in obedient.stderr


def test_a_request_with_wrong_parameters_is_refused(obedient):
    obedient.start()
    for params in (
        {},
        {"textDocument": 3},
        {"textDocument": {"uri": "file:///a.py"}, "position": {"line": -1, "character": 0}},
    ):
        number = obedient.ask("textDocument/hover", **params)
        assert obedient.answer(number)["error"]["code"] == INVALID_PARAMS
        assert len(obedient.answers(number)) == 1
    assert obedient.stop() == 0
    assert obedient.all_of("window/showMessage") == []


def test_an_unknown_request_is_refused_with_or_without_parameters(obedient):
    obedient.start()
    number = obedient.ask("custom/unknown", **{"a-b": 1, "class": 2})
    assert obedient.answer(number)["error"]["code"] == METHOD_NOT_FOUND
    obedient.send({"jsonrpc": "2.0", "id": "no parameters", "method": "custom/unknown"})
    assert obedient.answer("no parameters")["error"]["code"] == METHOD_NOT_FOUND
    assert obedient.stop() == 0


def test_notifications_about_unknown_things_bother_nobody(obedient):
    obedient.start()
    unknown = {"uri": "file:///unknown.py", "version": 4}
    for _ in range(5):
        obedient.change("file:///unknown.py", 4, {"text": "x"})
        obedient.notify("textDocument/didSave", textDocument=unknown)
        obedient.notify("textDocument/didClose", textDocument=unknown)
        obedient.notify("notebookDocument/didChange", notebookDocument=unknown, change={})
        obedient.notify("textDocument/didOpen", nonsense=True)
        obedient.notify("custom/unknown")
        obedient.send(b'{"jsonrpc": "2.0", "method": "x", ')
        obedient.send(b"[]")
    uri = obedient.open("BAD")
    assert len(obedient.published(uri, 1)) == 1
    assert obedient.stop() == 0
    assert obedient.all_of("window/showMessage") == []


def test_a_failing_handler_is_shown_once_and_logged_each_time(obedient):
    obedient.start()
    for _ in range(3):
        obedient.notify("test/explode")
    assert obedient.stop() == 0
    (shown,) = obedient.all_of("window/showMessage")
    assert "ValueError" in shown["message"]
    assert obedient.stderr.count(b"ValueError: invalid literal") == 3


def test_a_failing_worker_is_shown_once_and_everything_is_answered(obedient):
    obedient.start()
    uri = obedient.open("fail")
    for version in (2, 3):
        obedient.change(uri, version, {"text": f"fail {version}"})
        assert obedient.answer(hover(obedient, uri))["result"] is None
    assert obedient.stop() == 0
    assert len(obedient.all_of("window/showMessage")) == 1


def test_a_surprise_in_an_analysis_leaves_nobody_waiting(obedient):
    obedient.start()
    uri = obedient.open("surprise")
    assert obedient.answer(hover(obedient, uri))["result"] is None
    obedient.change(uri, 2, {"text": "BAD"})
    assert len(obedient.published(uri, 2)) == 1
    assert obedient.stop() == 0
    (shown,) = obedient.all_of("window/showMessage")
    assert "LookupError" in shown["message"]


def test_what_cannot_be_sent_is_not_sent(obedient):
    """A result that is no JSON would leave a request without an answer; the server still answers the next one."""
    obedient.start()
    obedient.ask("test/broken")
    uri = obedient.open("BAD")
    assert obedient.answer(hover(obedient, uri))["result"]["contents"]["value"]


def test_a_request_before_the_greeting_is_refused(obedient):
    early = hover(obedient, "file:///a.py")
    assert obedient.answer(early)["error"]["code"] == NOT_INITIALIZED
    obedient.open("BAD")
    obedient.start()
    assert obedient.stop() == 0


def test_a_request_after_shutdown_is_refused(obedient):
    obedient.start()
    obedient.result("shutdown")
    late = hover(obedient, "file:///a.py")
    assert obedient.answer(late)["error"]["code"] == INVALID_REQUEST
    obedient.notify("exit")
    assert obedient.leave() == 0


def test_shutdown_with_requests_in_flight_answers_them_all(obedient):
    obedient.start()
    uri = obedient.open("sleep 20\nBAD")
    numbers = [hover(obedient, uri, 1) for _ in range(8)]
    assert obedient.stop() == 0
    for number in numbers:
        assert len(obedient.answers(number)) == 1


def test_cancelling_answers_once_and_harms_nobody_else(obedient):
    obedient.start()
    uri = obedient.open("sleep 0.3\nBAD")
    with obedient.together():
        numbers = [hover(obedient, uri, 1) for _ in range(20)]
        for number in numbers[:-1]:
            obedient.notify("$/cancelRequest", id=number)
        obedient.notify("$/cancelRequest", id="never sent")
    assert obedient.answer(numbers[-1])["result"] is not None
    assert obedient.stop() == 0
    for number in numbers[:-1]:
        (answer,) = obedient.answers(number)
        assert answer["error"]["code"] == CANCELLED
    assert obedient.all_of("window/showMessage") == []


def test_leaving_without_a_shutdown_is_an_error(obedient):
    obedient.start()
    obedient.notify("exit")
    assert obedient.leave() == 1


def test_the_server_leaves_when_the_editor_does(obedient):
    obedient.start()
    obedient.process.stdin.close()
    assert obedient.leave(5) == 1


def test_typing_is_analysed_when_it_rests(obedient):
    obedient.start()
    uri = obedient.open("BAD")
    obedient.published(uri, 1)
    with obedient.together():
        for version in range(2, 42):
            obedient.change(uri, version, {"text": "BAD " * version})
    assert len(obedient.published(uri, 41)) == 41
    assert obedient.result("test/analysed") <= 5
    versions = [params["version"] for params in obedient.all_of("textDocument/publishDiagnostics")]
    assert versions == sorted(versions)


def test_opening_and_saving_do_not_wait_and_neither_does_a_question(client_for, here):
    client = client_for(sys.executable, str(here / "obedient_server.py"), "1000")
    client.start()
    uri = client.open("BAD")
    client.published(uri, 1)
    client.change(uri, 2, {"text": "x"})
    client.notify("textDocument/didSave", textDocument={"uri": uri})
    client.published(uri, 2)
    client.change(uri, 3, {"text": "BAD"})
    assert client.answer(hover(client, uri))["result"] is not None
    client.change(uri, 4, {"text": "BAD"})
    time.sleep(0.3)
    assert client.all_of("textDocument/publishDiagnostics")[-1]["version"] == 3


def test_a_late_result_is_dropped(obedient):
    obedient.start()
    uri = obedient.open("sleep 0.5 BAD")
    time.sleep(0.1)
    obedient.change(uri, 2, {"text": "good"})
    assert obedient.published(uri, 2) == []
    time.sleep(0.6)
    assert [params["version"] for params in obedient.all_of("textDocument/publishDiagnostics")] == [2]


def test_closing_takes_the_findings_back_and_drops_what_is_late(obedient):
    obedient.start()
    uri = obedient.open("BAD")
    obedient.published(uri, 1)
    with obedient.together():
        obedient.change(uri, 2, {"text": "sleep 0.2 BAD"})
        obedient.notify("textDocument/didClose", textDocument={"uri": uri})
    time.sleep(0.6)
    assert [len(params["diagnostics"]) for params in obedient.all_of("textDocument/publishDiagnostics")] == [1, 0]


def test_no_handler_runs_in_the_thread_pool_that_reads_standard_input():
    from pygls.feature_manager import is_thread_function

    from ml_architect.lsp.server import Server

    manager = Server(None).protocol.fm
    handlers = [*manager.features.values(), *manager.builtin_features.values(), *manager.commands.values()]
    assert not any(map(is_thread_function, handlers))


def test_messages_are_answered_while_a_document_is_analysed(obedient):
    obedient.start()
    obedient.open("sleep 2 BAD")
    start = time.monotonic()
    assert obedient.answer(hover(obedient, "file:///unknown.py"))["result"] is None
    assert time.monotonic() - start < 1


def test_a_message_longer_than_a_pipe_is_read_whole(obedient):
    obedient.start()
    uri = obedient.open("é BAD\n" * 40_000)
    assert len(obedient.published(uri, 1)) == 40_000
    assert obedient.stop() == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_random_edits_over_the_wire_keep_the_text_in_step(obedient, typist, encoding, fuzz_rounds):
    obedient.start({"general": {"positionEncodings": [encoding]}})
    someone = typist(encoding)
    uri = obedient.open(someone.text)
    for version in range(2, fuzz_rounds + 2):
        (row, column), (end_row, end_column), new = someone.edit()
        start, end = {"line": row, "character": column}, {"line": end_row, "character": end_column}
        obedient.change(uri, version, {"range": {"start": start, "end": end}, "text": new})
        if version % 10 == 0:
            assert obedient.result("test/text", uri=uri) == someone.text, version
    assert obedient.result("test/text", uri=uri) == someone.text
    assert obedient.stop() == 0


def test_the_log_does_not_repeat_what_is_sent(obedient):
    obedient.start()
    obedient.published(obedient.open("BAD secret"), 1)
    obedient.stop()
    assert b"secret" not in obedient.stderr
    assert b"bad-word" not in json.dumps(obedient.stderr.decode()).encode()
