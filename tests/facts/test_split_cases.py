"""Facts about splits, estimators and the way of rows, asserted inside the code that they are about.

A comment ``# fact: key=value; key=value`` speaks of the statement that starts on its line:

- ``early``: what a call that saw all rows takes from them, and what divides the rows later; ``no`` for all others
- ``part``: which part of a split the data of a fit is
- ``nature``: what the assigned transformer learns from rows; ``members``: the names of its steps
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from ml_architect.facts import ModuleFacts, Site
from ml_architect.facts.estimators import Estimator, Estimators
from ml_architect.facts.halves import part_of_name, role_of_name
from ml_architect.facts.lineage import Lineages
from ml_architect.facts.splits import Splits
from ml_architect.syntax.nodes import Assign

CASES = Path(__file__).parent / "split_cases"


def early(facts: ModuleFacts, site: Site) -> str:
    found = [step for step in facts.group(Splits).early_steps if step.call.site is site]
    words = {f"{'draw' if step.what == 'draw' else step.nature} {step.division.kind}" for step in found}
    return " ".join(words) or "no"


def part(facts: ModuleFacts, site: Site) -> str:
    fit = next(fit for fit in facts.group(Estimators).fits if fit.call.site is site)
    return facts.group(Lineages).of(fit.data, fit.call).part or "unknown"


def estimator(facts: ModuleFacts, site: Site) -> Estimator:
    statement = site.statement
    assert isinstance(statement, Assign)
    found = facts.group(Estimators).of(statement.value, site)
    assert found is not None
    return found


def nature(facts: ModuleFacts, site: Site) -> str:
    return facts.group(Estimators).nature(estimator(facts, site))


def members(facts: ModuleFacts, site: Site) -> str:
    found = facts.group(Estimators).members(estimator(facts, site))
    return "unknown" if found is None else " ".join(member.name or "?" for member in found)


QUESTIONS: dict[str, Callable[[ModuleFacts, Site], str]] = {
    "early": early,
    "part": part,
    "nature": nature,
    "members": members,
}


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_facts_hold(path: Path, check_facts: Callable[..., None]) -> None:
    check_facts(path, lambda facts, site, key: QUESTIONS[key](facts, site))


@pytest.mark.parametrize(
    ("name", "role", "half"),
    [
        ("X_train", "features", "train"),
        ("ytest", "labels", "test"),
        ("trainX", "features", "train"),
        ("val_labels", "labels", "test"),
        ("train_test", None, None),
        ("xy", None, None),
        ("history", None, None),
    ],
)
def test_names_speak_of_roles_and_parts(name: str, role: str | None, half: str | None) -> None:
    assert (role_of_name(name), part_of_name(name)) == (role, half)
