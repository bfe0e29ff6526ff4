"""To which hosts the user has agreed to send code: asked once for each, remembered beside the user's configuration."""

from collections.abc import Mapping
from pathlib import Path

from ml_architect.architect.model.access import Access
from ml_architect.architect.model.person import config_file

__all__ = ["Consent", "disclosure"]

_NAME = "agreed-hosts.txt"


def disclosure(access: Access, what: str = "code around your findings") -> str:
    """Return what the user is asked to agree to; `what` would be sent."""
    cost = "" if access.priced is False else "; the provider may charge for it"
    return (
        f"may {what} be sent to {access.host} for {access.model}? secrets and personal paths are replaced before{cost}"
    )


class Consent:
    """The hosts that the user has agreed to. This machine needs no agreement: nothing leaves it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path: Path = config_file(environ).with_name(_NAME)
        self._session: set[str] = set()

    def given(self, access: Access) -> bool:
        """Return whether code may be sent to the host of `access`."""
        host = str(access.host)
        return access.host.is_loopback or host in self._session or host in self._remembered()

    def give(self, access: Access) -> None:
        """Remember that the user agreed; where it cannot be written down it holds for this session."""
        host = str(access.host)
        self._session.add(host)
        hosts = {*self._remembered(), host}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text("".join(f"{name}\n" for name in sorted(hosts)), encoding="utf-8")
        except OSError:
            return

    def _remembered(self) -> set[str]:
        try:
            return set(self._path.read_text(encoding="utf-8").split())
        except (OSError, UnicodeDecodeError):
            return set()
