"""Facts asserted inside the code that they are about.

A comment ``# fact: key=value; key=value`` speaks of the statement that starts on its line:

- ``name``: the qualified name of the call whose result is assigned (or that stands alone)
- ``kind``: the role of the assigned value, or ``unknown`` / ``none``
- ``value``: the constant that the assigned value is, or ``unknown``; ``overridable``: yes or no
- ``passes <parameter>``: ``given``, ``absent`` or ``unknown``; ``value of <parameter>``: the constant passed
- ``events``: the events of a loop in order, those of loops inside it in brackets; ``trains``: yes or no
- ``grad``: on, off or unknown at the statement
- ``last``: the last operation of the assigned value, or ``unknown``
- ``mode matters``: whether the assigned model depends on train/eval mode
- ``consumers``, ``feeds training``: of the data loader that is assigned
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from ml_architect.facts import Answer, CallSite, EventKind, ModuleFacts, Site
from ml_architect.facts.modules import ModuleClasses
from ml_architect.facts.outputs import Outputs
from ml_architect.syntax.nodes import Assign, Call, Expression, ExpressionStatement, Return

CASES = Path(__file__).parent / "cases"


def value_of(site: Site) -> Expression:
    statement = site.statement
    assert isinstance(statement, (Assign, ExpressionStatement, Return)), "no value here"
    assert statement.value is not None
    return statement.value


def call_of(facts: ModuleFacts, site: Site) -> CallSite:
    value = value_of(site)
    assert isinstance(value, Call), "no call here"
    return facts.structure.site_of_call[value]


def kind(facts: ModuleFacts, site: Site, _: str) -> str:
    kinds = [facts.kinds.of(item) for item in facts.origins(value_of(site), site).items]
    names = {found.value if found else ("none" if certain else "unknown") for found, certain in kinds}
    return names.pop() if len(names) == 1 else "unknown"


def constant(facts: ModuleFacts, site: Site, _: str) -> str:
    known = facts.known(value_of(site), site)
    return "unknown" if known is None else repr(known.value)


def overridable(facts: ModuleFacts, site: Site, _: str) -> str:
    known = facts.known(value_of(site), site)
    assert known is not None
    return "yes" if known.overridable else "no"


def passes(facts: ModuleFacts, site: Site, parameter: str) -> str:
    return facts.passed(call_of(facts, site), parameter).state


def passed_value(facts: ModuleFacts, site: Site, parameter: str) -> str:
    passed = facts.passed(call_of(facts, site), parameter)
    known = facts.known(passed.value, passed.at or site)
    return "unknown" if known is None else repr(known.value)


def events(facts: ModuleFacts, site: Site, _: str) -> str:
    loop = next(loop for loop in facts.loops if loop.site is site)
    words = []
    for event in loop.events:
        if event.kind is not EventKind.UNSEEN:
            inner = not event.directly_in(site)
            words.append(f"[{event.kind.value}]" if inner else event.kind.value)
    return " ".join(words)


def trains(facts: ModuleFacts, site: Site, _: str) -> str:
    return "yes" if any(loop.site is site for loop in facts.training_loops) else "no"


def grad(facts: ModuleFacts, site: Site, _: str) -> str:
    answers = {Answer.YES: "off", Answer.NO: "on", Answer.UNKNOWN: "unknown"}
    return answers[facts.grad_mode.disabled(site)]


def last(facts: ModuleFacts, site: Site, _: str) -> str:
    operation = facts.group(Outputs).last(value_of(site), site)
    return "unknown" if operation is None else operation.name


def mode_matters(facts: ModuleFacts, site: Site, _: str) -> str:
    return facts.group(ModuleClasses).mode_matters(value_of(site), site).value


def consumers(facts: ModuleFacts, site: Site, _: str) -> str:
    call = call_of(facts, site)
    loader = next(item for item in facts.data_loaders if item.call is call)
    return str(len(loader.consumers))


def feeds_training(facts: ModuleFacts, site: Site, _: str) -> str:
    call = call_of(facts, site)
    return next(item.trains.value for item in facts.data_loaders if item.call is call)


QUESTIONS: dict[str, Callable[[ModuleFacts, Site, str], str]] = {
    "name": lambda facts, site, _: facts.call_name(call_of(facts, site)) or "unknown",
    "kind": kind,
    "value": constant,
    "overridable": overridable,
    "passes": passes,
    "value of": passed_value,
    "events": events,
    "trains": trains,
    "grad": grad,
    "last": last,
    "mode matters": mode_matters,
    "consumers": consumers,
    "feeds training": feeds_training,
}


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_facts_hold(path: Path, check_facts: Callable[..., None]) -> None:
    def ask(facts: ModuleFacts, site: Site, key: str) -> str:
        question = max((name for name in QUESTIONS if key.startswith(name)), key=len)
        return QUESTIONS[question](facts, site, key[len(question) :].strip())

    check_facts(path, ask)


def test_an_answer_is_no_truth_value() -> None:
    with pytest.raises(TypeError, match="Answer"):
        bool(Answer.YES)
