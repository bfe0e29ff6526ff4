"""What an answer of the model process means: a reply, or the one reason why there is none."""

import re
from collections.abc import Mapping
from typing import Any

from ml_architect.architect.model.provider import ErrorKind, ProviderError, Reply, Usage

__all__ = ["failure", "judged", "start_failure"]

_CAUSES = {
    "blocked": ErrorKind.BLOCKED_HOST,
    "unknown_host": ErrorKind.UNKNOWN_HOST,
    "refused": ErrorKind.REFUSED_CONNECTION,
    "malformed": ErrorKind.MALFORMED,
}
_STATUSES = {
    400: ErrorKind.BAD_REQUEST,
    401: ErrorKind.UNAUTHORISED,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    413: ErrorKind.PROMPT_TOO_LONG,
    422: ErrorKind.BAD_REQUEST,
    429: ErrorKind.RATE_LIMITED,
}
_CLASSES = {
    "ContextWindowExceededError": ErrorKind.PROMPT_TOO_LONG,
    "ContentPolicyViolationError": ErrorKind.FILTERED,
}
_STARTS = {"missing": ErrorKind.WORKER_MISSING, "banned": ErrorKind.BANNED_VERSION, "broken": ErrorKind.WORKER_BROKEN}
_FINISHES = {
    "length": ErrorKind.CUT,
    "content_filter": ErrorKind.FILTERED,
    "refusal": ErrorKind.FILTERED,
}

_THOUGHTS = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)
_CLIENT_ERRORS = range(400, 500)


def start_failure(event: Mapping[str, Any]) -> ProviderError:
    """Return why the process could not begin."""
    return ProviderError(_STARTS.get(event.get("why", ""), ErrorKind.WORKER_BROKEN))


def failure(event: Mapping[str, Any], *, begun: bool) -> ProviderError:
    """Return what an ``error`` means; `begun` says whether a part of the reply was there already."""
    status, requests = event["status"], event["requests"]
    return ProviderError(_kind(event, begun=begun), status, requests)


def _kind(event: Mapping[str, Any], *, begun: bool) -> ErrorKind:
    status, cause, name = event["status"], event["cause"], event["class"]
    if name in _CLASSES:
        return _CLASSES[name]
    if begun:
        return ErrorKind.TIMEOUT if name == "Timeout" else ErrorKind.BROKEN_OFF
    if status in _STATUSES:
        return _STATUSES[status]
    if cause in _CAUSES:  # litellm gives these a status of its own, mostly 500
        return _CAUSES[cause]
    return ErrorKind.BAD_REQUEST if status in _CLIENT_ERRORS else ErrorKind.SERVER


def judged(event: Mapping[str, Any], text: str, received: int) -> Reply:
    """Return the reply that ends with a ``done`` event; `received` counts all characters, thoughts included.

    Raises:
        ProviderError: if it is no whole reply.
    """
    requests, finish = event["requests"], event["finish"] or "stop"
    if finish in _FINISHES:
        raise ProviderError(_FINISHES[finish], requests=requests)
    thoughts = _THOUGHTS.match(text)
    said = text[thoughts.end() :] if thoughts else text
    if not said.strip():
        nothing_readable = event["usage"] is None and received == 0
        raise ProviderError(ErrorKind.MALFORMED if nothing_readable else ErrorKind.EMPTY, requests=requests)
    tokens = event["usage"]
    usage = Usage(tokens["input"], tokens["output"], event["cost"]) if tokens else None
    return Reply(said, finish, usage, requests)
