"""A cross-entropy on probabilities gets raw outputs."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, ModuleFacts
from ml_architect.facts.keras import Compile, Head, KerasLoss, KerasModels
from ml_architect.rewrite import set_keyword
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


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a compiled cross-entropy without ``from_logits`` whose model ends in a layer without activation."""
    for item in facts.group(KerasModels).compiles:
        loss, head = item.loss, item.head
        if loss is None or head is None or head.layer is None or not _reads_raw_outputs(loss, head):
            continue
        yield Finding(
            loss.place,
            f"`{loss.name}` reads the outputs as probabilities, but the last layer gives raw values",
            related=(Related(head.layer.node, "this layer has no activation"),),
            fix=partial(_fix, facts, item),
        )


def _reads_raw_outputs(loss: KerasLoss, head: Head) -> bool:
    if not loss.takes_logits_or_probabilities or loss.from_logits is not Answer.NO or head.activation != "linear":
        return False
    return not (head.units == 1 and loss.has("multiclass"))


def _fix(facts: ModuleFacts, item: Compile) -> Fix | None:
    if item.loss is None or item.head is None or item.head.layer is None:
        return None
    word = "softmax" if item.loss.has("multiclass") else "sigmoid"
    edit = set_keyword(facts, item.head.layer, "activation", f'"{word}"')
    return Fix(f'give the last layer `activation="{word}"`', (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="activation-missing-for-probability-loss",
    summary="a cross-entropy that expects probabilities is compiled for a model whose last layer has no activation",
    framework=Framework.KERAS,
    category=Category.LOSS,
    severity=Severity.ERROR,
    why=(
        "A cross-entropy that is given by name, or as an object without `from_logits=True`, takes the model's outputs as "
        "probabilities and clips them to the range from 0 to 1. A last layer without activation gives any real number: what lies outside "
        "the range is cut off and gets no gradient, so examples that the model has wrong are never corrected.\n\n"
        "Either the last layer gets the activation (sigmoid for a binary loss, softmax for several classes), or the loss gets "
        "`from_logits=True`, which is numerically more stable and leaves `predict` with raw outputs."
    ),
    tradeoffs={
        Cost.STABILITY: "`from_logits=True` computes the loss in one stable step; an activation can saturate in half precision",
        Cost.MAINTENANCE: "with the activation, `predict` gives probabilities and thresholds of 0.5 mean what they say",
    },
    references=(
        Reference("Probabilistic losses", "https://keras.io/api/losses/probabilistic_losses/"),
        Reference("Layer activation functions", "https://keras.io/api/layers/activations/"),
    ),
    fires=(
        Fires(
            """\
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(1),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
""",
            """\
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
""",
        ),
        Fires(
            """\
import tensorflow as tf

def build(classes=10):
    inputs = tf.keras.Input((28, 28))
    x = tf.keras.layers.Flatten()(inputs)
    x = tf.keras.layers.Dense(128, activation="relu")(x)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(classes)(x))

model = build()
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy())
""",
            """\
import tensorflow as tf

def build(classes=10):
    inputs = tf.keras.Input((28, 28))
    x = tf.keras.layers.Flatten()(inputs)
    x = tf.keras.layers.Dense(128, activation="relu")(x)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(classes, activation="softmax")(x))

model = build()
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy())
""",
        ),
        Fires(
            """\
from tensorflow import keras

class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(64, activation="relu")
        self.out = keras.layers.Dense(10)

    def call(self, inputs):
        return self.out(self.hidden(inputs))

net = Net()
net.compile(loss="categorical_crossentropy", optimizer="sgd")
""",
            """\
from tensorflow import keras

class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(64, activation="relu")
        self.out = keras.layers.Dense(10, activation="softmax")

    def call(self, inputs):
        return self.out(self.hidden(inputs))

net = Net()
net.compile(loss="categorical_crossentropy", optimizer="sgd")
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import keras

model = keras.Sequential([keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
""",
            because="the loss is told that it gets raw outputs",
        ),
        Quiet(
            """\
import keras
from keras.layers import Activation, Dense

model = keras.Sequential()
model.add(Dense(10))
model.add(Activation("softmax"))
model.compile("adam", "categorical_crossentropy")
""",
            because="the activation is a layer of its own",
        ),
        Quiet(
            """\
import keras

def build(activation=None):
    model = keras.Sequential([keras.layers.Dense(10, activation=activation)])
    model.compile("adam", "categorical_crossentropy")
    return model
""",
            because="callers decide on the activation",
        ),
        Quiet(
            """\
import keras

model = keras.Sequential([keras.layers.Dense(1)])
model.compile("adam", "mse")
""",
            because="a regression takes raw outputs",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the loss and what `predict` returns change",
    architect=Allowance(
        keywords={
            "keras.layers.Dense:activation": Choice(("'sigmoid'", "'softmax'")),
            "from_logits": Choice(("True",)),
        },
        rewrites={
            "keras.losses.BinaryCrossentropy(from_logits=True)": "'binary_crossentropy'",
            "keras.losses.CategoricalCrossentropy(from_logits=True)": "'categorical_crossentropy'",
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True)": "'sparse_categorical_crossentropy'",
        },
        imports=("keras",),
        advice=(
            "Either the last layer gets the activation that fits the loss, or the loss gets `from_logits=True`; never both. "
            "Prefer the activation where `predict` is used for probabilities."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_activation_missing_for_probability_loss.py::"
        "test_raw_output_read_as_probability_gives_a_wrong_answer_no_gradient"
    ),
    detect=detect,
)
