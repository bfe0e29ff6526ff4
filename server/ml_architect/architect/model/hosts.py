"""Where a model lives, as far as its name says so: provider, host, and the variable that holds the key."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["PROVIDERS", "Base", "Host", "KnownProvider", "provider_of"]

LOCAL_OLLAMA = "http://127.0.0.1:11434"


@dataclass(frozen=True, slots=True)
class Host:
    """A host name in lower case, or an address, and a port."""

    name: str
    port: int = 443

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        try:
            return ipaddress.ip_address(self.name).is_loopback
        except ValueError:
            return self.name == "localhost"

    def __str__(self) -> str:
        return self.name if self.port == 443 else f"{self.name}:{self.port}"  # noqa: PLR2004 - the port of https


@dataclass(frozen=True, slots=True)
class Base:
    """The address that a person named for a model server."""

    url: str
    host: Host

    @classmethod
    def read(cls, text: str) -> "Base | None":
        """Return the address in `text`, None if it is none or holds a user name or password."""
        try:
            parts = urlsplit(text)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError:
            return None
        if not port or not parts.hostname or parts.username is not None or parts.password is not None:
            return None
        return cls(text.rstrip("/"), Host(parts.hostname.lower(), port))


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """A provider of litellm: its host, None if each user has another; the variable of its key, None without one."""

    host: str | None
    key: str | None
    base: str | None = None
    """The address where such a server listens if nobody says otherwise."""


PROVIDERS: Mapping[str, KnownProvider] = {
    "openai": KnownProvider("api.openai.com", "OPENAI_API_KEY"),
    "anthropic": KnownProvider("api.anthropic.com", "ANTHROPIC_API_KEY"),
    "gemini": KnownProvider("generativelanguage.googleapis.com", "GEMINI_API_KEY"),
    "mistral": KnownProvider("api.mistral.ai", "MISTRAL_API_KEY"),
    "openrouter": KnownProvider("openrouter.ai", "OPENROUTER_API_KEY"),
    "deepseek": KnownProvider("api.deepseek.com", "DEEPSEEK_API_KEY"),
    "groq": KnownProvider("api.groq.com", "GROQ_API_KEY"),
    "together_ai": KnownProvider("api.together.xyz", "TOGETHERAI_API_KEY"),
    "xai": KnownProvider("api.x.ai", "XAI_API_KEY"),
    "huggingface": KnownProvider("router.huggingface.co", "HUGGINGFACE_API_KEY"),
    "azure": KnownProvider(None, "AZURE_API_KEY"),
    "azure_ai": KnownProvider(None, "AZURE_AI_API_KEY"),
    "litellm_proxy": KnownProvider(None, "LITELLM_PROXY_API_KEY"),
    "ollama": KnownProvider(None, None, LOCAL_OLLAMA),
    "ollama_chat": KnownProvider(None, None, LOCAL_OLLAMA),
    "hosted_vllm": KnownProvider(None, None),
    "lm_studio": KnownProvider(None, None),
    "llamafile": KnownProvider(None, None),
    "docker_model_runner": KnownProvider(None, None),
}

_BARE = {"gpt-": "openai", "chatgpt-": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "claude-": "anthropic"}
"""Names that litellm itself resolves without a prefix."""


def provider_of(model: str) -> str | None:
    """Return the provider in a model string, None if it names none."""
    prefix, slash, name = model.partition("/")
    if slash:
        return prefix if prefix and name else None
    return next((provider for start, provider in _BARE.items() if model.startswith(start)), None)
