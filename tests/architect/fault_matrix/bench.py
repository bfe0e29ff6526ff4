"""A real server with its model process, and what must hold of it whatever happens: the invariants I1 to I9."""

import json
import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from endpoint import Endpoint, Seen

from .row import MARK, SECRET, Row

MODEL = "scripted"
KEY = "sk-canaryKeyOfTheUser0123456789"
KEY_NAME = "CANARY_KEY"
TRAPS = ("OPENAI_API_BASE", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY")
"""Variables that would lead a call elsewhere, if they were heeded for a server on this machine."""
PROMPT_WORDS = "experienced architect of machine learning"
LIMITS = (60.0, 30.0)
HASTY = (2.5, 1.2)
"""Seconds for a whole call, and until its first word."""
SLACK = 0.5
CANCELLED = -32800
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "textDocument": {
        "publishDiagnostics": {"dataSupport": True},
        "hover": {"contentFormat": ["markdown"]},
    },
}


@dataclass
class Ended:
    """How a question ended, seen from the editor."""

    answer: dict
    asked: float
    over: float
    seen: list[Seen]

    @property
    def result(self) -> dict:
        return self.answer.get("result") or {}


def settings(limits: tuple[float, float], endpoint: Endpoint, **more: object) -> str:
    """Return the user's own configuration file."""
    table = {
        "model": f"openai/{MODEL}",
        "api-base": endpoint.base(f"openai/{MODEL}"),
        "api-key-env": KEY_NAME,
        "deadline-seconds": limits[0],
        "first-token-seconds": limits[1],
        "max-output-tokens": 400,
        "requests": 10_000,
        "input-tokens": 100_000_000,
        "output-tokens": 10_000_000,
        **more,
    }
    return "[architect]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())


