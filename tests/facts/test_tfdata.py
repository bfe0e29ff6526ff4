"""Pipelines that are made from themselves in many ways."""

from pathlib import Path

from ml_architect.catalog import load_catalog
from ml_architect.facts import Environment, ModuleFacts
from ml_architect.facts.tfdata import TfData
from ml_architect.syntax import parse
from ml_architect.text import Source

METHODS = ("map(f)", "filter(g)", "batch(4)", "shuffle(9)", "repeat()", "cache()", "prefetch(1)", "skip(1)")
START = "import tensorflow as tf\n\ndata = tf.data.Dataset.range(64)\nfor epoch in range(9):\n"


def test_a_dataset_that_a_loop_rebinds_in_many_ways_is_followed_in_few_steps() -> None:
    code = START + "".join(
        f"    if ask({number}):\n        data = data.{call}\n" for number, call in enumerate(METHODS)
    )
    facts = ModuleFacts(parse(Source(code, Path("train.py"))), load_catalog(), Environment())
    asked = 0
    origins = facts.values.origins

    def counted(*arguments: object, **named: object) -> object:
        nonlocal asked
        asked += 1
        assert asked < 5000, "this takes for ever"
        return origins(*arguments, **named)  # type: ignore[arg-type]

    facts.values.origins = counted  # type: ignore[method-assign, assignment]
    steps = facts.group(TfData).steps("map", "filter", "batch", "shuffle", "repeat", "cache", "prefetch", "skip")
    assert [step.method for step in steps] == [call.partition("(")[0] for call in METHODS]
