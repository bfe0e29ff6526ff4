"""What the rest of the product knows of a language model: a request, a reply, or one reason why there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ml_architect.architect.values import Message

__all__ = ["HOPELESS", "ErrorKind", "Message", "Provider", "ProviderError", "Reply", "Request", "Usage"]


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a model; `max_tokens` limits the reply, in tokens."""

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float | None = None
    """None leaves it to the provider; models that do not know the parameter never see it."""
    patience: float = 1.0
    """Times the usual deadline that it may take, for long replies."""

    @property
    def characters(self) -> int:
        """Characters of all messages together."""
        return sum(len(message.content) for message in self.messages)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call took: tokens, and US dollars where the price is known."""

    input_tokens: int
    output_tokens: int
    cost: float | None = None
    estimated: bool = False
    """The tokens are counted from characters, since the provider did not say."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply. A provider may still have lost its end: only the text's own end mark proves that it has one."""

    text: str
    finish: str
    usage: Usage | None
    requests: int = 1
    """HTTP requests that were sent for it."""


class ErrorKind(Enum):
    """Why there is no reply; the value is the advice for the user, on one line."""

    UNAUTHORISED = "the provider refused the key, check the environment variable that holds it"
    FORBIDDEN = "the key may not use this model, choose another model or ask the provider for access"
    NOT_FOUND = "the provider does not know this model or address, check 'model' and 'api-base'"
    BAD_REQUEST = "the provider refused the request, check that 'model' names a chat model of this provider"
    PROMPT_TOO_LONG = "the request does not fit into the model's context window, lower 'context-tokens'"
    RATE_LIMITED = "the provider asks to wait or the quota is used up, try again later"
    SERVER = "the provider failed, try again later"
    REFUSED_CONNECTION = "nothing answers at the address of the model, start the server or check 'api-base'"
    UNKNOWN_HOST = "the host of the model is not known, check 'api-base' and the network"
    BLOCKED_HOST = "the model's server pointed to a host that is not allowed, set 'api-base' to the final address"
    TIMEOUT = "the reply did not arrive in time, try again or raise 'deadline-seconds'"
    SLOW_START = "the model did not begin to answer in time, try again or raise 'first-token-seconds'"
    TOO_LONG = "the model wrote far more than it was asked for and was stopped, try again or choose another model"
    BROKEN_OFF = "the connection broke before the reply was complete, try again"
    CUT = "the reply was cut off at its limit, raise 'max-output-tokens'"
    FILTERED = "the provider's content filter or the model refused to answer, choose another model"
    EMPTY = "the model answered with nothing, try again or choose another model"
    MALFORMED = "the answer of the server cannot be read, check that 'api-base' is the address of a model server"
    WORKER_DIED = "the model process stopped, try again"
    WORKER_DISABLED = "the model process stopped three times within a minute, restart the language server to try again"
    WORKER_MISSING = "litellm is not installed, run: pip install 'ml-architect[llm]'"
    WORKER_BROKEN = "litellm cannot be imported, run: pip install --force-reinstall 'ml-architect[llm]'"
    BANNED_VERSION = "this release of litellm is known to steal credentials, remove it and change your keys"
    OVER_BUDGET = "the budget of this session is used up, restart the language server or raise the budget"


HOPELESS = frozenset(
    {
        ErrorKind.UNAUTHORISED,
        ErrorKind.FORBIDDEN,
        ErrorKind.NOT_FOUND,
        ErrorKind.REFUSED_CONNECTION,
        ErrorKind.UNKNOWN_HOST,
        ErrorKind.BLOCKED_HOST,
        ErrorKind.WORKER_MISSING,
        ErrorKind.WORKER_BROKEN,
        ErrorKind.WORKER_DISABLED,
        ErrorKind.BANNED_VERSION,
        ErrorKind.OVER_BUDGET,
    }
)
"""After one of these no further question is worth asking."""


class ProviderError(Exception):
    """A call has no reply. Holds no text of the provider, which could quote the prompt or the key."""

    def __init__(self, kind: ErrorKind, status: int | None = None, requests: int = 0) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.status = status
        """The HTTP status, where the provider gave one."""
        self.requests = requests
        """HTTP requests that were sent before it failed."""

    @property
    def advice(self) -> str:
        """What the user can do, on one line."""
        return self.kind.value


class Provider(Protocol):
    """Something that answers requests."""

    async def complete(self, request: Request, on_progress: Callable[[int], None]) -> Reply:
        """Return the reply to `request`; `on_progress` is told the characters received so far: 0 for each request sent.

        Cancelling the call ends the request at the provider.

        Raises:
            ProviderError: if there is no whole reply.
        """