class Bench:
    """One session of an editor, which asks about one document after the other."""

    def __init__(self, client, endpoint: Endpoint, stranger: Endpoint, config: Path) -> None:
        self.client = client
        self.endpoint = endpoint
        self.stranger = stranger
        endpoint.elsewhere = stranger.url
        self._config = config
        self.idle: list[float] = []
        """Seconds that hovers took while nothing else went on."""

    def use(self, limits: tuple[float, float] = LIMITS, **more: object) -> None:
        """Let the user's configuration say this from now on."""
        self._config.parent.mkdir(parents=True, exist_ok=True)
        self._config.write_text(settings(limits, self.endpoint, **more), encoding="utf-8")

    def warm(self) -> None:
        """Let both model processes start, which takes them seconds, and answer."""
        self.use(LIMITS)
        patient, *where = self._greet("patient")
        self.hover(*where)  # once it is answered, the settings have been read
        self.use(HASTY)
        for number in range(60):
            if self.result(self._greet(f"hasty {number}")[0]).get("state") == "declined":
                break
        assert self.result(patient)["state"] == "declined"

    def _greet(self, name: str) -> tuple[int, str, dict]:
        decline = "<<<DECLINE NONCE>>>\nno\n<<<END NONCE>>>\n"
        row = Row(group="warm", name=name, turns=(decline,), state="declined")
        self.endpoint.script(MODEL, row.behave)
        uri, finding = self.open(row)
        return self.ask(uri, finding, row), uri, finding

    # --- what an editor does -------------------------------------------------------------------------------

    def open(self, row: Row) -> tuple[str, dict]:
        """Open the document of a row, which also lies on the disk; return its URI and the finding."""
        name = f"{row.id}.py"
        (self.client.folder / name).write_bytes(row.text.encode())
        uri = self.client.open(row.text, name)
        found = self.client.published(uri, 1)
        missing = {"range": {"start": {"line": 0, "character": 0}}, "data": {"finding": "gone"}}
        return uri, next((item for item in found if item["code"] == row.code), missing)

    def ask(self, uri: str, finding: dict, row: Row) -> int:
        """Ask; return the number of the request."""
        params = {"uri": uri, "finding": finding["data"]["finding"], "scope": row.scope, "task": row.task}
        return self.client.ask("ml-architect/architect/ask", **params, consent=True, workDoneToken=row.id)

    def result(self, number: int, patience: float = 90.0) -> dict:
        """Return what came of a request."""
        return self.client.answer(number, patience).get("result") or {}

    def hover(self, uri: str, finding: dict) -> tuple[str, float]:
        """Return what a hover shows, and the seconds that it took."""
        start = time.perf_counter()
        found = self.client.result("textDocument/hover", textDocument={"uri": uri}, position=finding["range"]["start"])
        return (found or {}).get("contents", {}).get("value", ""), time.perf_counter() - start

    def booked(self) -> tuple[int, int, int]:
        """Return the requests and the tokens, in and out, of the ledger."""
        words = self.client.result("ml-architect/architect/status", uri="")["ledger"]
        if words == "nothing was sent in this session":
            return 0, 0, 0
        found = re.match(r"(\d+) of \d+ requests, (?:about )?(\d+) of \d+ input tokens, (?:about )?(\d+) of", words)
        assert found, words
        return int(found[1]), int(found[2]), int(found[3])

    def workers(self) -> list[int]:
        """Return the model processes of the server, the oldest first (Linux only)."""
        tasks = Path(f"/proc/{self.client.process.pid}/task")
        found = [int(word) for task in tasks.iterdir() for word in (task / "children").read_text().split()]
        return [pid for pid in sorted(found) if b"worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def forget(self) -> None:
        """Drop the messages so far, so that rows need not read those of others."""
        self.client.received.clear()

    # --- one row ------------------------------------------------------------------------------------------

    def run(self, row: Row) -> None:
        """Ask, let happen what happens, and check everything that must hold."""
        self.forget()
        self.use(HASTY if row.hangs else LIMITS)
        self.endpoint.script(MODEL, row.behave)
        errors, known = len(self.client.stderr), len(self.endpoint.requests)
        before = self.booked()
        uri, finding = self.open(row)
        shown, _ = self.hover(uri, finding)
        _, quick = self.hover(uri, finding)
        self.idle.append(quick)
        asked = time.monotonic()
        number = self.ask(uri, finding, row)
        if row.event is not None:
            self._let_happen(row, uri, number, known)
        elif row.hangs:
            self._stays_answering(uri, finding, known)
        answer = self.client.answer(number, 90.0)
        ended = Ended(answer, asked, time.monotonic(), self.endpoint.requests[known:])
        self._check_end(row, ended)
        self._check_wire(row, ended, known)
        self._check_ledger(row, ended.seen, before)
        self._check_document(row, uri, finding, shown)
        if row.result is not None and row.state == "proposed":
            self._accept(row, uri, ended)
        self._check_words(ended, errors)
        assert len(self.client.answers(number)) == 1
        if row.event != "close":
            self.client.notify("textDocument/didClose", textDocument={"uri": uri})

    def _let_happen(self, row: Row, uri: str, number: int, known: int) -> None:
        self._until(lambda: len(self.endpoint.requests) > known)
        seen = self.endpoint.requests[known]
        self._until(lambda: seen.said >= row.at or seen.done.is_set())
        moment = time.monotonic()
        if row.event == "cancel":
            self.client.notify("$/cancelRequest", id=number)
        elif row.event == "change":
            self.client.change(uri, 2, {"text": row.text + "\n"})
        elif row.event == "close":
            self.client.notify("textDocument/didClose", textDocument={"uri": uri})
        else:
            os.kill(self.workers()[0], signal.SIGKILL)
        self._until(lambda: seen.left is not None, 2.0)
        assert seen.left - moment < 1.0
        assert seen.bytes_after(seen.left) == 0

    def _stays_answering(self, uri: str, finding: dict, known: int) -> None:
        """I8: other requests are answered while a call is under way."""
        self._until(lambda: len(self.endpoint.requests) > known)
        idle = sorted(self.idle)[len(self.idle) // 2]
        for _ in range(3):
            assert self.hover(uri, finding)[1] < 20 * idle + 0.5

    @staticmethod
    def _until(condition, patience: float = 30.0) -> None:
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.005)

    # --- invariants ---------------------------------------------------------------------------------------

    def _check_end(self, row: Row, ended: Ended) -> None:
        """I4, and what the row itself expects."""
        limit = (HASTY if row.hangs else LIMITS)[0]
        assert ended.over - ended.asked < limit + SLACK
        if row.event == "cancel":
            assert ended.answer["error"]["code"] == CANCELLED
            return
        result = ended.result
        proposal = result.get("proposal", {})
        assert (result["state"], result.get("rung"), proposal.get("tier")) == (row.state, row.rung, row.tier), result
        first, _, second = row.words.partition("{}")
        assert first in result["message"] and second in result["message"], result["message"]
        if row.result is not None:
            assert proposal["text"] == row.result
        explanation = result.get("explanation", "")
        assert all(words in explanation for words in row.shown), explanation
        told = f"{result['message']}\n{explanation}\n{proposal.get('also')}"
        assert not [words for words in row.hidden if words in told], told

    def _check_wire(self, row: Row, ended: Ended, known: int) -> None:
        """I5, I6, I7: no request too many, none left open, none to another host."""
        for seen in ended.seen:
            assert seen.done.wait(max(0.0, ended.over + 1.0 - time.monotonic())), "the connection is still open"
        assert len(self.endpoint.requests) - known == row.requests
        assert (self.stranger.requests, self.stranger.others) == ([], [])
        for seen in ended.seen:
            assert seen.headers["authorization"] == f"Bearer {KEY}"
            assert KEY not in seen.text.replace(f"Bearer {KEY}", "")
            assert SECRET[:8] not in seen.text

    def _check_ledger(self, row: Row, seen: list[Seen], before: tuple[int, int, int]) -> None:
        """I9: what is booked is what the endpoint counted."""
        requests, given, taken = (now - then for now, then in zip(self.booked(), before, strict=True))
        assert requests == row.requests
        told = [each.usage for each in seen if each.usage]
        if row.state != "failed" and told and all(each.usage for each in seen if each.said):
            assert (given, taken) == tuple(map(sum, zip(*told, strict=True)))

    def _check_document(self, row: Row, uri: str, finding: dict, shown: str) -> None:
        """I1: nobody has touched the document."""
        assert self.client.all_of("workspace/applyEdit") == []
        assert (self.client.folder / f"{row.id}.py").read_bytes() == row.text.encode()
        if row.event is None:
            assert self.hover(uri, finding)[0].startswith(shown)

    def _accept(self, row: Row, uri: str, ended: Ended) -> None:
        """Apply the change, and make its edits by the letter of the protocol."""
        self.client.replies["workspace/applyEdit"] = lambda _: {"applied": True}
        name = ended.result["proposal"]["id"]
        assert self.client.result("ml-architect/architect/apply", id=name) == {"applied": True, "reason": ""}
        (edit,) = self.client.all_of("workspace/applyEdit")
        (change,) = edit["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": uri, "version": 1}
        assert applied(row.text, change["edits"]) == row.result
        again = self.client.result("ml-architect/architect/apply", id=name)
        assert not again["applied"] and "unknown" in again["reason"]

    def _check_words(self, ended: Ended, errors: int) -> None:
        """I2 and I3: nothing but the protocol on standard output, and no secret, code or prompt in what is said."""
        assert self.client.strays == []
        result = {name: value for name, value in ended.result.items() if name != "proposal"}
        sent = [
            item for item in list(self.client.received) if str(item.get("method", "")).startswith(("window/", "$/"))
        ]
        told = f"{json.dumps([result, sent, ended.answer.get('error')])}{self.client.stderr[errors:].decode()}"
        for words in (KEY, SECRET, MARK, PROMPT_WORDS):
            assert words not in told, (words, told)
        assert "Traceback" not in told
        for item in list(self.client.received):
            assert KEY not in json.dumps(item)


def applied(text: str, edits: list[dict]) -> str:
    """Return `text` with edits whose positions count UTF-16 units, found line by line."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def offset(place: dict) -> int:
        line = text[starts[place["line"]] :].encode("utf-16-le")[: 2 * place["character"]]
        return starts[place["line"]] + len(line.decode("utf-16-le"))

    for edit in sorted(edits, key=lambda item: offset(item["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text
