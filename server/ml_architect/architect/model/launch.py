"""How the model process is started: with nothing of the workspace, and with little of the environment."""

import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ml_architect.architect.model.access import Access
from ml_architect.architect.model.hosts import Host

__all__ = ["allowed_hosts", "command", "first_line", "worker_environment"]

_KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "TEMP",
    "TMP",
    "TMPDIR",
    "NUMBER_OF_PROCESSORS",
)
"""What a Python process needs to run at all. Its home is its own empty folder: the real one holds other credentials."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_NO_PROXY = "NO_PROXY"


def command() -> tuple[str, ...]:
    """Return the command line: this interpreter, isolated from the working directory and from ``PYTHON`` variables."""
    return (sys.executable, "-I", "-X", "utf8", str(Path(__file__).with_name("worker.py")))


def worker_environment(access: Access, environ: Mapping[str, str], home: str) -> dict[str, str]:
    """Return the variables of the process. The key is not among them, it goes over the pipe with each request."""
    kept = {name: environ[name] for name in _KEPT if name in environ}
    kept.update(HOME=home, USERPROFILE=home)
    kept.update(_proxies(access, environ))
    kept.update(access.environment)
    return kept


def allowed_hosts(access: Access, environ: Mapping[str, str]) -> tuple[Host, ...]:
    """Return all that the process may connect to: the hosts of the model and the proxies on the way."""
    proxies = (_proxy_host(value) for name, value in _proxies(access, environ).items() if name.upper() != _NO_PROXY)
    return (*access.hosts, *(host for host in proxies if host))


def first_line(access: Access, environ: Mapping[str, str]) -> dict[str, object]:
    """Return the first message to the process."""
    hosts = [[host.name, host.port] for host in allowed_hosts(access, environ)]
    return {"hosts": hosts, "local_only": access.local_only}


def _proxies(access: Access, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the proxy variables; none for a model on this machine, since a proxy would see prompt and key in clear."""
    if access.local_only or access.host.is_loopback:
        return {}
    names = (spelling for name in (*_PROXIES, _NO_PROXY) for spelling in (name, name.lower()))
    return {name: environ[name] for name in names if environ.get(name)}


def _proxy_host(value: str) -> Host | None:
    try:
        parts = urlsplit(value if "//" in value else f"http://{value}")
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 1080)
    except ValueError:
        return None
    return Host(parts.hostname.lower(), port) if parts.hostname else None
