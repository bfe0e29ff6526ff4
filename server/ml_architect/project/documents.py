"""Read and write documents, keeping encoding, byte-order mark, line endings and permissions."""

import codecs
import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from tokenize import detect_encoding

from ml_architect.policy import reason
from ml_architect.project.notebooks import decode_notebook, encode_notebook, is_notebook
from ml_architect.project.problems import ProblemKind, ReadProblem, WriteError
from ml_architect.text import Source

__all__ = ["decode_source", "encode_source", "read_source", "replace_file", "revised", "write_source"]

_BREAK = re.compile(rb"\r\n|\n|\r")


def read_source(path: Path) -> Source | ReadProblem:
    """Return the document at `path`, decoded as Python would; the path in it is absolute."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            message = "is a folder" if stat.S_ISDIR(mode) else "is not a regular file"
            return ReadProblem(path, ProblemKind.UNREADABLE, message)
        data = path.read_bytes()
    except FileNotFoundError:
        return ReadProblem(path, ProblemKind.MISSING, "no such file")
    except (OSError, ValueError) as error:
        return ReadProblem(path, ProblemKind.UNREADABLE, f"cannot be read: {reason(error)}")
    return decode_source(data, Path(os.path.abspath(path)))  # noqa: PTH100 - symbolic links stay


def decode_source(data: bytes, path: Path | None = None, version: int | None = None) -> Source | ReadProblem:
    """Return `data` as a document: UTF-8, or what a byte-order mark and coding cookie (PEP 263) say.

    A notebook, by its name, becomes a document with cells.
    """
    if is_notebook(path):
        return decode_notebook(data, path)
    shown = path or Path("-")
    try:
        encoding, _ = detect_encoding(_readline(data))
    except SyntaxError as error:
        return ReadProblem(shown, ProblemKind.UNDECODABLE, _cookie_problem(error, data))
    has_bom = encoding == "utf-8-sig"
    encoding = "utf-8" if has_bom else encoding
    try:
        text = data.removeprefix(codecs.BOM_UTF8 if has_bom else b"").decode(encoding)
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not {encoding} text ({error.reason})"
        return ReadProblem(shown, ProblemKind.UNDECODABLE, message)
    except (LookupError, ValueError) as error:
        return ReadProblem(shown, ProblemKind.UNDECODABLE, f"is not {encoding} text ({reason(error)})")
    return Source(text, path, version, encoding=encoding, has_bom=has_bom)


def encode_source(source: Source) -> bytes:
    """Return the bytes of `source` as they stand in a file.

    Raises:
        UnicodeEncodeError: if its encoding cannot write its text.
    """
    mark = codecs.BOM_UTF8 if source.has_bom else b""
    return mark + source.text.encode(source.encoding)


def revised(data: bytes, before: Source, after: Source) -> bytes | None:
    """Return the bytes of `after` in the place of `data`, None where `data` does not hold `before`.

    Raises:
        UnicodeEncodeError: if the encoding of `after` cannot write its text.
    """
    if not is_notebook(before.path):
        return encode_source(after) if data == encode_source(before) else None
    present = decode_notebook(data, before.path)
    if isinstance(present, ReadProblem) or (present.written, present.layout) != (before.written, before.layout):
        return None
    return encode_notebook(data, before, after)


def write_source(source: Source, path: Path, before: Source | None = None) -> None:
    """Replace the file at `path` by `source`, all or nothing; a symbolic link stays one.

    With `before`, the file must still hold that document; a notebook needs it.

    Raises:
        WriteError: if it cannot be written, or has changed since it was read.
    """
    try:
        target = path.resolve()
        data = encode_source(source) if before is None else revised(target.read_bytes(), before, source)
        if data is None:
            raise WriteError(path, "the file has changed since it was read")
        if target.exists() and not os.access(target, os.W_OK):
            raise WriteError(path, "the file is read-only")
        replace_file(target, data)
    except UnicodeEncodeError as error:
        raise WriteError(path, f"{error.object[error.start]!r} does not exist in {source.encoding}") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise WriteError(path, reason(error)) from error


def replace_file(target: Path, data: bytes) -> None:
    """Write `data` to a new file beside `target` and put it in its place, with its permissions; all or nothing.

    Raises:
        OSError: if it cannot be written.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _copy_permissions(target, temporary)
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _copy_permissions(target: Path, temporary: Path) -> None:
    try:
        status = target.stat()
    except FileNotFoundError:
        temporary.chmod(0o644)
        return
    made = temporary.stat()
    if (status.st_uid, status.st_gid) != (made.st_uid, made.st_gid) and hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)
    temporary.chmod(stat.S_IMODE(status.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _readline(data: bytes) -> Callable[[], bytes]:
    """Return a function that hands out the first two lines of `data`, which a lone carriage return may end, too."""
    lines = [line + b"\n" for line in _BREAK.split(data, maxsplit=2)[:2]]
    return lambda: lines.pop(0) if lines else b""


def _cookie_problem(error: SyntaxError, data: bytes) -> str:
    text = reason(error)
    if "invalid or missing encoding" in text:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as decoding:
            return f"byte {decoding.start} is not utf-8 text ({decoding.reason})"
    return text
