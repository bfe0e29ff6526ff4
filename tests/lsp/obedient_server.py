"""The real server around a fake worker that does what the text of a document says; a script for the tests.

A line ``sleep SECONDS`` delays the answer, ``fail`` makes the worker fail, ``surprise`` fails in a way that
nobody expects, and ``BAD`` is a finding. The script's argument is how many seconds typing must rest.
"""

import asyncio
import re
import sys

from ml_architect.lsp import session
from ml_architect.lsp.jobs import Analyze, Explain, FixEach
from ml_architect.lsp.remote import WorkerError
from ml_architect.lsp.report import Explanation, Finding, Repair, Report
from ml_architect.lsp.server import Server
from ml_architect.lsp.start import serve
from ml_architect.text import Edit, Span


class FakeFailureError(WorkerError):
    pass


class FakeRemote:
    def __init__(self):
        self.analysed = 0

    async def ask(self, job, **_):
        text = job.subject.snapshot.source.text
        if found := re.search(r"sleep ([\d.]+)", text):
            await asyncio.sleep(float(found[1]))
        if "fail" in text:
            raise FakeFailureError
        if "surprise" in text:
            raise LookupError
        if isinstance(job, Analyze):
            self.analysed += 1
            print("this goes to standard error, not into the protocol")
            return Report(tuple(map(self.finding, re.finditer("BAD", text))), f"{hash(text)}")
        if isinstance(job, FixEach):
            return tuple(
                Repair("make it good", (Edit(Span(int(name), int(name) + 3), "GOOD"),), True)
                for name in job.fingerprints
            )
        if isinstance(job, Explain):
            return Explanation("it is **bad**", Span(job.offset, job.offset + 1))
        return None

    def finding(self, match):
        related = ((Span(0, 1), "the first character"),)
        tags = ("unnecessary", "deprecated")
        url = "file:///bad.md"
        return Finding(
            "bad-word",
            "this is bad",
            "error",
            Span(*match.span()),
            related,
            False,
            "safe",
            True,
            tags,
            str(match.start()),
            url,
        )

    def close(self):
        pass


if __name__ == "__main__":
    if len(sys.argv) > 1:
        session.DEBOUNCE_SECONDS = float(sys.argv[1])
    server = Server(FakeRemote())

    @server.feature("test/broken")
    async def broken(_):
        return object()

    @server.feature("test/analysed")
    async def analysed(_):
        return server.remote.analysed

    @server.feature("test/text")
    async def text(params):
        return server.session.documents.find(params.uri).source

    def explode(*_):
        int("on purpose")

    server.on_notification("test/explode", explode)
    sys.exit(serve(server))
