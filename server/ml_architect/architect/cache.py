"""Replies by what was asked, so that the same question costs once."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from ml_architect import __version__
from ml_architect.architect.values import Brief

__all__ = ["DECLINE_SECONDS", "MOST_KEPT", "Replies", "question_key"]

MOST_KEPT = 64
"""Replies in memory; nothing is written to disk."""
DECLINE_SECONDS = 600.0
"""A model that declined is asked again after this time: facts outside of the prompt may have changed."""
_FORMAT = 1
_NONCE = "\0"


def question_key(brief: Brief, model: str, host: str, max_tokens: int) -> str:
    """Return what names a question: the same for the same prompt (its nonce aside), model, host and limits."""
    digest = hashlib.sha256(f"{_FORMAT}\0{__version__}\0{model}\0{host}\0{max_tokens}".encode())
    for message in brief.messages:
        digest.update(f"\0{message.role}\0{message.content.replace(brief.nonce, _NONCE)}".encode("utf-8", "replace"))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Kept:
    text: str
    until: float | None


class Replies:
    """The last replies; a hit is judged anew on the document as it is then."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def get(self, key: str, nonce: str, now: float) -> str | None:
        """Return the reply to the question `key` as if it had been asked with `nonce`, None where there is none.

        `now` is a time in seconds on the clock that `put` was given.
        """
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until is not None and now >= kept.until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept.text.replace(_NONCE, nonce)

    def put(self, key: str, nonce: str, text: str, now: float, *, declined: bool) -> None:
        """Keep a whole reply; one that declined is kept for ten minutes."""
        self._kept[key] = _Kept(text.replace(nonce, _NONCE), now + DECLINE_SECONDS if declined else None)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all replies."""
        self._kept.clear()
