"""What the parts of a prompt are written from: the analysis, its findings, and the text without its secrets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ml_architect.architect.question.paths import Paths, Rows, rows_of
from ml_architect.architect.reply.redaction import Redacted, redact, without_secrets
from ml_architect.architect.values import Region
from ml_architect.engine import Analysis, Diagnostic
from ml_architect.facts import ModuleFacts
from ml_architect.rules import Rule, rule_named
from ml_architect.syntax.nodes import Node
from ml_architect.text import Source, Span

__all__ = ["Sheet", "fitted", "shortened"]

_SNIPPET = 110
"""Characters of code that are quoted in a sentence."""


@dataclass(frozen=True)
class Sheet:
    """All that a prompt about some findings is made from; `nonce` marks what comes from the file."""

    analysis: Analysis
    facts: ModuleFacts
    findings: Sequence[Diagnostic]
    regions: tuple[Region, ...]
    shown: tuple[Rows, ...]
    """The code around the findings: the regions, or what is shown for an explanation."""
    nonce: str

    @cached_property
    def paths(self) -> Paths:
        """Where places stand among the statements."""
        return Paths(self.facts)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the findings, each once, in the order of the findings."""
        names = dict.fromkeys(item.code for item in self.findings)
        return tuple(rule for name in names if (rule := rule_named(name)) is not None)

    @cached_property
    def _redacted(self) -> Redacted:
        return redact(self.analysis.source.text)

    @property
    def placeholders(self) -> tuple[tuple[str, str], ...]:
        """What stands for each secret of the document."""
        return self._redacted.placeholders

    @cached_property
    def visible(self) -> Source:
        """The document without its secrets, line by line the same."""
        return Source(self._redacted.text)

    def clean(self, text: str) -> str:
        """Return `text` with the document's secrets replaced, wherever they come up."""
        return without_secrets(text, self.placeholders)

    def quoted(self, node: Node) -> str:
        """Return the source of `node` on one line, without secrets, cut where it is long."""
        return shortened(self.clean(self.facts.text(node)), _SNIPPET)

    def line(self, place: Node | Span) -> int:
        """Return the line (from 1) at which `place` starts."""
        span = place if isinstance(place, Span) else self.facts.span(place)
        return self.analysis.source.location(span.start).row

    def rows(self, region: Region) -> Rows:
        """Return the rows of a region."""
        return rows_of(self.analysis.source, region.span)

    def numbered(self, rows: Rows) -> list[str]:
        """Return rows of the document as they are shown: behind their number and a bar."""
        return [f"{row + 1:>4}|{self.visible.line(row)}" for row in range(rows.first, rows.last + 1)]

    def data(self, lines: Iterable[str]) -> list[str]:
        """Return `lines`, which come from the file, between the marks that say so."""
        return [f"[[data {self.nonce}]]", *lines, f"[[end {self.nonce}]]"]


def shortened(text: str, length: int) -> str:
    """Return `text` on one line of at most `length` characters, with dots where it was cut."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: max(0, length - 4)].rstrip() + " ..."


def fitted(lines: Iterable[str], room: int) -> list[str]:
    """Return those of `lines` that fit into `room` characters, the first ones first, and how many were left out."""
    kept: list[str] = []
    left = 0
    for line in lines:
        if len(line) + 1 > room - _NOTE:
            left += 1
        else:
            kept.append(line)
            room -= len(line) + 1
    return [*kept, f"({left} more left out for length)"] if left and kept else kept


_NOTE = 40
"""Room kept for the note on what was left out."""
