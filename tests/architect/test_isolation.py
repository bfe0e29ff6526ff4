"""The model process touches nothing of the workspace, connects to nobody else, and says clearly why it cannot start."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from calling import FAST, KEY, access_to, request_for
from endpoint import Endpoint, hangs, says

from ml_architect.architect.model.hosts import Host
from ml_architect.architect.model.launch import allowed_hosts, command, worker_environment
from ml_architect.architect.model.process import WorkerProvider
from ml_architect.architect.model.provider import ErrorKind, ProviderError

WORKER = command()[-1]
TRAP = "import pathlib\npathlib.Path({marker!r}).write_text(__name__)\n"


def booted(code):
    """Return a command line that runs `code` in the process before the worker begins."""
    start = f"import sys, runpy\n{code}\nrunpy.run_path({WORKER!r}, run_name='__main__')"
    return (sys.executable, "-I", "-X", "utf8", "-c", start)


def error_of(calls, model="openai/any"):
    with pytest.raises(ProviderError) as caught:
        calls.ask(model)
    return caught.value.kind


def test_nothing_of_the_workspace_is_executed_or_read(calls, tmp_path, monkeypatch):
    marker = tmp_path / "executed"
    for name in ("httpx", "sitecustomize", "usercustomize", "openai", "json", "litellm"):
        (tmp_path / f"{name}.py").write_text(TRAP.format(marker=str(marker)), encoding="utf-8")
    with Endpoint() as thief:
        (tmp_path / ".env").write_text(f"OPENAI_BASE_URL={thief.url}/v1\n", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setenv("OPENAI_BASE_URL", f"{thief.url}/v1")
        calls.use(access_to(calls.endpoint.url + "/v1"))
        calls.endpoint.script("any", says("well"))
        assert calls.ask("openai/any").text == "well"
        assert thief.requests == []
    assert not marker.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_dotenv_beside_the_virtual_environment_is_not_read(calls, tmp_path):
    """litellm looks for a .env from its own folder upwards, so that an environment in the workspace finds the workspace's."""
    packages = tmp_path / ".venv" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "litellm").symlink_to(Path(find_spec("litellm").origin).parent)
    with Endpoint() as thief:
        (tmp_path / ".env").write_text(f"OPENAI_BASE_URL={thief.url}/v1\n", encoding="utf-8")
        thief.script("any", says("stolen"))
        access = access_to(thief.url + "/v1", api_base=None)  # litellm picks the address, the thief's is allowed
        calls.use(access, FAST, booted(f"sys.path.insert(0, {str(packages)!r})"))
        assert error_of(calls) in {ErrorKind.BLOCKED_HOST, ErrorKind.UNKNOWN_HOST}
        assert thief.requests == []


def test_what_is_printed_during_the_import_disturbs_nothing(calls):
    noise = """
import os
class Noisy:
    def find_spec(self, name, *rest):
        if "litellm" in name:
            print("importing", name, flush=True)
            os.write(1, b'{"kind": "ready"}')
sys.meta_path.insert(0, Noisy())
"""
    calls.use(access_to(calls.endpoint.url + "/v1"), FAST, booted(noise))
    calls.endpoint.script("any", says("well"))
    assert calls.ask("openai/any").text == "well"


def distribution(folder, version, code):
    """Put another litellm before the real one."""
    (folder / f"litellm-{version}.dist-info").mkdir()
    metadata = f"Metadata-Version: 2.1\nName: litellm\nVersion: {version}\n"
    (folder / f"litellm-{version}.dist-info" / "METADATA").write_text(metadata, encoding="utf-8")
    (folder / "litellm.py").write_text(code, encoding="utf-8")
    return booted(f"sys.path.insert(0, {str(folder)!r})")


@pytest.mark.parametrize("version", ["1.82.7", "1.82.8"])
def test_a_banned_version_is_not_imported(calls, tmp_path, version):
    marker = tmp_path / "executed"
    calls.use(access_to(calls.endpoint.url), FAST, distribution(tmp_path, version, TRAP.format(marker=str(marker))))
    assert error_of(calls) is ErrorKind.BANNED_VERSION
    assert not marker.exists()


def test_a_broken_package_is_named(calls, tmp_path):
    calls.use(access_to(calls.endpoint.url), FAST, distribution(tmp_path, "1.99.0", "raise TypeError('no')\n"))
    assert [error_of(calls) for _ in range(4)] == [ErrorKind.WORKER_BROKEN] * 4


def test_a_missing_package_is_named(calls):
    calls.use(access_to(calls.endpoint.url), FAST, (sys.executable, "-I", "-S", WORKER))
    assert error_of(calls) is ErrorKind.WORKER_MISSING


def test_a_process_that_dies_three_times_is_not_started_again(calls, tmp_path):
    starts = tmp_path / "starts"
    code = f"import os\nopen({str(starts)!r}, 'a').write('x')\nos._exit(3)"
    calls.use(access_to(calls.endpoint.url), FAST, booted(code))
    kinds = [error_of(calls) for _ in range(5)]
    assert kinds == [ErrorKind.WORKER_DIED] * 3 + [ErrorKind.WORKER_DISABLED] * 2
    assert starts.read_text(encoding="utf-8") == "xxx"


