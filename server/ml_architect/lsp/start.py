"""How the server begins and ends."""

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ml_architect.lsp.remote import Remote

if TYPE_CHECKING:
    from ml_architect.lsp.server import Server


def start(log_level: str = "warning", log_file: Path | None = None) -> None:
    """Serve one editor over standard input and output until it says goodbye.

    Raises:
        SystemExit: with code 1 if the editor left without asking for a shutdown first.
    """
    log_file = _writable(log_file)
    remote = Remote(log_level, log_file)  # first: the worker imports the engine while we import pygls
    _log_to(log_file, log_level)
    from ml_architect.lsp.server import Server  # noqa: PLC0415 - 0.4 s, spent in parallel with the worker's start

    code = serve(Server(remote))
    if code:
        sys.exit(code)


def serve(server: "Server") -> int:
    """Run `server` on standard input and output, and return the exit code of the process."""
    try:
        server.start_io(sys.stdin.buffer, _own_output())
    finally:
        server.asking.abandon()
        server.papers.close()
        server.remote.close()
    return 0 if server.was_shut_down else 1


def _own_output() -> BinaryIO:
    """Take standard output for the protocol alone: whatever prints, prints to standard error."""
    sys.stdout.flush()
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return output


def _writable(log_file: Path | None) -> Path | None:
    """Return `log_file` if it can be written; a server that cannot log there logs to standard error."""
    if log_file is not None:
        try:
            log_file.open("ab").close()
        except OSError as error:
            sys.stderr.write(f"ml-architect: {log_file} cannot be written: {error.strerror}\n")
            return None
    return log_file


def _log_to(log_file: Path | None, log_level: str) -> None:
    logging.basicConfig(
        filename=log_file,
        level=log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # At INFO pygls writes the body of every message that it sends.
    logging.getLogger("pygls").setLevel(max(logging.WARNING, logging.getLogger().level))
