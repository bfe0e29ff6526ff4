"""Where a page goes that is not printed: asked about before any work or money is spent, then written whole."""

import os
from pathlib import Path

from ml_architect.policy import reason
from ml_architect.project.documents import replace_file

__all__ = ["problem_of", "write"]


def problem_of(path: Path | None) -> str | None:
    """Return one line on why nothing could be written to `path`, None where nothing is known against it."""
    if path is None:
        return None
    try:
        if _is_special(path):
            return None
        target = path.resolve()
        if not target.parent.is_dir():
            return f"{path}: file cannot be written: there is no folder {path.parent}"
        if target.is_dir():
            return f"{path}: file cannot be written: is a folder"
        if not os.access(target if target.exists() else target.parent, os.W_OK):
            return f"{path}: file cannot be written: permission denied"
    except (OSError, ValueError, RuntimeError) as error:
        return f"{path}: file cannot be written: {reason(error)}"
    return None


def write(path: Path, text: str) -> str | None:
    """Write `text` to `path`, whole or not at all; return one line on why that failed, None where it did not.

    A symbolic link stays one; what is no file, such as a pipe or a device, is written to and never replaced.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        if _is_special(path):
            path.write_bytes(data)  # its name does not lead to it otherwise: /dev/stdout, say
        else:
            _replace(path.resolve(), data)
    except (OSError, ValueError, RuntimeError) as error:
        return f"{path}: file cannot be written: {reason(error)}"
    return None


def _is_special(path: Path) -> bool:
    """Return whether there is something at `path` that is neither a file nor a folder."""
    return path.exists() and not (path.is_file() or path.is_dir())


def _replace(path: Path, data: bytes) -> None:
    is_new = not path.exists()
    replace_file(path, data)
    if is_new:
        path.chmod(0o666 & ~_umask())  # a page is the user's own file, as a shell would make it


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
