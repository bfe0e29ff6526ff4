"""Whether a model may be called, which, and with what: decided once from what person, project and machine say."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ml_architect.architect.model.hosts import PROVIDERS, Base, Host, provider_of
from ml_architect.architect.model.ledger import Budget
from ml_architect.architect.model.person import Person
from ml_architect.policy import ModelLimits

__all__ = ["Access", "Missing", "litellm_is_installed", "resolve"]

_Number = TypeVar("_Number", int, float)

_DUMMY_KEY = "none"
"""Sent where no key is named: without one, litellm takes the key from the environment, whatever the address."""

_REMOTE = (60.0, 20.0)
_LOCAL = (180.0, 120.0)  # a local server loads its model with the first request
"""Seconds for a call, and for its first token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Everything that a call needs. Equal values may share one model process."""

    model: str
    api_base: str | None
    api_key: str | None = field(repr=False)
    """None only where the person's own variables carry the credentials."""
    host: Host
    """Where the code goes."""
    hosts: tuple[Host, ...]
    """All hosts that may be contacted."""
    local_only: bool
    deadline: float
    """Seconds for a whole call."""
    first_token: float
    """Seconds until the first piece of the reply."""
    max_output_tokens: int
    context_tokens: int
    """The most tokens of a prompt."""
    budget: Budget
    exclude: tuple[str, ...]
    """File patterns of the project; what matches is never sent."""
    environment: tuple[tuple[str, str], ...] = field(repr=False)
    """Further variables for the model process."""

    @property
    def is_ollama(self) -> bool:
        """Whether the server is Ollama, which cuts prompts silently unless it is told their size."""
        return provider_of(self.model) in {"ollama", "ollama_chat"}

    @property
    def priced(self) -> bool:
        """Whether the provider's list prices hold: not for a server that the person named."""
        return self.api_base is None


@dataclass(frozen=True, slots=True)
class Missing:
    """No model can be called: why, and what to do about it, one line each."""

    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.remedy}"


def litellm_is_installed() -> bool:
    """Return whether litellm can be found; does not import it."""
    return importlib.util.find_spec("litellm") is not None


def resolve(
    person: Person,
    limits: ModelLimits,
    environ: Mapping[str, str],
    installed: Callable[[], bool] = litellm_is_installed,
) -> Access | Missing:
    """Return how to reach the model that `person` has chosen, within the `limits` of the project."""
    if not limits.enabled:
        return Missing(
            "the project turns language models off", "remove 'enabled = false' from [tool.ml-architect.architect]"
        )
    if person.model is None:
        return Missing("no model is chosen", "set ML_ARCHITECT_MODEL, or 'model' in your own configuration file")
    if not installed():
        return Missing("litellm is not installed", "run: pip install 'ml-architect[llm]'")
    target = _target(person.model, person)
    if isinstance(target, Missing):
        return target
    local_only = person.local_only or limits.local_only
    if local_only and not target.host.is_loopback:
        return Missing(
            f"only models on this machine may be called, and '{person.model}' is at {target.host}",
            "set 'model' and 'api-base' to a server on this machine",
        )
    key = _key(target, person, environ)
    if isinstance(key, Missing):
        return key
    deadline, first_token = _LOCAL if target.host.is_loopback else _REMOTE
    extra = () if local_only else _further(person)
    return Access(
        model=person.model,
        api_base=target.base,
        api_key=key,
        host=target.host,
        hosts=tuple(dict.fromkeys((target.host, *extra))),
        local_only=local_only,
        deadline=person.deadline_seconds or deadline,
        first_token=person.first_token_seconds or first_token,
        max_output_tokens=person.max_output_tokens,
        context_tokens=person.context_tokens,
        budget=_lowered(person.budget, limits),
        exclude=limits.exclude,
        environment=tuple((name, environ[name]) for name in person.environment if name in environ),
    )


@dataclass(frozen=True, slots=True)
class _Target:
    host: Host
    base: str | None
    key: str | None
    """The variable in which the provider's key is looked for; None where no key is needed."""


def _target(model: str, person: Person) -> _Target | Missing:
    provider = provider_of(model)
    if provider is None:
        return Missing(
            f"'{model}' does not say which provider it is of", f"write it as provider/model, such as openai/{model}"
        )
    if provider == "github_copilot":
        return Missing(
            "models of GitHub Copilot need a sign-in that an editor cannot do", "choose a provider that takes a key"
        )
    known = PROVIDERS.get(provider)
    address = person.api_base or (known.base if known else None)
    base = Base.read(address) if address else None
    if base is not None:
        return _Target(base.host, base.url, None)
    if known is not None and known.host is not None:
        return _Target(Host(known.host), None, known.key)
    further = _further(person)
    if known is None and further:
        return _Target(further[0], None, None)
    return Missing(
        f"it is not known where '{provider}' models are served", "set 'api-base' to the address of the server"
    )


def _further(person: Person) -> tuple[Host, ...]:
    bases = (Base.read(f"https://{name}") for name in person.hosts)
    return tuple(base.host for base in bases if base)


def _key(target: _Target, person: Person, environ: Mapping[str, str]) -> str | Missing | None:
    """Return the key. An address that the person named gets only a key that the person named with it."""
    name = person.api_key_env or target.key
    if name is None:
        return _DUMMY_KEY if target.base else None
    return environ.get(name) or Missing(
        f"the environment variable {name} is not set", "set it to your key, or name another one with 'api-key-env'"
    )


def _lowered(budget: Budget, limits: ModelLimits) -> Budget:
    return Budget(
        requests=_lower(budget.requests, limits.requests),
        input_tokens=_lower(budget.input_tokens, limits.input_tokens),
        output_tokens=_lower(budget.output_tokens, limits.output_tokens),
        money=limits.money if budget.money is None else _lower(budget.money, limits.money),
    )


def _lower(own: _Number, limit: _Number | None) -> _Number:
    return own if limit is None else min(own, limit)
