"""Runs a file of an answer that passed all checks, when the user asks for it: in an empty folder, within limits.

This keeps a mistake from doing harm; it is no prison for hostile code, which the checks have to keep out. What the
platform does not isolate is said in the result.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ml_architect.architect.answers import CodeFile
from ml_architect.architect.reply.characters import is_odd
from ml_architect.architect.reply.redaction import redact

__all__ = ["Ran", "RunLimits", "executed", "main_file", "run_file"]

_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR")
"""What a Python process needs to run at all; keys and tokens are not among it."""
_NOWHERE = "http://127.0.0.1:9"
"""The discard port: a proxy that answers nobody."""
_MOST_OUTPUT = 32 * 1024 * 1024
"""Bytes of output after which a program is stopped."""
_TAIL = 64 * 1024
_LINES = 20
_COLUMNS = 200
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x08")
_GRACE = 5.0
_UNLIMITED = -1
_BOOT = """\
import os, sys
try:
    import resource
except ImportError:
    resource = None
if resource is not None:
    for name, value in zip(("CPU", "AS", "FSIZE", "NPROC", "CORE"), map(int, sys.argv[1:6])):
        kind = getattr(resource, "RLIMIT_" + name, None)
        if kind is not None and value >= 0:
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            try:
                resource.setrlimit(kind, (value, value))
            except (ValueError, OSError):
                pass
sys.stdout.flush()
started = os.fork() if os.getpid() == 1 else 0
if not started:
    os.execv(sys.executable, [sys.executable, *sys.argv[6:]])
ended = 0
while ended != started:
    ended, status = os.wait()
os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
"""
"""Sets the limits in the new process, and becomes the program: nothing of ours runs between fork and exec.

As the first process of a namespace it waits for the program instead, since many signals do not reach such a process;
with its end, the system ends all that is left in there.
"""
_SIGNALLED = 128
"""What is added to the number of a signal that ended a program, where its code goes through our first process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """The most that a run may take. Address space is generous: torch and TensorFlow map far more than they use."""

    seconds: float = 120.0
    processor_seconds: int = 240
    address_bytes: int = 32 * 1024**3
    file_bytes: int = 512 * 1024**2
    processes: int = 4096
    """Of this user, threads included: a limit for one program alone the system does not have."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended."""

    name: str
    code: int | None
    """The exit code; negative for a signal, None where it did not end in time or did not start."""
    seconds: float
    lines: tuple[str, ...]
    """The last lines of output, without secrets."""
    problem: str = ""
    """Why there is no exit code."""
    open_ends: tuple[str, ...] = ()
    """What was not isolated."""

    @property
    def went_well(self) -> bool:
        """Whether the program ended by itself and said that all was well."""
        return self.code == 0


def main_file(files: Sequence[CodeFile]) -> CodeFile | None:
    """Return the file to run: the first that is meant to be started, else the only one; None where a check failed."""
    programs = [file for file in files if file.is_python]
    if not programs or any(file.faults for file in programs):
        return None
    started = (file for file in programs if "__main__" in file.text)
    return next(started, programs[0] if len(programs) == 1 else None)


