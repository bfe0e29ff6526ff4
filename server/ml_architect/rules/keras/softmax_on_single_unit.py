"""A softmax over one unit is always 1."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.keras import Head, KerasModels
from ml_architect.facts.keras_heads import Heads
from ml_architect.rewrite import replace
from ml_architect.rules.api import (
    Allowance,
    Category,
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
from ml_architect.syntax.nodes import Constant


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``Dense(1, activation="softmax")``, and compiled models that end in one unit and a softmax layer."""
    seen = set()
    for call in facts.calls_to("keras.layers.Dense"):
        if _is_softmax_over_one(facts, call):
            seen.add(call.node)
            yield _finding(facts, call, None)
    for item in facts.group(KerasModels).compiles:
        head = item.head
        if head is None or head.units != 1 or head.activation != "softmax" or head.chosen_by.node in seen:
            continue
        seen.add(head.chosen_by.node)
        yield _finding(facts, head.chosen_by, head)


def _is_softmax_over_one(facts: ModuleFacts, call: CallSite) -> bool:
    activation = facts.passed(call, "activation")
    if activation.value is None or facts.group(Heads).activation(activation.value, call) != "softmax":
        return False
    units = facts.known(facts.passed(call, "units").value, call)
    return units is not None and units.value == 1 and not units.overridable


def _finding(facts: ModuleFacts, call: CallSite, head: Head | None) -> Finding:
    related: tuple[Related, ...] = ()
    if head is not None and head.layer is not None and head.layer is not call:
        related = (Related(head.layer.node, "this layer has one unit"),)
    return Finding(
        call.node, "the softmax over one unit is always 1.0", related=related, fix=partial(_fix, facts, call)
    )


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    """Name the sigmoid instead, where a binary loss shows that the unit means one of two classes."""
    compiled = [item for item in facts.group(KerasModels).compiles if item.head and item.head.chosen_by is call]
    if not compiled or not all(item.loss is not None and item.loss.has("binary") for item in compiled):
        return None
    value = facts.passed(call, "activation").value
    if not isinstance(value, Constant) or not isinstance(value.value, str):
        return None
    edit = replace(facts, value, facts.text(value).replace(value.value, "sigmoid"))
    return Fix('use `"sigmoid"`, which fits one unit', (edit,), Safety.UNSAFE)


RULE = Rule(
    name="softmax-on-single-unit",
    summary="softmax is applied to a layer with one unit, so its output is always 1",
    framework=Framework.KERAS,
    category=Category.LOSS,
    severity=Severity.ERROR,
    why=(
        "A softmax divides each output by the sum over all outputs of the last axis. With one output that is the output divided by itself: "
        "every prediction is 1.0, whatever the model computes, and the accuracy is the share of positive labels. As attention "
        "weights, all positions get weight 1.\n\n"
        "One unit for two classes wants a sigmoid and a binary loss. Attention scores want the softmax along the axis of "
        "positions: a `Softmax(axis=1)` layer behind a `Dense(1)` without activation."
    ),
    tradeoffs={
        Cost.GENERALISATION: "one sigmoid unit and two softmax units express the same model for two classes",
    },
    references=(
        Reference("softmax in Keras", "https://keras.io/api/layers/activations/#softmax-function"),
        Reference("BinaryCrossentropy", "https://keras.io/api/losses/probabilistic_losses/#binarycrossentropy-class"),
    ),
    fires=(
        Fires(
            """\
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential

model = Sequential()
model.add(Dense(32, activation="relu"))
model.add(Dense(1, activation="softmax"))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
""",
            """\
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential

model = Sequential()
model.add(Dense(32, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
""",
        ),
        Fires(
            """\
import keras
from keras import layers

inputs = keras.Input((8,))
outputs = layers.Activation('softmax')(layers.Dense(1)(inputs))
model = keras.Model(inputs=inputs, outputs=outputs)
model.compile("adam", loss="binary_crossentropy")
""",
            """\
import keras
from keras import layers

inputs = keras.Input((8,))
outputs = layers.Activation('sigmoid')(layers.Dense(1)(inputs))
model = keras.Model(inputs=inputs, outputs=outputs)
model.compile("adam", loss="binary_crossentropy")
""",
        ),
        Fires(
            """\
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1), tf.keras.layers.Softmax()])
model.compile("sgd", "binary_crossentropy")
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
from keras.layers import Dense

two_classes = Dense(2, activation="softmax")
one_class = Dense(1, activation="sigmoid")
""",
            because="two units share the softmax; one unit has a sigmoid",
        ),
        Quiet(
            """\
import keras
from keras import layers

steps = keras.Input((50, 16))
scores = layers.Dense(1)(steps)
weights = layers.Softmax(axis=1)(scores)
model = keras.Model(steps, weights)
model.compile("adam", "mse")
""",
            because="the softmax runs along the axis of positions",
        ),
        Quiet(
            """\
from keras.layers import Dense

def output_layer(classes=1):
    return Dense(classes, activation="softmax")
""",
            because="callers decide on the number of units",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the outputs of the model change",
    architect=Allowance(
        rewrites={
            "'softmax'": "'sigmoid'",
            "keras.activations.softmax": "keras.activations.sigmoid",
            "tensorflow.nn.softmax": "tensorflow.nn.sigmoid",
            "keras.layers.Activation('softmax')": "keras.layers.Activation('sigmoid')",
            "keras.layers.Softmax()": "keras.layers.Activation('sigmoid')",
        },
        imports=("keras.layers.Activation",),
        advice="For one of two classes use a sigmoid and a binary loss. Decline where the softmax weighs positions, as in attention.",
    ),
    evidence=Shown("tests/evidence/test_softmax_on_single_unit.py::test_softmax_over_one_unit_always_predicts_one"),
    detect=detect,
)
