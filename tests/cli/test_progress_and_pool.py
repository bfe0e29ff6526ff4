"""The progress bar and the processes."""

import functools
import operator
import os
from pathlib import Path

import pytest

from ml_architect.cli import pool, progress


def test_no_bar_where_nobody_looks(capsys):
    assert list(progress.with_progress(iter(range(5)), 5, shown=False)) == list(range(5))
    assert capsys.readouterr().err == ""


def test_a_short_run_draws_nothing(capsys):
    assert list(progress.with_progress(iter(range(5)), 5, shown=True)) == list(range(5))
    assert capsys.readouterr().err == ""


def test_a_long_run_draws_a_bar_and_loses_nothing(capsys, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes standard error for a terminal
    monkeypatch.setenv("TERM", "xterm")
    assert list(progress.with_progress(iter(range(5)), 5, shown=True)) == list(range(5))
    assert "checking" in capsys.readouterr().err


def test_few_files_need_no_process():
    assert pool.automatic_jobs(0) == 1
    assert pool.automatic_jobs(49) == 1
    assert pool.automatic_jobs(100_000) <= pool.MOST_JOBS


FILES = [Path(str(number)) for number in range(40)]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_order(jobs):
    assert list(pool.in_order(operator.attrgetter("name"), FILES, jobs)) == [path.name for path in FILES]


def die_outside(parent: int, path: Path) -> str:
    if os.getpid() != parent:
        os._exit(9)
    return path.name


def test_a_process_that_dies_costs_no_result():
    work = functools.partial(die_outside, os.getpid())
    assert list(pool.in_order(work, FILES, 2)) == [path.name for path in FILES]


def test_no_processes_to_be_had_costs_no_result(monkeypatch):
    def refuse(*_args, **_options):
        raise OSError

    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", refuse)
    assert len(list(pool.in_order(operator.attrgetter("name"), FILES, 2))) == len(FILES)


def fail(path: Path) -> str:
    raise ZeroDivisionError(path.name)


def test_a_fault_of_ours_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        list(pool.in_order(fail, FILES, 2))
