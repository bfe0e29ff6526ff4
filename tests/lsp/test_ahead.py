"""What the worker does while nobody asks: repairs are verified before somebody looks for them."""

import asyncio
import importlib
import sys
from pathlib import Path

import pytest

from ml_architect.engine import analysis
from ml_architect.lsp import ahead
from ml_architect.lsp.ahead import Ahead
from ml_architect.lsp.backend import Backend
from ml_architect.lsp.jobs import Analyze, FixAll, FixEach, FixRule, Suppress
from ml_architect.lsp.remote import Remote
from ml_architect.lsp.report import Subject
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.text import Source, apply_edits

CODE = "parameters-not-called"
TEXT = """\
import torch

model = torch.nn.Linear(4, 2)
first = torch.optim.SGD(model.parameters, lr=0.1)
second = torch.optim.Adam(model.parameters, lr=0.001)
"""
FIXED = TEXT.replace("parameters", "parameters()")


def subject(folder, text=TEXT, serial=1):
    return Subject(Snapshot("untitled:train", serial, serial, Source(text), is_python=True), folder)


@pytest.fixture
def analyses(monkeypatch):
    """The texts that are analysed."""
    seen = []
    original = analysis.analyze

    def counted(source, *rest):
        seen.append(source.text)
        return original(source, *rest)

    monkeypatch.setattr(analysis, "analyze", counted)
    return seen


def finish(backend):
    while not backend.ahead.is_done:
        backend.ahead.work(lambda: False)


@pytest.mark.parametrize("whole_menus", [False, True])
def test_what_a_menu_needs_is_ready_before_it_opens(tmp_path, analyses, whole_menus):
    backend, now = Backend(), subject(tmp_path)
    report = Analyze(now, whole_menus).run(backend)
    names = tuple(finding.fingerprint for finding in report.findings)
    finish(backend)
    analyses.clear()
    assert [repair.safe for repair in FixEach(now, names).run(backend)] == [True, True]
    assert apply_edits(TEXT, FixAll(now).run(backend).edits) == FIXED
    assert analyses == []
    assert apply_edits(TEXT, FixRule(now, CODE).run(backend).edits) == FIXED
    assert "ignore[" in Suppress(now, names[0]).run(backend).edits[0].replacement
    assert (analyses == []) is whole_menus, "an editor that asks for an edit later has it made later"


def test_what_was_asked_once_is_not_worked_out_again(tmp_path, analyses):
    backend, now = Backend(), subject(tmp_path)
    (name, _) = (finding.fingerprint for finding in Analyze(now).run(backend).findings)
    jobs = (FixEach(now, (name,)), FixAll(now), FixRule(now, CODE), Suppress(now, name))
    first = [job.run(backend) for job in jobs]
    analyses.clear()
    assert [job.run(backend) for job in jobs] == first
    assert analyses == []
    later = subject(tmp_path, TEXT + "\n", 2)
    assert FixAll(later).run(backend) == first[1]
    assert analyses


def test_a_new_version_ends_the_plan_for_the_old_one(tmp_path, analyses):
    backend = Backend()
    Analyze(subject(tmp_path)).run(backend)
    backend.ahead.work(lambda: False)
    Analyze(subject(tmp_path, "import torch\n", 2)).run(backend)
    analyses.clear()
    finish(backend)
    assert analyses == []


def test_a_task_that_gives_way_is_done_later(tmp_path):
    backend = Backend()
    Analyze(subject(tmp_path)).run(backend)
    backend.ahead.work(lambda: True)
    assert not backend.ahead.is_done
    finish(backend)


def test_there_is_an_end_to_what_a_version_costs(monkeypatch):
    done = []
    work = Ahead()
    monkeypatch.setattr(ahead, "MOST_SECONDS", 0.0)
    work.plan([lambda: done.append(1), lambda: done.append(2)])
    work.work(lambda: False)
    assert (done, work.is_done) == ([1], True)


@pytest.mark.asyncio
async def test_the_worker_uses_its_rest_and_still_answers(here, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(here))
    jobs = importlib.import_module("slow_jobs")
    remote = Remote()
    try:
        await remote.ask(Analyze(subject(tmp_path)))
        for _ in range(100):
            await asyncio.sleep(2 * ahead.REST_SECONDS)
            if await remote.ask(jobs.HasNothingToDo()):
                break
        assert await remote.ask(jobs.HasNothingToDo())
        assert await remote.ask(jobs.Echo(Path())) == Path()
    finally:
        remote.close()
        sys.modules.pop("slow_jobs")
