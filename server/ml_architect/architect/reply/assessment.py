"""Reads and checks the written assessment of a review: each claim is tied to a line that the model has seen."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from ml_architect.architect.assessments import NOTHING_HOLDS, Assessment, Claim
from ml_architect.architect.reply.cleaning import Cleaner
from ml_architect.architect.reply.commands import is_command, looks_dangerous
from ml_architect.architect.reply.vocabulary import Vocabulary
from ml_architect.architect.values import Explanation, Refusal, Rung, Section, Tier, Verdict
from ml_architect.review.values import Place, Stage

__all__ = ["MOST_CLAIMS", "read_assessment", "verdict_on"]

MOST_CLAIMS = 5
"""Claims for one stage that are kept."""
MOST_CHARACTERS = 60_000
_MOST_CLAIM = 500
_SHORTEST = 12
_LINE = re.compile(r"\s*(?:[-*]\s+)?`?([^\s`|][^`|]*?):(\d{1,6})`?\s*\|\s*(\S.*)")
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_DOTTED = re.compile(r"(?<![\w./])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_NONE = re.compile(r"\W*(?:none|nothing)\W*", re.IGNORECASE)
_HEADING = re.compile(r"##(?!#)\s*(?:\d+\.\s*)?(\w+).*")
_THINKING = re.compile(r"\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL)


def verdict_on(result: "Assessment | Refusal") -> Verdict:
    """Return what a reply is worth to the desk: something to read, or a refusal."""
    if isinstance(result, Refusal):
        return Verdict(Tier.EXPLAINED, refusal=result)
    there = any(result.claims.values())
    sections = ((Section.APPROACH, "assessment"),) if there else ()
    refusal = None if there else Refusal(Rung.PROTOCOL, NOTHING_HOLDS)
    return Verdict(Tier.EXPLAINED, refusal=refusal, explanation=Explanation(sections, result.remarks))


def read_assessment(
    text: str, nonce: str, shown: Mapping[str, AbstractSet[int]], vocabulary: Vocabulary
) -> Assessment | Refusal:
    """Return the claims of a reply that hold, or why it cannot be read.

    `shown` are the lines that the model has seen, by path; `vocabulary` are the names that it may speak of.
    """
    lines = _envelope(text, nonce)
    if isinstance(lines, str):
        return Refusal(Rung.PROTOCOL, lines)
    checker = _Checker(shown, vocabulary)
    stage: Stage | None = None
    for line in lines:
        heading = _HEADING.fullmatch(line.strip())
        if heading is not None:
            stage = _STAGES.get(heading.group(1).lower())
        elif line.strip():
            checker.take(stage, line)
    return checker.result()


_STAGES = {stage.value: stage for stage in Stage}


def _envelope(text: str, nonce: str) -> Sequence[str] | str:
    """Return the lines between the marks with `nonce`, or what is wrong."""
    opener, end = f"<<<REVIEW {nonce}>>>", f"<<<END {nonce}>>>"
    if len(text) > MOST_CHARACTERS:
        return f"the reply has more than {MOST_CHARACTERS} characters"
    thinking = _THINKING.match(text)
    lines = [line.rstrip() for line in (text[thinking.end() :] if thinking else text).splitlines()]
    starts = [row for row, line in enumerate(lines) if line.strip() == opener]
    ends = [row for row, line in enumerate(lines) if line.strip() == end]
    if len(starts) != 1:
        return f"the reply has to hold the line {opener} once"
    if len(ends) != 1 or ends[0] < starts[0]:
        return f"the reply is incomplete: it has to end with the line {end}"
    return lines[starts[0] + 1 : ends[0]]


class _Checker:
    """Takes the lines of one reply, and counts what does not hold."""

    def __init__(self, shown: Mapping[str, AbstractSet[int]], vocabulary: Vocabulary) -> None:
        self._shown = shown
        self._vocabulary = vocabulary
        self._cleaner = Cleaner()
        self._claims: dict[Stage, list[Claim]] = {}
        self._empty: set[Stage] = set()
        self._struck = 0

    def take(self, stage: Stage | None, line: str) -> None:
        """Take one line below the heading of `stage`."""
        if stage is not None and _NONE.fullmatch(line):
            self._empty.add(stage)
            return
        claim = self._claim(line) if stage is not None else None
        if stage is None or claim is None:
            self._struck += 1
            return
        kept = self._claims.setdefault(stage, [])
        if len(kept) < MOST_CLAIMS and claim not in kept:
            kept.append(claim)

    def result(self) -> Assessment:
        """Return what holds."""
        claims = {stage: tuple(self._claims[stage]) for stage in Stage if self._claims.get(stage)}
        return Assessment(claims, frozenset(self._empty - set(claims)), self._struck, tuple(self._cleaner.remarks))

    def _claim(self, line: str) -> Claim | None:
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        path, number = found.group(1).strip(), int(found.group(2))
        if number not in self._shown.get(path, frozenset()):
            self._cleaner.note("a claim about a line that was not shown was struck")
            return None
        text = self._cleaner.line(found.group(3), _MOST_CLAIM)
        if len(text) < _SHORTEST or looks_dangerous(text) or is_command(text):
            self._cleaner.note("a claim that is a command or says nothing was struck")
            return None
        if not self._names_hold(text):
            self._cleaner.note("a claim that names what nobody knows was struck")
            return None
        return Claim(Place(path, number), text)

    def _names_hold(self, text: str) -> bool:
        """Return whether all code in `text` is known: what stands between backticks, and dotted names of libraries."""
        spans = _CODE_SPAN.findall(text)
        dotted = [name for name in _DOTTED.findall(_CODE_SPAN.sub(" ", text)) if self._vocabulary.has_root(name)]
        return all(self._vocabulary.knows(code) for code in (*spans, *dotted))
