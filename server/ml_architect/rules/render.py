"""A rule as text: the page that explains it, and the short form that an editor shows."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from ml_architect.page import (
    Block,
    Bullets,
    Code,
    Heading,
    Link,
    Paragraph,
    Table,
    as_markdown,
    as_plain,
)
from ml_architect.rules.api import Fires, FixKind, Rule, Severity, Shown, StartingValue

__all__ = ["Observed", "code_text", "patch", "rule_brief", "rule_markdown", "sentence", "starting_value"]

FIX_WORDS = {
    FixKind.NONE: "none",
    FixKind.SAFE: "safe, `--fix` applies it",
    FixKind.UNSAFE: "unsafe, `--fix --unsafe-fixes` applies it",
    FixKind.ARCHITECT: "needs judgement, `--fix` leaves it alone",
}
SEVERITY_WORDS = {
    Severity.ERROR: "error: the program raises, or its result is wrong",
    Severity.WARNING: "warning: probably not what was intended, or a resource is wasted badly",
    Severity.INFO: "info: advice that a reader may decline",
    Severity.HINT: "hint: shown faintly, never counted as a problem",
}
BY_HAND = "and a repair, written by hand (the architect has to reach the like of it), is"
BRIEF_LINES = 14
"""An example longer than this is cut to the neighbourhood of its change in the short form."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What really happened when the engine read one example: its report, and the fix as a patch."""

    report: str
    patch: str | None = None


def rule_markdown(rule: Rule, heading_level: int = 1, observed: Sequence[Observed] = ()) -> str:
    """Return the full page of `rule` as Markdown.

    `observed` holds, in the order of ``rule.fires``, what the engine said about each example; an
    example without it shows the repaired code that the rule promises.
    """
    return as_markdown(list(_page(rule, heading_level, observed)))


def rule_brief(rule: Rule, message: str, plain: bool = False, url: str = "") -> str:
    """Return what a reader needs beside one finding of `rule`, whose words were `message`.

    `plain` asks for text without Markdown; `url` is the address of the full page.
    """
    blocks = list(_brief(rule, message, url))
    return as_plain(blocks) if plain else as_markdown(blocks)


def code_text(code: str) -> str:
    """Return example `code` as it is shown: without common indentation, ending with one line break."""
    return dedent(code).strip("\n") + "\n"


