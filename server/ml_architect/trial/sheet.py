"""A blind sheet: explanations of a model among the static texts of the rules, in random order, for people to rate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from ml_architect.architect.question.worked import rule_sections
from ml_architect.rules import rule_named
from ml_architect.trial.case import Kind, all_cases
from ml_architect.trial.sample import BUNDLED, Sample

__all__ = ["Sheet", "blind_sheet"]

_HEAD = """\
# Explanations to rate

Rate each from 1 (useless) to 5 (what an experienced colleague would say) before you look into the key. Some are written
by a model, some are fixed texts of the rule; nothing but the text tells which.
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text to rate in Markdown, and who wrote which number."""

    text: str
    key: Mapping[str, str]
    """From a number to ``model`` or ``static``, with the case behind a colon."""


def blind_sheet(samples: Iterable[Sample], seed: int) -> Sheet:
    """Return the explanations of the first sample of each bundled repair, and the static texts of their rules."""
    entries: list[tuple[str, str, Mapping[str, str]]] = []
    for sample in sorted(samples, key=lambda each: each.key):
        rule = rule_named(sample.rule)
        if sample.key.form != BUNDLED or sample.key.number or sample.kind is Kind.ABSTAIN or not sample.explanation:
            continue
        entries.append((sample.key.case, "model", sample.explanation))
        if rule is not None:
            static = {section.value: text for section, text in rule_sections(rule).items()}
            entries.append((sample.key.case, "static", static))
    Random(seed).shuffle(entries)  # noqa: S311 - an order, no secret
    titles = {case.name: f"{case.title} ({case.rule})" for case in all_cases()}
    parts = [_HEAD]
    for number, (case, _, sections) in enumerate(entries, start=1):
        body = "\n\n".join(f"**{name}**\n\n{text}" for name, text in sections.items())
        parts.append(f"## {number}. {titles[case]}\n\n{body}\n\nRating (1 to 5):\n")
    return Sheet("\n".join(parts), {str(at): f"{who}: {case}" for at, (case, who, _) in enumerate(entries, start=1)})
