"""The accuracy of raw outputs is counted with the threshold for probabilities."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, ModuleFacts
from ml_architect.facts.keras import Compile, KerasMetric, KerasModels
from ml_architect.rewrite import replace, set_keyword, spell
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)

_METRIC = "keras.metrics.BinaryAccuracy"
_TEXTS = frozenset({"accuracy", "acc", "binary_accuracy"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report accuracy metrics with threshold 0.5 beside a binary loss on raw outputs."""
    models = facts.group(KerasModels)
    for item in models.compiles:
        loss = item.loss
        if loss is None or not loss.has("binary") or loss.from_logits is not Answer.YES:
            continue
        if item.head is not None and item.head.activation != "linear":
            continue
        for metric in models.metrics(item) or ():
            if _is_at_half(facts, item, metric):
                yield Finding(
                    metric.place,
                    "this counts outputs above 0.5 as positive, but raw outputs are positive above 0",
                    related=(Related(loss.place, "the loss takes raw outputs"),),
                    fix=partial(_fix, facts, item, metric),
                )
                break


def _is_at_half(facts: ModuleFacts, item: Compile, metric: KerasMetric) -> bool:
    if metric.text is not None:
        one_unit = item.head is not None and item.head.units == 1
        return metric.text == "binary_accuracy" or (metric.text in _TEXTS and one_unit)
    if metric.symbol is None or metric.symbol.name != _METRIC or metric.made is None:
        return False
    return facts.passed(metric.made, "threshold").absent


def _fix(facts: ModuleFacts, item: Compile, metric: KerasMetric) -> Fix | None:
    title = "count raw outputs above 0: `threshold=0.0`"
    if metric.made is not None:
        edit = set_keyword(facts, metric.made, "threshold", "0.0")
        return Fix(title, (edit,), Safety.UNSAFE) if edit else None
    name, imports = spell(facts, _METRIC, item.call.site)
    code = f'{name}(name="{metric.text}", threshold=0.0)'
    return Fix(title, (*imports, replace(facts, metric.place, code)), Safety.UNSAFE)


RULE = Rule(
    name="keras-accuracy-on-logits",
    summary="binary accuracy with threshold 0.5 is measured on raw outputs",
    framework=Framework.KERAS,
    category=Category.EVALUATION,
    severity=Severity.WARNING,
    why=(
        'With `from_logits=True` the model gives raw outputs, and the border between the classes is 0. `"accuracy"` becomes '
        "`BinaryAccuracy` for one output, which compares with 0.5 and knows nothing of the loss: outputs between 0 and 0.5 count as "
        "negative. The reported accuracy is too low for one class, and early stopping or checkpoints that watch it follow a wrong number."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "a sigmoid on the last layer makes the usual threshold right, at the price of a less stable loss"
    },
    references=(
        Reference("BinaryAccuracy", "https://keras.io/api/metrics/accuracy_metrics/#binaryaccuracy-class"),
        Reference("BinaryCrossentropy", "https://keras.io/api/losses/probabilistic_losses/#binarycrossentropy-class"),
    ),
    fires=(
        Fires(
            """\
import keras
from keras import layers

model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile(
    optimizer="adam",
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
""",
            """\
import keras
from keras import layers

model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile(
    optimizer="adam",
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)],
)
""",
        ),
        Fires(
            """\
import tensorflow as tf

def prepare(model):
    loss = tf.keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile("adam", loss=loss, metrics=[tf.keras.metrics.BinaryAccuracy(), "AUC"])
""",
            """\
import tensorflow as tf

def prepare(model):
    loss = tf.keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile("adam", loss=loss, metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.0), "AUC"])
""",
        ),
        Fires(
            """\
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile("adam", tf.losses.BinaryCrossentropy(from_logits=True), metrics=["acc"])
""",
            """\
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile("adam", tf.losses.BinaryCrossentropy(from_logits=True), metrics=[tf.keras.metrics.BinaryAccuracy(name="acc", threshold=0.0)])
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import keras

model = keras.Sequential([keras.layers.Dense(1)])
loss = keras.losses.BinaryCrossentropy(from_logits=True)
model.compile("adam", loss, metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)])
""",
            because="the threshold fits raw outputs",
        ),
        Quiet(
            """\
import keras

model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
""",
            because="the outputs are probabilities",
        ),
        Quiet(
            """\
import keras

model = keras.Sequential([keras.layers.Dense(10)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss, metrics=["accuracy"])
""",
            because="the largest of several outputs is the same for raw values and probabilities",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the reported accuracy changes",
    architect=Allowance(
        keywords={"keras.metrics.BinaryAccuracy:threshold": Choice(("0", "0.0"))},
        rewrites={
            "keras.metrics.BinaryAccuracy(name=$name, threshold=0.0)": "$name",
            "keras.metrics.BinaryAccuracy(name=$name, threshold=0)": "$name",
            "keras.metrics.BinaryAccuracy(name=$name)": "$name",
        },
        imports=("keras", "keras.metrics.BinaryAccuracy"),
        advice="Measure with `BinaryAccuracy(threshold=0.0)` and keep the name under which the metric is reported.",
    ),
    evidence=Shown("tests/evidence/test_keras_accuracy_on_logits.py::test_default_threshold_miscounts_logits"),
    detect=detect,
)
