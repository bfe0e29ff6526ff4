"""Group L of the fault matrix: many questions at once, the budget, and model processes that do not start well."""

import sys
import time
from dataclasses import dataclass

import pytest
from endpoint import redirects
from fault_matrix.bench import CANCELLED, CAPABILITIES, KEY, MODEL, TRAPS, Bench
from fault_matrix.row import CLEAR, GOOD, LOOP, STEP, Row, edits, envelope

from ml_architect.architect.model.provider import ErrorKind

FAILED, PROVEN = "failed", "proposed"
MISSING = "litellm is not installed; run: pip install 'ml-architect[llm]'"
REPLY = envelope(*edits(LOOP, GOOD))
NOISE = """
import os
class Noisy:
    def find_spec(self, name, *rest):
        if name.startswith("litellm"):
            print("importing", name, flush=True)
            os.write(1, b'{"kind": "ready"}')
sys.meta_path.insert(0, Noisy())
"""


@dataclass(frozen=True)
class Start:
    """A model process that runs `boot` before it begins, and the messages of as many questions."""

    name: str
    boot: str
    messages: tuple[str, ...]
    litellm: str = ""
    """The version of a litellm that stands before the real one, and says so in a file if it is imported."""
    server: str = ""
    """Code that the server runs first."""
    deadline: float = 60.0


STARTS = (
    Start("litellm is missing", "", (MISSING,), server="sys.modules['litellm'] = None"),
    Start("litellm is missing in the process", "sys.path[:] = [each for each in sys.path if 'site-packages' not in each]", (ErrorKind.WORKER_MISSING.value,)),
    Start("a banned version", "", (ErrorKind.BANNED_VERSION.value,) * 2, litellm="1.82.7"),
    Start("a broken package", "", (ErrorKind.WORKER_BROKEN.value,) * 4, litellm="1.99.0"),
    Start("it dies each time", "import os; os._exit(3)", (ErrorKind.WORKER_DIED.value,) * 3 + (ErrorKind.WORKER_DISABLED.value,) * 2),
    Start("it writes nonsense", "print('hello', flush=True)", (ErrorKind.WORKER_DIED.value,)),
    Start("it starts too slowly", "import time; time.sleep(60)", (ErrorKind.TIMEOUT.value,), deadline=0.5),
)  # fmt: skip


def question(name: str, *turns, document: str = LOOP) -> Row:
    return Row(group="L", name=name, turns=turns or (REPLY,), state=PROVEN, document=document)


def asked(bench: Bench, row: Row) -> dict:
    """Ask the question of a row; return its end."""
    bench.endpoint.script(MODEL, row.behave)
    uri, finding = bench.open(row)
    return bench.result(bench.ask(uri, finding, row))


@pytest.fixture
def bench_for(surroundings, client_for, here):
    """Return what starts a server around a model process of its own."""
    _, config, endpoint, stranger = surroundings

    def make(boot: str = "", server: str = "", deadline: float = 60.0, **more) -> Bench:
        client = client_for(sys.executable, str(here / "own_worker.py"), boot, server)
        bench = Bench(client, endpoint, stranger, config)
        bench.use((deadline, 30.0), **more)
        client.start(CAPABILITIES)
        return bench

    return make


def distribution(folder, version: str, marker) -> str:
    """Put a litellm into `folder`, and return what puts that before the real one."""
    (folder / f"litellm-{version}.dist-info").mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: litellm\nVersion: {version}\n"
    (folder / f"litellm-{version}.dist-info" / "METADATA").write_text(metadata, encoding="utf-8")
    code = f"import pathlib\npathlib.Path({str(marker)!r}).write_text('imported')\nraise TypeError('no')\n"
    (folder / "litellm.py").write_text(code, encoding="utf-8")
    return f"sys.path.insert(0, {str(folder)!r})"


@pytest.mark.parametrize("row", STARTS, ids=lambda row: row.name.replace(" ", "-"))
def test_a_process_that_does_not_start_is_said_in_one_line(bench_for, tmp_path, row):
    marker = tmp_path / "imported"
    boot = distribution(tmp_path / "packages", row.litellm, marker) if row.litellm else row.boot
    bench = bench_for(boot, row.server, row.deadline)
    known = len(bench.endpoint.requests)
    for number, message in enumerate(row.messages):
        start = time.monotonic()
        result = asked(bench, question(f"{row.name} {number}"))
        assert (result["state"], result["message"]) == (FAILED, message)
        assert time.monotonic() - start < row.deadline + 0.5
    assert len(bench.endpoint.requests) == known
    assert bench.booked() == (0, 0, 0)
    assert marker.exists() == (row.litellm == "1.99.0")
    assert bench.client.strays == []
    assert KEY not in bench.client.stderr.decode()
    assert bench.client.stop() == 0


