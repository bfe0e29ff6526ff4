"""The one driver of facts that are asserted inside the code that they are about."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ml_architect.catalog import load_catalog
from ml_architect.facts import Environment, ModuleFacts, Site
from ml_architect.syntax import parse
from ml_architect.text import Source

COMMENT = re.compile(r"#\s*fact:\s*(.*)$")
Ask = Callable[[ModuleFacts, Site, str], str]


def claims(text: str) -> Iterator[tuple[int, str, str]]:
    for row, line in enumerate(text.splitlines()):
        found = COMMENT.search(line)
        for claim in found.group(1).split(";") if found else ():
            key, _, expected = claim.partition("=")
            yield row, key.strip(), expected.strip()


@pytest.fixture
def check_facts() -> Callable[[Path, Ask], None]:
    """Ask each ``# fact: key=value`` of a file, with the key, and compare the answers."""

    def check(path: Path, ask: Ask) -> None:
        source = Source(path.read_text(encoding="utf-8"), path)
        facts = ModuleFacts(parse(source), load_catalog(), Environment())
        by_row = {source.row_at(facts.span(site.statement).start): site for site in reversed(facts.structure.sites)}
        asked = [(row, key, expected, ask(facts, by_row[row], key)) for row, key, expected in claims(source.text)]
        wrong = [
            f"{path.name}:{row + 1}: {key} is {answer!r}, expected {expected!r}"
            for row, key, expected, answer in asked
            if answer != expected
        ]
        assert asked
        assert not wrong, "\n".join(wrong)

    return check
