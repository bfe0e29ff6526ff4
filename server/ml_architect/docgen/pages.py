"""What every generated file should hold."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from ml_architect.cli.pages import CHECKS, page
from ml_architect.page import Block, Heading, Link, Paragraph, Table, as_markdown
from ml_architect.rules import all_rules
from ml_architect.rules.api import Framework, Rule, Shown

INDEX = "index.md"
START, END = "<!-- rules:start -->", "<!-- rules:end -->"
TITLES = {
    Framework.TORCH: "PyTorch",
    Framework.LIGHTNING: "Lightning",
    Framework.TRANSFORMERS: "Transformers",
    Framework.TENSORFLOW: "TensorFlow",
    Framework.KERAS: "Keras",
    Framework.SKLEARN: "scikit-learn",
    Framework.PANDAS: "pandas",
    Framework.ANY: "any framework",
}
NOTICE = "<!-- Written by `python -m ml_architect.docgen`; change the rule, not this page. -->"


class MarkersMissingError(ValueError):
    """The README does not say where its rule table goes."""

    def __init__(self) -> None:
        super().__init__(f"the markers {START} and {END} are missing")


def rule_pages() -> Mapping[str, str]:
    """Return the text of every page below ``docs/rules``, by file name."""
    pages = {f"{rule.name}.md": page(rule) for rule in all_rules()}
    pages |= {f"{check.name}.md": page(check) for check in CHECKS.values()}
    pages[INDEX] = _index(all_rules())
    return {name: f"{NOTICE}\n\n{text}" for name, text in pages.items()}


def with_rule_table(readme: str, folder: str) -> str:
    """Return `readme` with its rule table replaced; `folder` is where the pages are, seen from it.

    Raises:
        MarkersMissingError: if `readme` lacks the two markers, or has them in the wrong order.
    """
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise MarkersMissingError
    return f"{before}{START}\n\n{as_markdown(_tables(all_rules(), folder))}\n{END}{after}"


def _index(rules: Sequence[Rule]) -> str:
    checks = tuple((Link(check.name, f"{check.name}.md"), check.summary) for check in CHECKS.values())
    return as_markdown(
        [
            Heading(1, "Rules"),
            Paragraph(f"{len(rules)} rules and {len(checks)} built-in checks."),
            *_tables(rules, ""),
            Heading(0, "Built-in checks"),
            Table(("Check", "What it finds"), checks),
        ]
    )


def _tables(rules: Sequence[Rule], folder: str) -> Iterator[Block]:
    """Yield one table for each framework, the rules by category and name; links lead into `folder`."""
    for framework, title in TITLES.items():
        chosen = sorted(
            (rule for rule in rules if rule.framework is framework), key=lambda rule: (rule.category.value, rule.name)
        )
        if chosen:
            yield Heading(0, title)
            header = ("Rule", "What it finds", "Category", "Severity", "Fix", "Evidence")
            yield Table(header, tuple(_row(rule, folder) for rule in chosen))


def _row(rule: Rule, folder: str) -> tuple[str | Link, ...]:
    link = Link(rule.name, (PurePosixPath(folder) / f"{rule.name}.md").as_posix())
    evidence = "test" if isinstance(rule.evidence, Shown) else "guidance"
    summary = f"{rule.summary} (preview)" if rule.preview else rule.summary
    return link, summary, rule.category.value, rule.severity.value, rule.fix.value, evidence