def run_file(file: CodeFile, files: Sequence[CodeFile], interpreter: Path, limits: RunLimits | None = None) -> Ran:
    """Run `file` with those of `files` beside it that passed all checks. Never raises for what the program does."""
    limits = limits or RunLimits()
    with tempfile.TemporaryDirectory(prefix="ml-architect-run-", ignore_cleanup_errors=True) as folder:
        for other in (*files, file):
            if not other.faults:
                path = Path(folder, other.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(other.text, encoding="utf-8")
        return executed(file.name, (file.name,), interpreter, Path(folder), limits)


def executed(name: str, arguments: Sequence[str], interpreter: Path, folder: Path, limits: RunLimits) -> Ran:
    """Run the interpreter with `arguments` in `folder`, within `limits`; `name` is how the run is spoken of."""
    addresses = _UNLIMITED if _has_cuda() else limits.address_bytes
    numbers = (limits.processor_seconds, addresses, limits.file_bytes, limits.processes, 0)
    boot = (str(interpreter), "-c", _BOOT, *map(str, numbers), "-E", "-u", *arguments)
    alone = _apart()
    began = time.monotonic()
    try:
        process = subprocess.Popen(  # noqa: S603 - running it is what was asked for
            (*alone, *boot),
            cwd=folder,
            env=_environment(os.environ, folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return Ran(name, None, 0.0, (), f"{interpreter} cannot be started: {error.strerror}")
    output = _Output(process)
    problem = output.wait(limits.seconds)
    seconds = time.monotonic() - began
    code = process.returncode
    if code is not None and code > _SIGNALLED and "--pid" in alone:
        code = _SIGNALLED - code
    return Ran(name, None if problem else code, seconds, output.lines(), problem, _open_ends(alone))


class _Output:
    """The output of a process: its end is kept, and a flood ends the process."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._tail = b""
        self._size = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> str:
        """Wait for the end; return why it was ended, or an empty text."""
        try:
            self._process.wait(seconds)
            problem = "it printed far too much and was stopped" if self._size > _MOST_OUTPUT else ""
        except subprocess.TimeoutExpired:
            problem = f"it did not end within {seconds:g} seconds and was stopped"
        finally:
            _kill(self._process)  # what it has started goes with it
            self._thread.join(_GRACE)
        return problem

    def lines(self) -> tuple[str, ...]:
        """Return the last lines, harmless and without secrets."""
        text = _ANSI.sub("", self._tail.decode("utf-8", "replace")).replace("\r\n", "\n").replace("\r", "\n")
        text = "".join(sign for sign in text if sign in "\n\t" or not is_odd(sign))
        rows = [row.rstrip() for row in redact(text).text.split("\n") if row.strip()]
        return tuple(row if len(row) <= _COLUMNS else f"{row[:_COLUMNS]} ..." for row in rows[-_LINES:])

    def _read(self) -> None:
        stream = self._process.stdout
        while stream is not None and (piece := stream.read1(65536)):  # type: ignore[attr-defined]
            self._size += len(piece)
            self._tail = (self._tail + piece)[-_TAIL:]
            if self._size > _MOST_OUTPUT:
                _kill(self._process)
                return


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all that it has started."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        return
    process.wait()


def _environment(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the variables of a run: few of the user's, its own home, no key, proxies that lead nowhere."""
    kept = {name: environ[name] for name in _KEPT if name in environ}
    home = environ.get("HOME")
    if home and os.name == "posix":
        kept["PYTHONUSERBASE"] = str(Path(home, ".local"))  # packages that were installed for the user alone
    places = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(folder))
    proxies = {name: _NOWHERE for base in ("http_proxy", "https_proxy", "all_proxy") for name in (base, base.upper())}
    quiet = {"MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "2", "HF_HUB_OFFLINE": "1"}
    return {**kept, **places, **proxies, **quiet, "PYTHONIOENCODING": "utf-8"}


def _has_cuda() -> bool:
    """Return whether there is an NVIDIA driver: CUDA reserves more addresses than a limit of use would allow."""
    return Path("/dev/nvidiactl").exists()


@cache
def _apart() -> tuple[str, ...]:
    """Return the words before a command that give it no network, and processes of its own where that is permitted.

    No words where this system permits neither.
    """
    tool = shutil.which("unshare") if sys.platform == "linux" else None
    for more in (("--pid", "--fork", "--mount-proc"), ()):
        for option in ("--map-current-user", "--map-root-user"):
            words = (tool, "--user", "--net", *more, option, "--") if tool else ()
            if words and _works((*words, sys.executable, "-c", "")):
                return words
    return ()


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def _open_ends(alone: Sequence[str]) -> tuple[str, ...]:
    ends = ["it could read the files that you can read"]
    if not alone:
        ends.append("this system did not let us cut off the network, only its proxies led nowhere")
    if "--pid" not in alone:
        ends.append("a process that it detached on purpose could outlive it")
    if _has_cuda():
        ends.append("its memory was not limited, since CUDA reserves far more than it uses")
    if os.name != "posix":
        ends.append("this system has no limits of memory and processor time for it")
    return tuple(ends)