def test_a_noisy_import_disturbs_nothing_and_a_budget_holds(bench_for):
    """One process for the noise, for a redirect in local-only mode, and for a budget of four requests."""
    bench = bench_for(NOISE, requests=4, **{"local-only": True})
    endpoint, known = bench.endpoint, len(bench.endpoint.requests)
    good = asked(bench, question("noisy import"))
    assert (good["state"], good["proposal"]["tier"]) == (PROVEN, "proven")
    turned = asked(bench, question("redirect", redirects(bench.stranger.url)))
    assert (turned["state"], turned["message"]) == (FAILED, ErrorKind.BLOCKED_HOST.value)
    assert (bench.stranger.requests, bench.stranger.others) == ([], [])
    assert asked(bench, question("still in budget"))["state"] == PROVEN
    edge = envelope(*edits(LOOP, (STEP, CLEAR + STEP)))
    refused = asked(bench, question("the second round is over budget", edge, document=LOOP + "\n\nprint('last')\n"))
    assert (refused["state"], refused["rung"]) == ("explained", "reanalysis")
    over = asked(bench, question("over budget"))
    assert (over["state"], over["message"]) == (FAILED, ErrorKind.OVER_BUDGET.value)
    assert len(endpoint.requests) - known == 4
    assert bench.booked()[0] == 4
    assert bench.client.strays == []
    assert bench.client.stop() == 0


def test_a_question_can_be_cancelled_while_the_process_starts(bench_for):
    bench = bench_for("import time; time.sleep(1)")
    known = len(bench.endpoint.requests)
    row = question("cancelled during the start")
    bench.endpoint.script(MODEL, row.behave)
    uri, finding = bench.open(row)
    number = bench.ask(uri, finding, row)
    time.sleep(0.3)
    start = time.monotonic()
    bench.client.notify("$/cancelRequest", id=number)
    assert bench.client.answer(number)["error"]["code"] == CANCELLED
    assert time.monotonic() - start < 0.5
    assert bench.booked() == (0, 0, 0)
    assert asked(bench, question("after the start"))["state"] == PROVEN
    assert len(bench.endpoint.requests) - known == bench.booked()[0] == 1
    assert bench.client.stop() == 0


def test_twenty_questions_at_once_have_twenty_ends(bench):
    bench.use()
    rows = [question(f"one of twenty {number}") for number in range(20)]
    before, known = bench.booked(), len(bench.endpoint.requests)
    bench.endpoint.script(MODEL, rows[0].behave)  # a reply fits all: the documents differ in a comment
    opened = [bench.open(row) for row in rows]
    numbers = [bench.ask(*where, row) for where, row in zip(opened, rows, strict=True)]
    results = [bench.result(number) for number in numbers]
    assert [result["state"] for result in results] == [PROVEN] * 20
    assert len({result["proposal"]["id"] for result in results}) == 20
    assert all(len(bench.client.answers(number)) == 1 for number in numbers)
    seen = bench.endpoint.requests[known:]
    assert len(seen) == bench.booked()[0] - before[0] == 20
    assert most_at_once(seen) <= 2


def most_at_once(seen) -> int:
    spans = [(each.arrived, each.writes[0][0]) for each in seen]
    return max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)


def test_the_same_question_of_ten_documents_costs_one_request(bench):
    bench.use()
    row = question("the same of ten")
    before, known = bench.booked(), len(bench.endpoint.requests)
    bench.endpoint.script(MODEL, row.behave)
    numbers = []
    for number in range(10):
        name = f"ten{number}/train.py"
        (bench.client.folder / name).parent.mkdir()
        (bench.client.folder / name).write_text(row.text)
        uri = bench.client.open(row.text, name)
        (finding,) = bench.client.published(uri, 1)
        numbers.append(bench.ask(uri, finding, row))
    assert [bench.result(number)["state"] for number in numbers] == [PROVEN] * 10
    assert len(bench.endpoint.requests) - known == bench.booked()[0] - before[0] == 1


def test_the_same_question_ten_times_is_answered_ten_times_and_the_newest_wins(bench):
    bench.use()
    row = question("the same ten times")
    known = len(bench.endpoint.requests)
    bench.endpoint.script(MODEL, row.behave)
    uri, finding = bench.open(row)
    with bench.client.together():
        numbers = [bench.ask(uri, finding, row) for _ in range(10)]
    states = [bench.result(number)["state"] for number in numbers]
    assert (states[-1], set(states[:-1])) == (PROVEN, {"cancelled"})
    assert len(bench.endpoint.requests) - known <= 2


def test_an_address_where_nobody_listens_is_said(bench):
    bench.use(**{"api-base": "http://127.0.0.1:9/v1"})
    result = asked(bench, question("nobody listens"))
    assert (result["state"], result["message"]) == (FAILED, ErrorKind.REFUSED_CONNECTION.value)


def test_a_host_that_does_not_exist_is_said(bench_for, monkeypatch):
    for name in TRAPS:  # a proxy would be asked instead: it is the user's own
        monkeypatch.delenv(name)
    bench = bench_for(**{"api-base": "http://no-such-host.invalid/v1"})
    result = asked(bench, question("unknown host"))
    assert (result["state"], result["message"]) == (FAILED, ErrorKind.UNKNOWN_HOST.value)


def test_local_only_refuses_another_host_before_anything_starts(bench):
    bench.use(**{"local-only": True, "api-base": "https://models.example/v1"})
    processes = bench.workers()
    result = asked(bench, question("not local"))
    assert result["state"] == FAILED
    assert "only models on this machine may be called" in result["message"]
    assert bench.workers() == processes
