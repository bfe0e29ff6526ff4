"""Two providers that need no model and no network, to measure a model against."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ml_architect.architect.inquiry import write_brief
from ml_architect.architect.model.provider import Provider, Reply, Request, Usage
from ml_architect.architect.question.prompt import Limits
from ml_architect.architect.question.worked import render_blocks, render_reply, rule_sections
from ml_architect.architect.values import Task, Unfit
from ml_architect.engine import Analysis
from ml_architect.rules import rule_named

__all__ = ["BASELINES", "Deterministic", "Null"]

_NONCE = re.compile(r"The nonce is (\w+)\.")


@dataclass(frozen=True, slots=True)
class Deterministic:
    """Our engine as a model: its own verified repair with what the rule says; it declines where it has none."""

    analysis: Analysis
    fingerprint: str
    limits: Limits

    async def complete(self, request: Request, on_progress: Callable[[int], None]) -> Reply:
        """Return the repair of the finding as a reply."""
        on_progress(0)
        return _free(self._text(_nonce(request)))

    def _text(self, nonce: str) -> str:
        finding = self.analysis.find(self.fingerprint)
        rule = rule_named(finding.code) if finding else None
        fix = self.analysis.fix(finding) if finding else None
        brief = write_brief(self.analysis, self.fingerprint, Task.FIX, nonce, self.limits)
        if rule is None or fix is None or isinstance(brief, Unfit):
            return _decline(nonce, "no template can write this repair")
        try:
            blocks = render_blocks(self.analysis.source, brief.regions, fix.edits)
        except ValueError:
            return _decline(nonce, "the repair lies outside of what may be edited")
        reply = render_reply(nonce, rule_sections(rule), blocks)
        for placeholder, secret in sorted(brief.placeholders, key=lambda pair: -len(pair[1])):
            reply = reply.replace(secret, placeholder)
        return reply


@dataclass(frozen=True, slots=True)
class Null:
    """Never changes anything: it declines every question, which is right only where nothing should be changed."""

    async def complete(self, request: Request, on_progress: Callable[[int], None]) -> Reply:
        """Return a reply that declines."""
        on_progress(0)
        return _free(_decline(_nonce(request), "nothing is ever changed"))


def _nonce(request: Request) -> str:
    found = next((match for message in request.messages if (match := _NONCE.search(message.content))), None)
    return found[1] if found else ""


def _decline(nonce: str, reason: str) -> str:
    return f"<<<DECLINE {nonce}>>>\n{reason}\n<<<END {nonce}>>>\n"


def _free(text: str) -> Reply:
    return Reply(text, "stop", Usage(0, 0, 0.0), requests=0)


def _null(_analysis: Analysis, _fingerprint: str, _limits: Limits) -> Provider:
    return Null()


BASELINES: dict[str, Callable[[Analysis, str, Limits], Provider]] = {
    "baseline/deterministic": Deterministic,
    "baseline/null": _null,
}
"""The baselines by the name that stands for them where a model is named."""
