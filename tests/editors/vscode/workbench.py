"""One run of a real VS Code: its server, a browser that shows it, and the suite that runs inside of it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from tools import CLIENT, ROOT, Tools, environment

HERE = Path(__file__).parent
SCREENSHOTS = ROOT / "build" / "screenshots"
"""Where the pictures of the last run of each test stay; git ignores it."""
SETTINGS = {
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "update.mode": "none",
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "git.enabled": False,
    "editor.formatOnSave": False,
    "files.eol": "\n",
    "files.autoSave": "off",  # in a browser VS Code would save after a second, and nothing would be unsaved for long
}


@dataclass(frozen=True)
class Run:
    """How a run ended."""

    code: int
    tests: list[dict[str, object]]
    """Title, and either milliseconds or the error."""
    seconds: float
    log: str

    @property
    def failures(self) -> list[dict[str, object]]:
        return [test for test in self.tests if "error" in test]


@dataclass(frozen=True)
class Plan:
    """What is to be run. `beside` is the folder of a second extension, `variables` are told to the suite.

    `project` is a folder, or a file that names several.
    """

    suites: str
    project: Path
    settings: dict[str, object] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    beside: str = "host"
    trusted: bool = True
    patience: int = 600
    """Seconds."""


def drive(tools: Tools, vsix: Path, folder: Path, plan: Plan) -> Run:
    """Install `vsix` in a fresh VS Code in `folder`, open the project and run the suites there."""
    began = time.monotonic()
    results, hands = folder / "results.json", free_port()
    told = {"SUITES": plan.suites, "RESULTS": str(results), "HANDS": str(hands), **plan.variables}
    variables = {f"ML_ARCHITECT_TEST_{name}": value for name, value in told.items()}
    with installed(tools, vsix, folder, plan, variables) as (address, env):
        options = {"url": page(address, plan), "port": hands, "timeout": plan.patience * 1000}
        code = browse(tools, folder, "drive.mjs", options, env, plan.patience + 60, plan.suites)
    tests = json.loads(results.read_text()) if results.exists() else []
    return Run(code, tests, time.monotonic() - began, logs(folder))


def browse(tools: Tools, folder: Path, script: str, options, env, patience: float, name: str) -> int:
    """Run one of our scripts that opens a browser, and return its exit code; what it says is in ``driver.log``.

    The screenshots are kept under `name`.
    """
    options |= {"browser": tools.browser, "modules": str(tools.modules), "shots": str(folder / "shots")}
    try:
        with group([tools.node, HERE / script, json.dumps(options)], env, folder / "driver.log") as driver:
            return driver.wait(patience)
    finally:
        kept = SCREENSHOTS / name
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(folder / "shots", kept)


@contextmanager
def installed(tools: Tools, vsix: Path, folder: Path, plan: Plan, variables):
    """Serve a fresh VS Code with `vsix` in it; yield its address, and the environment of its programs."""
    (folder / "shots").mkdir(parents=True)
    trust = {"security.workspace.trust.enabled": not plan.trusted, "security.workspace.trust.startupPrompt": "never"}
    # what is of the machine, such as a path, does not hold in the user's settings
    for name, content in (("User", {**SETTINGS, **trust}), ("Machine", plan.settings)):
        place = folder / "data" / name / "settings.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(content))
    env = {
        **environment(tools.node),
        "EXTENSIONS_GALLERY": "{}",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        **variables,
    }
    names = {"server-data": "server-data", "user-data": "data", "extensions": "extensions"}
    places = [f"--{name}-dir={folder / place}" for name, place in names.items()]
    install = [tools.node, tools.server, *places, "--install-extension", vsix, "--force"]
    subprocess.run(install, check=True, env=env, capture_output=True, timeout=300)
    flags = [*places, *(["--disable-workspace-trust"] if plan.trusted else [])]
    with serving(tools, flags, env, folder / "server.log") as address:
        yield address, env


def page(address: str, plan: Plan) -> str:
    """Return the address of the workbench that runs the suite."""
    remote = f"vscode-remote://{address}"
    payload = [
        ["extensionDevelopmentPath", f"{remote}{HERE / plan.beside}"],
        ["extensionTestsPath", f"{remote}{CLIENT / 'out' / 'suite.js'}"],
        ["skipWelcome", "true"],
    ]
    kind = "folder" if plan.project.is_dir() else "workspace"
    return f"http://{address}/?{kind}={quote(str(plan.project))}&payload={quote(json.dumps(payload))}"


@contextmanager
def serving(tools: Tools, places, env, log: Path):
    """Run VS Code's server on a free port, and yield its address."""
    port = free_port()
    flags = (
        "--without-connection-token",
        "--accept-server-license-terms",
        "--enable-smoke-test-driver",
        "--disable-telemetry",
        "--disable-experiments",
        "--reconnection-grace-time=1",
    )
    command = [tools.node, tools.server, "--host=127.0.0.1", f"--port={port}", *flags, *places]
    with group(command, env, log) as process:
        address = f"127.0.0.1:{port}"
        wait_for(f"http://{address}/version", process, log)
        yield address


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path, patience: float = 180) -> None:
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        assert process.poll() is None, log.read_text()
        try:
            urlopen(url, timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


@contextmanager
def group(command, env, log: Path):
    """Run a program in a process group of its own, and leave nothing of it behind."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)), env=env, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield process
        finally:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        limit = time.monotonic() + 5
        while time.monotonic() < limit and alive(process.pid):
            process.poll()
            time.sleep(0.05)
    process.wait(10)


def alive(group_id: int) -> bool:
    """Return whether any process of the group is left."""
    try:
        os.killpg(group_id, 0)
    except ProcessLookupError:
        return False
    return True


def logs(folder: Path) -> str:
    """Return the ends of what the programs and our extension wrote."""
    files = [folder / "driver.log", folder / "server.log", *sorted(folder.glob("data/logs/**/*ml-architect*.log"))]
    return "\n".join(f"--- {path.name}\n{meaningful(path)[-6000:]}" for path in files if path.exists())


def meaningful(path: Path) -> str:
    """Return a log without what this VS Code says about its own missing parts."""
    lines = path.read_text(errors="replace").splitlines(keepends=True)
    return "".join(line for line in lines if "spdlog" not in line and "code-server/lib/vscode" not in line)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
