"""Facts about Keras models and tf.data pipelines, asserted inside the code that they are about.

A comment ``# fact: key=value; key=value`` speaks of the statement that starts on its line:

- ``head``: activation and units that the compiled model ends with, or ``unknown``
- ``loss``: name, form and from_logits of the loss of a ``compile`` call, or ``unknown``; ``metrics``: its metrics
- ``callbacks``: the callbacks of a ``fit`` call; ``compiled``: whether its one ``compile`` call is in sight
- ``steps``: how the assigned dataset was made (``?`` for a source out of sight, ``|`` between ways)
- ``dataset``: whether the assigned value is one
- ``mode matters``: whether the assigned model acts otherwise in training than in inference
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from ml_architect.facts import Answer, CallSite, ModuleFacts, Site
from ml_architect.facts.keras import KerasModels
from ml_architect.facts.keras_modes import KerasModes
from ml_architect.facts.tfdata import Pipeline, TfData
from ml_architect.syntax.nodes import Assign, Call, ExpressionStatement

CASES = Path(__file__).parent / "keras_cases"


def call_of(facts: ModuleFacts, site: Site) -> CallSite:
    statement = site.statement
    assert isinstance(statement, (Assign, ExpressionStatement))
    assert isinstance(statement.value, Call)
    return facts.structure.site_of_call[statement.value]


def compile_of(facts: ModuleFacts, site: Site):
    call = call_of(facts, site)
    return next(item for item in facts.group(KerasModels).compiles if item.call is call)


def head(facts: ModuleFacts, site: Site) -> str:
    found = compile_of(facts, site).head
    return "unknown" if found is None else f"{found.activation} {found.units}"


def loss(facts: ModuleFacts, site: Site) -> str:
    found = compile_of(facts, site).loss
    if found is None:
        return "unknown"
    return f"{found.symbol.name.rpartition('.')[2]} {found.form} {found.from_logits.value}"


def metrics(facts: ModuleFacts, site: Site) -> str:
    found = facts.group(KerasModels).metrics(compile_of(facts, site))
    if found is None:
        return "unknown"
    return " ".join(item.text or item.symbol.name.rpartition(".")[2] for item in found)


def callbacks(facts: ModuleFacts, site: Site) -> str:
    found = facts.group(KerasModels).callbacks(call_of(facts, site))
    if found is None:
        return "unknown"
    return " ".join((facts.call_name(call) or "?").rpartition(".")[2] for call in found) or "none"


def compiled(facts: ModuleFacts, site: Site) -> str:
    call = call_of(facts, site)
    return "no" if facts.group(KerasModels).compiled(call.receiver, call) is None else "yes"


def pipelines(facts: ModuleFacts, site: Site) -> tuple[Pipeline, ...]:
    return facts.group(TfData).pipelines(site.statement.value, site)


def steps(facts: ModuleFacts, site: Site) -> str:
    ways = []
    for item in pipelines(facts, site):
        source = "?" if item.source is None else facts.call_name(item.source).rpartition(".")[2]
        ways.append(" ".join([source, *(step.method for step in item.steps)]))
    return " | ".join(ways)


def dataset(facts: ModuleFacts, site: Site) -> str:
    return Answer.agree(item.is_dataset for item in pipelines(facts, site)).value


def mode_matters(facts: ModuleFacts, site: Site) -> str:
    return facts.group(KerasModes).mode_matters(site.statement.value, site).value


QUESTIONS: dict[str, Callable[[ModuleFacts, Site], str]] = {
    "head": head,
    "loss": loss,
    "metrics": metrics,
    "callbacks": callbacks,
    "compiled": compiled,
    "steps": steps,
    "dataset": dataset,
    "mode matters": mode_matters,
}


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_facts_hold(path: Path, check_facts: Callable[..., None]) -> None:
    check_facts(path, lambda facts, site, key: QUESTIONS[key](facts, site))
