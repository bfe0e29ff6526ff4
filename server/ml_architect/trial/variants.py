"""Fresh variants of a case: the same question in other words, so that a model cannot know the text by heart."""

import ast
import re
from dataclasses import replace
from random import Random

from ml_architect.trial.case import Case
from ml_architect.trial.renaming import choose_names, renamed, renamed_expectation

__all__ = ["surrounded", "variant_of", "with_other_names", "without_comments"]

_NUMBER = re.compile(r"^(EPOCHS|SEED|PATIENCE|STEPS|REPEATS|ROUNDS|TREES|CYCLES) = (\d+)$", re.MULTILINE)
_HELPERS = (
    '''def human(seconds):
    """Return a duration in words."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
''',
    '''def best_of(scores):
    """Return the index of the highest score, and the score."""
    index = max(range(len(scores)), key=scores.__getitem__)
    return index, scores[index]
''',
    '''def chunks(items, size):
    """Yield the items in lists of the given size."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
''',
    '''def as_row(name, numbers):
    """Return one line of a report."""
    return name.ljust(12) + " ".join(f"{number:8.3f}" for number in numbers)
''',
    '''def parse_setting(text):
    """Return name and value of a setting such as "width=64"."""
    name, _, value = text.partition("=")
    return name.strip(), int(value)
''',
    '''def flattened(nested):
    """Return the items of lists in lists."""
    out = []
    for item in nested:
        out.extend(flattened(item) if isinstance(item, list) else [item])
    return out
''',
)


def variant_of(case: Case, random: Random) -> Case:
    """Return `case` with other names, other numbers where none matters, and unrelated code around it."""
    return surrounded(_with_other_numbers(with_other_names(case, random), random), random)


def with_other_names(case: Case, random: Random) -> Case:
    """Return `case` with other names for some variables."""
    names = choose_names(case.code, random)
    return replace(
        case,
        code=renamed(case.code, names),
        expectation=renamed_expectation(case.expectation, names),
    )


def _with_other_numbers(case: Case, random: Random) -> Case:
    """Return `case` with other values of constants such as EPOCHS and SEED, of the same order of magnitude."""

    def changed(found: re.Match[str]) -> str:
        old = int(found[2])
        return f"{found[1]} = {random.randint(max(2, old // 2), 2 * old + 2)}"

    return replace(case, code=_NUMBER.sub(changed, case.code))


def surrounded(case: Case, random: Random) -> Case:
    """Return `case` with a function that has nothing to do with it, before its first function or at its end."""
    helper = random.choice(_HELPERS)
    tree = ast.parse(case.code)
    first = next((node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)), None)
    main = next((node for node in tree.body if isinstance(node, ast.If)), None)
    lines = case.code.splitlines(keepends=True)
    at = first if first is not None and (main is not None or random.random() < 0.5) else None  # noqa: PLR2004 - half
    if at is None:
        return replace(case, code=f"{case.code}\n\n{helper}")
    row = min([at.lineno, *(each.lineno for each in at.decorator_list)]) - 1
    return replace(case, code="".join([*lines[:row], f"{helper}\n\n", *lines[row:]]))


def without_comments(code: str) -> str:
    """Return `code` without comments that stand alone or behind code."""
    kept = (re.sub(r"(?:^\s*|  )# .*$", "", line) for line in code.split("\n"))
    pairs = zip(kept, code.split("\n"), strict=True)
    return "\n".join(new for new, old in pairs if new.strip() or not old.strip())
