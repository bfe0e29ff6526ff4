"""An endless dataset is fitted without a number of steps."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.keras import KerasModels
from ml_architect.facts.tfdata import TfData
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Free,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Attribute, Constant
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span

_USES = (
    ("fit", "x", "steps_per_epoch"),
    ("fit", "validation_data", "validation_steps"),
    ("evaluate", "x", "steps"),
    ("predict", "x", "steps"),
)
_ENDING = ("take", "take_while", "apply")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``fit``, ``evaluate`` and ``predict`` on a dataset that repeats without end and without steps."""
    if not facts.method_calls("repeat"):
        return
    models, data = facts.group(KerasModels), facts.group(TfData)
    for method, parameter, steps in _USES:
        for call in models.calls(method):
            given = models.passed(call, parameter)
            pipeline = data.only(given.value, call) if given.value is not None else None
            if pipeline is None or given.argument is None or not models.passed(call, steps).absent:
                continue
            index = pipeline.last("repeat")
            if index is None or not _is_endless(facts, pipeline.steps[index]):
                continue
            if any(step.method in _ENDING for step in pipeline.steps[index:]):
                continue
            repeat = pipeline.steps[index]
            yield Finding(
                given.argument,
                f"this dataset repeats without end, so `{method}` never finishes: pass `{steps}`",
                related=(Related(repeat.node, "repeats without end"),),
                fix=partial(_fix, facts, repeat),
            )


def _is_endless(facts: ModuleFacts, repeat: CallSite) -> bool:
    count = facts.passed(repeat, "count", 0)
    if count.absent:
        return True
    known = facts.known(count.value, repeat)
    if isinstance(count.value, Constant) and count.value.value is None:
        return True
    return known is not None and known.value == -1 and not known.overridable


def _fix(facts: ModuleFacts, repeat: CallSite) -> Fix | None:
    """Remove ``.repeat()`` from its chain."""
    func = repeat.node.func
    if not isinstance(func, Attribute):
        return None
    gap = Span(facts.span(func.value).end, facts.span(repeat.node).end)
    if "#" in facts.module.source.text[gap.start : gap.end]:
        return None
    return Fix("do not repeat: `fit` iterates once per epoch", (Edit(gap, ""),), Safety.UNSAFE)


RULE = Rule(
    name="infinite-dataset-in-fit",
    summary="a dataset that repeats without end is passed to fit, evaluate or predict without a number of steps",
    framework=Framework.KERAS,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "`repeat()` without a count never ends, and Keras takes the end of the dataset as the end of an epoch. Without "
        "`steps_per_epoch` (or `steps`, `validation_steps`) the first epoch goes on for ever: no validation, no callback at the end of an "
        "epoch, no checkpoint.\n\n"
        "`fit` iterates over the dataset once per epoch by itself, so `repeat` is only needed together with a number of steps."
    ),
    tradeoffs={
        Cost.COMPUTE: "with `repeat` and steps, an epoch can have any length, which helps with very large datasets"
    },
    references=(
        Reference("Model.fit", "https://keras.io/api/models/model_training_apis/#fit-method"),
        Reference("Dataset.repeat", "https://www.tensorflow.org/api_docs/python/tf/data/Dataset#repeat"),
    ),
    fires=(
        Fires(
            """\
import tensorflow as tf

def train(model, images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    dataset = dataset.shuffle(1000).repeat().batch(32)
    model.fit(dataset, epochs=10)
""",
            """\
import tensorflow as tf

def train(model, images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    dataset = dataset.shuffle(1000).batch(32)
    model.fit(dataset, epochs=10)
""",
        ),
        Fires(
            """\
import tensorflow as tf

def train(model, train_data, images, labels):
    validation = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32).repeat(-1)
    model.fit(train_data, epochs=10, validation_data=validation)
""",
            """\
import tensorflow as tf

def train(model, train_data, images, labels):
    validation = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
    model.fit(train_data, epochs=10, validation_data=validation)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import tensorflow as tf

def train(model, images):
    dataset = tf.data.Dataset.from_tensor_slices(images).repeat().batch(32)
    model.fit(dataset, epochs=10, steps_per_epoch=100)
""",
            because="the number of steps is given",
        ),
        Quiet(
            """\
import tensorflow as tf

def train(model, images):
    twice = tf.data.Dataset.from_tensor_slices(images).repeat(2).batch(32)
    model.fit(twice)
    model.fit(twice.repeat().take(100))
""",
            because="both datasets end",
        ),
        Quiet(
            """\
import tensorflow as tf

def train(model, images, **options):
    dataset = tf.data.Dataset.from_tensor_slices(images).repeat().batch(32)
    model.fit(dataset, **options)
""",
            because="callers may pass the number of steps",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="an epoch then has the length of the dataset",
    architect=Allowance(
        keywords={"steps_per_epoch": Free(), "validation_steps": Free(), "steps": Free()},
        rewrites={
            "$dataset.repeat()": "$dataset",
            "$dataset.repeat(-1)": "$dataset",
            "$dataset.repeat(None)": "$dataset",
        },
        calls=("len",),
        may_remove_finding=True,
        advice="Remove the endless `repeat`. Pass a number of steps only where the code shows how many there are.",
    ),
    evidence=Shown(
        "tests/evidence/test_infinite_dataset_in_fit.py::test_fit_never_ends_an_epoch_of_a_repeated_dataset"
    ),
    detect=detect,
)
