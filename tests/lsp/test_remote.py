import asyncio
import importlib
import sys
import time

import pytest

from ml_architect.lsp.remote import Remote, WorkerError


@pytest.fixture
def jobs(here, monkeypatch):
    monkeypatch.syspath_prepend(str(here))
    yield importlib.import_module("slow_jobs")
    sys.modules.pop("slow_jobs")


@pytest.fixture
def remote(jobs, tmp_path, monkeypatch):  # noqa: ARG001 - the worker starts with their path
    monkeypatch.chdir(tmp_path)
    for name in ("json", "libcst", "random", "types"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the working folder')")
    remote = Remote()
    yield remote
    remote.close()


@pytest.mark.asyncio
async def test_a_job_is_answered(remote, jobs):
    assert await remote.ask(jobs.Echo(("é", 1))) == ("é", 1)
    assert await remote.ask(jobs.FolderIsOnPath()) is False


@pytest.mark.asyncio
async def test_a_failing_job_fails_alone(remote, jobs):
    with pytest.raises(WorkerError, match="ValueError"):
        await remote.ask(jobs.Fail())
    assert await remote.ask(jobs.Echo(1)) == 1


@pytest.mark.asyncio
async def test_a_dead_worker_starts_again(remote, jobs):
    with pytest.raises(WorkerError, match="code 9"):
        await remote.ask(jobs.Crash())
    before = remote.pid
    assert await remote.ask(jobs.Echo(1)) == 1
    assert remote.pid != before


@pytest.mark.asyncio
async def test_the_urgent_job_goes_first_and_a_cancelled_one_not_at_all(remote, jobs):
    order = []

    async def ask(name, *, urgent=False):
        order.append(await remote.ask(jobs.Echo(name), urgent=urgent))

    busy = asyncio.create_task(remote.ask(jobs.Sleep(0.5)))
    await asyncio.sleep(0.1)
    tasks = [asyncio.create_task(ask(name, urgent=name == "urgent")) for name in ("a", "gone", "b", "urgent")]
    await asyncio.sleep(0.1)
    tasks[1].cancel()
    await asyncio.gather(busy, *tasks, return_exceptions=True)
    assert order == ["urgent", "a", "b"]


@pytest.mark.asyncio
async def test_closing_does_not_wait_for_a_job(remote, jobs):
    task = asyncio.create_task(remote.ask(jobs.Sleep(60)))
    await asyncio.sleep(0.5)
    start = time.monotonic()
    remote.close()
    assert time.monotonic() - start < 1
    task.cancel()


@pytest.mark.asyncio
async def test_a_job_that_never_ends_is_ended(remote, jobs):
    await remote.ask(jobs.Limit(1))
    with pytest.raises(WorkerError, match="stopped"):
        await remote.ask(jobs.Sleep(60))
    assert await remote.ask(jobs.Echo(1)) == 1
