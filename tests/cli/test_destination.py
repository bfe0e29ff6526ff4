"""Where pages are written to."""

import os
import subprocess
import sys

import pytest

from ml_architect.cli.destination import problem_of, write

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are POSIX")


def test_a_page_is_written_whole_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "page.md"
    assert problem_of(path) is None and write(path, "a \udcff\n") is None
    assert path.read_bytes() == b"a \\udcff\n" and [item.name for item in tmp_path.iterdir()] == ["page.md"]


def test_what_cannot_be_written_is_known_before(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "page.md", tmp_path / "a\0b"):
        told = problem_of(path)
        assert told is not None and told.startswith(f"{path}: file cannot be written: ") and "\n" not in told
        assert write(path, "x") is not None
    assert list(tmp_path.iterdir()) == [] and problem_of(None) is None


@POSIX
def test_a_link_stays_one_and_a_file_keeps_its_permissions(tmp_path):
    target = tmp_path / "real.md"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    (tmp_path / "link.md").symlink_to(target)
    assert write(tmp_path / "link.md", "new") is None
    assert (tmp_path / "link.md").is_symlink() and target.read_text(encoding="utf-8") == "new"
    assert target.stat().st_mode & 0o777 == 0o640


@POSIX
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert problem_of(pipe) is None and write(pipe, "words") is None
        assert os.read(reader, 99) == b"words" and pipe.is_fifo()
    finally:
        os.close(reader)


@POSIX
def test_the_name_of_standard_output_leads_to_the_pipe_that_it_is(tmp_path):
    text = (
        "from pathlib import Path\nfrom ml_architect.cli.destination import problem_of, write\n"
        "raise SystemExit(problem_of(Path('/dev/stdout')) or write(Path('/dev/stdout'), 'words'))\n"
    )
    done = subprocess.run((sys.executable, "-c", text), capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "words", "")
