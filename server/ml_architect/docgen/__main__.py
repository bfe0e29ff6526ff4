"""``python -m ml_architect.docgen [--check]``: write the rule pages, or say which are out of date."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ml_architect.docgen.pages import MarkersMissingError, rule_pages, with_rule_table
from ml_architect.docgen.picture import terminal_picture
from ml_architect.engine import rule_page

REPOSITORY = Path(__file__).parents[3]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 and name the pages that are out of date.")
@click.option(
    "--pages",
    type=click.Path(path_type=Path, file_okay=False),
    default=rule_page("index").parent,
    help="The folder of the rule pages.",
)
@click.option(
    "--readme",
    type=click.Path(path_type=Path, dir_okay=False),
    default=REPOSITORY / "README.md",
    help="The file with the rule table.",
)
@click.pass_context
def main(context: click.Context, check: bool, pages: Path, readme: Path) -> None:
    """Render the page of every rule, their index, the rule table of the README and its picture."""
    try:
        wanted = {pages / name: text for name, text in rule_pages().items()}
        wanted[readme] = with_rule_table(_read(readme) or "", _seen_from(readme, pages))
        if readme == REPOSITORY / "README.md":
            wanted[pages.parent / "check.svg"] = terminal_picture(REPOSITORY)
    except MarkersMissingError as problem:
        line = f"{readme}: {problem}"
        raise click.ClickException(line) from None
    changes = [*((path, text) for path, text in wanted.items() if _read(path) != text), *_leftovers(pages, wanted)]
    for path, text in changes:
        if not check:
            _write(path, text)
        sys.stderr.write(f"{path}: {'out of date' if check else 'deleted' if text is None else 'written'}\n")
    context.exit(1 if check and changes else 0)


def _leftovers(pages: Path, wanted: dict[Path, str]) -> Iterator[tuple[Path, None]]:
    """Yield pages of rules that are no more."""
    for path in sorted(pages.glob("*.md")):
        if path not in wanted:
            yield path, None


def _seen_from(readme: Path, pages: Path) -> str:
    folder, start = pages.resolve(), readme.resolve().parent
    return folder.relative_to(start).as_posix() if folder.is_relative_to(start) else folder.as_posix()


def _read(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8") if path.is_file() else None


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    main()
