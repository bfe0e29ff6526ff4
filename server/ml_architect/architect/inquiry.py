"""The question about one finding, answered in this process: the way of the command line and of the trial."""

from dataclasses import dataclass

from ml_architect.architect.checks.judge import feedback, judge
from ml_architect.architect.eligibility import is_excluded
from ml_architect.architect.model.access import Access
from ml_architect.architect.question import briefing
from ml_architect.architect.question.prompt import Limits
from ml_architect.architect.values import Brief, Task, Unfit, Verdict
from ml_architect.engine import Analysis

__all__ = ["Inquiry", "limits_of", "write_brief"]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One finding of a document, to be repaired or explained."""

    analysis: Analysis
    fingerprint: str
    task: Task
    limits: Limits

    async def brief(self, nonce: str) -> Brief | Unfit:
        """Return what to ask."""
        return write_brief(self.analysis, self.fingerprint, self.task, nonce, self.limits)

    async def judge(self, brief: Brief, reply: str) -> Verdict:
        """Return what a reply is worth."""
        return judge(self.analysis, brief, reply)

    async def again(self, brief: Brief, reply: str, verdict: Verdict) -> Brief | None:
        """Return the second question."""
        lines = feedback(verdict)
        return briefing.with_feedback(brief, reply, lines) if lines else None


def limits_of(access: Access | None) -> Limits:
    """Return how long a prompt and a reply may be."""
    return Limits(access.context_tokens, access.max_output_tokens) if access else Limits()


def write_brief(analysis: Analysis, fingerprint: str, task: Task, nonce: str, limits: Limits) -> Brief | Unfit:
    """Return what would be asked about one finding; what the project excludes is never asked about."""
    if is_excluded(analysis):
        return Unfit("the project excludes this file from what is sent to models")
    if task is Task.EXPLAIN:
        return briefing.brief_explanation(analysis, fingerprint, nonce, limits)
    return briefing.brief_fix(analysis, (fingerprint,), nonce, limits)