def patch(before: str, after: str, context: int = 3) -> str:
    """Return the unified diff between two texts without its file header."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=context, lineterm="")
    return "\n".join(list(lines)[2:])


def _page(rule: Rule, level: int, observed: Sequence[Observed]) -> Iterator[Block]:
    below = level + 1
    yield Heading(level, rule.name)
    yield Paragraph(sentence(rule.summary))
    yield Table(("Property", "Value"), tuple(_properties(rule)))
    yield Heading(below, "Why")
    yield from _paragraphs(rule.why)
    yield from _costs(rule, below)
    for number, example in enumerate(rule.fires):
        title = "Example" if len(rule.fires) == 1 else f"Example {number + 1}"
        yield Heading(below, title)
        yield from _example(rule, example, observed[number] if number < len(observed) else None)
    if rule.fix_safety:
        yield Heading(below, "Fix safety")
        yield from _paragraphs(rule.fix_safety)
    if rule.quiet:
        yield Heading(below, "Not reported")
    for near_miss in rule.quiet:
        yield Paragraph(sentence(near_miss.because))
        yield Code("python", code_text(near_miss.code))
    yield Heading(below, "Evidence")
    yield Paragraph(_evidence(rule))
    yield Heading(below, "To silence it")
    yield Paragraph("On one line, with the reason for the next reader:")
    yield Code("python", f"# ml-architect: ignore[{rule.name}] reason")
    yield Paragraph("In a project:")
    yield Code("toml", f'[tool.ml-architect]\nignore = ["{rule.name}"]')
    if rule.references:
        yield Heading(below, "References")
        yield Bullets(tuple(Link(reference.title, reference.url) for reference in rule.references))


def _properties(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "Framework", rule.framework.value
    yield "Category", rule.category.value
    yield "Severity", SEVERITY_WORDS[rule.severity]
    yield "Fix", FIX_WORDS[rule.fix]
    yield "Applies to", f"`{rule.applies_to}`" if rule.applies_to else "all versions"
    yield "Since", f"ml-architect {rule.since}" + (" (preview)" if rule.preview else "")


def _costs(rule: Rule, level: int) -> Iterator[Block]:
    if rule.tradeoffs:
        yield Heading(level, "Trade-offs")
        yield _tradeoffs(rule)
    if rule.starting_values:
        yield Heading(level, "Starting values")
        rows = tuple(
            (f"`{start.setting}`", f"`{start.value}`", start.range, start.reason) for start in rule.starting_values
        )
        yield Table(("Setting", "Start with", "Range", "Reason"), rows)


def _example(rule: Rule, example: Fires, observed: Observed | None) -> Iterator[Block]:
    code = code_text(example.code)
    by_hand = rule.fix is FixKind.ARCHITECT
    yield Code("python", code)
    change = observed.patch if observed else None
    if observed:
        yield Paragraph("reports")
        yield Code("text", observed.report)
    if example.after is not None and (by_hand or not observed):
        change = patch(code, code_text(example.after))
    if change:
        yield Paragraph(BY_HAND if by_hand else "and the fix is")
        yield Code("diff", change)


def _brief(rule: Rule, message: str, url: str) -> Iterator[Block]:
    yield Heading(0, rule.name)
    yield Paragraph(sentence(message))
    yield from _paragraphs(rule.why)
    if rule.tradeoffs:
        yield Heading(0, "Trade-offs")
        yield _tradeoffs(rule)
    if rule.starting_values:
        yield Heading(0, "Starting values")
        yield Bullets(tuple(starting_value(start) for start in rule.starting_values))
    yield from _brief_example(rule)
    yield Heading(0, "Evidence")
    yield Paragraph(_evidence(rule))
    links = [Link(reference.title, reference.url) for reference in rule.references]
    if url:
        links.insert(0, Link(f"All about {rule.name}", url))
    if links:
        yield Heading(0, "Read on")
        yield Bullets(tuple(links))


def _brief_example(rule: Rule) -> Iterator[Block]:
    if not rule.fires:
        return
    code = code_text(rule.fires[0].code)
    after = rule.fires[0].after
    if after is not None:
        yield Heading(0, "Example of a repair by hand" if rule.fix is FixKind.ARCHITECT else "Example of the repair")
        yield Code("diff", patch(code, code_text(after), context=2))
        return
    yield Heading(0, "Example")
    yield Code("python", _shortened(code))
    if rule.quiet:
        yield Heading(0, "Not reported")
        yield Paragraph(sentence(rule.quiet[0].because))
        yield Code("python", _shortened(code_text(rule.quiet[0].code)))


def _shortened(code: str) -> str:
    """Leave out the imports on top where an example is long: a pop-up has little room."""
    lines = code.splitlines()
    if len(lines) > BRIEF_LINES:
        lines = [line for line in lines if line.strip() and not line.startswith(("import ", "from "))]
    return "\n".join(lines)


def _tradeoffs(rule: Rule) -> Bullets:
    return Bullets(tuple(f"{cost.value}: {text}" for cost, text in rule.tradeoffs.items()))


def starting_value(start: StartingValue) -> str:
    """Return a starting value as one line."""
    return f"`{start.setting}`: start with `{start.value}`, range {start.range} ({start.reason})"


def _evidence(rule: Rule) -> str:
    evidence = rule.evidence
    if isinstance(evidence, Shown):
        return f"Shown by the test `{evidence.test}`."
    return f"Guidance: {sentence(evidence.reason)}"


def _paragraphs(text: str) -> Iterator[Paragraph]:
    for part in dedent(text).strip().split("\n\n"):
        yield Paragraph(sentence(" ".join(part.split())))


def sentence(text: str) -> str:
    """Return `text` with a capital at its start (names of code stay) and a full stop at its end."""
    text = text.strip()
    first = text.split(" ", maxsplit=1)[0]
    if first.isalpha() and first.islower():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":")) or not text else f"{text}."
