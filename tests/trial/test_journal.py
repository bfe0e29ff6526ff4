"""The file of a run: what is finished stays, a torn end is harmless, and what is not ours is never touched."""

import json

import pytest
from answering_cases import CASES
from trial_samples import sample_for

from ml_architect.trial.journal import Journal, JournalError

RUN = {"model": "test/model", "seed": 0}
ONE = sample_for(CASES["split-order"], "x = 1\n", explanation={"approach": "so"})
TWO = sample_for(CASES["warm-restart"], declined="on purpose", cost=None)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


def written(path, *samples):
    journal = Journal(path, RUN)
    for sample in samples:
        journal.add(sample)


def test_what_is_written_is_read_again(path):
    written(path, ONE, TWO)
    assert list(Journal(path, RUN).done.values()) == [ONE, TWO]
    assert path.read_text(encoding="utf-8").count("\n") == 3


def test_the_last_of_two_samples_counts(path):
    later = sample_for(CASES["split-order"], "x = 2\n")
    written(path, ONE, later)
    assert Journal(path, RUN).done == {ONE.key: later}


@pytest.mark.parametrize("kept", [1, 5, 60, -1])
def test_a_torn_last_line_is_dropped(path, kept):
    written(path, ONE)
    whole = path.read_bytes()
    written(path, TWO)
    last = path.read_bytes()[len(whole) :]
    path.write_bytes(whole + last[:kept])
    assert list(Journal(path, RUN).done.values()) == [ONE]
    assert path.read_bytes() == whole
    written(path, TWO)
    assert list(Journal(path, RUN).done.values()) == [ONE, TWO]


def test_a_torn_first_line_is_written_anew(path):
    written(path)
    head = path.read_bytes()
    path.write_bytes(head[:20])
    assert Journal(path, RUN).done == {}
    assert path.read_bytes() == head


def test_an_empty_file_is_a_new_one(path):
    path.touch()
    written(path, ONE)
    assert list(Journal(path, RUN).done.values()) == [ONE]


@pytest.mark.parametrize("damage", [b"{}\n", b"nonsense\n", b'{"key": 1}\n', b"\xff\xfe\n", b"[]\n"])
def test_a_damaged_line_is_named(path, damage):
    written(path, ONE)
    whole = path.read_bytes()
    path.write_bytes(whole + damage + whole.splitlines(keepends=True)[1])
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"run\.jsonl:3: this line is damaged"):
        Journal(path, RUN)
    assert path.read_bytes() == before


@pytest.mark.parametrize("other", [b"my notes\n", b"my notes", b'{"a": 1}\n', b"[]\n", b'"text"\n'])
def test_a_file_that_is_not_ours_stays_as_it_is(path, other):
    path.write_bytes(other)
    with pytest.raises(JournalError):
        Journal(path, RUN)
    assert path.read_bytes() == other


@pytest.mark.parametrize("change", [{"model": "another"}, {"seed": 1}])
def test_the_file_of_another_run_is_refused(path, change):
    written(path, ONE)
    with pytest.raises(JournalError, match=f"is of a run with {next(iter(change))} "):
        Journal(path, {**RUN, **change})


def test_a_folder_and_a_missing_folder_are_one_line(tmp_path):
    for path in (tmp_path, tmp_path / "missing" / "run.jsonl"):
        with pytest.raises(JournalError, match=str(path)):
            Journal(path, RUN)


def test_samples_are_plain_json():
    data = json.loads(json.dumps(ONE.as_json()))
    assert type(ONE).from_json(data) == ONE
    assert data["right"] is True
