"""Documents are read as Python reads them, and written all or nothing."""

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_architect.project import (
    ProblemKind,
    ReadProblem,
    WriteError,
    decode_source,
    documents,
    encode_source,
    read_source,
    write_source,
)
from ml_architect.text import Source


@pytest.mark.parametrize(
    ("data", "text", "encoding", "has_bom"),
    [
        (b"", "", "utf-8", False),
        (b"x = 1\r\ny = 2\r", "x = 1\r\ny = 2\r", "utf-8", False),
        ("x = 'é\u2028'\x0c".encode(), "x = 'é\u2028'\x0c", "utf-8", False),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", "utf-8", True),
        (b"\xef\xbb\xbf# coding: utf-8\n", "# coding: utf-8\n", "utf-8", True),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n", "iso-8859-1", False),
        (
            b"#!/bin/python\n# vim: set fileencoding=cp1252 :\n'\x80'",
            "#!/bin/python\n# vim: set fileencoding=cp1252 :\n'€'",
            "cp1252",
            False,
        ),
        (b"#!/bin/python\r# coding: latin-1\r'\xe9'\r", "#!/bin/python\r# coding: latin-1\r'é'\r", "iso-8859-1", False),
        (b"# one\r# two\r# coding: no-such\r", "# one\r# two\r# coding: no-such\r", "utf-8", False),
        (b"x = '\x00'\n", "x = '\x00'\n", "utf-8", False),
    ],
)
def test_bytes_become_text_as_python_says(tmp_path, data, text, encoding, has_bom):
    path = tmp_path / "train.py"
    path.write_bytes(data)
    source = read_source(path)
    assert isinstance(source, Source)
    assert (source.text, source.encoding, source.has_bom, source.path) == (text, encoding, has_bom, path)
    assert encode_source(source) == data
    write_source(source, path, before=source)
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = '\xe9'\n", "byte 5 is not utf-8 text (invalid continuation byte)"),
        (b"x = 1\ny = 2\nz = '\xff'\n", "byte 17 is not utf-8 text (invalid start byte)"),
        (b"# coding: no-such-codec\n", "unknown encoding: no-such-codec"),
        (
            b"# coding: hex\n",
            "is not hex text ('hex' is not a text encoding; use codecs.decode() to handle arbitrary codecs)",
        ),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem: utf-8"),
        (b"\xff\xfex\x00", "byte 0 is not utf-8 text (invalid start byte)"),
        (b"# coding: utf-8\n\xe9\n", "byte 16 is not utf-8 text (invalid continuation byte)"),
    ],
)
def test_what_is_no_text_is_a_problem_of_one_line(tmp_path, data, message):
    path = tmp_path / "train.py"
    path.write_bytes(data)
    assert read_source(path) == ReadProblem(path, ProblemKind.UNDECODABLE, message)


@given(st.binary(max_size=40) | st.text(alphabet="# coding:=utf-8latin1\r\n\ufeffé", max_size=40).map(str.encode))
def test_any_bytes_give_a_document_or_a_problem(data):
    result = decode_source(data)
    if isinstance(result, Source):
        assert result.path is None
    else:
        assert result.kind is ProblemKind.UNDECODABLE
        assert "\n" not in str(result)


def test_what_is_no_file_is_a_problem(tmp_path):
    missing, folder, pipe = tmp_path / "missing.py", tmp_path / "folder.py", tmp_path / "pipe.py"
    folder.mkdir()
    os.mkfifo(pipe)
    assert str(read_source(missing)) == f"{missing}: no such file"
    assert read_source(missing).kind is ProblemKind.MISSING
    assert str(read_source(folder)) == f"{folder}: is a folder"
    assert str(read_source(pipe)) == f"{pipe}: is not a regular file"
    assert read_source(tmp_path / "nul\0.py").kind is ProblemKind.UNREADABLE
    assert read_source(tmp_path / ("long" * 100)).kind is ProblemKind.UNREADABLE


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path, monkeypatch):
    path = tmp_path / "train.py"
    path.write_text("x = 1")

    def refuse(_self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    assert str(read_source(path)) == f"{path}: cannot be read: permission denied"


def test_permissions_stay(tmp_path):
    path = tmp_path / "train.py"
    path.write_text("x = 1")
    path.chmod(0o754)
    write_source(Source("x = 2"), path)
    assert path.read_text() == "x = 2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o754
    assert [item.name for item in tmp_path.iterdir()] == ["train.py"]


def test_a_symbolic_link_stays_one(tmp_path):
    target = tmp_path / "deep" / "real.py"
    target.parent.mkdir()
    target.write_text("x = 1")
    link = tmp_path / "link.py"
    link.symlink_to(target)
    write_source(Source("x = 2"), link)
    assert link.is_symlink()
    assert target.read_text() == "x = 2"
    assert read_source(link).path == link


def test_a_new_file_is_made(tmp_path):
    write_source(Source("x = 1\r\n", has_bom=True), tmp_path / "new.py")
    assert (tmp_path / "new.py").read_bytes() == b"\xef\xbb\xbfx = 1\r\n"


def test_a_file_that_has_changed_is_left_alone(tmp_path):
    path = tmp_path / "train.py"
    path.write_text("x = 1")
    before = read_source(path)
    path.write_text("x = 3")
    with pytest.raises(WriteError, match="not written, the file has changed since it was read"):
        write_source(Source("x = 2"), path, before=before)
    assert path.read_text() == "x = 3"


def test_a_text_that_its_encoding_cannot_write_is_refused(tmp_path):
    path = tmp_path / "train.py"
    path.write_bytes(b"# coding: latin-1\n")
    with pytest.raises(WriteError, match="not written, '€' does not exist in iso-8859-1"):
        write_source(Source("# coding: latin-1\n'€'", encoding="iso-8859-1"), path)
    assert path.read_bytes() == b"# coding: latin-1\n"


def test_a_read_only_file_is_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "train.py"
    path.write_text("x = 1")
    path.chmod(0o444)
    monkeypatch.setattr(documents.os, "access", lambda *_: False)  # the superuser may write everything
    with pytest.raises(WriteError, match="not written, the file is read-only"):
        write_source(Source("x = 2"), path)
    assert path.read_text() == "x = 1"


def test_a_read_only_folder_is_a_clear_error(tmp_path, monkeypatch):
    path = tmp_path / "train.py"
    path.write_text("x = 1")

    def refuse(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(documents.tempfile, "mkstemp", refuse)
    with pytest.raises(WriteError) as caught:
        write_source(Source("x = 2"), path)
    assert str(caught.value) == f"{path}: not written, permission denied"
    assert path.read_text() == "x = 1"


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failure_on_the_way_leaves_everything_as_it_was(tmp_path, monkeypatch, failing):
    path = tmp_path / "train.py"
    path.write_text("x = 1")

    def refuse(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(documents.os if failing == "fsync" else type(path), failing, refuse)
    with pytest.raises(WriteError, match="not written, no space left on device"):
        write_source(Source("x = 2"), path)
    assert path.read_text() == "x = 1"
    assert [item.name for item in tmp_path.iterdir()] == ["train.py"]


def test_a_missing_folder_is_a_clear_error(tmp_path):
    with pytest.raises(WriteError, match="not written, no such file or directory"):
        write_source(Source("x"), tmp_path / "no" / "where.py")
