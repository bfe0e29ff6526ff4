"""Pieces of a reply wake the editor's server as seldom as they can, and none is lost."""

from importlib import util
from types import SimpleNamespace

import pytest

from ml_architect.architect.model.launch import command


@pytest.fixture(scope="module")
def worker():
    """The script of the model process, loaded as a module: nothing of the product imports it."""
    spec = util.spec_from_file_location("worker_script", command()[-1])
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def stream(worker):
    """Return what sends pieces, so many seconds apart, and returns what is passed on."""

    def run(*texts, pause, hidden=""):
        passed, now = [], [100.0]
        pieces = worker.Pieces(lambda text, count: passed.append((text, count)), lambda: now[0])
        for text in texts:
            pieces.take(SimpleNamespace(content=text, reasoning_content=hidden))
            now[0] += pause
        pieces.flush()
        pieces.flush()
        return passed

    return run


def test_slow_pieces_are_passed_on_at_once(stream):
    assert stream("a", "b", "c", pause=1.0) == [("a", 0), ("b", 0), ("c", 0)]


def test_fast_pieces_are_passed_on_together_after_the_first(stream, worker):
    passed = stream(*"abcdefghijkl", pause=worker.PAUSE / 5.001)
    assert [text for text, _ in passed] == ["a", "bcdefg", "hijkl"]


def test_thoughts_are_counted_and_never_passed_on(stream):
    assert stream("", None, pause=0.0, hidden="hmm") == [("", 3), ("", 3)]
    assert stream("", None, pause=0.0) == []
