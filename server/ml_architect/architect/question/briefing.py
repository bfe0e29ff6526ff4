"""What is asked of a model: briefs for repairs and explanations, second rounds, and how a brief reads."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from ml_architect.architect.eligibility import is_eligible
from ml_architect.architect.model.ledger import CHARACTERS_PER_TOKEN
from ml_architect.architect.question.paths import Paths, Rows, rows_of
from ml_architect.architect.question.prompt import Limits, code_room, prompt
from ml_architect.architect.question.regions import editable
from ml_architect.architect.question.sheet import Sheet
from ml_architect.architect.reply.redaction import without_secrets
from ml_architect.architect.values import Brief, Message, Region, Target, Task, Unfit, digest
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.rules import rule_named
from ml_architect.syntax.nodes import For, While

__all__ = [
    "Limits",
    "as_text",
    "at_once",
    "brief_explanation",
    "brief_fix",
    "brief_together",
    "together",
    "with_feedback",
]

Wider: TypeAlias = Literal["loop", "file"]

_AROUND = 8
"""Lines shown before and behind a finding whose code is too long to be shown as a whole."""
_REPLY = 4000
"""The most characters of a refused reply that a second round repeats."""
_FEEDBACK = 400
_CUT = "\n(the rest is left out for length)"


def brief_fix(analysis: Analysis, fingerprints: Sequence[str], nonce: str, limits: Limits) -> Brief | Unfit:
    """Return what to ask for a repair of these findings of `analysis` together; Unfit where no model can be asked."""
    found = _found(analysis, fingerprints)
    if isinstance(found, Unfit):
        return found
    refused = next((item for item in found if not is_eligible(item)), None)
    if refused is not None:
        return Unfit(_why_not(refused))
    regions = editable(analysis, found, code_room(Task.FIX, limits))
    if isinstance(regions, Unfit):
        return regions
    return _brief(Task.FIX, analysis, found, regions, nonce, limits)


def brief_together(analysis: Analysis, fingerprint: str, scope: Wider, nonce: str, limits: Limits) -> Brief | Unfit:
    """Return what to ask for a repair of a finding with the others of its loop or file, as many as one request takes.

    Unfit where no model can be asked about any of them.
    """
    names = together(analysis, fingerprint, scope)
    brief = brief_fix(analysis, names, nonce, limits)
    if _has_room(analysis, brief):
        return brief
    chosen = at_once(analysis, sorted(names, key=lambda name: name != fingerprint), limits)
    some = brief_fix(analysis, chosen, nonce, limits)
    return brief if isinstance(some, Unfit) else replace(some, left=len(names) - len(chosen))


def brief_explanation(analysis: Analysis, fingerprint: str, nonce: str, limits: Limits) -> Brief | Unfit:
    """Return what to ask for an explanation of one finding of `analysis`; nothing may be edited."""
    found = _found(analysis, (fingerprint,))
    if isinstance(found, Unfit):
        return found
    if rule_named(found[0].code) is None or found[0].stale:
        return Unfit(_why_not(found[0]))
    return _brief(Task.EXPLAIN, analysis, found, (), nonce, limits)


def _found(analysis: Analysis, fingerprints: Sequence[str]) -> list[Diagnostic] | Unfit:
    found = [analysis.find(fingerprint) for fingerprint in dict.fromkeys(fingerprints)]
    present = [item for item in found if item is not None]
    if not present or len(present) < len(found):
        return Unfit("the finding is no longer there")
    return sorted(present, key=lambda item: (item.span, item.code))


def _why_not(diagnostic: Diagnostic) -> str:
    if diagnostic.stale:
        return "the finding stands in a statement that does not parse at the moment"
    return f"{diagnostic.code} has no repair that a model may write"


def _brief(
    task: Task,
    analysis: Analysis,
    found: list[Diagnostic],
    regions: tuple[Region, ...],
    nonce: str,
    limits: Limits,
) -> Brief | Unfit:
    if analysis.facts is None:
        return Unfit("nothing is known of this document")
    shown = _shown(analysis, found, regions, code_room(task, limits))
    sheet = Sheet(analysis, analysis.facts, tuple(found), regions, tuple(shown), nonce)
    messages = prompt(task, sheet, limits)
    if isinstance(messages, Unfit):
        return messages
    sent = "\n".join(message.content for message in messages)
    return Brief(
        task=task,
        targets=tuple(Target(item.fingerprint, item.code, item.message, item.span) for item in found),
        regions=regions,
        messages=messages,
        nonce=nonce,
        digest=digest(analysis.source.text),
        placeholders=tuple(pair for pair in sheet.placeholders if pair[0] in sent),
    )


def _shown(analysis: Analysis, found: list[Diagnostic], regions: tuple[Region, ...], room: int) -> list[Rows]:
    """Return the rows of the code around findings: the regions, or for an explanation what would be regions."""
    source = analysis.source
    around = regions or editable(analysis, found, room)
    if not isinstance(around, Unfit):
        return sorted(rows_of(source, region.span) for region in around)
    rows = rows_of(source, found[0].span)
    return [Rows(max(0, rows.first - _AROUND), min(len(source.line_starts) - 1, rows.first + _AROUND))]


# --- a second round ------------------------------------------------------------------------------


def with_feedback(brief: Brief, reply: str, feedback: str, limits: Limits | None = None) -> Brief:
    """Return `brief` with a refused reply and what was wrong with it, for a second attempt.

    All messages together stay within `limits` (the defaults where None): a long reply is cut, and a third attempt
    does not see the first.
    """
    said = _clean(brief, feedback)[:_FEEDBACK]
    word = "FIX" if brief.task is Task.FIX else "EXPLAIN"
    asked = (
        f"Your reply was refused by a check: {said}\n"
        f"Reply once more in full, from <<<{word} {brief.nonce}>>> to <<<END {brief.nonce}>>>, "
        f"or decline with <<<DECLINE {brief.nonce}>>>."
    )
    request = brief.messages[:2]
    spent = sum(len(message.content) for message in request) + len(asked)
    room = min(_REPLY, (limits or Limits()).characters - spent)
    again = (Message("assistant", _cut(_clean(brief, reply), room)), Message("user", asked))
    return replace(brief, messages=(*request, *again))


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(0, room - len(_CUT))] + _CUT


def _clean(brief: Brief, text: str) -> str:
    """Return `text` without the secrets that placeholders stand for."""
    return without_secrets(text, brief.placeholders)


# --- which findings belong together --------------------------------------------------------------


def together(analysis: Analysis, fingerprint: str, scope: Wider) -> tuple[str, ...]:
    """Return the findings that a model may be asked to repair with this one: of its loop, or of the whole file.

    "loop" means the outermost function around the finding, outside of functions the outermost loop; findings that
    something in there explains belong to it, too. Empty where the finding is gone or no model may repair it.
    """
    start = analysis.find(fingerprint)
    if start is None or not is_eligible(start) or analysis.facts is None:
        return ()
    eligible = [item for item in analysis.diagnostics if is_eligible(item)]
    if scope == "file":
        return tuple(item.fingerprint for item in eligible)
    paths = Paths(analysis.facts)
    around = _unit(paths, start.span.start)
    units = {around} if around is not None else _units(paths, start)
    return tuple(item.fingerprint for item in eligible if item is start or units & _units(paths, item))


def _units(paths: Paths, diagnostic: Diagnostic) -> set[int]:
    """Return the functions and loops in which a finding, or what explains it, stands."""
    spans = [diagnostic.span, *(related.span for related in diagnostic.related)]
    return {unit for span in spans if (unit := _unit(paths, span.start)) is not None}


def _unit(paths: Paths, offset: int) -> int | None:
    """Return the number of the outermost function around a place, else of the outermost loop."""
    path = paths.to(offset)
    index = paths.outermost_function(path)
    if index is not None:
        return path[index].site.order
    return next((step.site.order for step in path if isinstance(step.site.statement, (For, While))), None)


def at_once(analysis: Analysis, fingerprints: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """Return those of these findings that one request can ask for: each that still has room beside the earlier ones.

    A reply is about few places, and a prompt has its budget. This writes a prompt for each of at most twelve findings.
    """
    chosen: tuple[str, ...] = ()
    for fingerprint in fingerprints[:_TRIED]:
        more = (*chosen, fingerprint)
        if _has_room(analysis, brief_fix(analysis, more, "", limits)):
            chosen = more
    return chosen


def _has_room(analysis: Analysis, brief: Brief | Unfit) -> bool:
    """Return whether there is a question, and all places that our own repairs change may be edited in its answer."""
    if isinstance(brief, Unfit):
        return False
    fixes = (analysis.fix(found) for target in brief.targets if (found := analysis.find(target.fingerprint)))
    edits = (edit for fix in fixes if fix for edit in fix.edits)
    return all(any(region.span.contains(edit.span) for region in brief.regions) for edit in edits)


_TRIED = 12


# --- what would be sent --------------------------------------------------------------------------


def as_text(brief: Brief) -> str:
    """Return exactly what would be sent, below a line that says how much it is and what was replaced in it."""
    size = sum(len(message.content) for message in brief.messages)
    lines = [f"{size} characters (about {round(size / CHARACTERS_PER_TOKEN)} tokens) would be sent; {_replaced(brief)}"]
    for message in brief.messages:
        lines += ["", f"--- {message.role} ---", "", message.content]
    return "\n".join(lines) + "\n"


def _replaced(brief: Brief) -> str:
    """Return what kinds of secrets were replaced, and by which placeholders; never a secret."""
    if not brief.placeholders:
        return "no secret was found in it"
    kinds = Counter(_kind(secret) for _, secret in brief.placeholders)
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"replaced in it: {counted} ({', '.join(name for name, _ in brief.placeholders)})"


def _kind(secret: str) -> str:
    """Return what a secret looks like, in words that do not give it away."""
    if "@" in secret:
        return "e-mail address"
    return "key or token" if len(secret) >= _KEY else "password or name"


_KEY = 16
"""Keys have at least so many characters, names and most passwords fewer."""
