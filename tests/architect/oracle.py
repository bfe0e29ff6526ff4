"""A model that is always right: it writes a repair that is known to be good as a reply."""

from collections.abc import Mapping, Sequence

from ml_architect.architect.question.worked import render_blocks, render_reply
from ml_architect.architect.values import Brief, Section
from ml_architect.text import Edit, Source

__all__ = ["SECTIONS", "render_decline", "render_explanation", "render_fix"]

SECTIONS = {
    Section.APPROACH: "The change follows what the finding says.",
    Section.VALUES: "none",
    Section.TRADEOFFS: "maintenance: one line differs",
    Section.VERIFY: "Check the file again.",
    Section.EXPECT: "The finding is gone.",
    Section.NEXT: "Nothing follows from it.",
}


def render_fix(
    brief: Brief, source: Source, edits: Sequence[Edit], sections: Mapping[Section, str] | None = None
) -> str:
    """Return the reply to `brief` that makes `edits`: changed lines with one line around them, at most four blocks.

    Secrets in the text are written as the placeholders that the model would have seen.

    Raises:
        ValueError: if an edit lies in no region of the brief.
    """
    blocks = render_blocks(source, brief.regions, edits)
    reply = render_reply(brief.nonce, SECTIONS if sections is None else sections, blocks)
    for placeholder, secret in sorted(brief.placeholders, key=lambda pair: -len(pair[1])):
        reply = reply.replace(secret, placeholder)
    return reply


def render_explanation(brief: Brief, sections: Mapping[Section, str] | None = None) -> str:
    """Return an explanation in answer to `brief`."""
    reply = render_reply(brief.nonce, SECTIONS if sections is None else sections, ())
    return reply.replace("<<<FIX ", "<<<EXPLAIN ", 1)


def render_decline(brief: Brief, reason: str) -> str:
    """Return a reply that declines."""
    return f"<<<DECLINE {brief.nonce}>>>\n{reason}\n<<<END {brief.nonce}>>>\n"