def test_a_process_that_writes_nonsense_is_stopped(calls):
    calls.use(access_to(calls.endpoint.url), FAST, (sys.executable, "-I", "-c", "input(); print('hello'); input()"))
    assert error_of(calls) is ErrorKind.WORKER_DIED


def test_an_interpreter_that_is_not_there_is_an_error_like_others(calls, tmp_path):
    calls.use(access_to(calls.endpoint.url), FAST, (str(tmp_path / "no-python"),))
    assert error_of(calls) is ErrorKind.WORKER_DIED


def test_an_import_that_takes_too_long_ends_at_the_deadline(calls):
    calls.use(access_to(calls.endpoint.url, deadline=0.5), FAST, booted("import time; time.sleep(60)"))
    start = time.monotonic()
    assert error_of(calls) is ErrorKind.TIMEOUT
    assert time.monotonic() - start < 1.0


def test_unknown_and_silent_addresses_are_told_apart(calls):
    hosts = (Host("no-such-host.invalid", 80), Host("127.0.0.1", 9))
    calls.use(access_to("http://127.0.0.1:9/v1", hosts=hosts, local_only=False))
    assert error_of(calls) is ErrorKind.REFUSED_CONNECTION
    calls.at(access_to("http://no-such-host.invalid/v1", hosts=hosts))
    assert error_of(calls) is ErrorKind.UNKNOWN_HOST
    calls.at(access_to(calls.endpoint.url + "/v1"))
    assert error_of(calls, "openai/off-the-list") is ErrorKind.BLOCKED_HOST
    assert calls.endpoint.of("off-the-list") == []


def test_a_proxy_sees_nothing_of_a_call_to_this_machine(calls, monkeypatch):
    with Endpoint() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        calls.use(access_to(calls.endpoint.url + "/v1", local_only=False))
        calls.endpoint.script("any", says("well"))
        assert calls.ask("openai/any").text == "well"
        assert (proxy.requests, proxy.others) == ([], [])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_holds_no_key_and_stands_in_an_empty_folder(calls, monkeypatch):
    for name in ("OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "HOME_SECRET"):
        monkeypatch.setenv(name, KEY)
    calls.use(access_to(calls.endpoint.url + "/v1"))
    calls.run(calls.provider.warm())
    process = Path(f"/proc/{calls.provider.pid}")
    folder = (process / "cwd").resolve()
    assert KEY.encode() not in (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
    assert list(folder.iterdir()) == []
    calls.run(calls.provider.close())
    assert not folder.exists()
    assert not process.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_process_leaves_no_folder_behind_even_where_the_loop_ends_at_once(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"))
    calls.run(calls.provider.warm())
    folder = Path(f"/proc/{calls.provider.pid}/cwd").resolve()
    calls.provider.kill()
    assert not folder.exists()


def test_the_environment_is_a_list_of_names():
    environ = {"PATH": "p", "HOME": "h", "OPENAI_API_KEY": KEY, "HTTPS_PROXY": "http://proxy:3128", "no_proxy": "x"}
    remote = access_to("https://models.example/v1", local_only=False, environment=(("AWS_REGION", "eu"),))
    home = {"HOME": "/empty", "USERPROFILE": "/empty"}
    assert worker_environment(remote, environ, "/empty") == {
        **home,
        "PATH": "p",
        "HTTPS_PROXY": "http://proxy:3128",
        "no_proxy": "x",
        "AWS_REGION": "eu",
    }
    assert allowed_hosts(remote, environ) == (Host("models.example", 443), Host("proxy", 3128))
    local = replace(remote, host=Host("127.0.0.1", 8000), hosts=(Host("127.0.0.1", 8000),))
    assert worker_environment(local, environ, "/empty") == {**home, "PATH": "p", "AWS_REGION": "eu"}
    assert allowed_hosts(local, environ) == (Host("127.0.0.1", 8000),)


def test_closing_ends_calls_and_process(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"))
    arrived = threading.Event()

    def behave(exchange):
        arrived.set()
        hangs(exchange)

    calls.endpoint.script("hangs", behave)

    async def closed_midway(provider: WorkerProvider):
        task = calls.loop.create_task(provider.complete(request_for("openai/hangs"), lambda _: None))
        await asyncio.wait_for(asyncio.to_thread(arrived.wait), 60)
        await provider.close()
        await task

    with pytest.raises(ProviderError) as caught:
        calls.run(closed_midway(calls.provider))
    assert caught.value.kind is ErrorKind.WORKER_DIED
    assert calls.endpoint.of("hangs")[0].done.wait(1.0)
    assert calls.provider.pid is None


GUARDED = """
import importlib, sys
def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.bind"}:
        raise AssertionError(event)
sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(sorted(name for name in sys.modules if name.partition(".")[0] in {"litellm", "openai", "httpx", "aiohttp"}))
"""


@pytest.mark.parametrize(
    "names",
    [
        ("ml_architect.lsp", "ml_architect.lsp.server"),
        ("ml_architect.cli.main", "ml_architect.cli.check"),
        tuple(f"ml_architect.architect.model.{name}" for name in ("access", "ledger", "metered", "person", "process")),
    ],
)
def test_imports_open_no_socket_and_import_no_litellm(names):
    result = subprocess.run(
        [sys.executable, "-c", GUARDED, *names], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stdout) == (0, "[]\n"), result.stderr
